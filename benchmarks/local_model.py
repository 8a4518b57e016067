"""The local decoder beside what transformers itself makes of the same model and requests.

`--model FOLDER` takes another model than the random one, `--model pocket` the shipped one;
`--quick` measures each thing once, `--full` a few things more. Every way gets the same prompts,
and new ones each time, so that no prompt is in anybody's cache. Throughputs are medians of what
the ways did in turn.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Literal

from benchmarks.local_ways import (
    EQUAL,
    MANY,
    MIXED,
    PROMPTS,
    Comparison,
    Workload,
    opened,
    reply,
)
from benchmarks.random_llama import Loaded, is_installed, make, quiet
from benchmarks.tables import Row, show
from benchmarks.transformers_ways import Continuous, static
from simulator.backends.pocket.model import WEIGHTS_FOLDER
from simulator.domain.models import ModelBackend
from simulator.domain.prompts import ChatMessage
from simulator.domain.sampling import Sampling

REPETITIONS = 3
TURNS, ASKED_PREFILL = 20, 1.3
SEEDED, TOGETHER, SEEDED_TOKENS = 200, 32, 10

Size = Literal["quick", "usual", "full"]


async def throughputs(
    loaded: Loaded, workloads: Sequence[tuple[Workload, int]], threads: int | None
) -> None:
    """Measure and print the workloads, each so many times; None leaves the threads alone."""
    import torch

    if threads:
        torch.set_num_threads(threads)
    static(loaded, [each.job(loaded) for each in EQUAL.drawn(loaded, -1)[:2]])
    settings = [Continuous(16), Continuous(32)]
    async with opened(loaded, threads) as backend:
        for workload, repetitions in workloads:
            comparison = Comparison(loaded, workload, repetitions)
            settings = await comparison.measure(backend, settings)
            show(comparison.rows(wall=threads is None))


# -------------------------------------------------------------------- a conversation


async def conversation(backend: ModelBackend, loaded: Loaded) -> list[Row]:
    """How much of the prompts is read, turn after turn."""
    rng = Random(20)
    longest = 48 if loaded.model.config.max_position_embeddings > 2000 else 20
    messages = [ChatMessage("system", loaded.message(120, rng).content)]
    read = last = 0
    for _ in range(TURNS):
        messages.append(loaded.message(longest, rng))
        said = await reply(backend, messages, Sampling(temperature=0, max_tokens=6))
        messages.append(ChatMessage("assistant", said.text))
        last = said.usage.prompt_tokens
        read += last - said.usage.cached_tokens
    share = read / last
    return [
        Row(f"{TURNS} turns: tokens read over those of the last prompt ({last})", f"{share:.2f}",
            f"<= {ASKED_PREFILL}", share <= ASKED_PREFILL),
    ]  # fmt: skip


# -------------------------------------------------------------------- seeds


async def seeded(backend: ModelBackend, together: int) -> list[str]:
    """Replies of the shipped model to requests with seeds, so many side by side."""

    async def one(number: int) -> str:
        warmth = (0.3, 0.7, 1.0, 1.5)[number % 4]
        sampling = Sampling(temperature=warmth, top_p=0.95, max_tokens=SEEDED_TOKENS)
        question = ChatMessage("user", f"{number}. What do you say about this?")
        return (await reply(backend, [question], sampling, seed=number // 2)).text

    texts: list[str] = []
    for first in range(0, SEEDED, together):
        batch = range(first, min(first + together, SEEDED))
        texts += await asyncio.gather(*map(one, batch))
    return texts


async def same_seed_same_text(device: str = "cpu") -> list[Row]:
    loaded = Loaded(WEIGHTS_FOLDER, device)
    on_cpu = device == "cpu"
    async with opened(loaded, 1 if on_cpu else None) as backend:
        alone = await seeded(backend, 1)
    rows = []
    for threads in (1, 2) if on_cpu else (None,):
        async with opened(loaded, threads) as backend:
            among = await seeded(backend, TOGETHER)
        same = sum(a == b for a, b in zip(alone, among, strict=True))
        where = f" on {threads} threads" if threads == 2 else ""
        row = Row(f"same seed: texts among {TOGETHER - 1} others{where} that are as alone",
                  f"{same}", f"{SEEDED}", same == SEEDED)  # fmt: skip
        rows.append(row)
    return rows


async def on_processor(loaded: Loaded, size: Size) -> None:
    import torch

    usual, times = torch.get_num_threads(), 1 if size == "quick" else REPETITIONS
    print(f"## {described(loaded)}, 1 thread, by seconds of the processor")
    workloads = [(PROMPTS, times), (EQUAL, times), (MIXED, times)]
    await throughputs(loaded, [*workloads, (MANY, times)] if size == "full" else workloads, 1)
    if size == "full":
        print(f"## as they come, with {usual} threads for transformers, by seconds of the clock")
        torch.set_num_threads(usual)
        await throughputs(loaded, [(PROMPTS, times), (MIXED, times)], None)
    print("## a conversation, and seeds")
    async with opened(loaded, 1) as backend:
        show([*await conversation(backend, loaded), *await same_seed_same_text()])


async def on_gpu(folder: Path, shape: str, dtype: str, size: Size) -> None:
    loaded = Loaded(make(folder, shape), "cuda", dtype)
    times = 1 if size == "quick" else REPETITIONS
    print(f"## {described(loaded)}, by seconds of the clock")
    await throughputs(loaded, [(each, times) for each in (PROMPTS, EQUAL, MIXED, MANY)], None)
    async with opened(loaded) as backend:
        show([*await conversation(backend, loaded), *await same_seed_same_text("cuda")])


def described(loaded: Loaded) -> str:
    return f"{loaded.parameters / 1e6:,.1f} M parameters in {loaded.dtype} on {loaded.device}"


async def run(folder: Path, model: str, size: Size) -> None:
    import torch

    if model or not torch.cuda.is_available():
        chosen = WEIGHTS_FOLDER if model == "pocket" else Path(model or make(folder / "small"))
        await on_processor(Loaded(chosen), size)
        return
    await on_gpu(folder / "small", "small", "float32", size)
    await on_gpu(folder / "large", "large", "bfloat16", size)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="")
    parser.add_argument(
        "--quick", dest="size", action="store_const", const="quick", default="usual"
    )
    parser.add_argument("--full", dest="size", action="store_const", const="full")
    chosen = parser.parse_args()
    if not is_installed():
        return
    quiet()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder), chosen.model, chosen.size))


if __name__ == "__main__":
    main()
