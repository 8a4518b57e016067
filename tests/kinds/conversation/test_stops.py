"""When conversations end early."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.domain.models import GenerateRequest
from simulator.kinds.conversation.stops import loop_period
from tests.lab import Lab, design, prompts_seen, spoken


@pytest.mark.parametrize(
    ("stop", "reason", "messages"),
    [
        ([{"messages": 3}], "messages", 3),
        ([{"phrase": "WORD 4"}], "phrase", 4),
        ([{"days": 1}], "days", 5),
        ([{"tokens": 12}], "tokens", 3),
        ([{"phrase": "word 2", "messages": 6}], None, 10),
        ([{"phrase": "word", "messages": 6}], "messages+phrase", 6),
        ([{"messages": 9}, {"phrase": "word 8"}], "phrase", 7),
        ([], None, 10),
    ],
)
async def test_stop_conditions_compose(
    lab: Lab, stop: list[dict[str, Any]], reason: str | None, messages: int
) -> None:
    prompts_seen(lab)
    run, resolved = await lab.queue(design(messages=10, days=2, stop=stop))
    played = await lab.play(run, resolved)
    assert played.run.outcome is not None
    assert played.run.outcome.reason == (reason or "messages")
    assert len(spoken(await lab.store.steps(run.id))) == messages


async def test_time_is_the_models_time_and_replays(lab: Lab) -> None:
    def slow(request: GenerateRequest) -> str:
        lab.clock.forward(2.0)
        return "well"

    lab.pool.script(slow)
    run, resolved = await lab.queue(design(messages=10, stop=[{"time_s": 5}]))
    played = await lab.play(run, resolved)
    assert played.run.outcome is not None and played.run.outcome.reason == "time_s"
    assert len(spoken(await lab.store.steps(run.id))) == 3
    lab.clock.forward(3600)
    assert (await lab.play(run, resolved)).run.outcome == played.run.outcome


async def test_a_loop_is_noticed(lab: Lab) -> None:
    lab.pool.script(["Yes, you may.", "Yes, you may!"])
    run, resolved = await lab.queue(design(messages=40, stop=[{"loop": 3}]))
    played = await lab.play(run, resolved)
    assert played.run.outcome is not None and played.run.outcome.reason == "loop"
    assert len(spoken(await lab.store.steps(run.id))) < 8


def test_loops_have_periods() -> None:
    assert loop_period(["a", "b c", "b c", "b c"], 3) == 1
    assert loop_period(["x", "yes sir", "no sir no", "yes sir", "no sir no"], 2) == 2
    assert loop_period(["one", "two", "three", "four"], 2) is None


@given(st.lists(st.sampled_from(["left turn", "right way", "stop here"]), min_size=1, max_size=5))
def test_any_block_said_three_times_is_a_loop(block: list[str]) -> None:
    period = loop_period(["before"] + block * 3, 3)
    assert period is not None and len(block) % period == 0
