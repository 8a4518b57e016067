"""Limits of tokens and money: never passed, runs side by side, and resumed."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.backends.scripted import ScriptedBackend
from simulator.domain.events import RunFinished
from simulator.domain.journal import Usage
from simulator.domain.models import GenerateRequest
from simulator.domain.prices import Price
from simulator.domain.prompts import ChatMessage, Prompt
from simulator.domain.sampling import Sampling
from simulator.engine.limits import Budget, Limits
from simulator.errors import LimitReachedError
from tests.lab import MODEL, Lab, design

TALK = design(messages=6, sampling={"max_tokens": 5})


def request(words: int = 10, max_tokens: int | None = 5) -> GenerateRequest:
    prompt = Prompt.of(ChatMessage("user", "word " * words))
    return GenerateRequest(prompt, Sampling(max_tokens=max_tokens), 1)


def priced(usd: float | None) -> ScriptedBackend:
    backend = ScriptedBackend(["yes"], model=MODEL)
    backend.price = None if usd is None else Price(input_usd=usd, output_usd=usd)  # type: ignore[assignment]
    return backend


async def test_a_run_stops_before_the_call_that_could_pass_the_limit(lab: Lab) -> None:
    whole = await lab.run(TALK)
    run, resolved = await lab.queue(TALK)
    budget = Budget(Limits(tokens=40))
    played = await lab.play(run, resolved, budget=budget)
    assert played.run.status == "paused"
    assert isinstance(played.problem, LimitReachedError)
    assert "40 tokens" in played.problem.message and MODEL in played.problem.message
    assert (await lab.store.run(run.id)).error == played.problem.message
    used = played.run.usage
    assert 0 < used.prompt_tokens + used.completion_tokens <= 40
    assert isinstance(lab.events[-1], RunFinished)

    resumed = await lab.play(played.run, resolved, budget=Budget(Limits(tokens=100_000)))
    assert resumed.run.status == "completed" and resumed.run.error is None
    steps = await lab.store.steps(run.id)
    assert [step.content for step in steps] == [step.content for step in whole]


async def test_a_resumed_run_brings_along_what_it_used(lab: Lab) -> None:
    run, resolved = await lab.queue(TALK)
    first = await lab.play(run, resolved, budget=Budget(Limits(tokens=40)))
    again = Budget(Limits(tokens=40))
    second = await lab.play(first.run, resolved, budget=again)
    assert second.run.status == "paused" and second.run.usage == first.run.usage
    assert again.spent.prompt_tokens == first.run.usage.prompt_tokens


async def test_without_limits_nothing_is_held_back(lab: Lab) -> None:
    run, resolved = await lab.queue(TALK)
    budget = Budget(Limits())
    played = await lab.play(run, resolved, budget=budget)
    assert played.run.status == "completed"
    assert budget.spent.prompt_tokens == played.run.usage.prompt_tokens


async def test_money_is_limited_like_tokens() -> None:
    budget = Budget(Limits(cost_usd=0.001))
    budget.spend(Usage(cost_usd=0.0009))
    with pytest.raises(LimitReachedError, match=r"\$0\.001: \$0\.0009 is spent"):
        async with budget.reserved(priced(10.0), request()):
            raise AssertionError("the call was let through")
    async with budget.reserved(priced(0.01), request()):
        pass


async def test_an_unknown_price_is_no_reason_to_spend() -> None:
    with pytest.raises(LimitReachedError, match="is not known"):
        async with Budget(Limits(cost_usd=1.0)).reserved(priced(None), request()):
            raise AssertionError("the call was let through")


async def test_calls_wait_for_those_in_flight_rather_than_fail() -> None:
    budget = Budget(Limits(tokens=50))
    backend = priced(1.0)
    first_in, let_first_out = asyncio.Event(), asyncio.Event()
    order: list[str] = []

    async def first() -> None:
        async with budget.reserved(backend, request()):
            first_in.set()
            await let_first_out.wait()
            order.append("first")
            budget.settle(MODEL, request(), Usage(prompt_tokens=10, completion_tokens=2))

    async def second() -> None:
        await first_in.wait()
        async with budget.reserved(backend, request()):
            order.append("second")

    async with asyncio.TaskGroup() as group:
        group.create_task(first())
        group.create_task(second())
        await first_in.wait()
        for _ in range(5):
            await asyncio.sleep(0)
        assert order == []
        let_first_out.set()
    assert order == ["first", "second"]


async def test_replies_without_a_greatest_length_come_one_at_a_time() -> None:
    budget = Budget(Limits(tokens=100))
    served, refused = 0, 0

    async def call() -> None:
        nonlocal served, refused
        try:
            async with budget.reserved(priced(1.0), request(max_tokens=None)):
                await asyncio.sleep(0)
                budget.settle(MODEL, request(), Usage(prompt_tokens=10, completion_tokens=80))
                served += 1
        except LimitReachedError:
            refused += 1

    async with asyncio.TaskGroup() as group:
        for _ in range(8):
            group.create_task(call())
    assert (served, refused) == (1, 7)


async def test_a_dense_prompt_is_foreseen_once_one_was_seen() -> None:
    budget = Budget(Limits(tokens=150))
    budget.settle(MODEL, request(), Usage(prompt_tokens=50))
    budget.settle(MODEL, request(), Usage(prompt_tokens=10))
    with pytest.raises(LimitReachedError, match="may take 116"):
        async with budget.reserved(priced(1.0), request(words=20)):
            raise AssertionError("the call was let through")


async def test_a_cancelled_call_gives_its_room_back() -> None:
    budget = Budget(Limits(tokens=50))
    waiting = asyncio.Event()

    async def held() -> None:
        async with budget.reserved(priced(1.0), request()):
            waiting.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(held())
    await waiting.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(5):
        async with budget.reserved(priced(1.0), request()):
            pass


@given(
    st.integers(1, 2000),
    st.lists(st.tuples(st.integers(1, 60), st.integers(1, 40), st.floats(0.0, 1.0)), max_size=30),
)
def test_no_sequence_of_calls_passes_the_limit(
    limit: int, calls: list[tuple[int, int, float]]
) -> None:
    async def spend() -> None:
        budget = Budget(Limits(tokens=limit))
        for words, max_tokens, share in calls:
            asked = request(words, max_tokens)
            try:
                async with budget.reserved(priced(1.0), asked):
                    reply = int(max_tokens * share)
                    usage = Usage(prompt_tokens=words, completion_tokens=reply)
                    budget.settle(MODEL, asked, usage)
            except LimitReachedError:
                pass
            assert budget.spent.prompt_tokens + budget.spent.completion_tokens <= limit

    asyncio.run(spend())
