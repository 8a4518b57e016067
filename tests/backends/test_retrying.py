"""Requests that are sent again: which, how often, after how long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from simulator.backends.retrying import RetryingBackend
from simulator.backends.scripted import ScriptedBackend, ScriptOptions
from simulator.domain.models import Chunk, GenerateRequest, RetryNotice
from simulator.errors import (
    BackendError,
    BackendUnavailableError,
    ContextOverflowError,
    EndpointError,
    ModelAccessError,
    ModelNotFoundError,
    QuotaExhaustedError,
    RateLimitedError,
)
from tests.backends.asking import ServedBackend, chunks, request, whole
from tests.virtual_time import play


def failing(*errors: Exception) -> ServedBackend:
    """A model whose first requests fail with these."""
    due = list(errors)

    async def server(asked: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        yield Chunk("half a ")
        if due:
            raise due.pop(0)
        yield whole("half a word")

    return ServedBackend(server)


async def _notices(backend: ServedBackend, *, seed: int = 1) -> list[RetryNotice]:
    heard = await chunks(RetryingBackend(backend), request(seed=seed))
    assert heard[-1].completion is not None
    return [chunk.retry for chunk in heard if chunk.retry]


def notices(backend: ServedBackend, *, seed: int = 1) -> list[RetryNotice]:
    return play(_notices(backend, seed=seed))


def unavailable(times: int) -> list[Exception]:
    return [BackendUnavailableError("The server of lab/test is down.") for _ in range(times)]


def busy(times: int, retry_after_s: float | None = None) -> list[Exception]:
    told = "lab/test asks to wait."
    return [RateLimitedError(told, retry_after_s=retry_after_s) for _ in range(times)]


def test_waits_double_up_to_half_a_minute_less_a_part_that_the_seed_draws() -> None:
    heard = notices(failing(*unavailable(7)))
    longest = [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0]
    for notice, most in zip(heard, longest, strict=True):
        assert most / 2 <= notice.wait_s <= most
    assert [notice.attempt for notice in heard] == [2, 3, 4, 5, 6, 7, 8]
    assert heard == notices(failing(*unavailable(7)))
    assert heard != notices(failing(*unavailable(7)), seed=2)


def test_the_waits_are_really_waited() -> None:
    async def timed() -> tuple[float, float]:
        heard = await _notices(failing(*unavailable(5)))
        return sum(notice.wait_s for notice in heard), asyncio.get_running_loop().time()

    said_s, waited_s = play(timed())
    assert said_s == pytest.approx(waited_s)


def test_the_eighth_failure_is_passed_on() -> None:
    with pytest.raises(BackendUnavailableError, match="is down"):
        notices(failing(*unavailable(8)))


def test_a_server_that_asks_to_wait_gets_more_patience_than_one_that_fails() -> None:
    heard = notices(failing(*busy(20)))
    assert len(heard) == 20
    with pytest.raises(RateLimitedError):
        notices(failing(*busy(200)))


def test_the_servers_own_waiting_time_is_kept() -> None:
    assert [notice.wait_s for notice in notices(failing(*busy(2, 42.0)))] == [42.0, 42.0]


@pytest.mark.parametrize("told_s", [0.0, -60.0, 0.001, float("nan"), float("inf"), float("-inf")])
def test_a_server_that_names_no_time_worth_the_name_is_not_hammered(told_s: float) -> None:
    assert notices(failing(*busy(20, told_s))) == notices(failing(*busy(20)))
    with pytest.raises(RateLimitedError):
        notices(failing(*busy(200, told_s)))


def test_a_short_wait_is_kept_until_the_doubled_one_is_longer() -> None:
    waits_s = [notice.wait_s for notice in notices(failing(*busy(5, 2.5)))]
    assert waits_s[:2] == [2.5, 2.5]
    assert waits_s[4] > 2.5


def test_a_server_that_asks_for_hours_ends_the_request_and_says_when_to_resume() -> None:
    with pytest.raises(RateLimitedError, match=r"asks to wait, for 3 hours\.") as error:
        notices(failing(*busy(1, 9000.0)))
    assert error.value.remedy == "Resume the run in 3 hours."


def test_waits_that_the_server_asks_for_end_after_a_quarter_of_an_hour() -> None:
    assert len(notices(failing(*busy(3, 300.0)))) == 3
    with pytest.raises(RateLimitedError):
        notices(failing(*busy(4, 300.0)))


def test_failures_between_refusals_are_counted_apart() -> None:
    errors = [error for pair in zip(unavailable(7), busy(7), strict=True) for error in pair]
    assert len(notices(failing(*errors))) == 14


@pytest.mark.parametrize(
    "error",
    [
        BackendError, ContextOverflowError, EndpointError, ModelAccessError, ModelNotFoundError,
        QuotaExhaustedError,
    ],
)  # fmt: skip
def test_what_another_attempt_would_not_mend_is_not_sent_again(error: type[BackendError]) -> None:
    with pytest.raises(error, match="no use"):
        notices(failing(error("It is no use.")))


def test_the_same_request_is_sent_again() -> None:
    sent: list[GenerateRequest] = []

    async def server(asked: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        sent.append(asked)
        if len(sent) < 3:
            raise BackendUnavailableError("down")
        yield whole("yes")

    notices(ServedBackend(server), seed=12)
    assert len(sent) == 3
    assert all(again is sent[0] for again in sent)


def test_scores_are_asked_for_again() -> None:
    class Scoring(ScriptedBackend):
        asked = 0

        async def score(self, *_: object) -> tuple[float, ...]:
            self.asked += 1
            if self.asked < 3:
                raise BackendUnavailableError("down")
            return (-1.0,)

    backend = RetryingBackend(Scoring(["x"]))
    assert play(backend.score(request().prompt, ["yes"])) == (-1.0,)


async def test_leaving_a_stream_closes_the_models_stream() -> None:
    closed: list[bool] = []

    async def endless(asked: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        try:
            while True:
                yield Chunk("on and ")
        finally:
            closed.append(True)

    stream = RetryingBackend(ServedBackend(endless)).generate(request())
    async for _ in stream:
        break
    await stream.aclose()
    assert closed == [True]


async def test_every_request_reply_and_retry_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def no_wait(seconds: float) -> None:
        return None

    caplog.set_level("INFO", "simulator")
    inner = ScriptedBackend(["yes"], options=ScriptOptions(fail_first=1))
    await chunks(RetryingBackend(inner, sleep=no_wait), request())
    heard = [record.getMessage().split(" ")[0] for record in caplog.records]
    assert heard == ["request", "retry", "request", "reply"]
