"""What every store promises of many runs that are stored in one piece."""

from __future__ import annotations

import pytest

from simulator.domain.ports import ExperimentStore
from simulator.domain.records import RunQuery
from simulator.errors import DesignChangedError, NotFoundError
from tests.store.examples import a_run, a_step, an_experiment


async def test_many_runs_come_out_as_they_went_in(store: ExperimentStore) -> None:
    await store.add_experiment(an_experiment())
    runs = [a_run(f"R{number}", batch_id="B1", cell=number, seed=number) for number in range(30)]
    await store.add_runs(runs)
    await store.add_runs([])
    assert sorted(await store.runs(RunQuery()), key=lambda run: run.seed) == runs
    assert await store.run_ids("B1") == {run.id for run in runs}
    assert await store.run_ids("B2") == set()


async def test_runs_that_are_there_are_left_alone(store: ExperimentStore) -> None:
    await store.add_experiment(an_experiment())
    await store.add_run(a_run("R1", batch_id="B1", note="mine"), [a_step()])
    await store.add_runs([a_run("R0", batch_id="B1"), a_run("R1"), a_run("R2", batch_id="B1")])
    assert await store.run_ids("B1") == {"R0", "R1", "R2"}
    assert (await store.run("R1")).note == "mine" and len(await store.steps("R1")) == 1


async def test_runs_of_no_experiment_or_another_design_are_refused(store: ExperimentStore) -> None:
    with pytest.raises(NotFoundError, match="no experiment E1"):
        await store.add_runs([a_run("R1")])
    await store.add_experiment(an_experiment())
    with pytest.raises(DesignChangedError, match="another design"):
        await store.add_runs([a_run("R1", design_hash="e" * 64)])
    assert await store.runs(RunQuery()) == []
