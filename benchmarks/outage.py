"""A batch whose database is killed and started again, then hangs for 30 s: what it costs.

The database is the stand-in of the tests, as it must be killed; the driver and the network are
real. Transcripts are compared with those of the same batch on a database that stays.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from pydantic import SecretStr

from benchmarks.stand import talk
from benchmarks.tables import Row, show
from simulator.domain.events import Event, StepCommitted
from simulator.services import open_services
from simulator.settings import Settings
from tests.servers.mongo.launching import MongoServer

RUNS, TURNS = 16, 40
MODEL = "scripted/babble?token_delay_ms=2"
DOWN_S, HANG_S = 5.0, 30.0

Transcript = list[tuple[str, int, str, str]]


class Counter:
    """Hears how far a batch is."""

    def __init__(self) -> None:
        self.steps = 0
        self._news = asyncio.Event()

    def __call__(self, event: Event) -> None:
        """Hear what happens."""
        if isinstance(event, StepCommitted):
            self.steps += 1
            self._news.set()

    async def reach(self, steps: int) -> None:
        """Wait until so many steps are committed."""
        while self.steps < steps:
            self._news.clear()
            await self._news.wait()


async def batch(
    server: MongoServer, database: str, troubled: bool
) -> tuple[float, list[Transcript], list[str]]:
    """Seconds, transcripts, and what the user was told."""
    told: list[str] = []
    head, _, options = server.uri.partition("?")
    url = f"{head}{database}?{options}"
    settings = Settings(store=SecretStr(url), user="bench", max_live_runs=RUNS)
    counter = Counter()
    async with open_services(settings, told.append) as services:
        queued = await services.launch(talk(TURNS, MODEL), {}, seed=1, repeat=RUNS)
        began = time.perf_counter()
        trouble = asyncio.create_task(make_trouble(server, counter)) if troubled else None
        played = await services.play_all(queued, listener=counter)
        took_s = time.perf_counter() - began
        if trouble is not None:
            await trouble
        if any(one.run.status != "completed" for one in played):
            raise RuntimeError(str([one.problem for one in played]))
        transcripts = [
            [(s.scope, s.index, s.speaker, s.content) for s in await services.store.steps(run.id)]
            for run in queued
        ]
    return took_s, transcripts, told


async def make_trouble(server: MongoServer, counter: Counter) -> None:
    """Kill the server after a third of the steps; let it hang after two thirds."""
    every = RUNS * (TURNS + 1)
    await counter.reach(every // 3)
    server.kill()
    await asyncio.sleep(DOWN_S)
    await asyncio.to_thread(server.start)
    await counter.reach(2 * every // 3)
    server.pause()
    await asyncio.sleep(HANG_S)
    server.resume()


async def measure(folder: Path) -> None:
    with MongoServer(folder) as server:
        whole_s, expected, _ = await batch(server, "undisturbed", troubled=False)
        took_s, transcripts, told = await batch(server, "troubled", troubled=True)
    equal = transcripts == expected
    steps = RUNS * (TURNS + 1)
    show(
        [
            Row(f"{RUNS} runs, {steps} steps, undisturbed", f"{whole_s:.1f} s"),
            Row(
                f"the same, database killed for {DOWN_S:.0f} s and hanging for {HANG_S:.0f} s",
                f"{took_s:.1f} s: {took_s - whole_s - DOWN_S - HANG_S:.1f} s more than the outages",
            ),
            Row("transcripts", "equal" if equal else "DIFFERENT", "equal", equal),
        ]
    )
    for sentence in told:
        print(f"  {sentence}")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(measure(Path(name)))


if __name__ == "__main__":
    main()
