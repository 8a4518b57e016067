from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from simulator.domain.journal import Call, Usage
from simulator.domain.ports import ExperimentStore
from simulator.domain.records import Agent
from simulator.domain.sampling import Sampling
from simulator.domain.workloads import ReplyLength
from simulator.experience import LATEST_RUNS, READ_RUNS, experience
from simulator.store.sqlite import SqliteStore
from tests.store.examples import a_run, a_step, an_experiment, at

MODEL = "lab/one"
GUARD = Agent(name="Guard_1", role="guard", number=1, model=MODEL)
SUMMARIZER = Agent(name="Summarizer", role="summarizer", number=0, model=MODEL)


def call(tokens: int, raw: str, **changes: Any) -> Call:
    usage = Usage(
        calls=1, prompt_tokens=50, completion_tokens=tokens, model_s=changes.pop("model_s", 1.0),
        reasoning_tokens=changes.pop("reasoning", 0),
    )  # fmt: skip
    fields: dict[str, Any] = {
        "model": MODEL,
        "sampling": Sampling(),
        "seed": 1,
        "stop_reason": "stop",
    }
    return Call(**(fields | {"raw": raw, "usage": usage} | changes))


async def keep(
    store: ExperimentStore,
    run_id: str,
    *calls: tuple[Agent, Call],
    span: tuple[float, float] = (0, 10),
    **changes: Any,
) -> None:
    began, ended = map(at, span)
    agents = tuple(dict.fromkeys(agent for agent, _ in calls))
    fields: dict[str, Any] = {"started_at": began, "finished_at": ended, "status": "completed"}
    run = a_run(
        run_id, agents=agents,
        usage=Usage.total(one.usage for _, one in calls), **(fields | changes),
    )  # fmt: skip
    steps = [
        a_step(
            place, run_id, speaker=agent.name, role=agent.role, call=one, content=one.raw.strip()
        )
        for place, (agent, one) in enumerate(calls)
    ]
    await store.add_run(run, steps)


@pytest.fixture
async def store(tmp_path: Path) -> Any:
    opened = await SqliteStore.open(tmp_path / "lab.db")
    await opened.add_experiment(an_experiment())
    yield opened
    await opened.close()


async def test_replies_and_summaries_have_lengths_of_their_own(store: ExperimentStore) -> None:
    await keep(
        store, "R1",
        (GUARD, call(11, "x" * 40)), (GUARD, call(21, "x" * 80)), (SUMMARIZER, call(51, "x" * 200)),
    )  # fmt: skip
    told = (await experience(store, [MODEL]))[MODEL]
    assert told.habits.reply == ReplyLength(16.0, 60.0)
    assert told.habits.helper_reply == ReplyLength(51.0, 200.0)
    assert told.habits.bytes_per_token == 320 / 80


async def test_reasoning_is_paid_for_but_not_heard(store: ExperimentStore) -> None:
    await keep(store, "R1", (GUARD, call(111, "x" * 40, reasoning=100)))
    told = (await experience(store, [MODEL]))[MODEL]
    assert told.habits.reply == ReplyLength(111.0, 40.0)
    assert told.habits.bytes_per_token == 4.0


async def test_speed_is_that_of_replies_with_the_wait_for_them(store: ExperimentStore) -> None:
    await keep(store, "R1", (GUARD, call(10, "x", model_s=2.0)), (GUARD, call(30, "x")))
    told = (await experience(store, [MODEL]))[MODEL]
    assert told.speed is not None
    assert told.speed.s_per_token == 3.0 / 40
    assert (told.speed.runs, told.speed.side_by_side) == (1, 1.0)


async def test_how_many_runs_were_played_side_by_side(store: ExperimentStore) -> None:
    reply = call(10, "x", model_s=10.0)
    for number, span in enumerate([(0.0, 10.0), (0.0, 10.0), (5.0, 10.0), (100.0, 110.0)]):
        await keep(store, f"R{number}", (GUARD, reply), span=span)
    told = (await experience(store, [MODEL]))[MODEL]
    assert told.speed is not None and told.speed.side_by_side == 40 / 20


async def test_scoring_has_a_speed_of_its_own(store: ExperimentStore) -> None:
    moments = (0, 2, 4, 100, 101)
    options = [("yes", "no"), ("yes", "no"), ("yes", "no"), ("a", "b", "c", "d")]
    steps = [a_step(0, "R1", created_at=at(0))] + [
        a_step(
            place, "R1", kind="score", speaker=GUARD.name, options=each, created_at=at(moment),
            scores=(-1.0,) * len(each), call=None,
        )
        for place, (moment, each) in enumerate(zip(moments[1:], options, strict=True), 1)
    ]  # fmt: skip
    run = a_run(
        "R1", agents=(GUARD,), started_at=at(0), finished_at=at(8), status="completed",
        usage=Usage(),
    )  # fmt: skip
    await store.add_run(run, steps)
    told = (await experience(store, [MODEL]))[MODEL]
    assert told.habits.reply is None and told.speed is not None
    assert told.speed.s_per_token is None, "it wrote nothing"
    assert told.speed.s_per_scored_byte == (2 + 2 + 2 + 1) / (3 * 5 + 4), "a pause is no work"
    assert told.speed.side_by_side == 1.0


async def test_what_tells_nothing_of_a_model_is_left_out(store: ExperimentStore) -> None:
    assert await experience(store, [MODEL]) == {}
    other = GUARD.model_copy(update={"model": "lab/other"})
    await keep(store, "R1", (other, call(9, "x", model="lab/other")))
    await keep(store, "R2", (GUARD, call(9, "x", from_cache=True)))
    await keep(store, "R3", (GUARD, call(9, "x")), status="failed")
    await keep(store, "R4", *[(GUARD, call(9, "x"))] * 501)
    assert await experience(store, [MODEL]) == {}
    assert list(await experience(store, [MODEL, "lab/other"])) == ["lab/other"]


async def test_only_the_newest_runs_are_asked(store: ExperimentStore) -> None:
    for number in range(READ_RUNS):
        await keep(store, f"N{number}", (GUARD, call(10, "x")), created_at=at(1000 + number))
    await keep(store, "OLD", (GUARD, call(5000, "x")), created_at=at(0))
    told = (await experience(store, [MODEL]))[MODEL]
    assert told.speed is not None and told.speed.runs == READ_RUNS
    assert told.habits.reply is not None and told.habits.reply.tokens == 10.0
    for number in range(LATEST_RUNS):
        other = GUARD.model_copy(update={"model": "lab/other"})
        made: datetime = at(2000 + number)
        await keep(store, f"M{number}", (other, call(9, "x", model="lab/other")), created_at=made)
    assert await experience(store, [MODEL]) == {}


async def test_counts_that_cannot_be_tokens_are_not_believed(store: ExperimentStore) -> None:
    await keep(store, "R1", (GUARD, call(3, "x" * 5000)))
    assert (await experience(store, [MODEL]))[MODEL].habits.bytes_per_token == 4.0
