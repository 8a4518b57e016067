from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from simulator.backends.hf.backend import HfBackend
from simulator.backends.hf.mixing import Mixer
from simulator.backends.latent_rules import mixture
from simulator.backends.pocket.backend import PocketBackend
from simulator.domain.latent import (
    LatentCompletion,
    LatentMessage,
    LatentRequest,
    LatentSampling,
    Vectors,
)
from simulator.errors import BackendError, ContextOverflowError
from tests.backends.hf.conftest import opened

ASKED = (
    LatentMessage("system", ("You are a guard in a prison.",)),
    LatentMessage("user", ("Prisoner_2: Let me out, please.",)),
)
samplings = st.builds(
    LatentSampling,
    temperature=st.sampled_from([0.01, 0.3, 1.0, 2.5]),
    top_p=st.sampled_from([0.5, 1.0]),
    top_k=st.sampled_from([None, 3]),
    greedy=st.sampled_from(["never", "confident", "unsure"]),
    criterion=st.sampled_from(["max_probability", "entropy"]),
    threshold=st.sampled_from([0.1, 0.5, 2.0]),
)


async def latent(
    backend: HfBackend | PocketBackend,
    messages: tuple[LatentMessage, ...] = ASKED,
    request: dict[str, Any] | None = None,
    **sampling: Any,
) -> LatentCompletion:
    chosen = LatentSampling(**({"temperature": 0.6, "max_tokens": 24} | sampling))
    pieces = ""
    async for chunk in backend.generate_latent(LatentRequest(messages, chosen, **(request or {}))):
        pieces += chunk.text
        if chunk.completion is not None:
            assert chunk.completion.text == pieces
            return chunk.completion
    raise AssertionError("no completion")


def numbers(vectors: Vectors) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.frombuffer(vectors.data, "<f4").reshape(-1, vectors.width)


@given(st.lists(samplings, min_size=1, max_size=4), st.integers(0, 100))
def test_weights_are_those_of_the_rule_and_sum_to_1(every: list[LatentSampling], seed: int) -> None:
    random = torch.Generator().manual_seed(seed)
    logits = torch.randn((len(every), 50), generator=random) * 3
    table = torch.randn((50, 8), generator=random)
    mixed = Mixer(table, exact=True).mix(logits, every)
    for row, sampling in enumerate(every):
        wanted = mixture(logits[row].numpy(), sampling)
        assert np.abs(mixed.weights[row].numpy() - wanted.weights).max() < 1e-5
        assert float(mixed.weights[row].sum()) == pytest.approx(1.0, abs=1e-5)
        assert mixed.are_mixed[row] == wanted.is_mixed
        assert mixed.entropies[row] == pytest.approx(wanted.entropy, abs=1e-4)
        assert np.abs(mixed.vectors[row].numpy() - wanted.weights @ table.numpy()).max() < 1e-4


async def test_vectors_are_those_of_a_direct_computation_in_float64(pocket: HfBackend) -> None:
    got = numbers((await latent(pocket, max_tokens=6)).vectors)
    loaded, _ = await pocket._ready()
    model = loaded.network.model.double()
    tokens = loaded.speech.prompt_pieces([(one.role, one.parts) for one in ASKED])[0]  # type: ignore[misc]
    table = model.get_input_embeddings().weight
    inputs = table[torch.tensor(tokens)]
    with torch.inference_mode():
        for vector in got:
            logits = model(inputs_embeds=inputs[None], use_cache=False).logits[0, -1]
            wanted = torch.softmax(logits / 0.6, dim=-1) @ table
            assert float((wanted - torch.tensor(vector)).abs().max()) < 1e-4
            inputs = torch.cat([inputs, wanted[None]])


async def test_soft_tokens_are_the_same_alone_among_others_and_with_two_threads() -> None:
    temperatures = [0.2 + 0.05 * n for n in range(12)]

    async def all_of(backend: HfBackend, together: bool) -> list[LatentCompletion]:
        jobs = [latent(backend, temperature=one) for one in temperatures]
        return await asyncio.gather(*jobs) if together else [await job for job in jobs]

    async with opened() as backend:
        alone = await all_of(backend, together=False)
        assert [one.vectors for one in await all_of(backend, together=True)] == [
            one.vectors for one in alone
        ]
    async with opened("threads=2") as backend:
        threaded = await all_of(backend, together=True)
    assert [one.text for one in threaded] == [one.text for one in alone]


async def test_a_prompt_of_text_and_vectors_is_read_as_pocket_reads_it(pocket: HfBackend) -> None:
    first = await latent(pocket, temperature=0.3)
    prompt = (
        *ASKED,
        LatentMessage("assistant", (first.vectors,)),
        LatentMessage("user", ("Prisoner_2: You said ", first.vectors, ". Why?")),
    )
    ours = await latent(pocket, prompt, temperature=0.3)
    numpy = PocketBackend()
    theirs = await latent(numpy, prompt, temperature=0.3)
    await numpy.close()
    assert ours.text == theirs.text
    assert ours.usage.prompt_tokens == theirs.usage.prompt_tokens
    again = await latent(pocket, prompt, temperature=0.3)
    assert again.vectors == ours.vectors
    assert again.usage.cached_tokens > ours.usage.cached_tokens


async def test_another_model_gets_vectors_of_its_own_table(pocket: HfBackend) -> None:
    numpy = PocketBackend()
    table = await numpy.embedding_table()
    same = await latent(pocket, request={"receivers": (table,)})
    assert np.abs(numbers(same.received[0]) - numbers(same.vectors)).max() < 1e-5

    class Part:
        """Knows every second token, in the opposite order."""

        model = "hf/part"
        tokens = table.tokens[::-2]

        def rows(self) -> np.ndarray[Any, np.dtype[np.float32]]:
            rows: np.ndarray[Any, np.dtype[np.float32]] = table.rows()[::-2]
            return rows

    part = await latent(pocket, request={"receivers": (Part(),)})
    await numpy.close()
    assert part.vectors == same.vectors
    assert len(part.received[0]) + part.unknown[0] == len(part.vectors)


async def test_the_nearest_of_some_letters_is_named(pocket: HfBackend) -> None:
    got = await latent(pocket, request={"nearest_of": ("A", "B", "C")}, max_tokens=3)
    assert got.nearest in ("A", "B", "C")
    table = (await pocket.embedding_table()).rows()
    loaded, _ = await pocket._ready()
    rows = table[[loaded.speech.text_tokens(one)[-1] for one in "ABC"]]
    cosines = rows @ numbers(got.vectors)[-1] / np.linalg.norm(rows, axis=1)
    assert got.nearest == "ABC"[int(cosines.argmax())]


async def test_a_stop_text_takes_its_vectors_with_it(pocket: HfBackend) -> None:
    whole = await latent(pocket, temperature=0.1)
    word = whole.text.split()[3]
    cut = await latent(pocket, temperature=0.1, stop=(word,))
    assert whole.text.startswith(cut.text)
    assert word not in cut.text
    assert len(cut.vectors) == len(cut.tokens) < len(whole.vectors)
    assert cut.stop_reason == "stop"


async def test_vectors_that_do_not_fit_are_refused(pocket: HfBackend) -> None:
    wrong = Vectors(bytes(4 * 7), 7)
    with pytest.raises(BackendError, match="vectors of 7 numbers"):
        await latent(pocket, (LatentMessage("user", (wrong,)),))
    many = Vectors(bytes(4 * 192 * 1024), 192)
    with pytest.raises(ContextOverflowError):
        await latent(pocket, (LatentMessage("user", (many,)),))
