from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import pytest

from simulator.backends.hf.backend import HfBackend
from simulator.backends.pocket.backend import PocketBackend
from simulator.domain.models import GenerateRequest
from simulator.domain.prompts import ChatMessage, Prompt, View
from simulator.domain.sampling import Sampling
from simulator.errors import BackendError, ContextOverflowError
from tests.backends.hf.conftest import asked, opened, reply

PROMPTS = [asked(f"Let me out, {'please ' * (n % 5)}number {n}.") for n in range(32)]


async def texts(backend: HfBackend, together: bool, count: int = 32) -> list[str]:
    jobs = [
        reply(
            backend, prompt, seed, temperature=(0.0, 0.7, 1.3)[seed % 3], top_p=0.95, max_tokens=12
        )
        for seed, prompt in enumerate(PROMPTS[:count])
    ]
    if together:
        return [one.text for one in await asyncio.gather(*jobs)]
    return [(await job).text for job in jobs]


async def test_a_reply_is_the_same_alone_or_among_others_whatever_the_threads() -> None:
    async with opened() as backend:
        alone = await texts(backend, together=False)
    async with opened() as backend:
        assert await texts(backend, together=True) == alone
    async with opened("threads=2&rows=4") as backend:
        # Threads that wait for each other take long on a busy machine.
        assert await texts(backend, together=True, count=6) == alone[:6]
    assert len(set(alone)) > 10


async def test_greedy_replies_are_those_of_the_pocket_model(pocket: HfBackend) -> None:
    numpy = PocketBackend()
    for prompt in PROMPTS[:3]:
        request = GenerateRequest(prompt, Sampling(temperature=0.0, max_tokens=24), 1)
        chunks = [chunk async for chunk in numpy.generate(request)]
        assert chunks[-1].completion is not None
        got = await reply(pocket, prompt, temperature=0.0)
        assert got.text == chunks[-1].completion.text
        assert got.usage.prompt_tokens == chunks[-1].completion.usage.prompt_tokens
    await numpy.close()


async def test_a_stop_text_ends_the_reply_before_it(pocket: HfBackend) -> None:
    whole = await reply(pocket, PROMPTS[0], temperature=0.0)
    word = whole.text.split()[3]
    cut = await reply(pocket, PROMPTS[0], temperature=0.0, stop=(word,))
    assert cut.text == whole.text[: whole.text.index(word)]
    assert (whole.stop_reason, cut.stop_reason) == ("stop", "stop")
    short = await reply(pocket, PROMPTS[0], temperature=0.0, max_tokens=2)
    assert short.stop_reason == "length"
    assert short.usage.completion_tokens == 2


async def test_the_likeliest_first_tokens_are_told(pocket: HfBackend) -> None:
    got = await reply(pocket, PROMPTS[0], temperature=0.0, top_logprobs=4)
    assert len(got.first_token) == 4
    assert got.text.startswith(got.first_token[0].token)
    logprobs = [one.logprob for one in got.first_token]
    assert logprobs == sorted(logprobs, reverse=True)
    assert max(logprobs) <= 0.0


async def test_scores_are_those_of_the_pocket_model_whatever_stands_beside(
    pocket: HfBackend,
) -> None:
    options = ["Yes.", "No.", "I cannot give you a new pillow.", "a"]
    numpy = PocketBackend()
    wanted = await numpy.score(PROMPTS[0], options)
    await numpy.close()
    others = asyncio.gather(*(reply(pocket, prompt, 3) for prompt in PROMPTS[:4]))
    got = await pocket.score(PROMPTS[0], options)
    await others
    assert got == pytest.approx(wanted, abs=1e-3)
    assert await pocket.score(PROMPTS[0], options[::-1]) == got[::-1]


async def test_a_conversation_reads_little_more_than_its_last_prompt(pocket: HfBackend) -> None:
    view, read, last = View(), 0, 0
    view.append(ChatMessage("system", "You are a guard. " * 10))
    for turn in range(20):
        view.append(ChatMessage("user", f"Prisoner_2: This is what I say on turn {turn}."))
        got = await reply(pocket, view.prompt(), turn, max_tokens=4)
        view.append(ChatMessage("assistant", got.text))
        last = got.usage.prompt_tokens
        read += last - got.usage.cached_tokens
    assert read <= 1.3 * last


async def test_what_several_prompts_share_is_read_once(pocket: HfBackend) -> None:
    system = "You are a guard in a prison and you know all of its rules by heart. " * 5
    got = await asyncio.gather(
        *(reply(pocket, asked(f"Number {n}?", system=system), n) for n in range(8))
    )
    cached = sorted(one.usage.cached_tokens for one in got)
    assert cached[0] == 0
    assert min(cached[1:]) > 60


async def test_who_leaves_frees_the_place_at_once() -> None:
    async with opened("rows=1") as backend:
        request = GenerateRequest(PROMPTS[0], Sampling(temperature=2.0, max_tokens=900), 1)
        async with aclosing(backend.generate(request)) as chunks:
            await anext(chunks)
            waiting = asyncio.ensure_future(reply(backend, PROMPTS[1], max_tokens=2))
            await asyncio.sleep(0)
            assert not waiting.done()
        assert (await waiting).usage.completion_tokens <= 2


async def test_a_prompt_that_fills_the_context_is_refused_and_none_is_cut(
    pocket: HfBackend,
) -> None:
    with pytest.raises(ContextOverflowError, match="sees 1024 tokens in all"):
        await reply(pocket, asked("word " * 1100))
    with pytest.raises(ContextOverflowError):
        await pocket.score(asked("word " * 1100), ["a"])
    almost = await reply(pocket, asked("word " * 900), max_tokens=500)
    assert almost.usage.prompt_tokens + almost.usage.completion_tokens <= 1024


async def test_a_request_that_can_never_fit_into_memory_says_so_at_once() -> None:
    async with opened("memory_mb=8") as backend:
        assert (await reply(backend, PROMPTS[0], max_tokens=4)).text
        with pytest.raises(BackendError, match="may be used") as refused:
            await reply(backend, PROMPTS[0], max_tokens=900)
        assert "memory_mb=" in str(refused.value.remedy)
        assert (await reply(backend, PROMPTS[0], max_tokens=4)).text


async def test_requests_wait_for_memory_and_all_are_answered() -> None:
    async with opened("memory_mb=3") as backend:
        got = await asyncio.gather(
            *(reply(backend, prompt, n, max_tokens=6) for n, prompt in enumerate(PROMPTS))
        )
    async with opened() as backend:
        roomy = [await reply(backend, p, n, max_tokens=6) for n, p in enumerate(PROMPTS)]
    assert [one.text for one in got] == [one.text for one in roomy]


async def test_a_fault_of_the_model_reaches_who_asked_and_nobody_after(
    pocket: HfBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    await reply(pocket, PROMPTS[0], max_tokens=2)
    loaded, _ = await pocket._ready()

    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("a kernel failed")

    with monkeypatch.context() as patched:
        patched.setattr(loaded.network, "run", broken)
        with pytest.raises(BackendError, match="a kernel failed"):
            await reply(pocket, PROMPTS[1])
    assert (await reply(pocket, PROMPTS[1])).text


async def test_closing_ends_what_is_in_progress() -> None:
    async with opened() as backend:
        request = GenerateRequest(PROMPTS[0], Sampling(temperature=2.0, max_tokens=900), 1)
        chunks = backend.generate(request)
        await anext(chunks)
        await backend.close()
        with pytest.raises(BackendError, match="was closed"):
            async for _ in chunks:
                pass
        with pytest.raises(BackendError, match="was closed"):
            await reply(backend, PROMPTS[0])


@pytest.mark.parametrize("family", ["gpt2", "mistral", "mamba"])
async def test_other_architectures_answer_too(family: str, tiny: Callable[[str], Path]) -> None:
    async with opened(folder=tiny(family)) as backend:
        alone = [await reply(backend, p, n, max_tokens=5) for n, p in enumerate(PROMPTS[:3])]
        got = await asyncio.gather(
            *(reply(backend, p, n, max_tokens=5) for n, p in enumerate(PROMPTS[:3]))
        )
        assert [one.text for one in got] == [one.text for one in alone]
        scores = await backend.score(Prompt.of(ChatMessage("user", "x")), ["a", "b c"])
        assert all(score < 0 for score in scores)


async def test_the_card_tells_what_is_known(pocket: HfBackend) -> None:
    card = await pocket.describe()
    assert card.model == pocket.model
    assert card.context_length == 1024
    assert card.parameters == "2.2M"
    assert card.digest is not None
    assert card.abilities == {"seed", "logprobs", "score", "latent"}
