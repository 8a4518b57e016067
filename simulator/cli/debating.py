"""Holds debates of the command line, and shows what they came to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from simulator.analysis.debates.comparison import compare_all, pairs_of
from simulator.analysis.debates.searching import Tried
from simulator.analysis.debates.summary import DebateSummary, summarize
from simulator.cli.debate_options import MODES
from simulator.cli.debates import show
from simulator.cli.finding import design_named
from simulator.cli.foreseeing import estimate_document, show_estimate
from simulator.cli.playing import Player
from simulator.cli.session import Session
from simulator.debates import debate_record
from simulator.debating import as_debate, changed, check_playable, takes_fewer
from simulator.domain.grids import Axis, Grid, Option
from simulator.errors import UsageError
from simulator.files.debate_tables import summary_document
from simulator.presentation.debate_searches import repetition_table
from simulator.presentation.debates import (
    Table,
    comparison_tables,
    cost_tables,
    overview_table,
    record_tables,
)
from simulator.presentation.notices import short_id
from simulator.presentation.plans import plan_of
from simulator.searching import Point, point_text, temperatures_read

if TYPE_CHECKING:
    from simulator.analysis.debates.records import DebateRecord
    from simulator.cli.debate_search import DebateSearch
    from simulator.domain.records import Experiment, Run
    from simulator.engine.limits import Budget, Limits
    from simulator.services import Services

_NAMED = 4
"""Runs that the command for more names, at most."""


@dataclass(slots=True)
class Wanted:
    """What a command asks for."""

    options: dict[str, Any]
    """All options, by name."""
    changes: dict[str, Any]
    """What goes over the design."""
    settings: dict[str, Any]
    """What a launch sets over it."""
    named: str | None
    """The design; None for the options alone."""
    name: str
    """Of the experiment; empty leaves that to the changes."""
    seed: int | None
    """Of the first run; None draws one, but is 0 for a search."""
    repeat: int
    """Runs of each point."""
    pace_s: float
    """The wait before each message of a single run, in seconds."""
    limits: Limits | None

    @property
    def is_search(self) -> bool:
        """Whether temperatures are searched for."""
        options = self.options
        is_random = options["point_count"] and not options["temperatures"]
        return bool(options["points"] or options["bayesian"] or is_random)

    @property
    def grid(self) -> Grid:
        """What the launch varies, where there is no search."""
        axes = [Axis("parameters", (Option("", self.settings),))]
        if self.options["mode"] == "all":
            axes.append(Axis("mode", tuple(Option(mode, {"mode": mode}) for mode in MODES)))
        return Grid(tuple(axes))

    @property
    def all_repeats(self) -> int:
        """Runs, where there is no search."""
        return self.repeat * (self.options["point_count"] or 1)


class Debating:
    """Does what a command asks for."""

    def __init__(self, session: Session, services: Services, wanted: Wanted) -> None:
        self.session = session
        self.services = services
        self.wanted = wanted

    async def hold(self) -> int:
        """Play all of it and show what it came to; the exit code."""
        wanted = self.wanted
        design, experiment = await self._design()
        if wanted.is_search:
            return await self._search(design, experiment).hold()
        self._check(design)
        with self.session.interrupts.held():
            runs = await self.services.launch_grid(
                design, wanted.grid, seed=wanted.seed, repeat=wanted.all_repeats,
                experiment=experiment, limits=wanted.limits,
            )  # fmt: skip
            player = self.player(design, runs)
        exit_code = await player.play(announce=True)
        await self._tell(runs)
        return exit_code

    async def foresee(self) -> int:
        """Say what it would take; nothing is stored."""
        wanted, output = self.wanted, self.session.output
        design, experiment = await self._design()
        points: list[Point] = []
        grid, repeat = wanted.grid, wanted.all_repeats
        if wanted.is_search:
            search = self._search(design, experiment)
            points, repeat = search.foreseen(), wanted.repeat
            every = [*points, *search.stand_ins(len(points))]
            options = [
                Option(str(place), {**wanted.settings, "temperatures": [*point]})
                for place, point in enumerate(every)
            ]
            grid = Grid((Axis("points", tuple(options)),))
        if not wanted.is_search:
            self._check(design)
        found = await show_estimate(output, self.services, design, grid, repeat)
        if points:
            more = "" if len(points) == grid.size else " The others come from what is found."
            output.line(f"Points: {'  '.join(map(point_text, points))}.{more}")
        document = estimate_document(design, grid.size * repeat, found)
        output.result(document | {"points": [list(point) for point in points]})
        return 0

    def player(self, design: Any, runs: Sequence[Run], budget: Budget | None = None) -> Player:
        """Who plays runs of the design, with what is left of the limits of a search."""
        wanted, kind = self.wanted, self.services.kind(design.kind)
        plans = [plan_of(kind, run, kind.resolve(design, run.parameters)) for run in runs]
        return Player(
            self.session, self.services, plans, pace_s=wanted.pace_s, limits=wanted.limits,
            budget=budget, in_brief=wanted.is_search,
        )  # fmt: skip

    def _check(self, design: Any) -> None:
        for cell in self.wanted.grid.cells():
            check_playable(self.services, design, cell.parameters)

    def _search(self, design: Any, experiment: Experiment | None) -> DebateSearch:
        from simulator.cli.debate_search import DebateSearch

        return DebateSearch(self, design, experiment)

    async def _design(self) -> tuple[Any, Experiment | None]:
        """The design with its questions, and the experiment if it is stored as it is."""
        wanted, services = self.wanted, self.services
        design, experiment = None, None
        if wanted.named is not None:
            found, experiment = await design_named(services, wanted.named)
            design = as_debate(found)
        self._place_count(design, experiment)
        if design is None or wanted.changes or wanted.name:
            base, design = design, changed(design, wanted.changes, wanted.name)
            if base is None and services.settings.model:
                design = design.model_copy(update={"model": services.settings.model})
            if experiment is not None:
                design = design.model_copy(update={"parent": experiment.id})
                experiment = None
        if experiment is None:
            design = as_debate(await services.completed(design))
        if wanted.options["temperatures"]:
            resolved = services.kind("debate").resolve(design, wanted.settings)
            given = temperatures_read(resolved, wanted.options["temperatures"])
            wanted.settings["temperatures"] = given
        return design, experiment

    def _place_count(self, design: Any, experiment: Experiment | None) -> None:
        """Say how many questions are asked: in the design, unless a launch can.

        Raises:
            UsageError: It is not said what a file holds.
        """
        changes, count = self.wanted.changes, self.wanted.options["questions"]
        data = changes.get("data", {})
        if design is None and "path" in data and "dataset" not in data:
            raise UsageError(
                f"It is not said what {data['path']} holds.",
                remedy="Say it with --dataset; `records` is any JSON lines or CSV.",
            )
        if count is None:
            return
        if design is not None and not data and (experiment is not None or takes_fewer(design)):
            self.wanted.settings["questions"] = count
        else:
            changes["data"] = {**data, "count": count}

    async def _tell(self, runs: Sequence[Run]) -> None:
        """What runs came to, as far as they were played."""
        records, output = [], self.session.output
        for run in runs:
            record = await debate_record(self.services, await self.services.store.run(run.id))
            if record.debated:
                records.append(record if output.json else replace(record, name=short_id(run.id)))
        summaries = [summarize(record) for record in records]
        if output.json:
            documents = [summary_document(one) for one in summaries]
            output.event(type="debates_summarized", records=documents)
            return
        if not records:
            return
        output.line()
        if len(records) == 1:
            show(output, record_tables(summaries))
        else:
            show(output, [overview_table(summaries), *cost_tables(summaries)])
            show(output, self._between(records, summaries))
        ids = ["last"] if len(runs) == 1 else [short_id(run.id) for run in runs[:_NAMED]]
        output.aside("More, such as figures, with:")
        output.aside(f"  {self.session.command('analyse', *ids)}")

    def _between(
        self, records: Sequence[DebateRecord], summaries: Sequence[DebateSummary]
    ) -> Iterator[Table]:
        """How runs differ: modes by their questions, repetitions by their spread."""
        if self.wanted.options["mode"] != "all":
            points = [
                tuple(one.temperatures[0] for one in s.debaters if one.temperatures)
                for s in summaries
            ]
            tried = [
                Tried(point, 0, record.name, summary)
                for point, record, summary in zip(points, records, summaries, strict=True)
            ]
            yield from repetition_table(tried)
        elif len(records) <= len(MODES):
            yield from comparison_tables(compare_all(records), pairs_of(len(records)))
