"""The pocket model behind servers of others: what they say is what it says in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from simulator.backends.options import BackendOptions
from simulator.backends.pocket.backend import PocketBackend
from simulator.backends.pool import BackendPool
from simulator.domain.models import Chunk, Completion, GenerateRequest, ModelBackend
from simulator.domain.prompts import ChatMessage, Prompt
from simulator.domain.sampling import Sampling
from simulator.engine.checking import check_model
from tests.lab import StillClock, design, open_lab, spoken
from tests.servers.real import (
    LLAMA_PYTHON,
    lacks_transformers,
    llama_cpp,
    llama_python,
    transformers_serve,
)

QUESTIONS = (
    Prompt.of(ChatMessage("system", "You are a guard."), ChatMessage("user", "May I have bread?")),
    Prompt.of(
        ChatMessage("system", "You are a prisoner called Prisoner_1."),
        ChatMessage("user", "Guard_1: It is 12 o'clock. Stand up!"),
        ChatMessage("assistant", "Why should I?"),
        ChatMessage("user", "Guard_1: Because I say so.\nGuard_2: And so do I."),
    ),
)
GREEDY = Sampling(temperature=0.0, max_tokens=24)

pytestmark = pytest.mark.xdist_group("real servers")  # each is started once


@pytest.fixture(scope="module", params=["transformers", "llamacpp"])
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, BackendOptions]]:
    """The name of the model, and options with which it is found."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "transformers":
        if problem := lacks_transformers():
            pytest.skip(problem)
        start, variable = transformers_serve, "TRANSFORMERS_BASE_URL"
    else:
        if not llama_python():
            pytest.skip(f"llama-cpp-python[server] not installed, and {LLAMA_PYTHON} not set")
        start, variable = llama_cpp, "LLAMACPP_BASE_URL"
    with start(folder) as (server, name):
        options = BackendOptions(environment={variable: server.base_url})
        yield f"{request.param}/{name}", options


@pytest.fixture
async def backend(served: tuple[str, BackendOptions]) -> AsyncIterator[ModelBackend]:
    model, options = served
    pool = BackendPool(options)
    yield pool.get(model)
    await pool.close()


@pytest.fixture
async def pocket() -> AsyncIterator[ModelBackend]:
    backend = PocketBackend()
    yield backend
    await backend.close()


async def streamed(
    backend: ModelBackend, prompt: Prompt, sampling: Sampling = GREEDY, seed: int = 1
) -> list[Chunk]:
    return [chunk async for chunk in backend.generate(GenerateRequest(prompt, sampling, seed))]


async def reply(
    backend: ModelBackend, prompt: Prompt, sampling: Sampling = GREEDY, seed: int = 1
) -> Completion:
    completion = (await streamed(backend, prompt, sampling, seed))[-1].completion
    assert completion is not None
    return completion


async def test_the_likeliest_reply_is_that_of_the_model_in_this_process(
    backend: ModelBackend, pocket: ModelBackend
) -> None:
    for prompt in QUESTIONS:
        ours, theirs = await reply(pocket, prompt), await reply(backend, prompt)
        assert (theirs.text, theirs.stop_reason) == (ours.text, ours.stop_reason)


async def test_replies_come_in_pieces_that_make_the_whole(backend: ModelBackend) -> None:
    *pieces, last = await streamed(backend, QUESTIONS[0])
    assert last.completion is not None
    assert len(pieces) > 3
    assert "".join(piece.text for piece in pieces) == last.completion.text


async def test_tokens_are_counted_where_the_server_counts(
    backend: ModelBackend, pocket: ModelBackend
) -> None:
    ours, theirs = await reply(pocket, QUESTIONS[1]), await reply(backend, QUESTIONS[1])
    if backend.model.startswith("transformers/"):
        assert theirs.usage.prompt_tokens == ours.usage.prompt_tokens
        assert theirs.usage.completion_tokens - ours.usage.completion_tokens in (0, 1)
    assert theirs.usage.cost_usd == 0.0


async def test_a_reply_is_no_longer_than_asked(backend: ModelBackend) -> None:
    short = await reply(backend, QUESTIONS[0], Sampling(temperature=0.0, max_tokens=2))
    whole = await reply(backend, QUESTIONS[0])
    assert short.stop_reason == "length"
    assert short.text != whole.text and whole.text.startswith(short.text.strip())


async def test_stop_texts_end_replies_and_are_no_part_of_them(backend: ModelBackend) -> None:
    whole = await reply(backend, QUESTIONS[0])
    stop = whole.text.split()[2]
    stopping = Sampling(temperature=0.0, max_tokens=24, stop=(stop,))
    *pieces, last = await streamed(backend, QUESTIONS[0], stopping)
    assert last.completion is not None
    assert last.completion.text == whole.text[: whole.text.index(stop)]
    assert "".join(piece.text for piece in pieces) == last.completion.text
    assert last.completion.stop_reason == "stop"


async def test_the_seed_decides_what_is_drawn(backend: ModelBackend) -> None:
    warm = Sampling(temperature=1.5, max_tokens=24)
    texts = [(await reply(backend, QUESTIONS[0], warm, seed)).text for seed in (5, 5, 6, 7)]
    assert texts[0] == texts[1]
    assert len(set(texts)) > 1


async def test_a_conversation_is_played_to_its_end(backend: ModelBackend, tmp_path: Path) -> None:
    async with open_lab(tmp_path) as lab:
        lab.pool.backends[backend.model] = backend
        steps = await lab.run(design(model=backend.model, messages=6))
    assert len(spoken(steps)) == 6
    assert all(step.content.strip() for step in spoken(steps))


async def test_conversations_side_by_side_are_all_answered(
    backend: ModelBackend, tmp_path: Path
) -> None:
    async def one(number: int) -> int:
        async with open_lab(tmp_path / str(number)) as lab:
            lab.pool.backends[backend.model] = backend
            return len(spoken(await lab.run(design(model=backend.model, messages=2), seed=number)))

    assert await asyncio.gather(*map(one, range(4))) == [2] * 4


async def test_a_check_finds_nothing_that_failed(backend: ModelBackend) -> None:
    found = [finding async for finding in check_model(backend, StillClock())]
    assert {finding.status for finding in found} <= {"ok", "differs", "absent"}
