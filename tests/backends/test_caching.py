"""Replies that are given again."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from simulator.backends.caching import CachedBackend
from simulator.domain.journal import StopReason, Usage
from simulator.domain.models import Chunk, Completion, GenerateRequest, ModelCard, TokenLogprob
from simulator.domain.prompts import ChatMessage, Prompt
from simulator.domain.sampling import Sampling
from simulator.errors import BackendUnavailableError
from tests.backends.asking import ServedBackend, chunks, reply, request, whole


class Memory:
    """A cache for the time of a test."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    async def get(self, key: str) -> str | None:
        return self.values.get(key)

    async def put(self, key: str, model: str, value: str) -> None:
        self.values.setdefault(key, value)


class Counting(ServedBackend):
    """A model that numbers its replies."""

    def __init__(self, *, model: str = "lab/test", stop_reason: StopReason = "stop") -> None:
        super().__init__(self._serve, model=model)
        self.asked = 0
        self.scored = 0
        self.digest: str | None = None
        self.stop_reason = stop_reason
        self.reachable = True

    async def _serve(self, asked: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        self.asked += 1
        yield Chunk("reply ")
        yield Chunk(str(self.asked))
        yield whole(
            f"reply {self.asked}", self.stop_reason, model_digest=self.digest, reasoning="hm",
            first_token=(TokenLogprob("reply", -0.5),),
        )  # fmt: skip

    async def describe(self) -> ModelCard:
        if not self.reachable:
            raise BackendUnavailableError("The server is down.")
        return ModelCard(self.model, digest=self.digest)

    async def score(self, *_: object) -> tuple[float, ...]:
        self.scored += 1
        return (-1.5, -0.1)


async def test_an_equal_request_gets_the_same_reply_for_nothing() -> None:
    model = Counting()
    cached = CachedBackend(model, Memory(), is_local=False)
    first = await reply(cached, request())
    again = await chunks(cached, request())
    assert [chunk.text for chunk in again] == ["reply 1", ""]
    assert model.asked == 1
    free = first.usage.model_copy(update={"cost_usd": 0.0})
    assert first.usage.cost_usd == 0.25
    assert again[-1].completion == replace(first, usage=free, from_cache=True)


async def test_the_cache_outlives_the_backend() -> None:
    memory = Memory()
    await reply(CachedBackend(Counting(), memory, is_local=False), request())
    assert (await reply(CachedBackend(Counting(), memory, is_local=False), request())).from_cache


@pytest.mark.parametrize(
    "other",
    [
        replace(request(), seed=2),
        replace(request(), repetition=1),
        replace(request(), sampling=Sampling(temperature=0.6)),
        replace(request(), sampling=Sampling(temperature=0.5, stop=("x",))),
        replace(request(), choices=("a", "b")),
        replace(request(), top_logprobs=3),
        request("Lights on."),
        replace(request(), prompt=Prompt.of(ChatMessage("system", "Lights out."))),
    ],
)
async def test_whatever_differs_asks_the_model(other: GenerateRequest) -> None:
    model = Counting()
    cached = CachedBackend(model, Memory(), is_local=False)
    await reply(cached, request())
    assert not (await reply(cached, other)).from_cache
    assert model.asked == 2


async def test_a_reply_without_a_price_is_not_counted_as_such_again() -> None:
    async def unpriced(asked: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        usage = Usage(prompt_tokens=3, completion_tokens=1, unpriced_calls=1)
        yield Chunk(completion=Completion("yes", "stop", usage))

    cached = CachedBackend(ServedBackend(unpriced), Memory(), is_local=False)
    assert (await reply(cached, request())).usage.unpriced_calls == 1
    again = (await reply(cached, request())).usage
    assert (again.unpriced_calls, again.prompt_tokens) == (0, 3)


async def test_another_model_or_endpoint_is_asked() -> None:
    memory = Memory()
    await reply(CachedBackend(Counting(), memory, is_local=False), request())
    elsewhere = Counting()
    elsewhere.endpoint = "http://127.0.0.1:2/v1"
    for model in (elsewhere, Counting(model="lab/other")):
        await reply(CachedBackend(model, memory, is_local=False), request())
        assert model.asked == 1


async def test_options_that_the_model_does_not_take_do_not_matter() -> None:
    class Plain(Counting):
        sampling_options = frozenset({"temperature"})

    cached = CachedBackend(Plain(), Memory(), is_local=False)
    await reply(cached, request())
    other = replace(request(), sampling=Sampling(temperature=0.5, top_k=3))
    assert (await reply(cached, other)).from_cache


async def test_new_weights_under_an_old_name_are_asked() -> None:
    memory, model = Memory(), Counting()
    model.digest = "one"
    await reply(CachedBackend(model, memory, is_local=True), request())
    assert (await reply(CachedBackend(model, memory, is_local=True), request())).from_cache
    model.digest = "two"
    assert not (await reply(CachedBackend(model, memory, is_local=True), request())).from_cache


async def test_a_reply_of_weights_that_changed_meanwhile_is_not_kept() -> None:
    memory, model = Memory(), Counting()
    model.digest = "one"
    cached = CachedBackend(model, memory, is_local=True)
    await reply(cached, request())
    model.digest = "two"
    await reply(cached, request("More."))
    assert len(memory.values) == 1
    assert not (await reply(cached, request())).from_cache
    assert len(memory.values) == 2


async def test_while_the_weights_are_unknown_requests_pass_by_the_cache() -> None:
    memory, model = Memory(), Counting()
    cached = CachedBackend(model, memory, is_local=True)
    model.reachable = False
    await reply(cached, request())
    assert memory.values == {}
    model.reachable = True
    await reply(cached, request())
    assert (await reply(cached, request())).text == "reply 2"


@pytest.mark.parametrize(
    ("stop_reason", "kept"),
    [
        ("stop", 1), ("length", 1), ("refusal", 1), ("content_filter", 0), ("unknown", 0),
    ],
)  # fmt: skip
async def test_only_replies_that_would_come_again_are_kept(
    stop_reason: StopReason, kept: int
) -> None:
    memory = Memory()
    cached = CachedBackend(Counting(stop_reason=stop_reason), memory, is_local=False)
    await reply(cached, request())
    assert len(memory.values) == kept


async def test_errors_and_streams_that_were_left_are_not_kept() -> None:
    async def failing(asked: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        yield Chunk("half a ")
        raise BackendUnavailableError("The server is down.")

    memory = Memory()
    with pytest.raises(BackendUnavailableError):
        await reply(CachedBackend(ServedBackend(failing), memory, is_local=False), request())
    stream = CachedBackend(Counting(), memory, is_local=False).generate(request())
    await anext(stream)
    await stream.aclose()
    assert memory.values == {}


async def test_half_a_character_survives() -> None:
    async def odd(asked: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        yield whole("\ud83d ok")

    cached = CachedBackend(ServedBackend(odd), Memory(), is_local=False)
    asked = request("\udc00?")
    assert (await reply(cached, asked)).text == (await reply(cached, asked)).text == "\ud83d ok"


async def test_scores_are_kept_too() -> None:
    model = Counting()
    cached = CachedBackend(model, Memory(), is_local=False)
    prompt = request().prompt
    assert await cached.score(prompt, ["a", "b"]) == await cached.score(prompt, ["a", "b"])
    assert model.scored == 1
    await cached.score(prompt, ["b", "a"])
    assert model.scored == 2


@pytest.mark.parametrize(
    "damage", ["", "{", "null", "[]", "{}", '{"text": 3}', "[" * 100_000, '["a"]']
)
async def test_what_is_damaged_is_asked_for_again_and_said_once(
    damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    memory, model = Memory(), Counting()
    cached = CachedBackend(model, memory, is_local=False)
    await reply(cached, request())
    await cached.score(request().prompt, ["a", "b"])
    memory.values = dict.fromkeys(memory.values, damage)
    again = await reply(cached, request())
    assert (again.text, again.from_cache) == ("reply 2", False)
    assert await cached.score(request().prompt, ["a", "b"]) == (-1.5, -0.1)
    assert [record.getMessage() for record in caplog.records] == [
        "the cache has damaged replies of lab/test, which `cache clear` deletes"
    ]
