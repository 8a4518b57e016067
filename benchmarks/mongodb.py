"""A shared database: many writers, and questions to a million messages in 50,000 runs.

The server is the one that the tests use: MONGODB_URI, `mongod` on the PATH, or else the stand-in,
whose times say nothing of MongoDB; what it looked at to answer does. `--runs N` for another size.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from benchmarks.tables import Row, show
from simulator.domain.journal import Usage
from simulator.domain.records import RunOrder, RunQuery
from simulator.store import mongo_queries as queries
from simulator.store.mongo import MongoStore
from simulator.store.mongo_address import parse_address
from simulator.store.mongo_codec import run_document, step_document
from simulator.store.opening import StoreOptions, open_store
from tests.servers.mongo.choosing import MongoUnderTest, mongo_under_test
from tests.store.examples import NOON, a_lease, a_run, a_step, an_experiment

RUNS, STEPS = 50_000, 20
PROCESSES, WRITERS, WRITTEN_RUNS = 4, 4, 1_000
SHOWN = 50
SERVER_MS = 50
CHUNK = 250
FOLLOWED = 40

Documents = AsyncDatabase[dict[str, Any]]
Ask = Callable[[], Awaitable[object]]


# ---------------------------------------------------------------- many writers


async def write_together(url: str) -> Iterator[Row]:
    """16 writers in 4 processes on one store."""
    store = await open_store(url)
    await store.add_experiment(an_experiment())
    for number in range(WRITTEN_RUNS):
        await store.add_run(a_run(f"R{number:04}"))
    began = time.perf_counter()
    players = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.store.player_process",
            url, f"process-{number}", str(WRITERS), str(STEPS), stdout=subprocess.PIPE,
        )
        for number in range(PROCESSES)
    ]  # fmt: skip
    outputs = [(await player.communicate())[0].decode() for player in players]
    took_s = time.perf_counter() - began
    played = [line.split() for output in outputs for line in output.splitlines()]
    owners = {run_id: {owner for name, owner in played if name == run_id} for run_id, _ in played}
    wrong = [
        run_id
        for run_id in (f"R{number:04}" for number in range(WRITTEN_RUNS))
        if [(step.index, step.speaker) for step in await store.steps(run_id)]
        != [(index, owner) for index in range(STEPS) for owner in owners.get(run_id, ())]
    ]
    await store.close()
    steps = WRITTEN_RUNS * STEPS
    kind = url.partition(":")[0]
    return iter(
        (
            Row(f"{kind}: {steps:,} steps by 16 writers", f"{steps / took_s:,.0f} steps/s"),
            Row(
                f"{kind}: runs with steps lost, doubled or of two owners", f"{len(wrong)}", "0",
                not wrong,
            ),
        )
    )  # fmt: skip


# ---------------------------------------------------------------- a large database


async def fill(database: Documents, runs: int) -> None:
    """Runs of 20 messages, written past the adapter in large groups."""
    statuses = ("completed", "completed", "completed", "failed", "paused")
    for first in range(0, runs, CHUNK):
        batch = [
            a_run(
                f"R{number:07}", f"E{number % 50:02}",
                status=statuses[number % 5], creator=f"user-{number % 7}",
                created_at=NOON + timedelta(seconds=number),
                finished_at=NOON + timedelta(seconds=number * 7919 % runs),
                starred_by=("ada",) if number % 100 == 0 else (),
                usage=Usage(prompt_tokens=number * 37 % 9973, cost_usd=number * 53 % 997 / 100),
            )
            for number in range(first, min(first + CHUNK, runs))
        ]  # fmt: skip
        await database["runs"].insert_many([run_document(run) for run in batch], ordered=False)
        await database["messages"].insert_many(
            [step_document(a_step(index, run.id)) for run in batch for index in range(STEPS)],
            ordered=False,
        )


def finds(runs: int) -> dict[str, dict[str, Any]]:
    """What users ask, as commands."""

    def of_runs(query: RunQuery, order: RunOrder = "newest") -> dict[str, Any]:
        sort = dict(queries.run_order(order))
        return {"find": "runs", "filter": queries.runs(query), "sort": sort, "limit": SHOWN}

    middle = f"R{runs // 2:07}"
    return {
        "list the newest runs": of_runs(RunQuery()),
        "runs of an experiment": of_runs(RunQuery(experiment_id="E07")),
        "failed runs": of_runs(RunQuery(status="failed")),
        "runs of a colleague": of_runs(RunQuery(creator="user-3")),
        "my stars": of_runs(RunQuery(starred_by="ada")),
        "sorted by cost": of_runs(RunQuery(), "highest_cost"),
        "sorted by tokens": of_runs(RunQuery(), "most_tokens"),
        "sorted by end": of_runs(RunQuery(), "last_finished"),
        "open a transcript": {
            "find": "messages",
            "filter": queries.steps(middle, -1),
            "sort": dict(queries.STEP_ORDER),
        },
        "news of a run": {
            "find": "messages",
            "filter": queries.steps(middle, STEPS - 3),
            "sort": dict(queries.STEP_ORDER),
        },
        "count the messages of 50 runs": {
            "aggregate": "messages",
            "pipeline": queries.counting_messages([f"R{n:07}" for n in range(SHOWN)], False),
            "cursor": {},
        },
        "who plays": {"find": "runs", "filter": {"lease.expires_at": {"$gt": NOON}}},
    }


async def explained(database: Documents, runs: int, has_times: bool) -> list[Row]:
    """What the server does for each question; its own times, where it is MongoDB."""
    rows = []
    for what, command in finds(runs).items():
        answer = await database.command("explain", command, verbosity="executionStats")
        answer = answer["stages"][0]["$cursor"] if "stages" in answer else answer
        done = answer["executionStats"]
        scans = "COLLSCAN" in str(answer["queryPlanner"]["winningPlan"])
        took_ms = done["executionTimeMillis"]
        looked = (
            f"{done['totalKeysExamined']} keys and {done['totalDocsExamined']} documents for "
            f"{done['nReturned']}"
        )
        row = Row(f"{what}: on the server", looked, "by index", not scans)
        if has_times:
            row = Row(
                row.what, f"{took_ms} ms, {looked}", f"< {SERVER_MS} ms, by index",
                took_ms < SERVER_MS and not scans,
            )  # fmt: skip
        rows.append(row)
    return rows


async def asked(store: MongoStore, runs: int) -> list[Row]:
    """What a user waits for."""
    middle = f"R{runs // 2:07}"
    questions: dict[str, Ask] = {
        "50 newest runs": lambda: store.runs(RunQuery(limit=SHOWN)),
        "a transcript of 20": lambda: store.steps(middle),
        "describe": store.describe,
    }
    rows = []
    for what, ask in questions.items():
        times = []
        for _ in range(20):
            began = time.perf_counter()
            await ask()
            times.append(time.perf_counter() - began)
        rows.append(Row(f"{what}: for the user", f"{sorted(times)[10] * 1000:.1f} ms"))
    return rows


async def follow(url: str) -> Row:
    """From an acknowledged message to its coming to a colleague's `watch`."""
    writer, reader = await open_store(url), await open_store(url)
    await writer.add_run(a_run("LIVE", "E00"))
    await writer.acquire("LIVE", a_lease("bench", 3600), now=NOON)
    times = []
    async with aclosing(cast("Any", reader.follow("LIVE"))) as steps:
        for index in range(FOLLOWED):
            arrival = asyncio.ensure_future(anext(steps))
            await asyncio.sleep(0.02)
            began = time.perf_counter()
            await writer.commit(a_step(index, "LIVE"))
            await arrival
            times.append(time.perf_counter() - began)
    await writer.close()
    await reader.close()
    worst_s = max(times)
    return Row(
        "a message until a colleague sees it: median, worst",
        f"{sorted(times)[FOLLOWED // 2] * 1000:.0f} ms, {worst_s * 1000:.0f} ms",
        "< 1 s", worst_s < 1,
    )  # fmt: skip


async def measure(server: MongoUnderTest, folder: Path, runs: int) -> None:
    show([*await write_together(f"sqlite:///{folder / 'bench.db'}")])
    with server.database() as url:
        show([*await write_together(url)])
    with server.database() as url:
        store = await MongoStore.open(url, StoreOptions(), print)
        for number in range(50):
            await store.add_experiment(an_experiment(f"E{number:02}"))
        async with AsyncMongoClient[dict[str, Any]](url) as client:
            database = client[parse_address(url, "").database]
            began = time.perf_counter()
            await fill(database, runs)
            filled_s = time.perf_counter() - began
            messages = runs * STEPS
            print(f"{messages:,} messages in {runs:,} runs, written in {filled_s:.0f} s")
            server_side = await explained(database, runs, server.is_authoritative)
            show([*server_side, *await asked(store, runs), await follow(url)])
        await store.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mongodb")
    parser.add_argument("--runs", type=int, default=None, help="in the large database")
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as name, mongo_under_test(Path(name) / "mongo") as server:
        print(server.verdict())
        runs = given.runs or (RUNS if server.is_authoritative else RUNS // 10)
        asyncio.run(measure(server, Path(name), runs))


if __name__ == "__main__":
    main()
