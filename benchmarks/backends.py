"""What the way to a model costs, and whether it holds when the model's server does not."""

from __future__ import annotations

import asyncio
import logging
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from openai import AsyncOpenAI
from pydantic import SecretStr

from benchmarks.stand import play, talk
from benchmarks.tables import Row, show
from simulator.backends.options import BackendOptions, Timeouts
from simulator.backends.pool import BackendPool
from simulator.domain.models import GenerateRequest
from simulator.domain.prompts import ChatMessage, Prompt
from simulator.domain.sampling import Sampling
from simulator.services import Services
from simulator.settings import Settings
from simulator.store.opening import open_store
from tests.servers.process import fake_openai

NAME = "gpt-4o-mini"
MODEL = f"openai/{NAME}"
STREAMS, TOKENS, REPEATS = 200, 100, 7
ASKED_WALL, ASKED_CPU_MS = 1.10, 0.15
RUNS, TURNS, FAILING = 200, 8, 0.2
ASKED_SHARE = 0.8
IN_FLIGHT, TOKEN_DELAY_MS, STORM_TOKENS = 24, 20.0, 10
PER_SECOND, RETRY_AFTER_MS = 60.0, 1000.0
CLIENTS, SETTLE_S, MEASURE_S = 150, 20.0, 20.0


def options(base_url: str, *, connections: int | None = None) -> BackendOptions:
    """A pool's options for the server; stalls are given up after two seconds."""
    return BackendOptions(
        environment={"OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": "sk-benchmark"},
        timeouts=Timeouts(first_token_s=2.0, stall_s=2.0),
        max_connections=connections,
    )


def question(number: int) -> Prompt:
    """A prompt of its own for each stream."""
    return Prompt.of(
        ChatMessage("system", "You are a guard."), ChatMessage("user", f"Question {number}.")
    )


# -------------------------------------------------------------------- the price of a token


@dataclass(frozen=True, slots=True)
class Cost:
    """Of streaming all replies once."""

    wall_s: float
    cpu_s: float


async def cost(one: Callable[[int], Awaitable[str]]) -> Cost:
    """Of all streams side by side; `one` streams a reply to its end."""
    wall, cpu = time.perf_counter(), time.process_time()
    replies = await asyncio.gather(*map(one, range(STREAMS)))
    if any(reply.count(" ") != TOKENS - 1 for reply in replies):
        raise RuntimeError("a reply is not whole")
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


async def costs(base_url: str) -> list[tuple[Cost, Cost]]:
    """Of the bare client and of our backend, taking turns."""
    pool = BackendPool(options(base_url, connections=STREAMS))
    backend = pool.get(MODEL)

    async def ours(number: int) -> str:
        text = ""
        request = GenerateRequest(question(number), Sampling(temperature=0.7), seed=number)
        async with aclosing(backend.generate(request)) as chunks:
            async for chunk in chunks:
                text += chunk.text
        return text

    async with AsyncOpenAI(
        base_url=base_url, api_key="sk-benchmark", max_retries=0, timeout=None
    ) as client:

        async def bare(number: int) -> str:
            text = ""
            stream = await client.chat.completions.create(
                model=NAME,
                messages=[
                    {"role": "system", "content": "You are a guard."},
                    {"role": "user", "content": f"Question {number}."},
                ],
                temperature=0.7,
                seed=number,
                stream=True,
                stream_options={"include_usage": True},
            )
            async for chunk in stream:
                if chunk.choices:
                    text += chunk.choices[0].delta.content or ""
            return text

        await cost(bare), await cost(ours)
        try:
            return [(await cost(bare), await cost(ours)) for _ in range(REPEATS)]
        finally:
            await pool.close()


def price_of_a_token() -> list[Row]:
    with fake_openai("--tokens", str(TOKENS), "--strict") as server:
        pairs = asyncio.run(costs(server.base_url))
    wall = statistics.median(ours.wall_s / bare.wall_s for bare, ours in pairs)
    bare_ms = 1e3 * statistics.median(bare.cpu_s for bare, _ in pairs) / (STREAMS * TOKENS)
    ours_ms = 1e3 * statistics.median(ours.cpu_s for _, ours in pairs) / (STREAMS * TOKENS)
    extra_ms = ours_ms - bare_ms
    return [
        Row(f"{STREAMS} streams of {TOKENS} tokens: wall time over the bare client's",
            f"{wall:.2f}", f"≤ {ASKED_WALL:.2f}", wall <= ASKED_WALL),
        Row("CPU of the bare client", f"{bare_ms:.3f} ms a token"),
        Row("our CPU beyond that", f"{extra_ms:+.3f} ms a token", f"≤ {ASKED_CPU_MS:.2f} ms",
            extra_ms <= ASKED_CPU_MS),
    ]  # fmt: skip


# -------------------------------------------------------------------- a server that fails


@asynccontextmanager
async def laboratory(pool: BackendPool) -> AsyncIterator[Services]:
    """Services on a fresh store and these models."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        settings = Settings(store=SecretStr(url), user="bench", max_live_runs=RUNS)
        store = await open_store(settings.store_url)
        try:
            yield Services(settings, store, pool)
        finally:
            await pool.close()
            await store.close()


async def transcripts(base_url: str) -> list[list[tuple[str, str]]]:
    """Who said what in each of the runs."""
    async with laboratory(BackendPool(options(base_url, connections=RUNS))) as opened:
        runs = await opened.launch(talk(TURNS, MODEL), {}, seed=1, repeat=RUNS)
        await play(opened, runs)
        steps = [await opened.store.steps(run.id) for run in runs]
    return [[(step.speaker, step.content) for step in each] for each in steps]


def a_server_that_fails() -> list[Row]:
    with fake_openai("--strict") as sound, fake_openai("--failing", str(FAILING)) as failing:
        expected = asyncio.run(transcripts(sound.base_url))
        seen = asyncio.run(transcripts(failing.base_url))
    equal = sum(a == b for a, b in zip(seen, expected, strict=True))
    return [
        Row(f"{RUNS} runs while {FAILING:.0%} of requests fail: transcripts as without failures",
            f"{equal}", f"{RUNS}", equal == RUNS),
    ]  # fmt: skip


# -------------------------------------------------------------------- a storm of refusals


@dataclass(frozen=True, slots=True)
class Flow:
    """What came of many requests once the limit has had time to settle."""

    replies_per_s: float
    refusals_per_s: float


async def flow(base_url: str) -> Flow:
    """Of clients that ask one question after another."""
    pool = BackendPool(options(base_url))
    backend = pool.get(MODEL)
    settled_at = asyncio.get_running_loop().time() + SETTLE_S
    replies = refusals = 0

    async def client(number: int) -> None:
        nonlocal replies, refusals
        while True:
            request = GenerateRequest(question(number), Sampling(), seed=number)
            async with aclosing(backend.generate(request)) as chunks:
                async for chunk in chunks:
                    if asyncio.get_running_loop().time() > settled_at:
                        replies += chunk.completion is not None
                        refusals += chunk.retry is not None

    clients = [asyncio.create_task(client(number)) for number in range(CLIENTS)]
    try:
        failed, _ = await asyncio.wait(
            clients, timeout=SETTLE_S + MEASURE_S, return_when=asyncio.FIRST_EXCEPTION
        )
        for task in failed:
            task.result()
    finally:
        for task in clients:
            task.cancel()
        await asyncio.gather(*clients, return_exceptions=True)
        await pool.close()
    return Flow(replies / MEASURE_S, refusals / MEASURE_S)


def storm_of(what: str, capacity_per_s: float, *arguments: str) -> Row:
    with fake_openai("--tokens", str(STORM_TOKENS), *arguments) as server:
        seen = asyncio.run(flow(server.base_url))
    share = seen.replies_per_s / capacity_per_s
    return Row(
        f"{CLIENTS} clients of a server that takes {what}: share of its capacity",
        f"{share:.0%}, {seen.refusals_per_s / seen.replies_per_s:.2f} refusals a reply",
        f"≥ {ASKED_SHARE:.0%}",
        share >= ASKED_SHARE,
    )


async def reply_s(base_url: str) -> float:
    """Seconds that the server takes for a reply when it has one request at a time."""
    pool = BackendPool(options(base_url))
    backend = pool.get(MODEL)

    async def reply() -> float:
        began = time.perf_counter()
        async for _ in backend.generate(GenerateRequest(question(0), Sampling(), seed=0)):
            pass
        return time.perf_counter() - began

    try:
        return statistics.median([await reply() for _ in range(9)])
    finally:
        await pool.close()


def storms() -> list[Row]:
    delay = ("--token-delay-ms", str(TOKEN_DELAY_MS))
    with fake_openai("--tokens", str(STORM_TOKENS), *delay) as server:
        one_s = asyncio.run(reply_s(server.base_url))
    in_flight, per_second = ("--in-flight", str(IN_FLIGHT)), ("--per-second", str(PER_SECOND))
    told = ("--retry-after-ms", str(RETRY_AFTER_MS))
    return [
        storm_of(f"{IN_FLIGHT} at a time", IN_FLIGHT / one_s, *delay, *in_flight),
        storm_of(f"{IN_FLIGHT} at a time and says when to come back", IN_FLIGHT / one_s, *delay,
                 *in_flight, *told),
        storm_of(f"{PER_SECOND:.0f} a second", PER_SECOND, *per_second),
        storm_of(f"{PER_SECOND:.0f} a second and says when to come back", PER_SECOND,
                 *per_second, *told),
    ]  # fmt: skip


def main() -> None:
    logging.getLogger("simulator").addHandler(logging.NullHandler())  # failures are meant here
    show([*price_of_a_token(), *a_server_that_fails(), *storms()])


if __name__ == "__main__":
    main()
