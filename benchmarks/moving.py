"""How fast experiments are copied between stores, and how fast it is seen that none need to be."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks.stand import play, services, talk
from benchmarks.tables import Row, show
from simulator.domain.ports import ExperimentStore
from simulator.domain.records import ExperimentQuery
from simulator.moving.mover import Mover
from simulator.process import SystemClock
from simulator.store.opening import open_store

RUNS, TURNS = 2000, 19


async def copy_s(source: ExperimentStore, target: ExperimentStore) -> float:
    """Wall time of a copy of everything."""
    mover = Mover(source, target, owner="bench:1:1", user="bench", clock=SystemClock())
    began = time.perf_counter()
    moved = await mover.move(await source.experiments(ExperimentQuery()))
    if not moved.is_whole or moved.counted_runs != RUNS:
        raise RuntimeError(str(moved))
    return time.perf_counter() - began


async def measure(target: str) -> tuple[float, float, float]:
    """Seconds of a first and of a second copy, and MB of 10**6 bytes that the first one took."""
    async with services(live_runs=64) as opened:
        queued = await opened.launch(talk(TURNS, "scripted/babble"), {}, seed=1, repeat=RUNS)
        await play(opened, queued)
        store = await open_store(target)
        before = psutil.Process().memory_info().rss
        first_s = await copy_s(opened.store, store)
        taken_mb = (psutil.Process().memory_info().rss - before) / 1e6
        second_s = await copy_s(opened.store, store)
        await store.close()
    return first_s, second_s, taken_mb


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        first_s, second_s, taken_mb = asyncio.run(measure(str(Path(folder) / "target.db")))
    what = f"{RUNS} runs of {TURNS + 1} steps, SQLite to SQLite"
    again = "the same again, nothing to do"
    show(
        [
            Row(what, f"{RUNS / first_s:,.0f} runs/s, {first_s:.2f} s"),
            Row("more memory after it", f"{taken_mb:.0f} MB"),
            Row(again, f"{RUNS / second_s:,.0f} runs/s, {second_s:.2f} s"),
        ]
    )


if __name__ == "__main__":
    main()
