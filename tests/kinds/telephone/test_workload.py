"""What is foreseen of a game of telephone against what it then asks of its models."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.domain.models import GenerateRequest
from simulator.domain.tokens import prompt_bytes
from simulator.domain.workloads import ENTRY_TOKENS, USUAL_BYTES_PER_TOKEN, Habits, ReplyLength
from simulator.kinds.telephone.workload import texts_too_long
from tests.kinds.telephone.games import KIND, telephone
from tests.lab import MODEL, Lab

REPLY = ("word " * 24).strip()
HABITS = Habits(reply=ReplyLength(tokens=24, size_bytes=len(REPLY)))
OTHER = "scripted/other"
FORM = {"prompt": "In marks.", "start": "w", "end": " "}
TEXTS = [{"name": "a", "text": "a" * 200}, {"name": "b", "text": "b" * 1000}]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"generations": 1},
        {"personalities": ["Kind. " * 20, "Dry."], "generations": 5},
        {"models": [MODEL, OTHER], "generations": 5},
        {"prompt_style": "base", "task": "continue"},
        {"format": FORM},
        {"network": {"structure": "fully_connected", "agents": 4}},
        {"network": {"structure": "circle", "agents": 2}},
        {"network": {"structure": "circle", "agents": 5}, "models": [MODEL, OTHER]},
        {"network": {"structure": "random", "agents": 5, "edges": 4}},
        {"network": {"structure": "caveman", "agents": 7, "cliques": 3}},
        {"network": {"structure": "own", "agents": 4, "own": [[1, 2], [1, 3], [1, 2]]}},
    ],
)
async def test_what_is_foreseen_is_what_is_asked(lab: Lab, fields: dict[str, Any]) -> None:
    asked: dict[str, list[int]] = {MODEL: [], OTHER: []}
    for model, seen in asked.items():

        def script(request: GenerateRequest, seen: list[int] = seen) -> str:
            tokens = prompt_bytes(request.prompt) / USUAL_BYTES_PER_TOKEN
            seen.append(math.ceil(tokens) + len(request.prompt) * ENTRY_TOKENS)
            return REPLY

        lab.pool.script(script, model=model)
    # What stands in marks is shorter than what is said.
    said = HABITS if "format" not in fields else Habits(reply=ReplyLength(24, 3))
    lab.kind, made = KIND, telephone(texts=TEXTS, **fields)
    work = KIND.workload(made, KIND.cast(made, 3), {MODEL: said, OTHER: said})
    run, resolved = await lab.queue(made, seed=3)
    done = await lab.play(run, resolved)
    assert {one.model: one.calls for one in work} == {
        model: len(seen) for model, seen in asked.items() if seen
    }
    assert KIND.outlook(made).turns == sum(map(len, asked.values()))
    assert sum(one.completion_tokens for one in work) == done.run.usage.completion_tokens
    for one in work:
        assert one.prompt_tokens == pytest.approx(sum(asked[one.model]), rel=0.015), one
    assert max(one.context_tokens for one in work) >= 0.9 * max(map(max, filter(None,
        asked.values())))  # fmt: skip


@given(st.integers(1, 4000), st.integers(1, 2000), st.booleans())
def test_texts_are_too_long_where_no_usual_reply_fits(
    size: int, context: int, keeps_room: bool
) -> None:
    texts = [{"name": "a", "text": ""}, {"name": "b", "text": "b" * size}]
    made = telephone(texts=texts, generations=1)
    agents = KIND.cast(made, 1)
    habits = {MODEL: replace(HABITS, keeps_room=keeps_room)}
    found = texts_too_long(made, agents, habits, {MODEL: context}).get(MODEL, ())
    (work,) = KIND.workload(made, agents, habits)
    assert work.context_tokens - 1 <= context or found in (("b",), ("a", "b"))
    assert not texts_too_long(made, agents, habits, {})
    kept = replace(HABITS, keeps_room=True)
    (reserved,) = KIND.workload(made, agents, {MODEL: kept})
    assert keeps_room or reserved.context_tokens >= work.context_tokens + 1024 - 24 - 1


def test_before_texts_are_read_usual_ones_stand_for_them() -> None:
    assert KIND.outlook(telephone(texts=[])).turns == 20 * 2 * 3
    named = telephone(texts=[], data={"names": ["x", "y", "z"]})
    assert KIND.outlook(named).turns == 3 * 2 * 3
    elsewhere = telephone(texts=[], data={"path": "many.csv"})
    assert KIND.outlook(elsewhere).turns is None
    (work,) = KIND.workload(elsewhere, KIND.cast(elsewhere, 1), {})
    assert work.calls == 20 * 2 * 3


def test_room_is_asked_for_what_is_long_up_to_a_bound() -> None:
    def room(**fields: Any) -> int:
        (agent,) = KIND.cast(telephone(**fields), 1)
        assert agent.sampling.context_length is not None
        return agent.sampling.context_length

    small = room(sampling={"max_tokens": 60})
    assert small == 1024 < room(texts=[{"name": "a", "text": "x" * 9000}]) < 8192
    assert room(texts=[{"name": "a", "text": "x" * 10**6}]) == 32_768
    assert room(sampling={"context_length": 512}) == 512


def test_agents_of_a_chain_are_as_many_as_differ() -> None:
    def models(**fields: Any) -> Counter[str]:
        return Counter(agent.model for agent in KIND.cast(telephone(**fields), 1))

    assert models(models=["a/a", "b/b"], personalities=["1", "2", "3"], generations=50) == {
        "a/a": 3, "b/b": 3,
    }  # fmt: skip
    assert models(models=["a/a", "b/b", "c/c"], generations=2) == {"a/a": 1, "b/b": 1}
    assert models(generations=50) == {MODEL: 1}
