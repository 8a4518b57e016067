"""Many conversations at once: memory, and how near the wall time comes to the models' own."""

from __future__ import annotations

import asyncio
import time

import psutil

from benchmarks.stand import play, services, talk
from benchmarks.tables import Row, show

RUNS, TURNS = 1000, 20
ASKED_MB = 200.0
WAITING_RUNS, REPLY_MS = 64, 50
ASKED_SHARE = 0.95


async def peak_mb() -> float:
    """Largest resident memory, in MB of 10**6 bytes, while 1,000 conversations are live."""
    process = psutil.Process()
    peak = 0.0
    done = asyncio.Event()

    async def look() -> None:
        nonlocal peak
        while not done.is_set():
            peak = max(peak, process.memory_info().rss / 1e6)
            await asyncio.sleep(0.02)

    async with services(live_runs=RUNS) as opened:
        # A short delay keeps all of them in flight together.
        design = talk(TURNS, "scripted/echo?delay_ms=5")
        queued = await opened.launch(design, {}, seed=1, repeat=RUNS)
        looking = asyncio.create_task(look())
        await play(opened, queued)
        done.set()
        await looking
    return peak


async def bare_wall_s() -> float:
    """Wall time of the replies alone: as many tasks, waiting as often and as long."""

    async def replies() -> None:
        for _ in range(TURNS):
            await asyncio.sleep(REPLY_MS / 1000)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(WAITING_RUNS):
            group.create_task(replies())
    return time.perf_counter() - began


async def wall_s() -> float:
    """Wall time of 20 replies of 50 ms in each of 64 conversations side by side."""
    async with services(live_runs=WAITING_RUNS) as opened:
        design = talk(TURNS, f"scripted/echo?delay_ms={REPLY_MS}")
        await play(opened, await opened.launch(design, {"messages": 1}, seed=1))
        queued = await opened.launch(design, {}, seed=1, repeat=WAITING_RUNS)
        began = time.perf_counter()
        await play(opened, queued)
        return time.perf_counter() - began


def main() -> None:
    bare, real = asyncio.run(bare_wall_s()), asyncio.run(wall_s())
    share = bare / real
    memory = asyncio.run(peak_mb())
    show(
        [
            Row(f"{RUNS} conversations of {TURNS} at once, peak memory", f"{memory:.0f} MB",
                f"< {ASKED_MB:.0f} MB", memory < ASKED_MB),
            Row(f"{WAITING_RUNS} times {TURNS} waits of {REPLY_MS} ms alone", f"{bare:.3f} s"),
            Row(f"{WAITING_RUNS} conversations, replies of {REPLY_MS} ms, share of ideal",
                f"{share:.1%}", f"≥ {ASKED_SHARE:.0%}", share >= ASKED_SHARE),
        ]
    )  # fmt: skip


if __name__ == "__main__":
    main()
