"""The context asked for holds every prompt and reply of the conversation that follows."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.domain.models import GenerateRequest
from simulator.domain.tokens import BYTES_PER_TOKEN, estimated_tokens, prompt_bytes
from simulator.kinds.conversation.casting import cast
from simulator.kinds.conversation.forecast import STEP_TOKENS
from tests.lab import Lab, design

REPLY_TOKENS = 60


@pytest.mark.parametrize("memory", ["summaries", "full", "none"])
@pytest.mark.parametrize("visible", [None, 4])
@pytest.mark.parametrize("speaker", ["role_alternating", "auto"])
async def test_longest_replies_fit_and_little_room_is_wasted(
    lab: Lab, memory: str, visible: int | None, speaker: str
) -> None:
    roles = [
        {"name": "guard", "starting_prompt": "You are a guard.", "count": 2},
        {"name": "prisoner", "starting_prompt": "You are a prisoner."},
    ]
    talk = design(
        roles=roles,
        messages=40, days=4, memory=memory, visible_messages=visible, speaker=speaker,
        summarize_every_day=True, sampling={"max_tokens": REPLY_TOKENS},
        selector={"sampling": {"max_tokens": REPLY_TOKENS}},
    )  # fmt: skip
    needed: list[int] = []
    rooms: set[int | None] = set()

    def longest(request: GenerateRequest) -> str:
        prompt_tokens = estimated_tokens(prompt_bytes(request.prompt), len(request.prompt))
        needed.append(prompt_tokens + REPLY_TOKENS)
        rooms.add(request.sampling.context_length)
        return "x" * int(REPLY_TOKENS * BYTES_PER_TOKEN)

    lab.pool.script(longest)
    await lab.run(talk)
    (room,) = rooms
    assert room is not None and room % STEP_TOKENS == 0
    assert max(needed) <= room <= 1.5 * max(needed) + STEP_TOKENS


def test_what_the_design_sets_stays() -> None:
    agents = cast(design(sampling={"context_length": 700}), 1)
    assert {agent.sampling.context_length for agent in agents} == {700}


def test_agents_of_one_model_ask_for_the_same_and_others_for_their_own() -> None:
    roles = [
        {"name": "guard", "starting_prompt": "You are a guard. " * 2000},
        {"name": "prisoner", "starting_prompt": "You are a prisoner."},
        {"name": "judge", "starting_prompt": "You are a judge.", "model": "scripted/judge"},
    ]
    guard, prisoner, judge = cast(design(roles=roles, sampling={"max_tokens": 10}), 1)
    assert guard.sampling.context_length == prisoner.sampling.context_length
    assert guard.sampling.context_length != judge.sampling.context_length


@pytest.mark.parametrize("agents", [2, 1000])
def test_a_crowd_is_cast_in_no_time(agents: int) -> None:
    roles = [{"name": "voter", "starting_prompt": "You vote.", "count": agents}]
    assert len(cast(design(roles=roles), 1)) == agents


def room(**fields: Any) -> int:
    """Of the first agent, when replies have 1,000 tokens."""
    agent = cast(design(sampling={"max_tokens": 1000}, **fields), 1)[0]
    assert agent.sampling.context_length is not None
    return agent.sampling.context_length


def test_summaries_of_earlier_days_need_room() -> None:
    two, ten = (room(messages=2 * days, days=days) for days in (2, 10))
    assert ten - two >= 8 * 1000


def test_a_full_memory_needs_room_for_all_days() -> None:
    assert room(messages=20, days=10, memory="full") >= 20 * 1000
    assert room(messages=20, days=10, memory="none") <= 5 * 1000


def test_a_selector_needs_room_for_its_own_slips() -> None:
    long = room(messages=2, speaker="auto", selector={"sampling": {"max_tokens": 8000}})
    assert long >= 4 * 8000
