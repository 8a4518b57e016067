"""The local decoder and transformers' own ways on the same requests, taking turns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from math import log
from random import Random
from statistics import median
from typing import Literal

from benchmarks.random_llama import Loaded
from benchmarks.tables import Row
from benchmarks.transformers_ways import (
    Continuous,
    Job,
    Replies,
    Spent,
    is_after_tie,
    one_by_one,
    spending,
    static,
)
from simulator.backends.options import BackendOptions
from simulator.backends.pool import BackendPool
from simulator.domain.models import Completion, GenerateRequest, ModelBackend
from simulator.domain.prompts import ChatMessage, Prompt
from simulator.domain.sampling import Sampling

ALONE = 8
"""Requests that are timed one by one after the first repetition."""

Way = Literal["one by one", "static batches", "continuous batching", "ours"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as people make it."""

    message: ChatMessage
    new_tokens: int

    def job(self, loaded: Loaded) -> Job:
        """The same in tokens."""
        return Job(tuple(loaded.tokens([self.message])), self.new_tokens)


@dataclass(frozen=True, slots=True)
class Workload:
    """Requests of one kind."""

    name: str
    requests: int
    prompt_tokens: tuple[int, int]
    """Uniform between these."""
    new_tokens: tuple[int, int]
    """Between these, see `lengths`."""
    goals: dict[Way, float]
    """Times the throughput of the other ways that are asked for."""

    def drawn(self, loaded: Loaded, repetition: int) -> list[Asked]:
        """New requests for each repetition, of the same lengths."""
        order, rng = Random(self.name), Random(f"{self.name} {repetition}")
        return [
            Asked(loaded.message(order.randint(*self.prompt_tokens), rng), new_tokens)
            for new_tokens in order.sample(self.lengths(), self.requests)
        ]

    def lengths(self) -> list[int]:
        """Of all replies, with a long tail: quantiles of an exponential distribution, mean 72.

        Cut to between 4 and 150 tokens, their mean is 62.
        """
        least, most = self.new_tokens
        shares = [(number + 0.5) / self.requests for number in range(self.requests)]
        return [round(min(most, max(least, -72 * log(1 - share)))) for share in shares]


PROMPTS = Workload(
    "32 prompts of 40-127 tokens, 48 new",
    32,
    (40, 127),
    (48, 48),
    {"one by one": 5.0, "static batches": 1.0, "continuous batching": 1.2},
)
EQUAL = Workload(
    "32 prompts of 84 tokens, 48 new",
    32,
    (84, 84),
    (48, 48),
    {"static batches": 1.0},
)
MIXED = Workload(
    "32 prompts of 40-127 tokens, 4-150 new",
    32,
    (40, 127),
    (4, 150),
    {"static batches": 1.8, "continuous batching": 1.2},
)
MANY = Workload("64 prompts of 40-127 tokens, 4-150 new", 64, (40, 127), (4, 150), MIXED.goals)


# -------------------------------------------------------------------- our own way


@asynccontextmanager
async def opened(loaded: Loaded, threads: int | None = None) -> AsyncIterator[ModelBackend]:
    """The model behind the port, loaded; None leaves the number of threads to it."""
    pool = BackendPool(BackendOptions())
    options = f"?device={loaded.device}&dtype={loaded.dtype}"
    options += f"&threads={threads}" if threads else ""
    try:
        backend = pool.get(f"hf/{loaded.folder}{options}")
        await reply(backend, [ChatMessage("user", "Begin.")], Sampling(temperature=0, max_tokens=2))
        yield backend
    finally:
        await pool.close()


async def reply(
    backend: ModelBackend, messages: Sequence[ChatMessage], sampling: Sampling, seed: int = 0
) -> Completion:
    """A whole reply; fails when its pieces are not the text."""
    request = GenerateRequest(Prompt.of(*messages), sampling, seed)
    said, whole = "", None
    async with aclosing(backend.generate(request)) as chunks:
        async for chunk in chunks:
            said += chunk.text
            whole = chunk.completion or whole
    if whole is None or whole.text != said:
        raise RuntimeError(f"{said!r} was streamed, and the reply is {whole}")
    return whole


async def replies(backend: ModelBackend, asked: Sequence[Asked]) -> list[Completion]:
    """Greedy replies to all at once."""
    return await asyncio.gather(
        *(
            reply(backend, [each.message], Sampling(temperature=0, max_tokens=each.new_tokens))
            for each in asked
        )
    )


# -------------------------------------------------------------------- one beside the other


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one way took for one repetition of a workload."""

    way: Way
    tokens: int
    spent: Spent
    texts: tuple[str, ...]
    setting: str = ""
    jobs: Sequence[Job] = ()
    replies: Replies = field(default_factory=list)
    """In tokens; not known of ours."""

    def rate(self, *, wall: bool) -> float:
        """Tokens of replies per second, of the clock or of the processor."""
        return self.tokens / (self.spent.wall_s if wall else self.spent.cpu_s)


class Comparison:
    """All ways on one workload, taking turns."""

    def __init__(self, loaded: Loaded, workload: Workload, repetitions: int) -> None:
        self.loaded = loaded
        self.workload = workload
        self.repetitions = repetitions
        self.done: list[Measurement] = []

    async def measure(
        self, backend: ModelBackend, settings: Sequence[Continuous]
    ) -> list[Continuous]:
        """All repetitions; the first one finds the best setting of continuous batching."""
        for repetition in range(self.repetitions):
            asked = self.workload.drawn(self.loaded, repetition)
            jobs = [each.job(self.loaded) for each in asked]
            if "one by one" in self.workload.goals:
                # One request takes what it takes, however many follow.
                self._theirs("one by one", jobs if repetition == 0 else jobs[:ALONE])
            self._theirs("static batches", jobs)
            if "continuous batching" in self.workload.goals:
                for setting in settings:
                    self._theirs("continuous batching", jobs, setting)
                settings = [max(settings, key=self._best)]
            await self._ours(backend, asked)
        return list(settings)

    def rows(self, *, wall: bool) -> list[Row]:
        """Throughputs, and ours over the others'."""
        unit = "tokens/s" if wall else "tokens/CPU-s"
        ways: tuple[Way, ...] = ("one by one", "static batches", "continuous batching", "ours")
        rates = {way: self._rate(way, wall=wall) for way in ways}
        rows = [
            Row(f"{way}{self._setting(way)}", f"{rate:,.0f} {unit}")
            for way, rate in rates.items()
            if rate
        ]
        for way, goal in self.workload.goals.items():
            ratio = rates["ours"] / rates[way]
            rows.append(Row(f"  ours over {way}", f"{ratio:.2f}", f">= {goal:.1f}", ratio >= goal))
        return [Row(f"{self.workload.name}:", ""), *rows, *self._agreement()]

    def _theirs(self, way: Way, jobs: Sequence[Job], setting: Continuous | None = None) -> None:
        spent: list[Spent] = []
        made: Replies
        if setting is not None:
            with setting.serving(self.loaded) as serve, spending(spent):
                made = serve(jobs)
        else:
            work = one_by_one if way == "one by one" else static
            with spending(spent):
                made = work(self.loaded, jobs)
        texts = tuple(map(self.loaded.text, made))
        tokens = sum(map(len, made))
        self.done.append(Measurement(way, tokens, spent[0], texts, str(setting or ""), jobs, made))

    async def _ours(self, backend: ModelBackend, asked: Sequence[Asked]) -> None:
        spent: list[Spent] = []
        with spending(spent):
            made = await replies(backend, asked)
        for each, whole in zip(asked, made, strict=True):
            expected = len(each.job(self.loaded).prompt)
            if whole.usage.prompt_tokens != expected:
                raise RuntimeError(f"{whole.usage.prompt_tokens} tokens were read, not {expected}")
        tokens = sum(each.usage.completion_tokens for each in made)
        texts = tuple(each.text for each in made)
        self.done.append(Measurement("ours", tokens, spent[0], texts))

    def _of(self, way: Way, setting: str | None = None) -> list[Measurement]:
        return [
            each
            for each in self.done
            if each.way == way and (setting is None or each.setting == setting)
        ]

    def _best(self, setting: Continuous) -> float:
        return self._of("continuous batching", str(setting))[0].rate(wall=True)

    def _setting(self, way: Way) -> str:
        found = self._of(way)
        return f" ({found[-1].setting})" if found and found[-1].setting else ""

    def _rate(self, way: Way, *, wall: bool) -> float:
        found = self._of(way)
        chosen = [each for each in found if each.setting == found[-1].setting]
        return median(each.rate(wall=wall) for each in chosen) if chosen else 0.0

    def _agreement(self) -> list[Row]:
        """How many of our greedy replies are those of `generate`."""
        theirs: Way = "one by one" if self._of("one by one") else "static batches"
        same = ties = total = 0
        for mine, others in zip(self._of("ours"), self._of(theirs), strict=True):
            for text, other, job, reply in zip(
                mine.texts, others.texts, others.jobs, others.replies, strict=False
            ):
                total += 1
                if text == other:
                    same += 1
                else:
                    ties += is_after_tie(self.loaded, job, reply, text)
        exact = self.loaded.dtype == "float32"
        return [
            Row(
                f"  our greedy replies that are those of {theirs}",
                f"{same}" + (f", {ties} more but for a tie" if ties else ""),
                f"{total}" if exact else "",
                same + ties == total if exact else None,
            )
        ]
