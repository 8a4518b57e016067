"""What is measured of the runs of a study, to be held against published numbers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Any

from simulator.analysis.culture.cycles import CycleRule, first_cycle
from simulator.analysis.debates.proportions import Proportion
from simulator.analysis.debates.summary import DebateSummary, summarize
from simulator.analysis.texts.registry import INSTEAD, TEXT_MEASURES
from simulator.chains import chains_of_runs
from simulator.debates import debate_record
from simulator.domain.journal import Step
from simulator.errors import NotFoundError
from simulator.iterations import claims_of_theory, lineages_of_runs

if TYPE_CHECKING:
    from simulator.analysis.culture.attractors import Attractor
    from simulator.analysis.culture.records import Chain
    from simulator.analysis.summary import Interval
    from simulator.domain.records import Run
    from simulator.services import Services

TOXIC = 0.5
"""From more than this on a message is toxic, as published."""
CLASSIC_CYCLES = CycleRule(check="fuzzy", classic=True)
"""The test of the released program."""


@dataclass(frozen=True, slots=True)
class Ours:
    """What was measured here."""

    value: float
    n: int
    """Of what it is measured: runs, chains, questions; 0 where it needs none."""
    of: str = "runs"
    """What they are, in the plural."""
    low: float | None = None
    """Lower end of its 95 % interval; None where too little is known."""
    high: float | None = None
    """Upper end."""
    instead: str = ""
    """Why it was measured by something else than the band is of; empty where it was not."""


Options = Mapping[str, Any]
Measuring = Callable[["Measurer", Sequence["Run"], Options], Awaitable[Ours | None]]


class Measurer:
    """Measures runs; what it has read of them it keeps."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self._steps: dict[str, list[Step]] = {}
        self._chains: dict[str, tuple[Chain, ...]] = {}
        self._debates: dict[str, DebateSummary] = {}
        self._attractors: dict[tuple[str, str], Attractor] = {}
        self._toxic: dict[str, bool] = {}
        self._lacking = ""

    async def measured(self, name: str, runs: Sequence[Run], options: Options) -> Ours | None:
        """A measure of runs; None where there is nothing to measure.

        Raises:
            NotFoundError: A package that it needs is not installed.
        """
        return await MEASURES[name](self, runs, options)

    async def steps(self, run: Run) -> list[Step]:
        """The transcript of a run."""
        if run.id not in self._steps:
            steps = await self.services.store.steps(run.id)
            self._steps[run.id] = [step for step in steps if step.in_transcript]
        return self._steps[run.id]

    async def chains(self, run: Run) -> tuple[Chain, ...]:
        """Its chains of texts."""
        if run.id not in self._chains:
            self._chains[run.id] = await chains_of_runs(self.services, [run])
        return self._chains[run.id]

    async def debate(self, run: Run) -> DebateSummary:
        """What a debate came to."""
        if run.id not in self._debates:
            self._debates[run.id] = summarize(await debate_record(self.services, run))
        return self._debates[run.id]

    async def attractor(self, run: Run, measure: str) -> Attractor:
        """As published: see `attractors_of` with `classic`."""
        key = run.id, measure
        if key not in self._attractors:
            chains = await self.chains(run)
            self._attractors[key] = await asyncio.to_thread(_attractor, chains, measure)
        return self._attractors[key]

    async def toxic(self, texts: Sequence[str]) -> list[bool]:
        """Which texts are toxic; by a list of words where Detoxify cannot be had."""
        new = list(dict.fromkeys(text for text in texts if text not in self._toxic))
        if new:
            name = INSTEAD["toxicity"] if self._lacking else "toxicity"
            try:
                values = await asyncio.to_thread(TEXT_MEASURES[name].of_texts, new)
            except NotFoundError as error:
                self._lacking = (
                    f"by a list of words, as {error.message[0].lower()}{error.message[1:]}"
                )
                values = TEXT_MEASURES[INSTEAD["toxicity"]].of_texts(new)
            self._toxic |= {text: value > TOXIC for text, value in zip(new, values, strict=True)}
        return [self._toxic[text] for text in texts]

    @property
    def lacking(self) -> str:
        """Why toxicity is measured by something else; empty where it is not."""
        return self._lacking


def less(first: Ours, second: Ours) -> Ours:
    """One less another.

    The interval is put together of both (MOVER): Zou & Donner (2008), Stat. Med. 27:1693.
    """
    value = first.value - second.value
    found = Ours(value, min(first.n, second.n), first.of, instead=first.instead or second.instead)
    if None in (first.low, first.high, second.low, second.high):
        return found
    assert first.low is not None and first.high is not None
    assert second.low is not None and second.high is not None
    low = value - sqrt((first.value - first.low) ** 2 + (second.high - second.value) ** 2)
    high = value + sqrt((first.high - first.value) ** 2 + (second.value - second.low) ** 2)
    return replace(found, low=low, high=high)


def _mean(values: Sequence[float | None], of: str = "runs") -> Ours | None:
    """The mean of what is known of each run, with Student's interval."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    mean = fmean(known)
    if len(known) < 2:
        return Ours(mean, len(known), of)
    from simulator.analysis.summary import student_t

    half = student_t(len(known) - 1) * stdev(known) / sqrt(len(known))
    return Ours(mean, len(known), of, mean - half, mean + half)


def _share(count: int, n: int, of: str) -> Ours | None:
    if not n:
        return None
    share = Proportion(count, n)
    interval = share.interval()
    return Ours(share.share, n, of, interval.low, interval.high)


# ---------------------------------------------------------------- conversations


async def _messages_of_role(own: Measurer, runs: Sequence[Run], options: Options) -> Ours | None:
    role = options["role"]
    counts = [float(sum(step.role == role for step in await own.steps(run))) for run in runs]
    return _mean(counts, "conversations")


async def _first_word(own: Measurer, runs: Sequence[Run], options: Options) -> Ours | None:
    first = []
    for run in runs:
        roles = {agent.role for agent in run.agents}
        said = (step.role for step in await own.steps(run) if step.role in roles)
        first.append(next(said, None) == options["role"])
    return _share(sum(first), len(first), "conversations")


async def _toxic_share(own: Measurer, runs: Sequence[Run], options: Options) -> Ours | None:
    shares: list[float | None] = []
    for run in runs:
        texts = [step.content for step in await own.steps(run) if step.role == options["role"]]
        shares.append(fmean(await own.toxic(texts)) if texts else None)
    found = _mean(shares, "conversations")
    return found and replace(found, instead=own.lacking)


# ---------------------------------------------------------------- chatrooms


async def _finished(own: Measurer, runs: Sequence[Run], options: Options) -> Ours | None:
    return _share(sum(run.status == "completed" for run in runs), len(runs), "talks")


def _outcomes(runs: Sequence[Run]) -> list[Mapping[str, Any]]:
    return [run.outcome.values for run in runs if run.outcome is not None]


async def _converged(own: Measurer, runs: Sequence[Run], options: Options) -> Ours | None:
    found = _outcomes(runs)
    return _share(sum(bool(one.get("converged")) for one in found), len(found), "talks")


async def _longer_cycles(own: Measurer, runs: Sequence[Run], options: Options) -> Ours | None:
    found = [one for one in _outcomes(runs) if one.get("converged")]
    return _share(sum(one["period"] > 1 for one in found), len(found), "cycles")


async def _telling_cycles(own: Measurer, runs: Sequence[Run], options: Options) -> Ours | None:
    found = [one for one in _outcomes(runs) if one.get("converged")]
    return _share(sum(not one["is_trivial"] for one in found), len(found), "cycles")


# ---------------------------------------------------------------- chains of texts


def _attractor(chains: Sequence[Chain], measure: str) -> Attractor:
    from simulator.analysis.culture.attractors import attractors_of
    from simulator.analysis.culture.measuring import measure_chains

    measured = measure_chains(chains, [measure], classic=True)
    (found,) = attractors_of(measured, [measure], classic=True)
    return found


async def _attractors(own: Measurer, runs: Sequence[Run], options: Options) -> list[Attractor]:
    found = [
        await own.attractor(run, measure)
        for run in runs
        for measure in options["measures"]
        if await own.chains(run)
    ]
    return [one for one in found if one.position is not None]


async def _strength(own: Measurer, runs: Sequence[Run], options: Options) -> Ours | None:
    found = await _attractors(own, runs, options)
    return _of_attractors(found, [(one.strength, one.strength_interval) for one in found])


async def _position(own: Measurer, runs: Sequence[Run], options: Options) -> Ours | None:
    found = await _attractors(own, runs, options)
    return _of_attractors(found, [(one.position, one.position_interval) for one in found])


def _of_attractors(
    found: Sequence[Attractor], told: Sequence[tuple[float | None, Interval | None]]
) -> Ours | None:
    if not found:
        return None
    ours = Ours(fmean(value or 0.0 for value, _ in told), found[0].chains, "chains")
    _, interval = told[0]
    if len(told) == 1 and interval is not None:
        return replace(ours, low=interval.low, high=interval.high)
    return ours


async def _cycles(own: Measurer, runs: Sequence[Run], options: Options) -> Ours | None:
    chains = [chain for run in runs for chain in await own.chains(run)]
    found = await asyncio.to_thread(_cycling, chains)
    return _share(found, len(chains), "chains")


def _cycling(chains: Sequence[Chain]) -> int:
    return sum(first_cycle(chain.texts, CLASSIC_CYCLES) is not None for chain in chains)


async def _complete_chains(own: Measurer, runs: Sequence[Run], options: Options) -> Ours | None:
    chains = [chain for run in runs for chain in await own.chains(run)]
    return _share(sum(chain.is_complete for chain in chains), len(chains), "chains")


# ---------------------------------------------------------------- learners


async def _lineage(own: Measurer, runs: Sequence[Run], options: Options) -> Ours | None:
    values: list[float | None] = []
    for one in await lineages_of_runs(own.services, runs):
        found = one.values.get(options["measure"], {})
        last = found.get(one.last)
        if options["at"] == "change":
            first = found.get(1)
            values.append(None if first is None or last is None else last - first)
        else:
            values.append(last)
    return _mean(values)


async def _theory(own: Measurer, runs: Sequence[Run], options: Options) -> Ours | None:
    claims = await asyncio.to_thread(_claims)
    return Ours(float(claims[options["claim"]]), 0, "runs")


def _claims() -> dict[str, bool]:
    return {claim.name: claim.holds is True for claim in claims_of_theory()}


# ---------------------------------------------------------------- debates


async def _accuracy(own: Measurer, runs: Sequence[Run], options: Options) -> Ours | None:
    """Repetitions ask the same questions, so the interval is that of one of them."""
    found = [await own.debate(run) for run in runs]
    asked = [one for one in found if one.questions]
    if not asked:
        return None
    share = fmean(one.right / one.questions for one in asked)
    return _share_of(share, asked[0].questions)


async def _agreement(own: Measurer, runs: Sequence[Run], options: Options) -> Ours | None:
    found = [await own.debate(run) for run in runs]
    last = [one.rounds[-1].agreement for one in found if one.rounds]
    known = [one for one in last if one is not None]
    return _share_of(fmean(one.share for one in known), known[0].of) if known else None


def _share_of(share: float, n: int) -> Ours:
    interval = Proportion(round(share * n), n).interval()
    return Ours(share, n, "questions", min(share, interval.low), max(share, interval.high))


MEASURES: Mapping[str, Measuring] = {
    "messages of a role": _messages_of_role,
    "first word": _first_word,
    "toxic share": _toxic_share,
    "finished": _finished,
    "converged": _converged,
    "longer cycles": _longer_cycles,
    "telling cycles": _telling_cycles,
    "attractor strength": _strength,
    "attractor position": _position,
    "cycles": _cycles,
    "complete chains": _complete_chains,
    "lineage": _lineage,
    "theory": _theory,
    "accuracy": _accuracy,
    "agreement": _agreement,
}
"""By the names that bands have."""
