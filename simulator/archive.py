"""What the users of a store do with its records: find, read, star, annotate, delete; who plays."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulator.domain.designs import Design
from simulator.domain.ids import id_fragment
from simulator.domain.journal import Step
from simulator.domain.ports import ExperimentStore, Kind
from simulator.domain.records import (
    Experiment,
    ExperimentQuery,
    Lease,
    Outlook,
    Run,
    RunQuery,
)
from simulator.errors import (
    ConflictError,
    DesignChangedError,
    NotFoundError,
    PermissionDeniedError,
    SimulatorError,
    UsageError,
)
from simulator.files.designs import design_document, design_hash, document_hash
from simulator.library import SHORTEST_FRAGMENT, Library, only
from simulator.presentation.wording import counted
from simulator.process import is_dead
from simulator.settings import Settings

_DesignKey = tuple[str, str, str]

RESOLVED_DESIGNS = 256
"""Designs kept ready, since the runs of a launch share theirs."""


@dataclass(frozen=True, slots=True)
class Playing:
    """A run that somebody plays now."""

    run: Run
    experiment: str
    """Name of its experiment."""
    lease: Lease
    messages: int
    """In its transcript so far."""
    outlook: Outlook | None
    """None where its design cannot be read here."""


class Archive(Library):
    """The records of a store, for one of its users.

    Anyone may read, star and build upon everything; notes are written and records deleted by who
    created them. That keeps colleagues from accidents: it is no protection, as everyone names
    themselves.
    """

    def __init__(
        self, settings: Settings, store: ExperimentStore, kinds: Mapping[str, Kind]
    ) -> None:
        super().__init__(settings, store, kinds)
        self._resolved: dict[_DesignKey, Any] = {}
        self._names: dict[str, str] = {}
        """What the experiments of the runs that are played are called, by run.

        An experiment that has runs keeps its name."""

    # ------------------------------------------------------------ reading

    async def find_run(self, name: str) -> Run:
        """The run of that id, part of an id, or `last` for the user's newest, else the newest.

        Raises:
            NotFoundError: None.
            UsageError: Several.
        """
        if name == "last":
            for creator in (self.settings.creator, None):
                for run in await self.store.runs(RunQuery(creator=creator, limit=1)):
                    return run
            raise NotFoundError("There are no runs yet.", remedy="Start one with `run prison`.")
        found: list[Run] = []
        if len(name) >= SHORTEST_FRAGMENT:
            found = await self.store.runs(RunQuery(id_fragment=id_fragment(name), limit=20))
        if not found:
            raise NotFoundError(f"There is no run {name!r}.", remedy="`ls --runs` lists them.")
        return only(found, name, lambda run: run.id)

    async def transcript(self, run: Run) -> tuple[Experiment, list[Step]]:
        """A run's experiment and its journal."""
        return await self.store.experiment(run.experiment_id), await self.store.steps(run.id)

    async def resolved(self, run: Run, experiment: Experiment | None = None) -> Any:
        """The design of a run with its parameters in it.

        Args:
            run: Whose.
            experiment: The run's, where it is at hand; it is read otherwise.

        Raises:
            DesignChangedError: The stored design is not the one that the run began with.
        """
        key = _design_key(run)
        if key not in self._resolved:
            experiment = experiment or await self.store.experiment(run.experiment_id)
            if document_hash(experiment.design) != run.design_hash:
                raise DesignChangedError(
                    f"The design of experiment {experiment.name!r} was changed after run "
                    f"{run.id} began.",
                    remedy="Start a new run of the changed design; this one can still be read.",
                )
            if len(self._resolved) >= RESOLVED_DESIGNS:
                self._resolved.clear()
            design = self.design_of(experiment)
            self._resolved[key] = self.kind(run.kind).resolve(design, run.parameters)
        return self._resolved[key]

    async def experiment_names(self, experiment_ids: Iterable[str]) -> dict[str, str]:
        """Names by id; empty for experiments that are gone."""
        wanted = set(experiment_ids)
        found = await self.experiments_by_id(wanted)
        return dict.fromkeys(wanted, "") | {id_: one.name for id_, one in found.items()}

    async def experiments_by_id(self, ids: Collection[str]) -> dict[str, Experiment]:
        """Those of the ids that are there, by id, asked for at once."""
        if not ids:
            return {}
        found = await self.store.experiments(ExperimentQuery(ids=tuple(ids)))
        return {one.id: one for one in found}

    async def experiment_or_none(self, experiment_id: str | None) -> Experiment | None:
        """The experiment of exactly that id; None for none, and if the store does not have it."""
        if experiment_id is None:
            return None
        try:
            return await self.store.experiment(experiment_id)
        except NotFoundError:
            return None

    async def children(self, experiment: Experiment) -> list[Experiment]:
        """What was duplicated from it, the newest first."""
        return await self.store.experiments(ExperimentQuery(parent_id=experiment.id))

    # ------------------------------------------------------------ who plays

    async def players(self) -> dict[str, Lease]:
        """Who plays what now, by run; dead processes of this machine play nothing."""
        leases = await self.store.leases(now=self._clock.now())
        return {run_id: lease for run_id, lease in leases.items() if not is_dead(lease.owner)}

    async def player(self, run: Run) -> Lease | None:
        """Who plays the run now."""
        lease = await self.store.lease(run.id)
        if lease is None or lease.expires_at <= self._clock.now() or is_dead(lease.owner):
            return None
        return lease

    async def is_abandoned(self, run: Run) -> bool:
        """Whether a run is on record as running although nobody plays it."""
        return run.status == "running" and await self.player(run) is None

    async def playing(self) -> list[Playing]:
        """Everything that is being played now, on any machine, the oldest run first."""
        players = await self.players()
        running = await self.store.runs(RunQuery(status="running", order="oldest"))
        runs = [run for run in running if run.id in players]
        counts = await self.store.count_messages([run.id for run in runs])
        experiments = await self.experiments_by_id(
            {
                run.experiment_id
                for run in runs
                if run.id not in self._names or _design_key(run) not in self._resolved
            }
        )
        names = {run.id: self._names.get(run.id, "") for run in runs}
        for run in runs:
            if run.experiment_id in experiments:
                names[run.id] = experiments[run.experiment_id].name
        self._names = names
        return [
            Playing(
                run, names[run.id], players[run.id], counts[run.id],
                await self.outlook(run, experiments.get(run.experiment_id)),
            )
            for run in runs
        ]  # fmt: skip

    async def outlook(self, run: Run, experiment: Experiment | None = None) -> Outlook | None:
        """What a run is to become; None where its design cannot be read here.

        Args:
            run: Any run.
            experiment: Its own, where it is known already.
        """
        try:
            return self.kind(run.kind).outlook(await self.resolved(run, experiment))
        except SimulatorError:
            return None

    # ------------------------------------------------------------ changing

    async def star(self, record: Experiment | Run, *, off: bool = False) -> None:
        """Make it a favourite of the user's, or no longer; others keep theirs."""
        user = self.settings.creator
        star, unstar = (None, user) if off else (user, None)
        if isinstance(record, Run):
            await self.store.annotate_run(record.id, star=star, unstar=unstar)
        else:
            await self.store.annotate_experiment(record.id, star=star, unstar=unstar)

    def check_note(self, record: Experiment | Run) -> None:
        """Raises PermissionDeniedError when its note is not the user's to write."""
        if isinstance(record, Run):
            remedy = f"Ask {record.creator} to, or star it."
        else:
            remedy = f"Write on a copy of your own: `duplicate {record.id}` makes one."
        self._must_own(record, "write on it", remedy)

    async def write_note(self, record: Experiment | Run, note: str) -> None:
        """Put a note in place of the one it has. Raises PermissionDeniedError."""
        self.check_note(record)
        if isinstance(record, Run):
            await self.store.annotate_run(record.id, note=note)
        else:
            await self.store.annotate_experiment(record.id, note=note)

    async def check_revision(self, experiment: Experiment) -> None:
        """See that its design may be changed.

        Raises:
            PermissionDeniedError: It is somebody else's.
            ConflictError: It has runs.
        """
        own = f"Edit a copy of your own: `duplicate {experiment.id}` makes one."
        self._must_own(experiment, "edit it", own)
        runs = (await self.store.count_runs([experiment.id]))[experiment.id]
        if runs:
            raise ConflictError(
                f"Experiment {experiment.name!r} has {counted(runs, 'run')} of the design that it "
                "has, so that must stay.",
                remedy="Duplicate it, and edit the copy.",
            )

    async def revise(self, experiment: Experiment, design: Design) -> Experiment:
        """Give an experiment without runs another name, note and design.

        Args:
            experiment: As it was read before it was edited.
            design: In place of the one it has; what it was copied from stays as it is.

        Raises:
            PermissionDeniedError: As `check_revision`.
            ConflictError: As `check_revision`, or somebody edited the design meanwhile.
            UsageError: The design is of another kind.
            NotFoundError: Somebody deleted it meanwhile.
            SimulatorError: As `completed`.
        """
        await self.check_revision(experiment)
        if design.kind != experiment.kind:
            raise UsageError(
                f"Experiment {experiment.name!r} is of the kind {experiment.kind}, and cannot "
                f"become one of the kind {design.kind}.",
                remedy="Store it as a new experiment.",
            )
        design = await self.completed(design)
        revised = experiment.model_copy(
            update={
                "name": design.name,
                "note": design.note,
                "design": design_document(design),
                "design_hash": design_hash(design),
            }
        )
        await self.store.revise_experiment(revised, was=experiment.design_hash)
        for key in [key for key in self._resolved if key[0] == experiment.id]:
            del self._resolved[key]
        return await self.store.experiment(experiment.id)

    def check_deletion(self, record: Experiment | Run) -> None:
        """Raises PermissionDeniedError when it is not the user's to delete."""
        self._must_own(record, "delete it", f"Ask {record.creator} to delete it.")

    async def runs_to_delete(
        self, experiment: Experiment, *, with_runs_of_others: bool = False
    ) -> Counter[str]:
        """How many runs of whom would go with the experiment.

        Raises:
            PermissionDeniedError: It is somebody else's, or so are some of its runs, and
                `with_runs_of_others` is not given.
        """
        self.check_deletion(experiment)
        runs = await self.store.runs(RunQuery(experiment_id=experiment.id))
        creators = Counter(run.creator for run in runs)
        others = [
            f"{number} of {creator}"
            for creator, number in creators.most_common()
            if creator != self.settings.creator
        ]
        if others and not with_runs_of_others:
            raise PermissionDeniedError(
                f"Experiment {experiment.name!r} holds runs of others, who would lose them: "
                f"{', '.join(others)}.",
                remedy="Once they agree, add --with-runs-of-others; or delete your own runs only.",
            )
        return creators

    async def delete_experiment(
        self, experiment: Experiment, *, with_runs_of_others: bool = False
    ) -> int:
        """Delete it with its runs; how many runs went.

        Raises:
            PermissionDeniedError: As `runs_to_delete`.
            ConflictError: One of its runs is being played.
        """
        if with_runs_of_others:
            self.check_deletion(experiment)
        else:
            await self.runs_to_delete(experiment)
        now = self._clock.now()
        return await self.store.delete_experiment(
            experiment.id, now=now, despite=await self._dead_owners(now)
        )

    async def delete_run(self, run: Run) -> None:
        """Delete it with its journal. Raises PermissionDeniedError, ConflictError."""
        self.check_deletion(run)
        now = self._clock.now()
        await self.store.delete_run(run.id, now=now, despite=await self._dead_owners(now))

    async def _dead_owners(self, now: datetime) -> set[str]:
        """Owners that are known to be gone although their leases have not run out."""
        leases = await self.store.leases(now=now)
        return {lease.owner for lease in leases.values() if is_dead(lease.owner)}

    def _must_own(self, record: Experiment | Run, deed: str, remedy: str) -> None:
        if record.creator != self.settings.creator:
            what = f"Run {record.id}" if isinstance(record, Run) else f"Experiment {record.name!r}"
            raise PermissionDeniedError(
                f"{what} belongs to {record.creator}; only its creator may {deed}.", remedy=remedy
            )


def _design_key(run: Run) -> _DesignKey:
    """What tells apart designs with a launch's parameters in them."""
    return run.experiment_id, run.design_hash, json.dumps(run.parameters, sort_keys=True)
