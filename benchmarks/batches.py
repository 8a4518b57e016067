"""Batches: how near their wall time comes to the models' own, memory, starts, and kills."""

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

import psutil
from pydantic import SecretStr

from benchmarks.stand import services, talk
from benchmarks.tables import Row, show
from simulator.domain.batches import Batch
from simulator.domain.events import Event, RunStarted, StepCommitted
from simulator.domain.executions import Ended
from simulator.domain.records import Run, RunQuery
from simulator.executing import Executor
from simulator.kinds.conversation.design import ConversationDesign
from simulator.lanes import in_lanes
from simulator.process import SystemClock, fresh_id, provenance
from simulator.services import Services, open_services
from simulator.settings import Settings

RUNS, TURNS, REPLY_MS, LIVE = 1000, 20, 50, 200
ASKED_SHARE, ASKED_MB = 0.95, 400.0
QUEUED, ASKED_START_S = 10_000, 2.0
KILLS, KILLED_RUNS, KILLED_TURNS = 10, 120, 12


async def stored_batch(opened: Services, design: ConversationDesign, runs: int) -> Batch:
    """A batch of one cell with queued runs of the seeds from 0."""
    experiment = await opened.save_design(design)
    kind = opened.kind(design.kind)
    now, resolved = SystemClock().now(), kind.resolve(opened.design_of(experiment), {})
    batch = Batch(
        id=fresh_id(), experiment_id=experiment.id, name=design.name, specification={},
        specification_hash="0" * 32, creator="bench", created_at=now,
    )  # fmt: skip
    await opened.store.add_batch(batch)
    queued = [
        Run(
            id=fresh_id(), experiment_id=experiment.id, kind=design.kind,
            design_hash=experiment.design_hash, seed=seed, agents=kind.cast(resolved, seed),
            provenance=provenance(), creator="bench", created_at=now, batch_id=batch.id, cell=0,
        )
        for seed in range(runs)
    ]  # fmt: skip
    await in_lanes(opened.store.add_run, queued)
    return batch


async def bare_wall_s() -> float:
    """Wall time of the replies alone: as many at a time, each as long."""
    left = iter(range(RUNS))

    async def lane() -> None:
        for _ in left:
            for _ in range(TURNS):
                await asyncio.sleep(REPLY_MS / 1000)

    began = time.perf_counter()
    await asyncio.gather(*(lane() for _ in range(LIVE)))
    return time.perf_counter() - began


async def played() -> tuple[float, float, float]:
    """Wall seconds of the batch, CPU milliseconds a turn, and peak memory in MB of 10**6 bytes."""
    process, peak = psutil.Process(), 0.0

    def look(_: object) -> None:
        nonlocal peak
        peak = max(peak, process.memory_info().rss / 1e6)

    async with services(live_runs=LIVE) as opened:
        design = talk(TURNS, f"scripted/babble?delay_ms={REPLY_MS}")
        await Executor(opened, await stored_batch(opened, talk(1, "scripted/echo"), 1)).play()
        batch = await stored_batch(opened, design, RUNS)
        began, cpu_began = time.perf_counter(), time.process_time()
        ended = await Executor(opened, batch, hear=look).play()
        wall_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu_began
        _must_be_whole(ended, RUNS)
        return wall_s, cpu_s / (RUNS * TURNS) * 1000, peak


async def start_s() -> tuple[float, float]:
    """Seconds until the first of many queued runs begins, and until all of them are listed."""
    async with services(live_runs=LIVE) as opened:
        batch = await stored_batch(opened, talk(1, "scripted/babble?delay_ms=1000"), QUEUED)
        began = time.perf_counter()
        await opened.store.runs(RunQuery(batch_id=batch.id))
        listed_s = time.perf_counter() - began
        first = asyncio.get_running_loop().create_future()

        def listener(event: Event) -> None:
            if isinstance(event, RunStarted) and not first.done():
                first.set_result(time.perf_counter())

        began = time.perf_counter()
        playing = asyncio.create_task(Executor(opened, batch, listener=listener).play())
        at = await first
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
        return at - began, listed_s


# ---------------------------------------------------------------- kills


def _settings(url: str) -> Settings:
    return Settings(store=SecretStr(url), user="bench", max_live_runs=16)


def _digest(content: str) -> str:
    return hashlib.blake2b(content.encode(), digest_size=8).hexdigest()


async def _play_and_tell(url: str, batch_id: str) -> None:
    """Play a batch, saying as JSON lines which runs begin and what is committed."""

    def listener(event: Event) -> None:
        if isinstance(event, RunStarted):
            print(json.dumps(["began", event.run.id]), flush=True)
        elif isinstance(event, StepCommitted):
            step = event.step
            line = ["step", step.run_id, step.scope, step.index, _digest(step.content)]
            print(json.dumps(line), flush=True)

    async with open_services(_settings(url)) as opened:
        batch = await opened.store.batch(batch_id)
        _must_be_whole(await Executor(opened, batch, listener=listener).play(), KILLED_RUNS)


async def _transcripts(opened: Services, batch: Batch) -> list[dict[tuple[str, int], str]]:
    runs = await opened.store.runs(RunQuery(batch_id=batch.id))
    journals = [await opened.store.steps(run.id) for run in sorted(runs, key=lambda run: run.seed)]
    return [
        {(step.scope, step.index): f"{step.speaker}: {step.content}" for step in steps}
        for steps in journals
    ]


def _told_by(command: Sequence[str], patience_s: float) -> tuple[str, bool]:
    """What a process told before it ended, or was killed, and whether it ended."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        return process.communicate(timeout=patience_s)[0], True
    except subprocess.TimeoutExpired:
        process.kill()
        return process.communicate()[0], False


async def killed() -> tuple[int, int, int, bool]:
    """Kill a batch's process again and again.

    Returns how often it was, steps acknowledged and lost, runs played again after they were
    completed, and whether the transcripts are those of a batch that nobody disturbed.
    """
    rng, kills, told, again = Random(9), 0, Counter[tuple[str, ...]](), 0
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        async with open_services(_settings(url)) as opened:
            design = talk(KILLED_TURNS, "scripted/babble?delay_ms=40")
            whole, batch = [await stored_batch(opened, design, KILLED_RUNS) for _ in range(2)]
            _must_be_whole(await Executor(opened, whole).play(), KILLED_RUNS)
        is_over = False
        while not is_over:
            async with open_services(_settings(url)) as opened:
                runs = await opened.store.runs(RunQuery(batch_id=batch.id, status="completed"))
            done = {run.id for run in runs}
            command = [sys.executable, "-m", "benchmarks.batches", "play", url, batch.id]
            patience = rng.uniform(1.2, 2.2) if kills < KILLS else 600.0
            out, is_over = await asyncio.to_thread(_told_by, command, patience)
            kills += not is_over
            lines = [json.loads(line) for line in out.rpartition("\n")[0].splitlines()]
            again += sum(kind == "began" and rest[0] in done for kind, *rest in lines)
            told.update(tuple(map(str, rest)) for kind, *rest in lines if kind == "step")
        async with open_services(_settings(url)) as opened:
            kept = {
                (run.id, step.scope, str(step.index), _digest(step.content))
                for run in await opened.store.runs(RunQuery(batch_id=batch.id))
                for step in await opened.store.steps(run.id)
            }
            same = await _transcripts(opened, batch) == await _transcripts(opened, whole)
        return kills, len(told.keys() - kept) + sum(told.values()) - len(told), again, same


def _must_be_whole(ended: Ended, runs: int) -> None:
    if ended.progress.done != runs:
        raise RuntimeError(f"The batch ended early: {ended}")


def main(arguments: Sequence[str]) -> None:
    if arguments[:1] == ["play"]:
        asyncio.run(_play_and_tell(*arguments[1:]))
        return
    ideal_s = asyncio.run(bare_wall_s())
    wall_s, cpu_ms, memory = asyncio.run(played())
    share = ideal_s / wall_s
    first_s, listed_s = asyncio.run(start_s())
    kills, lost, again, same = asyncio.run(killed())
    what = f"{RUNS} runs of {TURNS} replies of {REPLY_MS} ms, {LIVE} at a time"
    show(
        [
            Row(f"{what}: the waits alone", f"{ideal_s:.2f} s"),
            Row(f"{what}: share of that", f"{share:.1%}", f"≥ {ASKED_SHARE:.0%}",
                share >= ASKED_SHARE),
            Row("CPU a turn, all threads, the scripted model included", f"{cpu_ms:.3f} ms"),
            Row("peak memory", f"{memory:.0f} MB", f"< {ASKED_MB:.0f} MB", memory < ASKED_MB),
            Row(f"{QUEUED:,} queued runs: until the first begins", f"{first_s:.2f} s",
                f"< {ASKED_START_S:g} s", first_s < ASKED_START_S),
            Row(f"{QUEUED:,} queued runs: listed", f"{listed_s:.2f} s"),
            Row("kills of a batch's process", f"{kills}", f"≥ {KILLS}", kills >= KILLS),
            Row("committed steps lost or written twice", f"{lost}", "0", not lost),
            Row("finished runs played again", f"{again}", "0", not again),
            Row("transcripts as undisturbed", "yes" if same else "no", "yes", same),
        ]
    )  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
