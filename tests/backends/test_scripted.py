"""Models that do as they are told, and the pool."""

from __future__ import annotations

import pytest

from simulator.backends.pool import BackendPool
from simulator.backends.scripted import SCRIPTS, ScriptedBackend, open_scripted
from simulator.domain.models import Chunk, GenerateRequest, ModelBackend
from simulator.domain.prompts import ChatMessage, Prompt
from simulator.domain.sampling import Sampling
from simulator.errors import (
    BackendError,
    BackendUnavailableError,
    NotFoundError,
    RateLimitedError,
    UsageError,
)


def request(
    text: str = "Guard_117: Lights out.", *, seed: int = 1, **options: object
) -> GenerateRequest:
    return GenerateRequest(
        Prompt.of(ChatMessage("user", text)), Sampling.model_validate(options), seed
    )


async def chunks(backend: ModelBackend, asked: GenerateRequest) -> list[Chunk]:
    return [chunk async for chunk in backend.generate(asked)]


async def reply(backend: ModelBackend, asked: GenerateRequest) -> str:
    last = (await chunks(backend, asked))[-1]
    assert last.completion is not None
    return last.completion.text


async def test_echo_says_what_it_heard_without_the_label() -> None:
    said = await reply(open_scripted("echo"), request())
    assert said == "I heard 1 messages; the last began: Lights out."


async def test_babble_honours_the_seed() -> None:
    babble = open_scripted("babble")
    assert await reply(babble, request(seed=1)) == await reply(babble, request(seed=1))
    assert await reply(babble, request(seed=1)) != await reply(babble, request(seed=2))


@pytest.mark.parametrize("name", [*SCRIPTS, "say?text=hello"])
async def test_pieces_add_up_to_the_reply(name: str) -> None:
    separator = "&" if "?" in name else "?"
    heard = await chunks(open_scripted(f"{name}{separator}token_delay_ms=0.01"), request())
    last = heard[-1].completion
    assert last is not None
    assert "".join(chunk.text for chunk in heard) == last.text


async def test_max_tokens_cuts_and_says_so() -> None:
    cut = (await chunks(ScriptedBackend(["one two three four"]), request(max_tokens=2)))[-1]
    assert cut.completion is not None
    assert (cut.completion.text, cut.completion.stop_reason) == ("one two", "length")


async def test_a_reply_ends_before_the_first_of_its_stops() -> None:
    backend = ScriptedBackend(["one two three four"])
    cut = (await chunks(backend, request(stop=("four", " three"))))[-1]
    assert cut.completion is not None
    assert (cut.completion.text, cut.completion.stop_reason) == ("one two", "stop")


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("unavailable", BackendUnavailableError),
        ("rate_limit", RateLimitedError),
        ("refused", BackendError),
    ],
)
async def test_failures_come_on_demand(kind: str, error: type[Exception]) -> None:
    backend = open_scripted(f"echo?fail_first=1&fail_with={kind}")
    with pytest.raises(error):
        await chunks(backend, request())
    assert await chunks(backend, request())


async def test_every_nth_request_fails() -> None:
    backend = open_scripted("echo?fail_every=2")
    for _ in range(2):
        assert await chunks(backend, request())
        with pytest.raises(BackendUnavailableError):
            await chunks(backend, request())


def test_wrong_scripts_and_options_are_named() -> None:
    with pytest.raises(NotFoundError, match="no script 'ecko'"):
        open_scripted("ecko")
    with pytest.raises(UsageError, match="option dealy_ms"):
        open_scripted("echo?dealy_ms=3")
    with pytest.raises(UsageError, match="option delay_ms"):
        open_scripted("echo?delay_ms=soon")


async def test_the_pool_opens_a_model_once_and_closes_it() -> None:
    pool = BackendPool()
    assert pool.get("scripted/echo") is pool.get("scripted/echo")
    await pool.close()
    await pool.close()


def test_an_unknown_provider_is_named_with_the_nearest() -> None:
    with pytest.raises(NotFoundError, match="provider 'script' is unknown") as error:
        BackendPool().get("script/echo")
    assert error.value.remedy is not None and "'scripted'" in error.value.remedy
