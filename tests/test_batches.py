"""Batches: planned, launched, found again, completed, amended, accounted for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import JsonValue, SecretStr

from simulator.batches import Plan, launched, ledger, plan_of
from simulator.domain.batches import Batch, BatchQuery
from simulator.domain.executions import Caps
from simulator.domain.journal import Usage
from simulator.domain.ports import ExperimentStore
from simulator.domain.records import ExperimentQuery, Outcome, Run, RunQuery
from simulator.errors import DesignInvalidError, UsageError
from simulator.kinds.registry import KINDS
from simulator.library import Library
from simulator.services import Services, open_services
from simulator.settings import Settings
from tests.lab import design

FACTORS = {
    "goal": {"escape": {}, "yard": {"prisoner": {"Goal": "Get yard time."}}},
    "risks": {"no": {}, "yes": {"shared": {"Risks": "Mind them."}}},
}
TALK = design(model="scripted/babble", messages=4, factors=FACTORS)
BOTH: list[JsonValue] = ["escape", "yard"]
GRID: dict[str, list[JsonValue]] = {"levels.goal": BOTH, "levels.risks": ["no", "yes"]}


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    store = SecretStr(f"sqlite:///{tmp_path / 'lab.db'}")
    async with open_services(Settings(store=store, user="ada")) as opened:
        yield opened


KNOWN = Library(Settings(), cast("ExperimentStore", None), KINDS)
"""What planning needs: the kinds, and no store."""


def plan(values: dict[str, list[JsonValue]] | None = None, **options: Any) -> Plan:
    return plan_of(KNOWN, TALK, GRID if values is None else values, **options)


async def runs_of(services: Services, batch: Batch) -> list[Run]:
    runs = await services.store.runs(RunQuery(batch_id=batch.id))
    return sorted(runs, key=lambda run: run.id)


def places(runs: Sequence[Run]) -> list[tuple[int, int | None]]:
    return [(run.seed, run.cell) for run in runs]


# ---------------------------------------------------------------- plans


def test_a_plan_leaves_cells_out_and_names_what_is_left() -> None:
    planned = plan(exclusions=["goal=escape & risks=yes"], repeat=3, first_seed=7)
    assert list(planned.conditions()) == [
        "goal=escape, risks=no", "goal=yard, risks=no", "goal=yard, risks=yes",
    ]  # fmt: skip
    assert (planned.size, planned.runs) == (3, 9)
    assert [seed for seed, _ in planned.rounds()] == [7, 8, 9]
    assert planned.specification()["exclusions"] == ["goal=escape & risks=yes"]


def test_the_order_of_roles_goes_round_over_repetitions() -> None:
    planned = plan({"days": [1, 2]}, repeat=3, counterbalance=True)
    first = [[one.parameters["first_role"] for one in cells] for _, cells in planned.rounds()]
    assert first == [["guard"] * 2, ["prisoner"] * 2, ["guard"] * 2]
    with pytest.raises(UsageError, match="`first_role` is set"):
        plan({"first_role": ["guard"]}, counterbalance=True)
    debate = KINDS["debate"].design_type.model_validate({"name": "d", "debaters": [{}, {}]})
    with pytest.raises(UsageError, match="knows no order"):
        plan_of(KNOWN, debate, {}, counterbalance=True)


def test_the_same_plan_has_the_same_seed_and_hash_and_another_has_others() -> None:
    one = plan()
    assert one.seed == plan(repeat=5).seed and 100_000 <= one.seed < 1_000_000
    assert one.specification_hash == plan(repeat=5).specification_hash
    assert one.specification(asdict_of(Caps(tokens=5)))["limits"] == {"tokens": 5}
    others = [
        plan({"levels.goal": BOTH}), plan(first_seed=one.seed + 1),
        plan(settings={"days": 2}), plan(counterbalance=True),
        plan(exclusions=["risks=yes"]),
        plan_of(KNOWN, TALK.model_copy(update={"messages": 6}), GRID),
    ]  # fmt: skip
    hashes = {planned.specification_hash for planned in (one, *others)}
    assert len(hashes) == 7


def asdict_of(caps: Caps) -> dict[str, JsonValue]:
    return {} if caps.tokens is None else {"tokens": caps.tokens}


@pytest.mark.parametrize(
    ("values", "options", "fault"),
    [
        ({"levels.gaol": BOTH}, {}, "cannot set `levels.gaol`"),
        ({"levels.goal": []}, {}, "'levels.goal' has no values"),
        ({"days": [1, 2, 1]}, {}, "'days' has the value '1' twice"),
        ({"days": [*range(1000)], "messages": [*range(1000)]}, {}, "These are 1,000,000 runs"),
        (
            {"days": [*range(1000)], "messages": [*range(1000)]}, {"exclusions": ["days=1"]},
            "These are 1,000,000 conditions",
        ),
        ({"days": [1, 2]}, {"repeat": 3, "most_runs": 5}, "These are 6 runs; .* 5 at most"),
        ({"days": [1, 2]}, {"repeat": 0}, "repeated 0 times"),
        ({"days": [1, 2]}, {"exclusions": ["days=1", "days=2"]}, "All 2 conditions are excluded"),
    ],
)  # fmt: skip
def test_what_cannot_be_planned_is_said(
    values: dict[str, list[JsonValue]], options: Any, fault: str
) -> None:
    with pytest.raises(UsageError, match=fault):
        plan(values, **options)


# ---------------------------------------------------------------- launches


async def test_a_batch_has_every_cell_in_blocks_of_one_seed(services: Services) -> None:
    heard: list[int] = []
    planned = plan(repeat=2, first_seed=7)
    batch = await launched(services, planned, Caps(tokens=9000), name="Pilot", hear=heard.append)
    assert batch == await services.store.batch(batch.id)
    assert (batch.name, batch.order, batch.creator) == ("Pilot", "go", "ada")
    assert batch.specification["limits"] == {"tokens": 9000}
    assert batch.estimate is not None and batch.estimate["calls"] == 8 * 4
    runs = await runs_of(services, batch)
    assert places(runs) == [(seed, cell) for seed in (7, 8) for cell in range(4)]
    cells = list(planned.cells())
    assert [run.parameters for run in runs] == [cell.parameters for cell in cells] * 2
    assert heard == list(range(1, 9))


async def test_launched_again_it_is_the_same_and_only_what_is_missing_is_queued(
    services: Services,
) -> None:
    batch = await launched(services, plan(repeat=2))
    before = await runs_of(services, batch)
    await services.store.update_run(before[0].id, status="completed")
    await services.store.delete_run(before[3].id, now=batch.created_at)
    heard: list[int] = []
    again = await launched(services, plan(repeat=2), Caps(failures=3), hear=heard.append)
    assert heard == [1]
    after = await runs_of(services, batch)
    assert again.id == batch.id and again.specification["limits"] == {"failures": 3}
    assert again.amended_at == () and again.created_at == batch.created_at
    assert [run.id for run in after] == [run.id for run in before]
    assert (after[0].status, after[3].status) == ("completed", "queued")
    assert after[3].agents == before[3].agents
    assert (await launched(services, plan(repeat=2))).specification == again.specification


async def test_two_launches_at_once_make_one_batch(services: Services) -> None:
    await services.save_design(TALK)
    one, two = await asyncio.gather(launched(services, plan()), launched(services, plan()))
    assert one.id == two.id and len(await services.store.batches(BatchQuery())) == 1
    assert len(await services.store.runs(RunQuery())) == 4


async def test_amending_adds_repetitions_and_cells_and_changes_nothing(services: Services) -> None:
    batch = await launched(services, plan({"days": [1, 2]}))
    before = await runs_of(services, batch)
    with pytest.raises(UsageError, match="with 1 of 2 repetitions"):
        await launched(services, plan({"days": [1, 2]}, repeat=2))
    more = await launched(services, plan({"days": [1, 2]}, repeat=2), amend=True)
    # Of one day there are cells already: that is what the design has.
    wide = plan({"levels.goal": BOTH}, repeat=2)
    amended = await launched(services, wide, amend=True)
    assert more.id == amended.id == batch.id
    assert amended.specification_hash == batch.specification_hash
    assert len(amended.amended_at) == 2
    after = await runs_of(services, batch)
    assert sorted((run.cell, run.seed - before[0].seed) for run in after) == [
        (cell, repetition) for cell in range(3) for repetition in range(2)
    ]
    kept = {run.id: run for run in after}
    assert [kept[run.id] for run in before] == before
    assert [row.condition for row in (await ledger(services, amended)).rows[::2]] == [
        "days=1", "days=2", "goal=yard",
    ]  # fmt: skip
    assert amended.estimate is not None
    assert (amended.estimate["runs"], amended.estimate["cells"]) == (6, 3)
    # What was added is found again by itself.
    assert (await launched(services, wide)).specification == amended.specification
    assert len(await runs_of(services, batch)) == 6


async def test_what_would_change_a_batch_is_refused(services: Services) -> None:
    with pytest.raises(UsageError, match="no batch of 'Test' to amend"):
        await launched(services, plan(), amend=True)
    await launched(services, plan(first_seed=5))
    with pytest.raises(UsageError, match="design's order"):
        await launched(services, plan(first_seed=5, counterbalance=True), amend=True)
    await launched(services, plan(first_seed=6))
    with pytest.raises(UsageError, match="2 batches of 'Test'") as refused:
        await launched(services, plan({"days": [2]}), amend=True)
    assert "6 or 5" in str(refused.value.remedy)
    chosen = await launched(services, plan({"days": [2]}, first_seed=5), amend=True)
    assert chosen.specification["first_seed"] == 5


async def test_nothing_is_stored_of_a_batch_that_cannot_run(services: Services) -> None:
    with pytest.raises(DesignInvalidError, match="days=5"):
        await launched(services, plan({"days": [1, 5]}))
    assert not await services.store.batches(BatchQuery())
    assert not await services.store.experiments(ExperimentQuery())


# ---------------------------------------------------------------- ledgers


async def test_the_ledger_sets_foreseen_beside_actual(services: Services) -> None:
    batch = await launched(services, plan({"days": [1, 2]}, repeat=2))
    runs = await runs_of(services, batch)
    store, used = services.store, Usage(calls=4, prompt_tokens=90, completion_tokens=10)
    start = batch.created_at
    await store.update_run(
        runs[0].id, status="completed", usage=used, started_at=start,
        finished_at=start.replace(year=start.year + 1), outcome=Outcome(reason="messages"),
    )  # fmt: skip
    await store.update_run(runs[1].id, status="failed", error="It broke.", usage=used)
    await store.delete_run(runs[2].id, now=start)
    told = await ledger(services, batch)
    assert [(row.cell, row.repetition, row.status, row.why) for row in told.rows] == [
        (0, 0, "completed", "messages"), (0, 1, "missing", ""),
        (1, 0, "failed", "It broke."), (1, 1, "queued", ""),
    ]  # fmt: skip
    assert told.counts == {"completed": 1, "missing": 1, "failed": 1, "queued": 1}
    assert told.rows[0].seconds is not None and told.rows[0].seconds > 3e7
    assert told.rows[0].tokens == told.actual.tokens == told.unfinished.tokens == 100
    assert (told.actual.runs, told.unfinished.runs) == (1, 2)
    assert told.foreseen is not None and (told.foreseen.runs, told.foreseen.calls) == (4, 18)
    assert not told.is_finished
