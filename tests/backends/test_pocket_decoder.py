"""Exactness: nothing but the tokens decides about a bit of a result."""

import os
import random
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.backends.pocket.cache import SequenceCache
from simulator.backends.pocket.decoder import BLOCK
from simulator.backends.pocket.model import WEIGHTS_FOLDER, PocketModel, ReplyEnd
from simulator.backends.pocket.sampler import Draw
from simulator.backends.pocket.weights import Floats, load_weights
from simulator.errors import ContextOverflowError


@cache
def shared_model() -> PocketModel:
    return PocketModel(slots=3)


def text_tokens(seed: int, length: int) -> list[int]:
    rng = random.Random(seed)
    return [rng.randrange(6, len(shared_model().embeddings)) for _ in range(length)]


def cold(prompt: list[int]) -> Floats:
    model = shared_model()
    kept = model.cache
    model.cache = SequenceCache(model.decoder.weights, 1)
    try:
        return model.read(prompt).start_logits
    finally:
        model.cache = kept


def said(model: PocketModel, prompt: list[int], seed: int) -> str:
    return "".join(
        x for x in model.reply(prompt, Draw(), seed, max_tokens=12) if isinstance(x, str)
    )


lengths = st.integers(1, 150)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), lengths), min_size=1, max_size=6))
def test_logits_do_not_depend_on_the_cache(turns: list[tuple[int, int]]) -> None:
    model = shared_model()
    model.cache.clear()
    talks: dict[int, list[int]] = {0: [], 1: [], 2: []}
    for number, (talk, length) in enumerate(turns):
        talks[talk] = (talks[talk] + text_tokens(talk * 100 + number, length))[-1000:]
        warm = model.read(talks[talk]).start_logits
        assert np.array_equal(warm, cold(talks[talk]))


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**63 - 1), lengths, lengths, st.integers(0, 149))
def test_replies_do_not_depend_on_what_was_said_before(
    seed: int, first: int, second: int, shared: int
) -> None:
    model = shared_model()
    model.cache.clear()
    one = text_tokens(1, first)
    other = one[:shared] + text_tokens(2, second)
    alone = said(model, one, seed)
    model.cache.clear()
    said(model, other, seed)
    assert said(model, one, seed) == alone
    said(model, one + text_tokens(3, 40), seed + 1)
    said(model, other, seed)
    assert said(model, one, seed) == alone


def test_growing_conversation_reads_only_its_end() -> None:
    model = shared_model()
    model.cache.clear()
    prompt = text_tokens(5, 200)
    assert model.read(prompt).cached_tokens == 0
    grown = prompt + text_tokens(6, 50)
    reading = model.read(grown)
    assert reading.cached_tokens == 200 // BLOCK * BLOCK
    assert np.array_equal(reading.start_logits, cold(grown))


def test_rows_of_a_reply_are_read_again_by_the_next_prompt() -> None:
    model = shared_model()
    model.cache.clear()
    prompt = text_tokens(7, 96)
    reading = model.read(prompt)
    reply = text_tokens(8, 64)
    for token in reply:
        reading.step(model.embeddings[token])
    assert model.read(prompt + reply).cached_tokens == 96


def test_two_conversations_share_a_beginning_without_displacing_each_other() -> None:
    model = shared_model()
    model.cache.clear()
    start = text_tokens(9, 64)
    one, other = start + text_tokens(10, 64), start + text_tokens(11, 64)
    model.read(one)
    assert model.read(other).cached_tokens == 64
    assert model.read(one).cached_tokens == 96
    assert model.read(other).cached_tokens == 96


def test_cache_keeps_the_sequences_used_last() -> None:
    weights = load_weights(WEIGHTS_FOLDER)
    lru = SequenceCache(weights, 2)
    prompts = [[n] * 64 for n in range(10, 13)]
    for prompt in prompts:
        slot, _ = lru.take(prompt)
        lru.keep(slot, prompt)
    assert len(lru) == 2
    assert lru.take(prompts[2])[1] == 2
    assert lru.take(prompts[1])[1] == 2
    assert lru.take(prompts[0])[1] == 0


def test_both_kernels_compute_the_same_function() -> None:
    model = shared_model()
    tokens = text_tokens(12, 40)
    reading = model.read(tokens[:33])
    logits = reading.start_logits
    for token in tokens[33:]:
        logits = reading.step(model.embeddings[token])
    np.testing.assert_allclose(logits, cold(tokens), atol=2e-4)


def test_soft_tokens_of_one_token_are_that_token() -> None:
    model = shared_model()
    tokens = text_tokens(13, 20)
    hard = model.read(tokens).step(model.embeddings[77]).copy()
    certain = np.zeros(len(model.embeddings), np.float32)
    certain[77] = 1.0
    soft = model.read(tokens).step(certain @ model.embeddings)
    np.testing.assert_allclose(soft, hard, atol=1e-5)


def test_soft_tokens_between_two_tokens_change_the_logits() -> None:
    model = shared_model()
    tokens = text_tokens(14, 20)
    mixed = np.float32(0.5) * (model.embeddings[77] + model.embeddings[99])
    one = model.read(tokens).step(model.embeddings[77]).copy()
    both = model.read(tokens).step(mixed).copy()
    assert np.isfinite(both).all()
    assert np.abs(one - both).max() > 1e-3


def test_a_prompt_that_fills_the_context_is_refused() -> None:
    model = shared_model()
    with pytest.raises(ContextOverflowError, match=r"1024 tokens"):
        model.read(text_tokens(15, 1024))


def test_a_reply_ends_where_the_context_does() -> None:
    model = shared_model()
    prompt = text_tokens(16, 1020)
    end = list(model.reply(prompt, Draw(temperature=2.0), 1, max_tokens=50))[-1]
    assert isinstance(end, ReplyEnd)
    assert end.tokens <= 4


def test_soft_tokens_stop_where_the_context_does() -> None:
    model = shared_model()
    reading = model.read(text_tokens(17, 1022))
    for _ in range(2):
        reading.step(model.embeddings[50])
    with pytest.raises(ContextOverflowError):
        reading.step(model.embeddings[50])


def test_logits_do_not_depend_on_the_threads_of_numpy() -> None:
    code = (
        "import hashlib, numpy\n"
        "from simulator.backends.pocket.model import PocketModel\n"
        "model = PocketModel()\n"
        "reading = model.read(range(100, 400))\n"
        "seen = hashlib.sha256(reading.start_logits)\n"
        "seen.update(reading.step(model.embeddings[7]))\n"
        "print(seen.hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=Path(__file__).parents[2],
            env=os.environ | {"OPENBLAS_NUM_THREADS": threads},
            capture_output=True,
            check=True,
        ).stdout
        for threads in "123"
    }
    assert len(seen) == 1
