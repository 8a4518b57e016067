"""Messages as vectors through every wrapper, and backends that have words alone."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from simulator.backends.caching import CachedBackend
from simulator.backends.limiting import EndpointLimit, LimitedBackend
from simulator.backends.options import BackendOptions, Connections, Timeouts
from simulator.backends.pool import BackendPool
from simulator.backends.pricing import ListedModel, PricedBackend, PriceTable
from simulator.backends.recording import Recorder, RecordingBackend
from simulator.backends.retrying import RetryingBackend
from simulator.backends.scripted import ScriptedBackend
from simulator.backends.timing import TimedBackend
from simulator.domain.journal import Usage
from simulator.domain.latent import (
    EmbeddingTable,
    LatentChunk,
    LatentCompletion,
    LatentMessage,
    LatentRequest,
    LatentSampling,
    Vectors,
)
from simulator.domain.models import Ability, ModelBackend
from simulator.errors import BackendError
from tests.backends.asking import reply, request

ASKED = LatentRequest((LatentMessage("user", ("Hello.",)),), LatentSampling(temperature=1.0))


class Table:
    model = "lab/soft"
    tokens = (b"a",)

    def rows(self) -> Any:
        return [[1.0]]


class SoftBackend(ScriptedBackend):
    """Speaks one soft token."""

    abilities: frozenset[Ability] = frozenset({"latent"})
    price = None  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__(["unused"], model="lab/soft")

    async def generate_latent(self, request: LatentRequest) -> AsyncGenerator[LatentChunk, None]:
        yield LatentChunk("a")
        usage = Usage(prompt_tokens=2_000_000, completion_tokens=1_000_000)
        vectors = Vectors(bytes(4), 1)
        yield LatentChunk(completion=LatentCompletion("a", vectors, (), "stop", usage))

    async def embedding_table(self) -> EmbeddingTable:
        return Table()


class NoCache:
    async def get(self, key: str) -> str | None:
        raise AssertionError("messages as vectors are not looked up")

    async def put(self, key: str, model: str, value: str) -> None:
        raise AssertionError("messages as vectors are not kept")


def prices(**models: ListedModel) -> PriceTable:
    listed = {name.replace("_", "/"): model for name, model in models.items()}
    return PriceTable(datetime(2026, 1, 1, tzinfo=UTC).date(), (listed,))


WRAPPERS: dict[str, Callable[[ModelBackend, Path], ModelBackend]] = {
    "timing": lambda inner, folder: TimedBackend(inner, Timeouts()),
    "limiting": lambda inner, folder: LimitedBackend(
        inner, EndpointLimit("here", Connections(1, 1))
    ),
    "retrying": lambda inner, folder: RetryingBackend(inner),
    "pricing": lambda inner, folder: PricedBackend(inner, prices()),
    "recording": lambda inner, folder: RecordingBackend(inner, Recorder(folder / "record", str)),
    "caching": lambda inner, folder: CachedBackend(inner, NoCache(), is_local=True),
}


async def completion(backend: ModelBackend) -> LatentCompletion:
    chunks = [chunk async for chunk in backend.generate_latent(ASKED)]
    assert [chunk.text for chunk in chunks] == ["a", ""]
    last = chunks[-1].completion
    assert last is not None
    return last


@pytest.mark.parametrize("name", WRAPPERS)
async def test_wrappers_hand_messages_as_vectors_on(name: str, tmp_path: Path) -> None:
    wrapped = WRAPPERS[name](SoftBackend(), tmp_path)
    assert "latent" in wrapped.abilities
    assert (await completion(wrapped)).vectors == Vectors(bytes(4), 1)
    assert (await wrapped.embedding_table()).tokens == (b"a",)


@pytest.mark.parametrize("name", WRAPPERS)
async def test_wrappers_of_models_with_words_alone_refuse(name: str, tmp_path: Path) -> None:
    await refuses(WRAPPERS[name](ScriptedBackend(["Hi."]), tmp_path), "takes and gives words alone")


async def test_soft_tokens_cost_what_tokens_cost() -> None:
    listed = ListedModel(input_usd=1.5, output_usd=6.0)
    priced = PricedBackend(SoftBackend(), prices(lab_soft=listed))
    assert (await completion(priced)).usage.cost_usd == 9.0
    unknown = PricedBackend(SoftBackend(), prices())
    assert (await completion(unknown)).usage.unpriced_calls == 1
    free = PricedBackend(SoftBackend(), prices(), free=True)
    usage = (await completion(free)).usage
    assert (usage.cost_usd, usage.unpriced_calls) == (0.0, 0)


async def refuses(backend: ModelBackend, words: str) -> None:
    assert "latent" not in backend.abilities
    with pytest.raises(BackendError, match=words) as refusal:
        await anext(backend.generate_latent(ASKED))
    assert refusal.value.remedy
    with pytest.raises(BackendError, match=words):
        await backend.embedding_table()


@pytest.mark.parametrize("model", ["ollama/llama3.1:8b", "openai/gpt-4o-mini", "scripted/echo"])
async def test_models_behind_servers_have_words_alone(model: str) -> None:
    pool = BackendPool(BackendOptions(environment={"OPENAI_API_KEY": "sk-0"}))
    await refuses(pool.get(model), f"{model} takes and gives words alone")
    await pool.close()


async def test_a_recording_has_no_messages_as_vectors(tmp_path: Path) -> None:
    recording = BackendPool(BackendOptions(record=tmp_path / "record"))
    await reply(recording.get("scripted/echo"), request())
    await recording.close()
    replayed = BackendPool(BackendOptions(replay=tmp_path / "record")).get("scripted/echo")
    await refuses(replayed, "no messages as vectors of scripted/echo: they are not recorded")
