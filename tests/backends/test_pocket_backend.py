"""The pocket model behind the port."""

import asyncio
import math
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from simulator.backends.pocket.backend import PocketBackend
from simulator.domain.models import Completion, GenerateRequest, ModelBackend
from simulator.domain.prompts import ChatMessage, Prompt
from simulator.domain.sampling import Sampling
from simulator.errors import BackendError, ContextOverflowError

GUARD = ChatMessage(
    "system", "You are a strict guard in a prison. Keep order and make sure that nobody escapes."
)
PROMPT = Prompt.of(GUARD, ChatMessage("user", "Prisoner_386: May I have some water?"))


@pytest.fixture
async def backend() -> AsyncIterator[PocketBackend]:
    opened = PocketBackend()
    yield opened
    await opened.close()


async def answer(
    backend: ModelBackend, prompt: Prompt = PROMPT, seed: int = 1, sampling: Sampling | None = None
) -> tuple[list[str], Completion]:
    pieces: list[str] = []
    request = GenerateRequest(prompt, sampling or Sampling(max_tokens=30), seed)
    async for chunk in backend.generate(request):
        if chunk.completion is not None:
            return pieces, chunk.completion
        pieces.append(chunk.text)
    raise AssertionError("no completion came")


async def test_a_reply_streams_and_ends_with_its_completion(backend: PocketBackend) -> None:
    pieces, completion = await answer(backend)
    assert "".join(pieces) == completion.text
    assert len(pieces) > 1
    assert completion.stop_reason == "stop"
    assert completion.usage.prompt_tokens > completion.usage.completion_tokens > 1
    assert completion.model_digest is not None


async def test_a_seed_fixes_the_reply(backend: PocketBackend) -> None:
    replies = [(await answer(backend, seed=seed))[1].text for seed in (7, 8, 9, 10, 7)]
    assert replies[0] == replies[-1]
    assert len(set(replies)) > 1


async def test_a_fresh_process_says_the_same(backend: PocketBackend) -> None:
    await answer(backend, Prompt.of(GUARD, ChatMessage("user", "Prisoner_386: Who are you?")))
    _, completion = await answer(backend, seed=2**63 - 1)
    code = (
        "import asyncio; from tests.backends.test_pocket_backend import *\n"
        "print(asyncio.run(answer(PocketBackend(), seed=2**63 - 1))[1].text, end='')"
    )
    root = Path(__file__).parents[2]
    fresh = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", code],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        check=True,
    )
    assert fresh.stdout.decode() == completion.text


async def test_concurrent_requests_do_not_disturb_each_other(backend: PocketBackend) -> None:
    alone = [await answer(backend, seed=seed) for seed in range(4)]
    together = await asyncio.gather(*(answer(backend, seed=seed) for seed in range(4)))
    assert [c.text for _, c in together] == [c.text for _, c in alone]


async def test_max_tokens_ends_a_reply(backend: PocketBackend) -> None:
    _, completion = await answer(backend, sampling=Sampling(max_tokens=3))
    assert completion.stop_reason == "length"
    assert completion.usage.completion_tokens == 3


async def test_a_stop_string_ends_a_reply_and_is_no_part_of_it(backend: PocketBackend) -> None:
    greedy = Sampling(temperature=0.0, max_tokens=30)
    _, whole = await answer(backend, sampling=greedy)
    word = whole.text.split()[2]
    _, cut = await answer(backend, sampling=greedy.updated(Sampling(stop=(word,))))
    assert cut.text == whole.text[: whole.text.index(word)]
    assert cut.stop_reason == "stop"


async def test_neighbouring_messages_of_one_role_are_read_as_one(backend: PocketBackend) -> None:
    apart = Prompt.of(GUARD, ChatMessage("user", "A: Hello."), ChatMessage("user", "B: Hello."))
    joined = Prompt.of(GUARD, ChatMessage("user", "A: Hello.\nB: Hello."))
    assert (await answer(backend, apart))[1].text == (await answer(backend, joined))[1].text


async def test_a_prompt_too_long_is_refused(backend: PocketBackend) -> None:
    prompt = Prompt.of(GUARD, ChatMessage("user", "water " * 2000))
    with pytest.raises(ContextOverflowError, match="1024 tokens in all"):
        await answer(backend, prompt)
    with pytest.raises(ContextOverflowError):
        await backend.score(prompt, ["yes"])


async def test_the_next_turn_reads_only_its_end(backend: PocketBackend) -> None:
    _, first = await answer(backend)
    grown = PROMPT.extended(
        ChatMessage("assistant", first.text), ChatMessage("user", "Prisoner_386: Please, sir.")
    )
    _, second = await answer(backend, grown)
    assert second.usage.cached_tokens >= first.usage.prompt_tokens // 32 * 32 > 0


async def test_closing_the_iterator_stops_the_reply(backend: PocketBackend) -> None:
    endless = Sampling(temperature=2.0, top_p=1.0, max_tokens=900)
    request = GenerateRequest(PROMPT, endless, 1)
    async with aclosing(backend.generate(request)) as chunks:
        await anext(chunks)
    _, completion = await asyncio.wait_for(answer(backend), 2)
    assert completion.text


async def test_a_cancelled_request_in_the_queue_is_never_computed(backend: PocketBackend) -> None:
    tasks = [asyncio.create_task(answer(backend, seed=seed)) for seed in range(3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(done[1], asyncio.CancelledError)
    assert isinstance(done[2], tuple)


async def test_the_event_loop_runs_on_while_the_model_computes(backend: PocketBackend) -> None:
    await answer(backend)
    long = Prompt.of(GUARD, ChatMessage("user", "Tell me a story. " * 180))
    task = asyncio.create_task(answer(backend, long))
    turns = 0
    while not task.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 100


async def test_scores_are_the_log_probabilities_of_whole_replies(backend: PocketBackend) -> None:
    _, greedy = await answer(backend, sampling=Sampling(temperature=0.0, max_tokens=30))
    likely, unlikely = await backend.score(PROMPT, [greedy.text, "Zebra zebra zebra."])
    assert unlikely < likely < 0
    assert await backend.score(PROMPT, ["Zebra zebra zebra."]) == (unlikely,)
    assert math.exp(likely) <= 1


async def test_options_that_begin_alike_are_scored_as_if_alone(backend: PocketBackend) -> None:
    options = ["I see a man", "I see", "", "I see a man now", "We see", "I see a man", "I"]
    alone = [(await backend.score(PROMPT, [one]))[0] for one in options]
    assert list(await backend.score(PROMPT, options)) == alone and len({*alone}) == 6


async def test_scores_of_no_options_are_none(backend: PocketBackend) -> None:
    assert await backend.score(PROMPT, []) == ()


async def test_a_closed_model_says_so() -> None:
    backend = PocketBackend()
    waiting = [asyncio.create_task(answer(backend, seed=seed)) for seed in range(3)]
    await asyncio.sleep(0)
    await backend.close()
    await backend.close()
    done = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 5)
    assert isinstance(done[2], BackendError)
    with pytest.raises(BackendError, match="closed"):
        await answer(backend)
    with pytest.raises(BackendError, match="closed"):
        await backend.score(PROMPT, ["yes"])


async def test_missing_weights_are_a_clear_error(tmp_path: Path) -> None:
    backend = PocketBackend(tmp_path)
    with pytest.raises(BackendError, match="cannot be loaded"):
        await answer(backend)
    await backend.close()


def test_importing_the_backends_imports_nothing_heavy() -> None:
    code = (
        "import sys, simulator.backends, simulator.backends.pool, "
        "simulator.backends.pocket.backend\n"
        "print([m for m in ('numpy', 'tokenizers', 'safetensors') if m in sys.modules])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, check=True, text=True
    )
    assert done.stdout.strip() == "[]"
