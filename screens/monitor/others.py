"""What the store knows of runs that this process does not play."""

from __future__ import annotations

from collections.abc import Container

from screens.monitor.rows import RunRow, row_of_left, row_of_playing
from simulator.domain.records import Run, RunQuery, RunStatus
from simulator.services import Services

LEFT: tuple[RunStatus, ...] = ("running", "paused", "queued")
"""Runs in these states that nobody plays wait to be resumed."""
MOST_LEFT = 50
"""Of each state, the newest ones of the user's."""


class Others:
    """Runs of other processes and machines, and the user's own that nobody plays."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.rows: list[RunRow] = []

    async def look(self, ours: Container[str]) -> None:
        """Ask the store; `ours` are left out."""
        services = self._services
        playing = [one for one in await services.playing() if one.run.id not in ours]
        played = {one.run.id for one in playing}
        left: list[Run] = []
        for status in LEFT:
            query = RunQuery(status=status, creator=services.settings.creator, limit=MOST_LEFT)
            left += [run for run in await services.store.runs(query)]
        left = [run for run in left if run.id not in played and run.id not in ours]
        experiments = await services.experiments_by_id({run.experiment_id for run in left})
        counts = await services.store.count_messages([run.id for run in left])
        self.rows = [row_of_playing(one) for one in playing]
        for run in left:
            experiment = experiments.get(run.experiment_id)
            name = "" if experiment is None else experiment.name
            outlook = None if experiment is None else await services.outlook(run, experiment)
            self.rows.append(row_of_left(run, name, counts[run.id], outlook))
