"""Writes runs with all that belongs to them as a bundle."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from pydantic import BaseModel

from simulator.archive import Archive
from simulator.bundling.guarding import Guard
from simulator.bundling.measures import kept_measures
from simulator.domain.batches import Batch, BatchQuery
from simulator.domain.copies import at_rest
from simulator.domain.ports import ExperimentStore
from simulator.domain.records import Experiment, ExperimentQuery, Run
from simulator.errors import NotFoundError, SimulatorError
from simulator.files.bundles import layout
from simulator.files.bundles.card import CardFacts, data_card
from simulator.files.bundles.layout import Manifest
from simulator.files.bundles.lines import line_of
from simulator.files.bundles.messages import MessageTable, can_write
from simulator.files.bundles.placing import drafted
from simulator.files.bundles.tallying import Tally
from simulator.files.writing import write_design
from simulator.process import provenance

Hear = Callable[[float], None]

NO_PARQUET = (
    f"{layout.MESSAGES} is not there, as pyarrow is not installed: pip install -e '.[analysis]'."
)
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Written:
    """What a bundle has."""

    experiments: int
    batches: int
    runs: int
    steps: int
    messages: int
    played: int
    """Runs that somebody plays, which are as far as they were."""
    left_out: tuple[str, ...]
    """A sentence for each thing that is not there although it could be."""


async def write_bundle(
    archive: Archive,
    runs: Sequence[Run],
    target: Path,
    *,
    with_parquet: bool | None = None,
    with_measures: bool = True,
    licence: str = "",
    force: bool = False,
    hear: Hear = lambda share: None,
) -> Written:
    """Write everything that is needed to repeat runs: whole, or nothing.

    Args:
        archive: Has the runs.
        runs: Which; their experiments and batches go with them.
        target: A new folder, or a file that ends in .zip.
        with_parquet: Whether to write the table of messages; None where that can be done.
        with_measures: Whether to write the values of measures that are kept on this machine.
        licence: Under which it is given away.
        force: Whether a bundle that is there is replaced.
        hear: Told the share that is done, from 0 to 1.

    Raises:
        NotFoundError: The table is wanted, and pyarrow is not installed; or something was deleted
            meanwhile.
        PermissionDeniedError: A record has a key or a password in it.
        SimulatorError: As `placing.drafted`.
    """
    experiments, batches = await _parents(archive.store, runs)
    place = {experiment.id: number for number, experiment in enumerate(experiments)}
    ordered = sorted(runs, key=lambda run: (place[run.experiment_id], run.created_at, run.id))
    has_table = can_write() if with_parquet is None else with_parquet
    played = await archive.players()
    with drafted(target, force=force) as folder, ExitStack() as stack:
        draft = _Draft(
            archive, folder, experiments, stack, has_table=has_table, has_measures=with_measures
        )
        if with_parquet is None and not has_table:
            draft.left_out.append(NO_PARQUET)
        for name, records in ((layout.EXPERIMENTS, experiments), (layout.BATCHES, batches)):
            draft.write_all(name, records)
        for number, run in enumerate(ordered):
            await draft.add(run)
            hear((number + 1) / len(ordered))
        stack.close()
        draft.finish(len(batches), licence)
    tally = draft.tally
    return Written(
        len(experiments), len(batches), tally.runs, tally.steps, tally.messages,
        sum(run.id in played for run in ordered), tuple(draft.left_out),
    )  # fmt: skip


async def _parents(
    store: ExperimentStore, runs: Sequence[Run]
) -> tuple[list[Experiment], list[Batch]]:
    """The experiments and the batches of runs, the oldest first; batches may be gone."""
    ids = tuple(dict.fromkeys(run.experiment_id for run in runs))
    experiments = await store.experiments(ExperimentQuery(ids=ids))
    if len(experiments) < len(ids):
        raise NotFoundError("An experiment of the runs was deleted meanwhile.")
    batch_ids = tuple(dict.fromkeys(run.batch_id for run in runs if run.batch_id is not None))
    batches = await store.batches(BatchQuery(ids=batch_ids)) if batch_ids else []
    return (
        sorted(experiments, key=lambda one: (one.created_at, one.id)),
        sorted(batches, key=lambda one: (one.created_at, one.id)),
    )


class _Draft:
    """The files of a bundle while they are written."""

    def __init__(
        self,
        archive: Archive,
        folder: Path,
        experiments: Sequence[Experiment],
        stack: ExitStack,
        *,
        has_table: bool,
        has_measures: bool,
    ) -> None:
        self.tally = Tally()
        self.left_out: list[str] = []
        self._archive = archive
        self._folder = folder
        self._experiments = {one.id: one for one in experiments}
        self._numbers = {one.id: number for number, one in enumerate(experiments, start=1)}
        self._runs_of = dict.fromkeys(self._experiments, 0)
        self._variants: dict[str, dict[str, int]] = {}
        """Numbers of sets of parameters, by experiment."""
        self._designs: list[dict[str, Any]] = []
        self._unwritten: list[str] = []
        """Designs that this version cannot read."""
        self._guard = Guard(archive.settings)
        self._runs = stack.enter_context(self._opened(layout.RUNS))
        self._journals = stack.enter_context(self._opened(layout.JOURNALS))
        self._table = (
            stack.enter_context(MessageTable(folder / layout.MESSAGES)) if has_table else None
        )
        self._measures = stack.enter_context(
            kept_measures(folder / layout.MEASURES, wanted=has_measures)
        )
        (folder / "designs").mkdir()
        for experiment in experiments:
            self._write_design(experiment)

    def write_all(self, name: str, records: Sequence[BaseModel]) -> None:
        """A file with a line for each record."""
        with self._opened(name) as file:
            file.writelines(self._line(record) for record in records)

    async def add(self, run: Run) -> None:
        """Write a run with its journal, as the store has them now."""
        run = at_rest(await self._archive.store.run(run.id))
        if run.error is not None:
            run = run.model_copy(update={"error": self._guard.masked(run.error)})
        steps = await self._archive.store.steps(run.id)
        experiment = self._experiments[run.experiment_id]
        self._runs.write(self._line(run))
        self._journals.writelines(self._line(step) for step in steps)
        if self._table is not None:
            self._table.add(experiment, run, steps)
        self._measures.add(steps)
        self.tally.add(run, steps)
        self._runs_of[experiment.id] += 1
        await self._write_variant(experiment, run)

    def finish(self, batches: int, licence: str) -> None:
        """Write what sums up the rest."""
        if self._unwritten:
            some = ", ".join(self._unwritten[:_NAMED])
            more = len(self._unwritten) - _NAMED
            self.left_out.append(
                f"Designs that this version cannot write as YAML: {some}"
                f"{f' and {more} more' if more > 0 else ''}; they are in {layout.EXPERIMENTS}."
            )
        writer = provenance()
        manifest = Manifest(
            simulator_version=writer.simulator_version, experiments=len(self._experiments),
            batches=batches, runs=self.tally.runs, steps=self.tally.steps,
        )  # fmt: skip
        self._write_json(layout.MANIFEST, manifest.model_dump())
        written_by = {"simulator_version": writer.simulator_version, "commit": writer.commit}
        document = {"written_by": written_by, **self.tally.document(), "designs": self._designs}
        self._write_json(layout.PROVENANCE, document)
        facts = CardFacts(
            self.tally, [(one, self._runs_of[id_]) for id_, one in self._experiments.items()],
            batches, len(self._designs), self._measures.names, self._table is not None,
            self.left_out, licence, writer.simulator_version,
        )  # fmt: skip
        with self._opened(layout.CARD, "utf-8") as file:
            file.write(data_card(facts).encode("utf-8", "replace").decode())

    def _write_design(self, experiment: Experiment) -> None:
        file = layout.design_file(self._numbers[experiment.id])
        what = f"experiment {experiment.id}"
        design = self._told_apart(what, lambda: self._archive.design_of(experiment))
        if design is not None:
            self._write_yaml(file, design)
            self._designs.append({"file": file, "experiment_id": experiment.id})

    async def _write_variant(self, experiment: Experiment, run: Run) -> None:
        """The design with the run's parameters in it, unless it is there."""
        if not run.parameters:
            return
        variants = self._variants.setdefault(experiment.id, {})
        key = json.dumps(run.parameters, sort_keys=True)
        if key in variants:
            return
        variants[key] = len(variants) + 1
        file = layout.design_file(self._numbers[experiment.id], variants[key])
        try:
            design = await self._archive.resolved(run, experiment)
        except SimulatorError:
            self._unwritten.append(f"that of run {run.id}")
            return
        self._write_yaml(file, design)
        self._designs.append(
            {"file": file, "experiment_id": experiment.id, "parameters": run.parameters}
        )

    def _told_apart(self, what: str, get: Callable[[], Any]) -> Any:
        try:
            return get()
        except SimulatorError:
            self._unwritten.append(f"that of {what}")
            return None

    def _write_yaml(self, name: str, design: Any) -> None:
        # Half of a surrogate pair is no UTF-8; the records have it as it is.
        text = write_design(design).encode("utf-8", "replace").decode()
        with self._opened(name, "utf-8") as file:
            file.write(text)

    def _write_json(self, name: str, document: Mapping[str, Any]) -> None:
        with self._opened(name) as file:
            file.write(f"{json.dumps(document, indent=2)}\n")

    def _line(self, record: BaseModel) -> str:
        line = line_of(record)
        self._guard.check(line, record)
        return line

    def _opened(self, name: str, encoding: str = "ascii") -> IO[str]:
        return (self._folder / name).open("w", encoding=encoding, newline="\n")
