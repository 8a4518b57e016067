from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch

from simulator.backends.hf.backend import HfBackend
from simulator.backends.hf.decoder import Decoder
from simulator.backends.hf.loading import load
from simulator.backends.hf.mixing import Mixer, Reader
from simulator.backends.hf.options import HfOptions, parse_name
from simulator.domain.latent import LatentMessage, LatentRequest, LatentSampling
from simulator.domain.prompts import Prompt
from simulator.errors import BackendError
from tests.backends.hf.conftest import FAMILIES, POCKET, asked, made, opened, reply


def long_prompts() -> list[Prompt]:
    """Prompts on both sides of the sizes at which kernels change."""
    random = Random(3)
    lengths = (5, 90, 130, 180, 220, 270)
    words = ["yard", "night", "water", "letter", "guard", "rule", "door", "friend", "morning"]
    return [asked(" ".join(random.choices(words, k=length)) + ".") for length in lengths]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[int, ...], list[torch.Tensor]]:
    """The logits that every reply was drawn from, by its prompt."""
    found: dict[tuple[int, ...], list[torch.Tensor]] = {}
    advance = Decoder._advance

    def noted(self: Decoder, rows: Any, logits: torch.Tensor) -> list[int]:
        for row, one in zip(rows, logits, strict=True):
            found.setdefault(row.job.inputs.keys, []).append(one.clone())
        return advance(self, rows, logits)

    monkeypatch.setattr(Decoder, "_advance", noted)
    return found


@pytest.mark.parametrize("family", ["pocket", "qwen3"])
async def test_long_prompts_are_read_to_the_same_bits_in_any_company(
    family: str,
    heard: dict[tuple[int, ...], list[torch.Tensor]],
    tmp_path: Path,
) -> None:
    folder = POCKET
    if family == "qwen3":
        settings = FAMILIES["qwen3"] | {"max_position_embeddings": 2048}
        folder = made("qwen3", tmp_path / "long", settings)
    async with opened(folder=folder) as backend:
        for prompt in long_prompts():
            await reply(backend, prompt, max_tokens=4, temperature=0.0)
    alone = dict(heard)
    heard.clear()
    async with opened(folder=folder) as backend:
        for _ in ("cold", "with what the first time left"):
            await asyncio.gather(
                *(reply(backend, p, max_tokens=4, temperature=0.0) for p in long_prompts())
            )
            assert heard.keys() == alone.keys()
            for keys, logits in heard.items():
                assert torch.equal(torch.stack(logits), torch.stack(alone[keys]))
            heard.clear()


async def test_no_more_rows_are_computed_together_than_are_exact(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import simulator.backends.hf.loading as loading

    monkeypatch.setattr(loading, "steady_rows", lambda model: (2, 20))
    widths: list[int] = []
    async with opened("rows=64") as backend:
        loaded, _ = await backend._ready()
        run = loaded.network.run

        def noted(start: int, stop: int, inputs: Any, *args: Any, **options: Any) -> Any:
            widths.append(inputs.shape[0] * inputs.shape[1])
            return run(start, stop, inputs, *args, **options)

        monkeypatch.setattr(loaded.network, "run", noted)
        await asyncio.gather(*(reply(backend, asked(f"{n}?"), n, max_tokens=3) for n in range(40)))
    assert max(widths) <= 20


@pytest.mark.parametrize("spoilt", ["resize", "read_anew"])
async def test_whoever_is_being_let_in_hears_of_a_failure_too(
    spoilt: str, tiny: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tiny("mamba") if spoilt == "read_anew" else POCKET
    async with opened(folder=folder) as backend:
        loaded, _ = await backend._ready()

        def full(*args: object, **kwargs: object) -> None:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

        with monkeypatch.context() as patched:
            target = loaded.network.rows if spoilt == "resize" else loaded.network
            patched.setattr(target, spoilt, full)
            with pytest.raises(BackendError, match="ran out of memory") as told:
                async with asyncio.timeout(20):
                    await reply(backend, asked())
            assert "memory_mb" in str(told.value.remedy)
        await reply(backend, asked(), max_tokens=2)


async def test_a_row_that_computes_no_numbers_fails_alone_and_leaves_none_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with opened() as backend:
        wanted = await reply(backend, asked("Who?"), 5)
        loaded, _ = await backend._ready()
        table = loaded.network.table
        poison = torch.full_like(table[0], float("nan"))
        data = poison.numpy().astype("<f4").tobytes()
        from simulator.domain.latent import Vectors

        request = LatentRequest(
            (LatentMessage("user", ("Say ", Vectors(data, len(poison)))),),
            LatentSampling(temperature=1.0, max_tokens=3),
        )

        async def poisoned() -> None:
            async for _ in backend.generate_latent(request):
                pass

        with pytest.raises(BackendError, match="no number"):
            await asyncio.gather(poisoned(), reply(backend, asked("Why?"), 6))
        for _ in range(2):
            assert (await reply(backend, asked("Who?"), 5)).text == wanted.text


async def test_who_leaves_while_being_read_frees_the_place_before_the_rest_is_read() -> None:
    async with opened("rows=1") as backend:
        loaded, decoder = await backend._ready()
        started = asyncio.Event()
        loop = asyncio.get_running_loop()
        run = loaded.network.run
        passes = 0

        def noted(*args: Any, **options: Any) -> Any:
            nonlocal passes
            passes += 1
            loop.call_soon_threadsafe(started.set)
            return run(*args, **options)

        loaded.network.run = noted  # type: ignore[method-assign]
        loaded.network.most_inputs = 16
        leaving = asyncio.ensure_future(reply(backend, asked("word " * 800)))
        await started.wait()
        leaving.cancel()
        assert (await reply(backend, asked("Who?"), max_tokens=1)).usage.completion_tokens <= 1
        assert passes < 40
        assert decoder._rows == [] or not decoder._rows[0].job.is_cancelled


async def test_closing_while_the_model_is_loaded_leaves_no_thread() -> None:
    import threading

    before = {thread.name for thread in threading.enumerate()}
    backend = HfBackend(str(POCKET), *parse_name(str(POCKET)), {})
    waiting = asyncio.ensure_future(backend.describe())
    await asyncio.sleep(0)
    await backend.close()
    with pytest.raises(BackendError, match="was closed"):
        await waiting
    left = {thread.name for thread in threading.enumerate()} - before
    assert not [name for name in left if name.startswith("decoder")]


def test_a_table_with_more_rows_than_tokens_is_written_for_and_from() -> None:
    torch.manual_seed(0)
    own, tokens = torch.randn(12, 4), tuple(bytes([65 + n]) for n in range(10))

    class Table:
        model = "hf/other"

        def __init__(self, names: tuple[bytes, ...]) -> None:
            self.tokens = names

        def rows(self) -> Any:
            return torch.arange(30.0).reshape(10, 3).numpy()

    mixer = Mixer(own, exact=True)
    weights = torch.softmax(torch.randn(12), dim=0)
    vector = Reader(tokens, Table(tokens), own.device).read(mixer, weights, unit_length=False)
    kept = weights[:10] / weights[:10].sum()
    assert vector is not None
    assert torch.allclose(vector, kept @ torch.arange(30.0).reshape(10, 3), atol=1e-5)
    nothing = Reader(tokens, Table((b"x",) * 10), own.device)
    assert nothing.read(mixer, weights, unit_length=False) is None


def test_rows_are_not_read_where_the_longest_changes_how_others_are(tmp_path: Path) -> None:
    long = {
        "rope_type": "longrope", "rope_theta": 1e4, "short_factor": [1.0] * 4,
        "long_factor": [4.0] * 4, "original_max_position_embeddings": 64,
    }  # fmt: skip
    settings = FAMILIES["gpt_neox"] | {
        "num_key_value_heads": 4, "rope_parameters": long, "original_max_position_embeddings": 64,
    }  # fmt: skip
    folder = made("phi3", tmp_path / "phi", settings)
    assert load(str(folder), HfOptions(), {}).context == 64
