"""Any study, and a bundle of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from pydantic import SecretStr

from simulator.archive import Archive
from simulator.bundling.reading import Imported, read_bundle
from simulator.bundling.writing import Written, write_bundle
from simulator.domain.batches import Batch
from simulator.domain.journal import Step
from simulator.domain.ports import ExperimentStore
from simulator.domain.records import Experiment, Run, RunQuery
from simulator.kinds.registry import KINDS
from simulator.settings import Settings
from tests import strategies
from tests.store.examples import NOON, a_run, an_experiment


@dataclass(frozen=True)
class Study:
    experiments: Sequence[Experiment]
    batches: Sequence[Batch]
    runs: Sequence[tuple[Run, Sequence[Step]]]

    async def fill(self, store: ExperimentStore) -> None:
        for experiment in self.experiments:
            await store.add_experiment(experiment)
        for batch in self.batches:
            await store.add_batch(batch)
        for run, steps in self.runs:
            await store.add_run(run, steps)


@st.composite
def studies(draw: st.DrawFn) -> Study:
    """One or two experiments, one of them with a batch; words and steps are anybody's."""
    experiments, batches, runs = [], [], []
    for number in range(draw(st.integers(1, 2))):
        words = draw(strategies.texts)
        experiment = an_experiment(f"E{words}{number}", name=words, note=words, creator=words,
                                   design={words: draw(strategies.json_values)},
                                   starred_by=(words,))  # fmt: skip
        run = a_run(f"R{words}{number}", experiment.id, note=words, error=words or None,
                    status=draw(st.sampled_from(["queued", "paused", "completed"])),
                    parameters={words: 1}, batch_id=None if number else "B")  # fmt: skip
        steps = draw(
            st.lists(strategies.steps(run.id), max_size=2, unique_by=lambda s: (s.scope, s.index))
        )
        experiments.append(experiment)
        runs.append((run, steps))
        if not number:
            batches.append(
                Batch(
                    id="B", experiment_id=experiment.id, name=words, specification={words: 2.5},
                    specification_hash="s", creator=words, created_at=NOON, amended_at=(NOON,),
                )
            )  # fmt: skip
    return Study(experiments, batches, runs)


def archive(store: ExperimentStore, address: str = "sqlite:////nowhere/lab.db") -> Archive:
    return Archive(_settings(address), store, KINDS)


@cache
def _settings(address: str) -> Settings:
    return Settings(store=SecretStr(address), user="ada")


async def written(store: ExperimentStore, target: Path, **options: Any) -> Written:
    """All runs of a store as a bundle, without the table and the measures."""
    fields = {"with_parquet": False, "with_measures": False} | options
    return await write_bundle(archive(store), await store.runs(RunQuery()), target, **fields)


async def imported(store: ExperimentStore, path: Path, **options: Any) -> Imported:
    return await read_bundle(store, path, user="ada", **options)
