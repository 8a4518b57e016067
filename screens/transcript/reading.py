"""A run as it is read from the store, and as it goes on."""

from __future__ import annotations

from contextlib import aclosing

from screens.laboratory import Laboratory
from simulator.domain.journal import Step, Usage
from simulator.domain.records import Experiment, Lease, Run
from simulator.errors import SimulatorError
from simulator.live_run import LiveRun
from simulator.presentation.ordering import Ordering
from simulator.presentation.orderings import ordering_of
from simulator.presentation.plans import Plan, plan_of
from simulator.presentation.tally import Tally

AT_ONCE = 500
"""Steps that are shown in one go."""


class Reading:
    """What is known of a run so far."""

    def __init__(self, laboratory: Laboratory, run: Run, experiment: Experiment) -> None:
        self._laboratory = laboratory
        self.run = run
        self.experiment = experiment
        self.plan: Plan | None = None
        """None where the design cannot be read any more."""
        self.ordering = Ordering()
        """How its messages are read; it counts questions of debates, and chains of texts."""
        self.player: Lease | None = None
        """Who plays the run, here or elsewhere."""
        self.total = 0
        """Steps of the journal when it was last looked at."""
        self._met = 0
        """Of these, those that were there when reading began."""
        self.steps: dict[int, Step] = {}
        """By position."""
        self.messages = 0
        """Of these, those that somebody in the conversation heard."""
        self.usage = Usage()
        self.tally = Tally()
        self.changed: set[int] = set()
        """Numbers of parts whose headings say something else since they were last drawn."""
        self._arrived: list[Step] = []

    @classmethod
    async def begin(cls, laboratory: Laboratory, run_id: str) -> Reading:
        """Know all but the steps. Raises NotFoundError."""
        services = laboratory.services
        run = await services.store.run(run_id)
        reading = cls(laboratory, run, await services.store.experiment(run.experiment_id))
        try:
            design = await services.resolved(run, reading.experiment)
            reading.plan = plan_of(services.kind(run.kind), run, design)
            reading.ordering = ordering_of(run.kind, design)
        except SimulatorError:
            reading.plan, reading.ordering = None, ordering_of(run.kind, None)
        await reading.look()
        reading._met = reading.total
        return reading

    async def look(self) -> None:
        """See what has become of the run. Raises NotFoundError when it is deleted."""
        services = self._laboratory.services
        self.run = await services.store.run(self.run.id)
        self.player = await services.player(self.run)
        counts = await services.store.count_messages([self.run.id], whole_journal=True)
        self.total = counts[self.run.id]

    @property
    def live(self) -> LiveRun | None:
        """The run, while this process plays it."""
        live = self._laboratory.live.runs.get(self.run.id)
        return None if live is None or live.is_over else live

    @property
    def is_played(self) -> bool:
        """Whether more is to come."""
        return self.player is not None or self.live is not None

    @property
    def is_whole(self) -> bool:
        """Whether everything is read."""
        return len(self.steps) >= self.total and not self.is_played

    def is_new(self, step: Step) -> bool:
        """Whether a step came since reading began; positions count from 0 without a gap."""
        return step.position >= self._met

    async def follow(self) -> None:
        """Read what is not read yet, then what comes while the run is played."""
        if self.is_whole:
            return
        after = max(self.steps, default=-1)
        store = self._laboratory.services.store
        async with aclosing(store.follow(self.run.id, after=after)) as steps:
            async for step in steps:
                if step.position not in self.steps:
                    self.steps[step.position] = step
                    self._arrived.append(step)
                if self.is_whole:
                    return

    def arrived(self) -> list[Step]:
        """Steps that came since this was last asked, some at a time; they are counted now."""
        arrived, self._arrived = self._arrived[:AT_ONCE], self._arrived[AT_ONCE:]
        if arrived:
            self.messages += sum(step.in_transcript for step in arrived)
            used = (step.call.usage for step in arrived if step.call is not None)
            self.usage = Usage.total([self.usage, *used])
            for step in arrived:
                self.tally.add(step)
                changed = self.ordering.add(step)
                self.changed.update(() if changed is None else (changed,))
        return arrived
