from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.backends.pocket.backend import PocketBackend
from simulator.backends.scripted import ScriptedBackend
from simulator.domain.journal import Step, Usage
from simulator.domain.models import Chunk, Completion, GenerateRequest
from simulator.domain.seeds import derive_rng
from simulator.domain.tokens import text_bytes
from simulator.domain.workloads import Habits, ReplyLength, Workload
from simulator.files.designs import load_design
from simulator.kinds.conversation.design import ConversationDesign
from simulator.kinds.conversation.kind import ConversationKind
from simulator.kinds.conversation.parameters import resolve
from simulator.kinds.registry import KINDS
from tests.lab import MODEL, Lab, design
from tests.seeds import CONVERSATIONS

KIND = ConversationKind()
BYTES_PER_TOKEN = 4.0
OTHER = "scripted/other"
LONG = "You are in a room with other people, and you want to be heard by all of them. " * 3
THREE = [
    {"name": "guard", "starting_prompt": LONG, "count": 2},
    {"name": "prisoner", "starting_prompt": "You are a prisoner.", "count": 1},
]


class Counting(ScriptedBackend):
    """Says words of a random number and counts tokens as a server would; chooses by name."""

    def __init__(self, model: str = MODEL) -> None:
        super().__init__([], model=model)

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        question = request.prompt.last.content
        if question.startswith("Who speaks next?"):
            text = question.partition(": ")[2].partition(",")[0].partition(".")[0]
        else:
            rng = derive_rng(request.seed, request.prompt.hash)
            text = " ".join(["blah"] * rng.randint(5, 25))
        sizes = [text_bytes(entry.content) for entry in request.prompt]
        usage = Usage(
            prompt_tokens=round(sum(sizes) / BYTES_PER_TOKEN) + 4 * len(sizes),
            completion_tokens=round(text_bytes(text) / BYTES_PER_TOKEN),
        )
        yield Chunk(completion=Completion(text, "stop", usage))


def used(steps: Sequence[Step]) -> dict[str, Usage]:
    parts: dict[str, list[Usage]] = {}
    for step in steps:
        if step.call is not None:
            parts.setdefault(step.call.model, []).append(step.call.usage)
    return {model: Usage.total(usages) for model, usages in parts.items()}


def mean_reply(steps: Sequence[Step]) -> ReplyLength:
    tokens = [step.call.usage.completion_tokens for step in steps if step.call is not None]
    sizes = [text_bytes(step.content) for step in steps]
    return ReplyLength(sum(tokens) / len(tokens), sum(sizes) / len(sizes))


def true_habits(steps: Sequence[Step], **habits: Any) -> Habits:
    asked = [step for step in steps if step.kind == "ask"]
    summaries = [step for step in asked if step.role == "summarizer"]
    replies = [step for step in asked if step.role != "summarizer"]
    return Habits(
        mean_reply(replies), mean_reply(summaries) if summaries else None, **habits
    )  # fmt: skip


def expected(made: ConversationDesign, habits: dict[str, Habits]) -> dict[str, Workload]:
    resolved = resolve(made, {})
    work = KIND.workload(resolved, KIND.cast(resolved, 1), habits)
    return {one.model: one for one in work}


DESIGNS: dict[str, dict[str, Any]] = {
    "one day": {"messages": 10},
    "summaries": {"messages": 16, "days": 3},
    "a summary that nobody reads": {"messages": 9, "days": 2, "summarize_every_day": True},
    "full memory": {"messages": 20, "days": 3, "memory": "full"},
    "no memory": {"messages": 14, "days": 2, "memory": "none"},
    "a short memory": {"messages": 24, "days": 2, "visible_messages": 3},
    "a short memory of all days": {
        "messages": 24, "days": 3, "memory": "full", "visible_messages": 5,
    },
    "classic": {"messages": 17, "days": 3, "classic": True},
    "no labels": {"messages": 12, "speaker_labels": False},
    "in turn": {"messages": 15, "roles": THREE, "speaker": "round_robin"},
    "roles in turn": {"messages": 15, "roles": THREE, "speaker": "role_alternating"},
    "by lot": {"messages": 30, "roles": THREE, "speaker": "random"},
    "by weight": {
        "messages": 30, "roles": THREE, "speaker": {"method": "weighted", "weights": {"guard": 4}},
    },
    "chosen by a model": {"messages": 12, "days": 2, "roles": THREE, "speaker": "auto"},
    "two chosen from": {"messages": 6, "speaker": "auto", "days": 2},
    "two chosen from, classic": {"messages": 8, "speaker": "auto", "days": 2, "classic": True},
    "alone": {"messages": 7, "roles": THREE[1:]},
    "stopped by messages": {"messages": 40, "days": 2, "stop": [{"messages": 15}]},
    "stopped by days": {"messages": 20, "days": 4, "stop": [{"messages": 2, "days": 2}]},
}  # fmt: skip


@pytest.mark.parametrize("fields", DESIGNS.values(), ids=DESIGNS.keys())
async def test_calls_are_exact_and_prompts_nearly(lab: Lab, fields: dict[str, Any]) -> None:
    lab.pool.backends[MODEL] = Counting()
    made = design(**fields)
    steps = await lab.run(made)
    actual = used(steps)[MODEL]
    work = expected(made, {MODEL: true_habits(steps)})[MODEL]
    assert work.calls == actual.calls
    assert work.prompt_tokens == pytest.approx(actual.prompt_tokens, rel=0.1)
    assert work.completion_tokens == pytest.approx(actual.completion_tokens, rel=0.05, abs=8)


async def test_each_model_is_given_its_own_share(lab: Lab) -> None:
    lab.pool.backends = {MODEL: Counting(), OTHER: Counting(OTHER)}
    made = design(
        messages=14, days=2, roles=[THREE[0] | {"model": OTHER}, THREE[1]],
        summarizer={"starting_prompt": "You summarize.", "model": OTHER},
    )  # fmt: skip
    steps = await lab.run(made)
    habits = true_habits(steps)
    work = expected(made, {MODEL: habits, OTHER: habits})
    for model, actual in used(steps).items():
        assert work[model].calls == actual.calls
        assert work[model].prompt_tokens == pytest.approx(actual.prompt_tokens, rel=0.1)


@pytest.mark.parametrize("file", CONVERSATIONS, ids=lambda file: file.stem)
async def test_what_the_pocket_model_is_asked(lab: Lab, file: Any) -> None:
    loaded = load_design(file, KINDS)
    assert isinstance(loaded, ConversationDesign)
    made = loaded.model_copy(update={"messages": min(loaded.messages, 12)})
    pocket = PocketBackend()
    lab.pool.backends["pocket"] = pocket
    try:
        steps = await lab.run(made)
    finally:
        await pocket.close()
    actual = used(steps)["pocket"]
    raw = sum(text_bytes(step.call.raw) for step in steps if step.call is not None)
    bytes_per_token = raw / (actual.completion_tokens - actual.calls)  # the end is a token too
    habits = true_habits(steps, bytes_per_token=bytes_per_token, scores_choices=True)
    work = expected(made, {"pocket": habits})["pocket"]
    assert work.calls == actual.calls
    assert work.prompt_tokens == pytest.approx(actual.prompt_tokens, rel=0.1)


def test_without_habits_replies_are_as_long_as_they_may_be() -> None:
    work = expected(design(messages=3, sampling={"max_tokens": 50}), {})[MODEL]
    assert work.completion_tokens == 3 * 50
    unlimited = expected(design(messages=3, sampling={}), {})[MODEL]
    assert unlimited.completion_tokens == 3 * 500


def test_no_reply_is_longer_than_it_may_be() -> None:
    habits = {MODEL: Habits(ReplyLength(80, 320))}
    short = expected(design(messages=3, sampling={"max_tokens": 20}), habits)[MODEL]
    long = expected(design(messages=3, sampling={"max_tokens": 200}), habits)[MODEL]
    assert (short.completion_tokens, long.completion_tokens) == (60, 240)
    assert short.prompt_tokens < long.prompt_tokens


def test_the_longest_prompt_and_its_reply_must_fit() -> None:
    habits = {MODEL: Habits(ReplyLength(30, 120))}
    day = expected(design(messages=10, sampling={"max_tokens": 40}), habits)[MODEL]
    two = expected(design(messages=20, days=2, memory="none", sampling={"max_tokens": 40}), habits)[
        MODEL
    ]
    full = expected(
        design(messages=20, days=2, memory="full", sampling={"max_tokens": 40}), habits
    )[MODEL]
    assert 9 * 30 + 40 < day.context_tokens < 10 * 45 + 40
    assert two.context_tokens == pytest.approx(day.context_tokens, rel=0.02)
    assert full.context_tokens > 1.7 * day.context_tokens


def test_room_that_the_design_asks_for_is_told() -> None:
    assert expected(design(), {})[MODEL].context_limit is None
    asked = design(sampling={"context_length": 4096}, summarizer={
        "starting_prompt": "You summarize.", "sampling": {"context_length": 2048},
    }, days=2)  # fmt: skip
    assert expected(asked, {})[MODEL].context_limit == 2048


@given(st.integers(1, 60), st.integers(1, 5), st.integers(1, 4), st.booleans())
def test_every_turn_and_summary_is_a_call(
    messages: int, days: int, guards: int, classic: bool
) -> None:
    made = design(
        messages=messages, days=days, classic=classic, roles=[THREE[0] | {"count": guards}]
    )
    resolved = resolve(made, {})
    if KIND.problems(resolved):
        return
    work = expected(made, {})
    outlook = KIND.outlook(resolved)
    assert outlook.turns is not None
    assert work[MODEL].calls == outlook.turns + resolved.summarized_days


def test_totals_add_up() -> None:
    one = Workload("a", 1, 10, 5, 100, 4096)
    other = Workload("b", 2, 20, 6, 50)
    two = Workload("a", 3, 30, 7, 80, 2048)
    assert Workload.total([one, other, two]) == (Workload("a", 4, 40, 12, 100, 2048), other)
    assert Counter(one.model for one in Workload.total([])) == Counter()
