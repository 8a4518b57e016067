"""The search for a debate's temperatures: every point is a run of the same experiment.

What was finished before is found by its experiment, parameters and seed, and what was interrupted
goes on, so that the same search again plays only what is missing. Nothing else is kept of a search.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from pydantic import JsonValue

from simulator.analysis.debates.searching import Objective, Tried, share
from simulator.analysis.debates.summary import summarize
from simulator.debates import debate_record
from simulator.debating import check_playable
from simulator.domain.grids import Axis, Grid, Option
from simulator.domain.records import ExperimentQuery, Run, RunQuery
from simulator.domain.seeds import derive_seed
from simulator.errors import NotFoundError
from simulator.files.designs import design_hash
from simulator.kinds.debate.design import DebateDesign
from simulator.kinds.debate.points import Point as Point
from simulator.kinds.debate.points import Space as Space
from simulator.kinds.debate.points import space_of as space_of
from simulator.kinds.debate.points import temperatures_read as temperatures_read
from simulator.kinds.debate.points import temperatures_set

if TYPE_CHECKING:
    from simulator.domain.records import Experiment
    from simulator.engine.limits import Limits
    from simulator.services import Services

_SAMPLER_SEEDS = 2**32


@dataclass(frozen=True, slots=True)
class Probe:
    """A point that is played with a seed."""

    point: Point
    seed: int
    """Of the run."""


def probes_of(points: Sequence[Point], seed: int, repeat: int = 1) -> list[Probe]:
    """The runs that points stand for: a point that comes again is played with the next seed.

    Args:
        points: In order.
        seed: Of the first run of each point.
        repeat: How often each is played; all points come once before any comes again.
    """
    met: Counter[Point] = Counter()
    probes: list[Probe] = []
    for point in [*points] * repeat:
        probes.append(Probe(point, seed + met[point]))
        met[point] += 1
    return probes


class Search:
    """Runs of one experiment that differ in their temperatures and seeds."""

    def __init__(
        self,
        services: Services,
        design: DebateDesign,
        parameters: Mapping[str, JsonValue],
        *,
        experiment: Experiment | None = None,
        limits: Limits | None = None,
    ) -> None:
        """Begin one; nothing is stored yet.

        Args:
            services: Have the store, and play the runs.
            design: With its questions.
            parameters: What all runs set over it.
            experiment: Where the design is stored already.
            limits: Those that the runs will be played under.
        """
        self._services = services
        self._design = design
        self._parameters = parameters
        self._experiment = experiment
        self._limits = limits

    def check(self, points: Iterable[Point]) -> None:
        """See that points can be played, before anything is.

        Raises:
            SimulatorError: As `check_playable`, such as of a temperature of 0 in vectors.
        """
        for point in dict.fromkeys(points):
            check_playable(self._services, self._design, self._at(point))

    async def runs(self, probes: Sequence[Probe]) -> list[Run]:
        """The run of every probe, in order: those there are, and new ones that are queued.

        Raises:
            SimulatorError: As `Services.launch_grid`; then no new run is stored.
        """
        self.check(probe.point for probe in probes)
        known = await self._known()
        missing: dict[int, dict[str, Probe]] = {}
        for probe in dict.fromkeys(probes):
            if self._key(probe) not in known:
                missing.setdefault(probe.seed, {})[point_text(probe.point)] = probe
        for seed, new in missing.items():
            options = [Option(label, self._at(probe.point)) for label, probe in new.items()]
            for run in await self._services.launch_grid(
                self._design, Grid((Axis("temperatures", tuple(options)),)), seed=seed,
                experiment=self._experiment, limits=self._limits,
            ):  # fmt: skip
                known[_key(run.parameters, run.seed)] = run
        return [known[self._key(probe)] for probe in probes]

    async def tried(self, probes: Sequence[Probe]) -> list[Tried]:
        """What those of the probes came to that are finished."""
        known = await self._known()
        found: list[Tried] = []
        for probe in probes:
            run = known.get(self._key(probe))
            if run is not None and run.status == "completed":
                record = await debate_record(self._services, run)
                found.append(Tried(probe.point, probe.seed, run.id, summarize(record)))
        return found

    async def _known(self) -> dict[str, Run]:
        """The experiment's runs by what they set; of several the finished one, else the newest."""
        known: dict[str, Run] = {}
        for experiment in await self._experiments():
            query = RunQuery(experiment_id=experiment.id, order="oldest")
            for run in await self._services.store.runs(query):
                key = _key(run.parameters, run.seed)
                is_ours = run.forked_from is None and run.status != "cancelled"
                if is_ours and (key not in known or known[key].status != "completed"):
                    known[key] = run
        return known

    async def _experiments(self) -> Sequence[Experiment]:
        """Those that have the design; none while it is not stored."""
        if self._experiment is not None:
            return [self._experiment]
        query = ExperimentQuery(name=self._design.name, design_hash=design_hash(self._design))
        found = await self._services.store.experiments(query)
        own = [one for one in found if one.creator == self._services.settings.creator]
        return own or found

    def _at(self, point: Point) -> dict[str, JsonValue]:
        return {**self._parameters, "temperatures": temperatures_set(point)}

    def _key(self, probe: Probe) -> str:
        return _key(self._at(probe.point), probe.seed)


def point_text(point: Sequence[float]) -> str:
    """Such as `0.2,0.8`, as it can be typed again."""
    return ",".join(f"{degrees:.10g}" for degrees in point)


def _key(parameters: Mapping[str, JsonValue], seed: int) -> str:
    return json.dumps([parameters, seed], sort_keys=True)


# ---------------------------------------------------------------- Bayesian


def proposal(space: Space, tried: Sequence[Tried], objective: Objective, seed: int) -> Point:
    """The point that looks best after what was tried: it depends on nothing else.

    Tree-structured Parzen estimators of Optuna (Bergstra et al. 2011, NeurIPS 24; Akiba et al.
    2019, KDD): the study is made anew each time, of all that was tried, with a sampler of its own
    seed, so that a search that goes on proposes what it would have proposed uninterrupted.

    Args:
        space: Where to look.
        tried: At least one; of a point with several seeds the mean counts.
        objective: What is to be high.
        seed: Of the search.

    Raises:
        NotFoundError: Optuna is not installed.
    """
    try:
        import optuna
    except ModuleNotFoundError:
        raise NotFoundError(
            "A Bayesian search needs optuna.",
            remedy="Install it beside main.py: pip install -e '.[search]'",
        ) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    shares: dict[Point, list[float]] = {}
    for one in tried:
        shares.setdefault(one.point, []).append(share(one.summary, objective))
    names = [f"temperature {place}" for place in range(1, space.width + 1)]
    where = optuna.distributions.FloatDistribution(space.low, space.high)
    distributions: dict[str, optuna.distributions.BaseDistribution] = dict.fromkeys(names, where)
    sampler = optuna.samplers.TPESampler(
        n_startup_trials=0, seed=derive_seed(seed, "proposal", len(shares)) % _SAMPLER_SEEDS
    )
    study = optuna.create_study(direction="maximize", sampler=sampler)
    for point, found in shares.items():
        inside = [min(space.high, max(space.low, degrees)) for degrees in point]
        study.add_trial(
            optuna.trial.create_trial(
                params=dict(zip(names, inside, strict=True)), distributions=distributions,
                value=fmean(found),
            )
        )  # fmt: skip
    proposed = study.ask(distributions).params
    return space.tidied([proposed[name] for name in names])
