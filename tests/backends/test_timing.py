"""Servers that fall silent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from simulator.backends.options import Timeouts
from simulator.backends.scripted import ScriptedBackend
from simulator.backends.timing import TimedBackend
from simulator.domain.models import Chunk, GenerateRequest, ModelCard
from simulator.errors import BackendUnavailableError
from tests.backends.asking import ServedBackend, chunks, request, whole
from tests.virtual_time import play

TIMEOUTS = Timeouts(first_token_s=100.0, stall_s=10.0, reply_s=1000.0)


class Talker:
    """A model that says words after silences, and knows whether it was let go."""

    def __init__(self, *silences_s: float, word: str = "word ") -> None:
        self.backend = TimedBackend(ServedBackend(self._talk), TIMEOUTS)
        self.closed_at: float | None = None
        self._silences_s = silences_s
        self._word = word

    async def _talk(self, asked: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        try:
            for silence_s in self._silences_s:
                await asyncio.sleep(silence_s)
                yield Chunk(self._word)
            yield whole(self._word * len(self._silences_s))
        finally:
            self.closed_at = asyncio.get_running_loop().time()


def test_a_server_that_talks_in_time_is_heard_to_the_end() -> None:
    heard = play(chunks(Talker(99.0, 9.0, 9.0).backend, request()))
    assert [chunk.text for chunk in heard] == ["word ", "word ", "word ", ""]


@pytest.mark.parametrize(
    ("silences_s", "word", "ends_at", "message", "variable"),
    [
        ((101.0,), "w", 100.0, "sent nothing for 100 s", "SIMULATOR_FIRST_TOKEN_TIMEOUT_S"),
        ((50.0, 11.0), "w", 60.0, "stalled for 10 s", "SIMULATOR_STALL_TIMEOUT_S"),
        ((9.0,) * 200, "w", 1000.0, "was not done after 1000 s", "SIMULATOR_REPLY_TIMEOUT_S"),
        ((90.0,) * 20, "", 1000.0, "was not done after 1000 s", "SIMULATOR_REPLY_TIMEOUT_S"),
    ],
)
def test_each_timeout_says_which_it_is_and_lets_the_server_go(
    silences_s: tuple[float, ...], word: str, ends_at: float, message: str, variable: str
) -> None:
    talker = Talker(*silences_s, word=word)
    with pytest.raises(BackendUnavailableError) as error:
        play(chunks(talker.backend, request()))
    assert error.value.message == f"lab/test at http://127.0.0.1:1/v1 {message}."
    assert error.value.remedy is not None and variable in error.value.remedy
    assert talker.closed_at == ends_at


def test_signs_of_life_are_no_silence_and_go_no_further() -> None:
    heard = play(chunks(Talker(90.0, 90.0, 90.0, word="").backend, request()))
    assert [chunk.completion is not None for chunk in heard] == [True]


def test_the_time_that_the_listener_takes_is_no_silence() -> None:
    async def listen() -> list[str]:
        heard = []
        async for chunk in Talker(1.0, 1.0, 1.0).backend.generate(request()):
            heard.append(chunk.text)
            await asyncio.sleep(60)
        return heard

    assert play(listen()) == ["word ", "word ", "word ", ""]


def test_cancelling_the_listener_is_no_timeout() -> None:
    talker = Talker(50.0, 50.0)

    async def leave() -> bool:
        task = asyncio.create_task(chunks(talker.backend, request()))
        await asyncio.sleep(5)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return task.cancelled()

    assert play(leave())
    assert talker.closed_at == 5.0


def test_being_cancelled_in_the_instant_of_a_timeout_stays_a_cancellation() -> None:
    async def leave() -> bool:
        task = asyncio.create_task(chunks(Talker(500.0).backend, request()))
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_at(100.0, task.cancel)
        await asyncio.gather(task, return_exceptions=True)
        return task.cancelled()

    assert play(leave())


def test_after_a_timeout_the_task_can_be_used_on() -> None:
    async def go_on() -> int:
        with pytest.raises(BackendUnavailableError):
            await chunks(Talker(500.0).backend, request())
        await asyncio.sleep(1)
        task = asyncio.current_task()
        assert task is not None
        return task.cancelling()

    assert play(go_on()) == 0


def test_a_stream_that_is_left_leaves_no_timer() -> None:
    async def leave() -> None:
        async with aclosing(Talker(1.0, 1.0).backend.generate(request())) as stream:
            await anext(stream)
        await asyncio.sleep(2000)

    play(leave())


def test_scores_may_take_as_long_as_a_reply() -> None:
    class Slow(ScriptedBackend):
        async def score(self, *_: object) -> tuple[float, ...]:
            await asyncio.sleep(1001)
            return ()

    with pytest.raises(BackendUnavailableError, match="was not done after 1000 s"):
        play(TimedBackend(Slow(["x"]), TIMEOUTS).score(request().prompt, ["a"]))


def test_a_server_that_says_nothing_of_its_model_is_given_up() -> None:
    class Mute(ScriptedBackend):
        async def describe(self) -> ModelCard:
            await asyncio.sleep(11)
            raise AssertionError("it was waited for")

    with pytest.raises(BackendUnavailableError, match="said nothing of itself for 10 s"):
        play(TimedBackend(Mute(["x"]), TIMEOUTS).describe())
