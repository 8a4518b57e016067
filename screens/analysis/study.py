"""An experiment whose runs are looked at, and those of them that are chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from screens.analysis.reading import Reader
from simulator.analysis.sheet import Sheet
from simulator.domain.ports import ExperimentStore
from simulator.domain.records import Experiment, ExperimentQuery, Run, RunQuery
from simulator.files.transcripts import condition_of
from simulator.presentation.wording import counted


class Study:
    """What is known of the runs so far; the store has the rest."""

    def __init__(self, store: ExperimentStore) -> None:
        self._store = store
        self._reader: Reader | None = None
        self.experiment: Experiment | None = None
        """None until one was opened, and where there are none."""
        self.runs: list[Run] = []
        """All of the experiment's, the oldest first."""
        self.chosen: tuple[str, ...] | None = None
        """Ids of the runs to look at; None for all, those that are still to come too."""

    async def experiments(self) -> list[tuple[Experiment, int]]:
        """All experiments with their numbers of runs, the newest first."""
        found = await self._store.experiments(ExperimentQuery())
        counts = await self._store.count_runs([one.id for one in found])
        return [(one, counts[one.id]) for one in found]

    async def home_of(self, run_ids: Sequence[str]) -> str | None:
        """The experiment of runs; None for none. Raises NotFoundError."""
        return (await self._store.run(run_ids[0])).experiment_id if run_ids else None

    async def open(self, experiment_id: str, chosen: tuple[str, ...] | None = None) -> None:
        """Turn to an experiment. Raises NotFoundError."""
        self.experiment = await self._store.experiment(experiment_id)
        self._reader = Reader(self._store, self.experiment)
        self.chosen = chosen
        await self.look()

    async def look(self) -> None:
        """See which runs there are now."""
        if self.experiment is not None:
            query = RunQuery(experiment_id=self.experiment.id, order="oldest")
            self.runs = await self._store.runs(query)

    @property
    def chosen_runs(self) -> list[Run]:
        """Those to look at, as far as they are still there."""
        return [run for run in self.runs if self.chosen is None or run.id in self.chosen]

    @property
    def sheets(self) -> list[Sheet]:
        """What is read of the chosen runs."""
        ids = [run.id for run in self.chosen_runs]
        return [] if self._reader is None else self._reader.sheets(ids)

    @property
    def unread(self) -> list[Run]:
        """The chosen runs that are still to be read, or read again."""
        return [] if self._reader is None else self._reader.stale(self.chosen_runs)

    async def read(self, hear: Callable[[], None]) -> None:
        """Read the unread runs; `hear` is told after each."""
        if self._reader is not None:
            await self._reader.read(self.unread, hear)

    def condition(self, run: Run) -> dict[str, str]:
        """A run's level of each factor."""
        return {} if self.experiment is None else condition_of(run, self.experiment)

    @property
    def runs_text(self) -> str:
        """Such as `all 12 runs` or `3 of 12 runs`."""
        runs = counted(len(self.runs), "run")
        if not self.runs:
            return "no runs"
        return f"all {runs}" if self.chosen is None else f"{len(self.chosen_runs)} of {runs}"
