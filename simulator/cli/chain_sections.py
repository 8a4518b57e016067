"""What each section of the analysis of chains finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain as joined
from typing import TYPE_CHECKING, Any

from simulator.analysis.culture.groups import groups_of
from simulator.analysis.culture.overview import (
    ChainCycle,
    chain_counts,
    chain_cycles,
    cycle_counts,
    groups,
    means,
)
from simulator.analysis.culture.records import MeasuredChains

if TYPE_CHECKING:
    from simulator.cli.chain_options import ChainOptions

Rows = tuple[Any, ...]
Hear = Callable[[float], None]


@dataclass(slots=True)
class SectionFinder:
    """Finds sections one after the other; none of them twice."""

    measured: MeasuredChains
    options: ChainOptions
    classic: bool
    level: float
    missing: dict[str, str] = field(default_factory=dict)
    """Why a section has nothing, by its name."""
    cycles: tuple[ChainCycle, ...] = ()
    """That were found in chains."""
    _known: dict[str, Rows] = field(default_factory=dict)

    def find(self, name: str, hear: Hear = lambda share: None) -> Rows:
        """What a section says.

        Args:
            name: Of the section.
            hear: Is told the share that is done.
        """
        finders: Mapping[str, Callable[[Hear], Rows]] = {
            "overview": lambda _: chain_counts(self.measured.chains),
            "means": lambda _: means(self.measured),
            "attractors": self._attractors,
            "prediction": self._predictions,
            "ks": self._drifts,
            "convergence": self._convergences,
            "languages": lambda _: self._languages(),
            "cycles": self._cycle_counts,
            "dynamics": self._dynamics,
            "change": lambda _: self._changes(),
            "shapes": self._shapes,
            "additive": self._additive,
            "temperature": self._temperatures,
            "tuning": lambda _: self._pairs(),
        }
        if name not in self._known:
            self._known[name] = finders[name](hear)
        return self._known[name]

    def attractors_at(self, generation: int | None) -> Rows:
        """Positions and strengths without intervals.

        Args:
            generation: From 1; None for the last one.
        """
        from simulator.analysis.culture.attractors import attractors_of

        return attractors_of(
            self.measured, generation=generation, classic=self.classic, resamples=0
        )

    def _by_group(self, find: Callable[[MeasuredChains], Rows], hear: Hear) -> Rows:
        return tuple(_heard(find, list(groups_of(self.measured).values()), hear))

    def _attractors(self, hear: Hear) -> Rows:
        from simulator.analysis.culture.attractors import attractors_of

        return self._by_group(
            lambda chains: attractors_of(chains, classic=self.classic, **self._draws()), hear
        )

    def _predictions(self, hear: Hear) -> Rows:
        from simulator.analysis.culture.prediction import predictions_of

        early = self.options.early(self.measured.chains)
        return self._by_group(
            lambda chains: predictions_of(
                chains, early=early, classic=self.classic, **self._draws()
            ),
            hear,
        )

    def _drifts(self, hear: Hear) -> Rows:
        from simulator.analysis.culture.distributions import drifts_of

        return self._by_group(
            lambda chains: drifts_of(
                chains, unit=self.options.unit(self.classic), classic=self.classic,
                successive=self.options.ks_against == "previous", seed=self.options.draw_seed,
            ), hear,
        )  # fmt: skip

    def _convergences(self, hear: Hear) -> Rows:
        from simulator.analysis.culture.convergence import convergences, without_intervals

        chains = self.measured.chains
        parts = [[chains[place] for place in places] for _, places in groups(chains)]
        draws = self.options.bootstrap
        found = _heard(
            lambda part: convergences(
                part, self.options.similarity, level=self.level, draws=max(1, draws),
                seed=self.options.draw_seed, generation="shared",
            ), parts, hear,
        )  # fmt: skip
        return tuple(found if draws else map(without_intervals, found))

    def _languages(self) -> Rows:
        from simulator.analysis.culture.languages import languages_of

        return languages_of(self.measured.chains)

    def _cycle_counts(self, hear: Hear) -> Rows:
        rule = self.options.rule(self.classic)
        similarity = None
        if rule.check == "embedding":
            from simulator.analysis.culture.similarity import sentence_similarity

            texts = [text for chain in self.measured.chains for text in chain.texts]
            similarity = sentence_similarity(texts)
        self.cycles = chain_cycles(self.measured.chains, rule, similarity, hear)
        return cycle_counts(self.measured.chains, self.cycles)

    def _dynamics(self, hear: Hear) -> Rows:
        from simulator.analysis.culture.dynamics import dynamics_of

        resampling = self._resampling()
        return self._by_group(lambda chains: dynamics_of(chains, resampling=resampling), hear)

    def _changes(self) -> Rows:
        from simulator.analysis.culture.dynamics import changes_of

        return changes_of(self.measured, classic=self.classic, resampling=self._resampling())

    def _shapes(self, hear: Hear) -> Rows:
        from simulator.analysis.culture.shapes import RESAMPLES, shapes_of

        draws, seed = min(RESAMPLES, self.options.bootstrap), self.options.draw_seed
        return self._by_group(lambda chains: shapes_of(chains, resamples=draws, seed=seed), hear)

    def _additive(self, hear: Hear) -> Rows:
        from simulator.analysis.culture.additive import position_models, strength_model

        found = self.attractors_at(None)
        wanted = self.options.standardise
        strength = strength_model(
            found, standardise=bool(wanted), by_temperature=True,
            level=self.level,
        )  # fmt: skip
        hear(0.5)
        positions = position_models(
            found, by_temperature=True, level=self.level,
            standardise=not self.classic if wanted is None else wanted,
        )  # fmt: skip
        models = (strength, *positions)
        lacking: dict[str, list[str]] = {}
        for one in models:
            if one.reason:
                lacking.setdefault(one.reason, []).append(one.response)
        if lacking:
            self.missing["additive"] = (
                "; ".join(
                    f"{', '.join(responses)}: {reason}" for reason, responses in lacking.items()
                )
                + ". Differences need attractors of two models, tasks or temperatures"
            )
        return models if len(models) > sum(map(len, lacking.values())) else ()

    def _temperatures(self, hear: Hear) -> Rows:
        from simulator.analysis.culture.comparisons import temperature_effects

        draws = self._draws()
        parts = [
            self.measured.where(lambda chain, task=task: chain.task == task)  # type: ignore[misc]
            for task in self.measured.tasks
        ]
        found = tuple(_heard(lambda part: temperature_effects(part, **draws), parts, hear))
        several = [one for one in found if len(one.temperatures) > 1]
        if not several:
            self.missing["temperature"] = "no model has chains of two temperatures that are known"
        order = list(dict.fromkeys(one.model for one in several))
        return tuple(sorted(several, key=lambda one: order.index(one.model)))

    def _pairs(self) -> Rows:
        from simulator.analysis.culture.comparisons import pair_effects, pairs_of

        pairs = self.options.pairs(self.measured.models) or pairs_of(self.measured.models)
        found = pair_effects(self.measured, pairs, **self._draws())
        apart = [
            pair
            for pair in pairs.items()
            if pair not in {(one.base, one.instruct) for one in found}
        ]
        if not pairs:
            self.missing["tuning"] = (
                "no names tell of a base model and the same model instructed; name them with"
                " --pair BASE=INSTRUCT"
            )
        elif apart:
            told = "; ".join(f"{base} and {instruct}" for base, instruct in apart)
            self.missing["tuning"] = f"no temperature is shared by {told}"
        return found

    def _draws(self) -> dict[str, Any]:
        return {
            "resamples": self.options.bootstrap, "level": self.level,
            "seed": self.options.draw_seed,
        }  # fmt: skip

    def _resampling(self) -> Any:
        from simulator.analysis.culture.dynamics import Resampling

        return Resampling(self.options.bootstrap, self.level, self.options.draw_seed)


def _heard(find: Callable[[Any], Rows], parts: Sequence[Any], hear: Hear) -> Iterator[Any]:
    return joined.from_iterable(_each(find, parts, hear))


def _each(find: Callable[[Any], Rows], parts: Sequence[Any], hear: Hear) -> Iterator[Rows]:
    for number, part in enumerate(parts, 1):
        yield find(part)
        hear(number / len(parts))
