"""Reads runs and measures them, a little at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence

from simulator.analysis.sheet import Sheet
from simulator.domain.ports import ExperimentStore
from simulator.domain.records import Experiment, Run
from simulator.files.transcripts import condition_of
from simulator.lanes import lanes

STEPS_AT_ONCE = 100
"""Steps that are measured before others on the event loop have their turn."""


class Reader:
    """The sheets of an experiment's runs, as far as they are read.

    Runs that have not changed since are not read again.
    """

    def __init__(self, store: ExperimentStore, experiment: Experiment) -> None:
        self._store = store
        self._experiment = experiment
        self._sheets: dict[str, Sheet] = {}
        self._measuring = asyncio.Lock()
        """One run at a time, since all that are ready would hold up the event loop together."""

    def sheets(self, run_ids: Collection[str]) -> list[Sheet]:
        """Those of these runs that are read."""
        return [self._sheets[run_id] for run_id in run_ids if run_id in self._sheets]

    def stale(self, runs: Sequence[Run]) -> list[Run]:
        """Those that were not read yet, or may have more to read since."""
        return [run for run in runs if self._is_stale(run)]

    async def read(self, runs: Sequence[Run], hear: Callable[[], None]) -> None:
        """Read runs, several at a time; what was read stays when it is stopped.

        Args:
            runs: As they are now.
            hear: Told after each.
        """

        async def measure(run: Run) -> None:
            sheet = Sheet(run, condition_of(run, self._experiment))
            steps = await self._store.steps(run.id)
            async with self._measuring:
                for first in range(0, len(steps), STEPS_AT_ONCE):
                    sheet.add(steps[first : first + STEPS_AT_ONCE])
                    await asyncio.sleep(0)
            self._sheets[run.id] = sheet
            hear()

        async with lanes() as start:
            for run in runs:
                await start(measure, run)

    def _is_stale(self, run: Run) -> bool:
        known = self._sheets.get(run.id)
        return known is None or known.run != run or run.status == "running"
