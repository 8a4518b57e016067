"""Searches for the temperatures of a debate on the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulator.analysis.debates.searching import Tried, ranked
from simulator.cli.debates import show
from simulator.engine.limits import Budget
from simulator.files.points import read_points
from simulator.presentation.debate_searches import OVERSTATED, search_document, search_tables
from simulator.presentation.wording import counted
from simulator.searching import (
    Point,
    Probe,
    Search,
    point_text,
    probes_of,
    proposal,
    space_of,
)

if TYPE_CHECKING:
    from simulator.cli.debating import Debating
    from simulator.domain.records import Experiment

GOES_ON = "Given again, the same command goes on with the search."


class DebateSearch:
    """Plays points: those of a file, random ones, and those that look best after them."""

    def __init__(self, debating: Debating, design: Any, experiment: Experiment | None) -> None:
        """Make one; the file of points is read.

        Args:
            debating: Has what was asked for.
            design: With its questions.
            experiment: Where it is stored already.

        Raises:
            SimulatorError: As `read_points`, or the bounds are no good.
        """
        wanted, services = debating.wanted, debating.services
        options = wanted.options
        self._debating = debating
        self._design = design
        self._seed = wanted.seed or 0
        self._repeat = wanted.repeat
        self._count: int = options["point_count"] or 0
        self._init: int = options["init_points"]
        self._is_bayesian: bool = options["bayesian"]
        self._objective = options["objective"]
        resolved = services.kind("debate").resolve(design, wanted.settings)
        self._space = space_of(resolved, options["t_min"], options["t_max"])
        path = options["points"]
        read = read_points(path, self._space.width) if path else ()
        self._read = read[: self._count] if self._count else read
        self._search = Search(
            services, design, wanted.settings, experiment=experiment, limits=wanted.limits
        )
        self._budget = None if wanted.limits is None else Budget(wanted.limits)

    def foreseen(self) -> list[Point]:
        """The points that are known from the beginning, which are checked.

        Raises:
            SimulatorError: One cannot be played, or one that could come later.
        """
        missing = max(0, self._count - len(self._read))
        drawn = missing
        if self._is_bayesian:
            least = 0 if self._read else 1
            drawn = min(missing, max(least, self._init - len(self._read)))
        points = [*self._read, *self._space.drawn(drawn, self._seed)]
        self._search.check([*points, *(self._space.corners if missing else ())])
        return points

    def stand_ins(self, known: int) -> tuple[Point, ...]:
        """Random points for those that are chosen later, to reckon with."""
        return self._space.drawn(self._count, self._seed)[known:] if self._is_bayesian else ()

    async def hold(self) -> int:
        """Play all points, and show what they came to; the exit code.

        Raises:
            CancelledError: The user stopped it; the runs are paused.
            SimulatorError: A run could not be played.
        """
        points = self.foreseen()
        probes = probes_of(points, self._seed, self._repeat)
        try:
            exit_code = await self._play(probes)
            tried = await self._search.tried(probes)
            while not exit_code and self._is_bayesian and len(points) < self._count:
                points.append(proposal(self._space, tried, self._objective, self._seed))
                new = self._latest(points)
                exit_code = await self._play(new)
                tried += await self._search.tried(new)
        except asyncio.CancelledError:
            self._debating.session.output.aside(GOES_ON)
            raise
        every = max(len(points), self._count) * self._repeat
        self._tell(tried, every)
        return exit_code

    def _latest(self, points: Sequence[Point]) -> list[Probe]:
        """The runs of the last point; with new seeds if it was there before."""
        met = points[:-1].count(points[-1]) * self._repeat
        return [Probe(points[-1], self._seed + met + n) for n in range(self._repeat)]

    async def _play(self, probes: Sequence[Probe]) -> int:
        """Play what is missing of some points; the exit code."""
        with self._debating.session.interrupts.held():
            runs = await self._search.runs(probes)
            missing = [run for run in runs if run.status != "completed"]
            if len(missing) < len(runs):
                done = counted(len(runs) - len(missing), "run")
                self._debating.session.output.aside(f"{done} finished before.")
            if not missing:
                return 0
            player = self._debating.player(self._design, missing, self._budget)
        return await player.play(announce=True)

    def _tell(self, tried: Sequence[Tried], wanted: int) -> None:
        output = self._debating.session.output
        if output.json:
            output.tell_events()
            document = search_document(tried, self._objective)
            output.event(type="search_summarized", seed=self._seed, runs=wanted, **document)
            return
        if tried:
            output.line()
            show(output, search_tables(tried, self._objective))
        if len({one.point for one in tried}) > 1:
            best = point_text(ranked(tried, self._objective)[0].point)
            output.aside(
                f"{OVERSTATED} Here: --temperatures {best} with another --split or other data."
            )
        if len(tried) < wanted:
            left = f"{len(tried)} of {counted(wanted, 'run')} are finished."
            output.aside(f"{left} {GOES_ON}")
