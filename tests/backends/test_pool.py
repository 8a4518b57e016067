"""The models of a process: what is wrapped around them, and what they share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from simulator.backends.options import BackendOptions, Connections, Timeouts
from simulator.backends.pool import BackendPool
from simulator.backends.providers import nothing_to_pull
from simulator.domain.models import (
    Chunk,
    EndpointReport,
    GenerateRequest,
    ModelBackend,
    ModelCard,
    PullProgress,
)
from simulator.errors import BackendUnavailableError, ModelAccessError, UsageError
from tests.backends.asking import ServedBackend, chunks, reply, request, whole
from tests.virtual_time import play

PRICES = '[lab]\n"dear" = { input_usd = 1.0, output_usd = 10.0 }\n'


class LabProvider:
    """A server whose replies take a second; `broken` has none, `silent` says nothing."""

    name = "lab"
    is_free = False
    connections = Connections(2, 4)

    def __init__(self) -> None:
        self.at_work = 0
        self.most_at_work = 0
        self.asked = 0

    def open(self, name: str) -> ModelBackend:
        if name == "locked":
            raise ModelAccessError("No key.")
        return ServedBackend(self._silent if name == "silent" else self._serve, model=f"lab/{name}")

    async def report(self) -> EndpointReport:
        card = ModelCard("lab/dear")
        return EndpointReport("lab", "http://127.0.0.1:1", models=(card,))

    def pull(self, name: str) -> AsyncGenerator[PullProgress, None]:
        return nothing_to_pull("lab")

    async def _serve(self, asked: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        self.asked += 1
        if self.asked == 1:
            raise BackendUnavailableError("Not yet.")
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        await asyncio.sleep(1)
        self.at_work -= 1
        yield whole("a reply")

    async def _silent(self, asked: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        await asyncio.sleep(10_000)
        yield Chunk()


class Memory(dict[str, str]):
    async def get(self, key: str) -> str | None:  # type: ignore[override]
        return dict.get(self, key)

    async def put(self, key: str, model: str, value: str) -> None:
        self[key] = value


def pool(provider: LabProvider, options: BackendOptions | None = None) -> BackendPool:
    return BackendPool(options, {"lab": provider})


def test_models_of_an_endpoint_share_its_places() -> None:
    async def crowd() -> None:
        models = [backends.get("lab/a"), backends.get("lab/b")]
        await asyncio.gather(*(reply(models[n % 2], request(seed=n)) for n in range(40)))

    provider = LabProvider()
    backends = pool(provider)
    play(crowd())
    (load,) = backends.loads()
    assert provider.most_at_work == 4 == load.limit
    assert (load.endpoint, load.in_flight, load.waiting) == ("http://127.0.0.1:1/v1", 0, 0)


def test_the_users_number_of_connections_is_kept() -> None:
    provider = LabProvider()
    model = pool(provider, BackendOptions(max_connections=3)).get("lab/a")

    async def crowd() -> None:
        await asyncio.gather(*(reply(model, request(seed=n)) for n in range(20)))

    play(crowd())
    assert provider.most_at_work == 3


def test_failures_are_sent_again_and_silence_is_ended() -> None:
    heard = play(chunks(pool(LabProvider()).get("lab/a"), request()))
    assert [chunk.retry.reason for chunk in heard if chunk.retry] == ["Not yet."]
    options = BackendOptions(timeouts=Timeouts(first_token_s=5.0))
    with pytest.raises(BackendUnavailableError, match="sent nothing for 5 s"):
        play(chunks(pool(LabProvider(), options).get("lab/silent"), request()))


def test_replies_are_priced_by_the_users_table(tmp_path: Path) -> None:
    prices = tmp_path / "prices.toml"
    prices.write_text(PRICES, encoding="utf-8")
    backends = pool(LabProvider(), BackendOptions(prices_file=prices))
    price = backends.get("lab/dear").price
    assert price is not None and price.output_usd == 10.0
    (card,) = play(backends.report("lab")).models
    assert card.price == price
    assert backends.get("lab/unlisted").price is None
    prices.write_text(PRICES.replace("lab", "lba"), encoding="utf-8")
    with pytest.raises(UsageError, match=r"did you mean \[lab\]\?"):
        pool(LabProvider(), BackendOptions(prices_file=prices)).get("lab/dear")


def test_with_a_cache_replies_come_again() -> None:
    async def twice() -> bool:
        model = pool(provider, BackendOptions(cache=Memory())).get("lab/a")
        await reply(model, request())
        return (await reply(model, request())).from_cache

    provider = LabProvider()
    assert play(twice())
    assert provider.asked == 2


def test_a_replay_opens_no_provider(tmp_path: Path) -> None:
    recording = tmp_path / "recording.jsonl"
    said = play(
        reply(pool(LabProvider(), BackendOptions(record=recording)).get("lab/a"), request())
    )
    model = BackendPool(BackendOptions(replay=recording), {}).get("lab/a")
    again = play(reply(model, request()))
    assert (again.text, again.from_cache, again.usage.cost_usd) == (said.text, True, 0.0)


def test_models_in_this_process_have_no_limit() -> None:
    backends = BackendPool()
    assert play(reply(backends.get("scripted/echo"), request())).text
    assert backends.loads() == ()


def test_a_model_that_could_not_be_opened_is_tried_again() -> None:
    backends = pool(LabProvider())
    for _ in range(2):
        with pytest.raises(ModelAccessError):
            backends.get("lab/locked")


def test_variables_are_not_shown() -> None:
    assert "hunter2" not in repr(BackendOptions(environment={"LAB_API_KEY": "hunter2"}))
