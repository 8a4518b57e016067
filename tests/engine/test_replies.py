"""What is kept of the replies that one step took."""

from __future__ import annotations

import pytest

from simulator.domain.journal import Call, StopReason, Usage
from simulator.domain.models import Completion
from simulator.domain.ports import Stage
from simulator.domain.sampling import Sampling
from simulator.engine.choosing import REASONING_TOKENS
from tests.engine.toy import AGENT, Listed, played, question
from tests.lab import MODEL, Lab

USED = Usage(prompt_tokens=9, completion_tokens=4)
EMPTY = Completion("", "stop", USED)


async def asked(lab: Lab, backend: Listed, sampling: Sampling | None = None) -> Call:
    lab.pool.backends[MODEL] = backend
    agent = AGENT if sampling is None else AGENT.model_copy(update={"sampling": sampling})

    async def ask(stage: Stage) -> None:
        await stage.ask(agent, question())

    (step,) = await played(lab, ask)
    assert step.call is not None
    return step.call


@pytest.mark.parametrize("first", [True, False])
async def test_a_cut_prompt_of_any_attempt_is_flagged(lab: Lab, first: bool) -> None:
    replies = (
        Completion("", "stop", USED, prompt_truncated=first),
        Completion("yes", "stop", USED, prompt_truncated=not first),
    )
    assert (await asked(lab, Listed(*replies))).prompt_truncated


async def test_only_a_step_without_any_new_reply_comes_from_the_cache(lab: Lab) -> None:
    kept = Completion("yes", "stop", USED, from_cache=True)
    assert (await asked(lab, Listed(kept))).from_cache
    assert not (await asked(lab, Listed(EMPTY, kept))).from_cache


@pytest.mark.parametrize("fixed", [None, 5])
async def test_each_attempt_has_a_seed_of_its_own(lab: Lab, fixed: int | None) -> None:
    backend = Listed(EMPTY, Completion("yes", "stop", USED))
    call = await asked(lab, backend, Sampling(seed=fixed))
    first, second = backend.requests
    assert first.seed != second.seed == call.seed
    assert first.repetition != second.repetition
    if fixed is not None:
        assert (first.seed, second.seed) == (5, 6)


@pytest.mark.parametrize(
    ("reason", "reasoning", "asked_for"),
    [("refusal", "", 1), ("content_filter", "", 1), ("length", "Hmm", 1), ("length", "", 3)],
)
async def test_silence_with_a_reason_is_an_answer(
    lab: Lab, reason: StopReason, reasoning: str, asked_for: int
) -> None:
    silent = Completion("", reason, USED, reasoning=reasoning)
    backend = Listed(silent, silent, silent)
    call = await asked(lab, backend)
    assert len(backend.requests) == call.usage.calls == asked_for
    assert (call.stop_reason, call.reasoning) == (reason, reasoning)


@pytest.mark.parametrize("constrained", [True, False])
async def test_a_choice_that_reasoning_left_no_room_for_gets_more(
    lab: Lab, constrained: bool
) -> None:
    backend = Listed(Completion("", "length", USED), Completion("b", "stop", USED))
    backend.abilities = frozenset({"choices"} if constrained else ())
    lab.pool.backends[MODEL] = backend
    agent = AGENT.model_copy(update={"sampling": Sampling(max_tokens=20)})

    async def choose(stage: Stage) -> None:
        await stage.choose(agent, question(), ["a", "b"], fallback="a")

    (step,) = await played(lab, choose)
    assert (step.content, step.method) == ("b", "constrained" if constrained else "parsed")
    assert [request.sampling.max_tokens for request in backend.requests] == [20, REASONING_TOKENS]
