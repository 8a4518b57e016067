"""Soft tokens of the pocket model."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import numpy as np
import pytest

from simulator.backends import latent_rules
from simulator.backends.pocket.backend import PocketBackend
from simulator.backends.pocket.latent import PocketTable
from simulator.backends.pocket.model import PocketModel
from simulator.domain.journal import SoftToken
from simulator.domain.latent import (
    EmbeddingTable,
    LatentCompletion,
    LatentMessage,
    LatentRequest,
    LatentSampling,
    Vectors,
)
from simulator.domain.models import GenerateRequest
from simulator.domain.prompts import ChatMessage, Prompt
from simulator.domain.sampling import Sampling
from simulator.errors import BackendError, ContextOverflowError
from tests.backends.exact_llama import soft_tokens, table

WORDS = (
    LatentMessage("system", ("You are a strict guard in a prison.",)),
    LatentMessage("user", ("Prisoner_386: May I have some water?",)),
)
COOL = LatentSampling(temperature=0.4, max_tokens=30)


@pytest.fixture
async def backend() -> AsyncIterator[PocketBackend]:
    opened = PocketBackend()
    yield opened
    await opened.close()


async def said(
    backend: PocketBackend,
    messages: tuple[LatentMessage, ...] = WORDS,
    sampling: LatentSampling = COOL,
    **more: Any,
) -> tuple[list[str], LatentCompletion]:
    pieces: list[str] = []
    async for chunk in backend.generate_latent(LatentRequest(messages, sampling, **more)):
        if chunk.completion is not None:
            return pieces, chunk.completion
        pieces.append(chunk.text)
    raise AssertionError("no completion came")


async def message(
    backend: PocketBackend,
    messages: tuple[LatentMessage, ...] = WORDS,
    sampling: LatentSampling = COOL,
    **more: Any,
) -> LatentCompletion:
    return (await said(backend, messages, sampling, **more))[1]


def rows(vectors: Vectors) -> Any:
    return np.frombuffer(vectors.data, "<f4").reshape(-1, vectors.width)


def with_vectors(vectors: Vectors) -> tuple[LatentMessage, ...]:
    return (
        *WORDS,
        LatentMessage("assistant", (vectors,)),
        LatentMessage("user", ("Prisoner_386: You said ", vectors, " to me. Thank you.")),
    )


@pytest.mark.parametrize("temperature", [0.2, 1.0, 1.75])
async def test_vectors_equal_a_direct_computation(
    backend: PocketBackend, temperature: float
) -> None:
    chat = PocketModel().chat
    sampling = LatentSampling(temperature=temperature, max_tokens=6)
    first = await message(backend, WORDS, sampling)
    made = rows(first.vectors)
    assert len(made) == len(first.tokens) == first.usage.completion_tokens == 6
    prompt = table()[chat.prompt_tokens(ChatMessage(one.role, str(one.parts[0])) for one in WORDS)]
    assert np.abs(made - soft_tokens(prompt, temperature, 6, chat.never)).max() < 1e-4
    # A prompt with vectors in it, which reaches over several blocks.
    second = await message(backend, with_vectors(first.vectors), sampling)
    inputs = [
        made if isinstance(part, Vectors) else table()[[part]]
        for part in chat.latent_prompt(with_vectors(first.vectors))
    ]
    exact = soft_tokens(np.vstack(inputs), temperature, len(second.vectors), chat.never)
    assert np.abs(rows(second.vectors) - exact).max() < 1e-4
    assert second.usage.prompt_tokens == len(np.vstack(inputs)) > 32


async def test_pieces_are_the_text(backend: PocketBackend) -> None:
    pieces, completion = await said(backend)
    assert len(pieces) > 3 and all(pieces)
    assert "".join(pieces) == completion.text == "".join(one.token for one in completion.tokens)
    assert completion.stop_reason == "stop"
    assert completion.model_digest is not None


async def test_greedy_soft_tokens_say_what_greedy_tokens_say(backend: PocketBackend) -> None:
    one_hot = LatentSampling(temperature=0.4, greedy="confident", threshold=1.0, max_tokens=30)
    completion = await message(backend, WORDS, one_hot)
    prompt = Prompt.of(*(ChatMessage(one.role, str(one.parts[0])) for one in WORDS))
    request = GenerateRequest(prompt, Sampling(temperature=0.0, max_tokens=30), 1)
    reply = [chunk async for chunk in backend.generate(request)][-1].completion
    assert reply is not None and reply.text == completion.text
    assert not any(one.is_mixed for one in completion.tokens)
    embeddings = (await backend.embedding_table()).rows()
    tokens = PocketModel().chat.text_tokens(completion.text)
    assert np.array_equal(rows(completion.vectors), embeddings[list(tokens)])
    # Read as vectors, a message is what it is when it is read as text.
    as_vectors = await message(backend, (*WORDS, LatentMessage("user", (completion.vectors,))))
    as_text = await message(backend, (*WORDS, LatentMessage("user", (completion.text,))))
    assert as_vectors.text == as_text.text
    assert np.allclose(rows(as_vectors.vectors), rows(as_text.vectors), atol=1e-4)


async def test_a_message_does_not_depend_on_what_was_asked_before(backend: PocketBackend) -> None:
    first = await message(backend)
    second = await message(backend, with_vectors(first.vectors))
    again, other = await asyncio.gather(
        message(backend, with_vectors(first.vectors)),
        message(backend, with_vectors(second.vectors)),
    )
    assert again.usage.cached_tokens >= 64 > second.usage.cached_tokens
    assert dataclasses.replace(again, usage=second.usage) == second
    fresh = PocketBackend()
    alone = await message(fresh, with_vectors(second.vectors))
    await fresh.close()
    assert dataclasses.replace(other, usage=alone.usage) == alone


async def test_soft_tokens_leave_the_text_of_later_prompts_as_it_was(
    backend: PocketBackend,
) -> None:
    words = (*WORDS, LatentMessage("user", ("I will not get some water. " * 6,)))
    alone = await message(backend, words)
    spoken = await message(backend)
    await message(backend, (*WORDS, LatentMessage("user", (spoken.vectors,) * 5)))
    again = await message(backend, words)
    assert dataclasses.replace(again, usage=alone.usage) == alone


async def test_a_stop_text_and_the_vectors_that_spell_it_are_cut(backend: PocketBackend) -> None:
    whole = await message(backend)
    word = whole.text.split()[3]
    cut = await message(backend, sampling=COOL.model_copy(update={"stop": (word,)}))
    before = whole.text[: whole.text.index(word)]
    assert cut.stop_reason == "stop"
    assert cut.text == "".join(one.token for one in cut.tokens)
    assert before.startswith(cut.text) and before.strip() == cut.text.strip()
    size = len(cut.vectors)
    assert 0 < size == len(cut.tokens) < len(whole.vectors)
    assert cut.vectors.data == whole.vectors.data[: len(cut.vectors.data)]
    assert cut.tokens == whole.tokens[:size]


async def test_a_limit_ends_a_message(backend: PocketBackend) -> None:
    completion = await message(backend, sampling=LatentSampling(temperature=0.4, max_tokens=3))
    assert completion.stop_reason == "length"
    assert len(completion.vectors) == completion.usage.completion_tokens == 3


async def test_the_classic_rule_goes_on_after_the_end(
    backend: PocketBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = await message(backend)
    classic = COOL.model_copy(update={"stop_rule": "classic"})
    completion = await message(backend, sampling=classic)
    assert len(completion.vectors) == COOL.max_tokens > len(ended.vectors)
    assert completion.text.startswith(ended.text) and completion.stop_reason == "length"
    monkeypatch.setattr(latent_rules, "ANSWER", ended.text.split()[-1])
    answered = await message(backend, sampling=classic)
    assert (answered.text, answered.vectors) == (ended.text, ended.vectors)
    assert answered.tokens == ended.tokens and answered.stop_reason == "stop"
    assert answered.usage.completion_tokens == COOL.max_tokens


async def test_what_was_likely_is_told_for_each_vector(backend: PocketBackend) -> None:
    sampling = LatentSampling(temperature=1.0, max_tokens=4, top_tokens=2)
    for one in (await message(backend, sampling=sampling)).tokens:
        assert isinstance(one, SoftToken) and one.is_mixed
        assert len(one.top) <= 2
        assert one.top == tuple(sorted(one.top, key=lambda pair: -pair[1]))
        assert 0.0 <= one.entropy <= np.log(2048)
    none = await message(backend, sampling=sampling.model_copy(update={"top_tokens": 0}))
    assert all(one.top == () for one in none.tokens)


async def test_unit_vectors_have_length_one(backend: PocketBackend) -> None:
    unit = COOL.model_copy(update={"unit_length": True, "max_tokens": 5})
    completion = await message(backend, sampling=unit)
    assert np.linalg.norm(rows(completion.vectors), axis=1) == pytest.approx(np.ones(5))


async def test_readers_get_vectors_of_their_own(backend: PocketBackend) -> None:
    own = await backend.embedding_table()
    double = PocketTable("lab/double", own.tokens, own.rows() * np.float32(2))
    few = PocketTable("lab/few", (*own.tokens[1000:], b"zebra"), own.rows()[999:])
    receivers: tuple[EmbeddingTable, ...] = (own, double, few)
    completion = await message(backend, receivers=receivers)
    same, doubled, fewer = completion.received
    assert same == completion.vectors
    assert np.array_equal(rows(doubled), rows(same) * 2)
    assert completion.unknown[:2] == (0, 0)
    assert len(fewer) + completion.unknown[2] == len(same)


async def test_the_nearest_letter_is_told(backend: PocketBackend) -> None:
    embeddings, chat = (await backend.embedding_table()).rows(), PocketModel().chat
    one = LatentSampling(temperature=0.4, max_tokens=1)
    completion = await message(backend, sampling=one, nearest_of=("A", "B", "a long D"))
    (vector,) = rows(completion.vectors)
    choices = {text: embeddings[chat.text_tokens(text)[-1]] for text in ("A", "B", "a long D")}
    cosines = {text: vector @ row / np.linalg.norm(row) for text, row in choices.items()}
    assert completion.nearest == max(cosines, key=lambda text: cosines[text])
    assert (await message(backend)).nearest is None
    with pytest.raises(BackendError, match="has no token"):
        await message(backend, nearest_of=("",))


async def test_the_table_is_what_tokens_are_as_inputs(backend: PocketBackend) -> None:
    own = await backend.embedding_table()
    assert own.model == "pocket"
    assert np.allclose(own.rows(), table())
    assert len(own.tokens) == len(own.rows())
    assert own.tokens[PocketModel().chat.end] == b""
    with pytest.raises(ValueError, match="read-only"):
        own.rows()[0] = 0.0


async def test_a_prompt_too_long_is_refused_before_it_is_read(backend: PocketBackend) -> None:
    whole = await message(backend)
    long = (LatentMessage("user", (whole.vectors,) * (1 + 1024 // len(whole.vectors))),)
    with pytest.raises(ContextOverflowError, match="1024 tokens in all"):
        await message(backend, long)


async def test_vectors_of_another_model_are_refused(backend: PocketBackend) -> None:
    foreign = LatentMessage("user", (Vectors(bytes(4 * 64), 64),))
    with pytest.raises(BackendError, match="vectors of 64 numbers for a model of 192"):
        await message(backend, (foreign,))


async def test_closing_the_iterator_stops_the_message(backend: PocketBackend) -> None:
    endless = LatentSampling(temperature=0.4, max_tokens=900, stop_rule="classic")
    async with aclosing(backend.generate_latent(LatentRequest(WORDS, endless))) as chunks:
        await anext(chunks)
    completion = await asyncio.wait_for(message(backend), 2)
    assert completion.text


async def test_a_closed_model_says_so() -> None:
    backend = PocketBackend()
    waiting = [asyncio.create_task(message(backend)) for _ in range(3)]
    await asyncio.sleep(0)
    await backend.close()
    done = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 5)
    assert isinstance(done[2], BackendError)
    with pytest.raises(BackendError, match="closed"):
        await message(backend)
    with pytest.raises(BackendError, match="closed"):
        await backend.embedding_table()
