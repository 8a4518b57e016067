"""Chains of texts through the engine into a store: time of a game, of its rest, and memory."""

from __future__ import annotations

import asyncio
import time

import psutil

from benchmarks.stand import play, services
from benchmarks.tables import Row, show
from simulator.backends.scripted import open_scripted
from simulator.domain.events import Event, StepCommitted
from simulator.domain.journal import Step
from simulator.domain.models import GenerateRequest
from simulator.domain.records import Run
from simulator.domain.seeds import derive_seed
from simulator.kinds.telephone.casting import cast
from simulator.kinds.telephone.design import TelephoneDesign
from simulator.kinds.telephone.play import AUTHOR
from simulator.kinds.telephone.prompts import asking
from simulator.services import Services

CHAINS, GENERATIONS, TEXTS = 100, 50, 20
ASKED_S = 30.0
SEED = 7
MODEL = "scripted/babble"


def game() -> TelephoneDesign:
    """As the paper's: 20 texts, five chains of each."""
    texts = [
        {"name": f"text {number}", "text": f"There were {number} of us, and a long way to go."}
        for number in range(TEXTS)
    ]
    return TelephoneDesign.model_validate(
        {
            "name": "Benchmark", "model": MODEL, "texts": texts, "chains": CHAINS // TEXTS,
            "generations": GENERATIONS,
        }
    )  # fmt: skip


async def bare_s(design: TelephoneDesign) -> float:
    """Seconds that the same calls take one after another, when nothing is kept of them."""
    backend, (agent,) = open_scripted(MODEL.partition("/")[2]), cast(design)
    began = time.perf_counter()
    for chain in range(design.chain_count):
        text, author = design.texts[chain // design.chains].text, AUTHOR
        for generation in range(1, design.generations + 1):
            prompt = asking(design, agent, {author: text}, generation)
            seed = derive_seed(SEED, f"main/chain-{chain + 1:04d}", generation)
            async for chunk in backend.generate(GenerateRequest(prompt, agent.sampling, seed)):
                if chunk.completion is not None:
                    text, author = chunk.completion.text, agent.name
    return time.perf_counter() - began


async def play_until(opened: Services, run: Run, committed: int) -> None:
    """Play a run, and leave it once so many of its steps are on record."""
    seen = 0

    def listener(event: Event) -> None:
        nonlocal seen
        seen += isinstance(event, StepCommitted)
        if seen == committed:
            playing.cancel()

    playing = asyncio.ensure_future(opened.play(run, listener=listener))
    await asyncio.wait([playing])


def words_of(steps: list[Step]) -> dict[tuple[str, int], str]:
    """What was said, by place."""
    return {(step.scope, step.index): step.content for step in steps}


async def measured() -> list[Row]:
    process, design = psutil.Process(), game()
    bare = await bare_s(design)
    async with services(live_runs=1) as opened:
        await play(opened, await opened.launch(design, {"generations": 1}, seed=1))
        before = process.memory_info().rss
        whole, halved = [
            (await opened.launch(design, {}, seed=SEED))[0] for _ in range(2)
        ]  # fmt: skip
        peak, told = before, 0

        def look(event: Event) -> None:
            nonlocal peak, told
            told += 1
            if told % 200 == 0:
                peak = max(peak, process.memory_info().rss)

        began, began_cpu = time.perf_counter(), time.process_time()
        ended = await opened.play(whole, listener=look)
        played, cpu = time.perf_counter() - began, time.process_time() - began_cpu
        assert ended.run.status == "completed"
        texts = CHAINS * (GENERATIONS + 1)
        await play_until(opened, halved, texts // 2)
        kept = words_of(await opened.store.steps(halved.id))
        began = time.perf_counter()
        await play(opened, [await opened.store.run(halved.id)])
        rest = time.perf_counter() - began
        expected = words_of(await opened.store.steps(whole.id))
        assert len(expected) == texts and kept.items() <= expected.items()
        same = words_of(await opened.store.steps(halved.id)) == expected
    calls = CHAINS * GENERATIONS
    return [
        Row(f"{CHAINS} chains of {GENERATIONS} generations, into SQLite", f"{played:.2f} s",
            f"< {ASKED_S:.0f} s", played < ASKED_S),
        Row("CPU a text, all threads", f"{cpu / calls * 1000:.3f} ms"),
        Row("the same calls one after another, nothing kept", f"{bare:.2f} s"),
        Row("with engine and store, against that", f"{played / bare:.1f} times as long"),
        Row("most memory meanwhile", f"{peak / 1e6:.0f} MB, {(peak - before) / 1e6:.0f} more"),
        Row(f"the rest, with {len(kept):,} of {texts:,} texts on record", f"{rest:.2f} s"),
        Row("texts of the interrupted game as of the whole", "equal" if same else "not equal",
            "equal", same),
    ]  # fmt: skip


def main() -> None:
    show(asyncio.run(measured()))


if __name__ == "__main__":
    main()
