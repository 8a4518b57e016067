"""CPU time of one turn in engine and store together, at different lengths, model excluded."""

from __future__ import annotations

import asyncio
import time

from benchmarks.stand import play, services, talk
from benchmarks.tables import Row, show

LENGTHS = (20, 100, 300, 1000)
ASKED_MS = 0.3
FLAT = 1.3
"""How much dearer a turn of the longest conversation may be than one of 100 turns."""


async def cpu_ms_per_turn(turns: int, runs: int) -> float:
    """Milliseconds of CPU, all threads, a turn of a conversation played alone.

    Starting and ending the runs counts; the median of `runs` conversations.
    """
    async with services(live_runs=1) as opened:
        design = talk(turns, "scripted/echo")
        await play(opened, await opened.launch(design, {}, seed=0))
        costs = []
        for number in range(runs):
            queued = await opened.launch(design, {}, seed=number + 1)
            began = time.process_time()
            await play(opened, queued)
            costs.append((time.process_time() - began) / turns * 1000)
    return sorted(costs)[len(costs) // 2]


async def side_by_side_ms(runs: int, turns: int) -> float:
    """Milliseconds of CPU a turn when many conversations share each transaction."""
    async with services(live_runs=runs) as opened:
        queued = await opened.launch(talk(turns, "scripted/echo"), {}, seed=1, repeat=runs)
        began = time.process_time()
        await play(opened, queued)
        return (time.process_time() - began) / (runs * turns) * 1000


def main() -> None:
    costs = {turns: asyncio.run(cpu_ms_per_turn(turns, max(3, 600 // turns))) for turns in LENGTHS}
    rows = [
        Row(f"CPU a turn, one conversation of {turns}", f"{cost:.3f} ms", f"≤ {ASKED_MS} ms",
            cost <= ASKED_MS)
        for turns, cost in costs.items()
    ]  # fmt: skip
    growth = costs[1000] / costs[100]
    rows.append(
        Row("1000 turns against 100", f"{growth:.2f} ×", f"≤ {FLAT} × (flat)", growth <= FLAT)
    )
    many = asyncio.run(side_by_side_ms(64, 20))
    rows.append(Row("CPU a turn, 64 conversations of 20", f"{many:.3f} ms", f"≤ {ASKED_MS} ms",
                    many <= ASKED_MS))  # fmt: skip
    show(rows)


if __name__ == "__main__":
    main()
