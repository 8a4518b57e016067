"""How many requests an endpoint gets at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.backends.limiting import EndpointLimit, LimitedBackend
from simulator.backends.options import Connections
from simulator.backends.retrying import RetryingBackend
from simulator.domain.models import Chunk, GenerateRequest, ModelBackend
from simulator.errors import BackendUnavailableError, RateLimitedError
from tests.backends.asking import ServedBackend, reply, request, whole
from tests.virtual_time import play


class Machine:
    """A server that works on so many requests at a time and refuses the others."""

    def __init__(self, capacity: int, *, retry_after_s: float | None = None) -> None:
        self.capacity = capacity
        self.retry_after_s = retry_after_s
        self.at_work = 0
        self.most_at_work = 0
        self.refused = 0
        self.done_at: list[float] = []
        self._rng = Random(1)

    async def __call__(self, asked: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        if self.at_work >= self.capacity:
            self.refused += 1
            await asyncio.sleep(0.01)
            raise RateLimitedError("lab/test is busy.", retry_after_s=self.retry_after_s)
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        try:
            await asyncio.sleep(self._rng.uniform(0.5, 1.5))
        finally:
            self.at_work -= 1
        self.done_at.append(asyncio.get_running_loop().time())
        yield whole("done")

    def use(self, begin_s: float, end_s: float) -> float:
        """The part of its capacity that was at work; a request takes a second on average."""
        done = sum(begin_s <= moment < end_s for moment in self.done_at)
        return done / (end_s - begin_s) / self.capacity


def limit(start: int, most: int = 1000, *, adaptive: bool = True) -> EndpointLimit:
    return EndpointLimit("http://lab", Connections(start, most), adaptive=adaptive)


async def crowd(backend: ModelBackend, people: int, requests: int) -> None:
    async def person(number: int) -> None:
        for turn in range(requests):
            await reply(backend, request(f"{number} {turn}"))

    await asyncio.gather(*(person(number) for number in range(people)))


@pytest.mark.parametrize(
    ("capacity", "start", "people"),
    [(10, 20, 200), (10, 4, 200), (50, 10, 200), (50, 100, 400), (3, 3, 60)],
)
def test_a_storm_of_refusals_settles_to_what_the_server_can_take(
    capacity: int, start: int, people: int
) -> None:
    async def storm() -> None:
        crowding = asyncio.create_task(crowd(RetryingBackend(limited), people, 1000))
        await asyncio.sleep(300)
        crowding.cancel()
        await asyncio.gather(crowding, return_exceptions=True)

    machine, places = Machine(capacity), limit(start)
    limited = LimitedBackend(ServedBackend(machine), places)
    play(storm())
    assert machine.use(60, 300) > 0.9
    assert 0.75 * capacity <= places.limit <= 1.25 * capacity
    assert machine.refused < 0.2 * len(machine.done_at)


def test_without_refusals_the_limit_doubles_up_to_its_most() -> None:
    machine, places = Machine(1000), limit(4, most=50)
    play(crowd(LimitedBackend(ServedBackend(machine), places), 200, 4))
    assert places.limit == 50 == machine.most_at_work


def test_a_limit_that_is_not_used_does_not_grow() -> None:
    places = limit(10)
    play(crowd(LimitedBackend(ServedBackend(Machine(1000)), places), 7, 20))
    assert places.limit == 10


def test_the_users_limit_stays_whatever_the_server_says() -> None:
    machine, places = Machine(5), limit(8, adaptive=False)
    play(crowd(RetryingBackend(LimitedBackend(ServedBackend(machine), places)), 30, 5))
    assert places.limit == 8
    assert machine.refused > 0


async def refuse(places: EndpointLimit, retry_after_s: float | None = None) -> None:
    with pytest.raises(RateLimitedError):
        async with places.place():
            raise RateLimitedError("busy", retry_after_s=retry_after_s)


def test_refusals_of_one_episode_cut_the_limit_once() -> None:
    async def episode() -> list[int]:
        places, limits = limit(10), []
        await asyncio.gather(*(refuse(places) for _ in range(10)))
        limits.append(places.limit)
        await asyncio.sleep(13)
        await refuse(places)
        limits.append(places.limit)
        await asyncio.sleep(2)
        await refuse(places)
        return [*limits, places.limit]

    assert play(episode()) == [8, 8, 6]


def test_a_request_sent_before_the_cut_does_not_count_again_however_late_it_is_refused() -> None:
    async def late(places: EndpointLimit) -> None:
        with pytest.raises(RateLimitedError):
            async with places.place():
                await asyncio.sleep(60)
                raise RateLimitedError("busy")

    async def episode() -> int:
        places = limit(10)
        await asyncio.gather(late(places), refuse(places))
        return places.limit

    assert play(episode()) == 8


def test_other_failures_of_the_server_never_cut_the_limit() -> None:
    async def failures() -> int:
        places = limit(10)
        for _ in range(100):
            with pytest.raises(BackendUnavailableError):
                async with places.place():
                    raise BackendUnavailableError("down")
        return places.limit

    assert play(failures()) == 10


def test_a_round_with_a_failure_in_it_does_not_raise_the_limit() -> None:
    async def talk(places: EndpointLimit, fails: bool) -> None:
        async with places.place():
            await asyncio.sleep(1)
            if fails:
                raise BackendUnavailableError("down")
            places.replied()

    async def rounds() -> int:
        places = limit(4)
        turns = (talk(places, fails=number % 4 == 3) for number in range(40))
        await asyncio.gather(*turns, return_exceptions=True)
        return places.limit

    assert play(rounds()) == 4


def test_at_least_one_request_is_let_through() -> None:
    async def storms() -> int:
        places = limit(3)
        for _ in range(10):
            await refuse(places)
            await asyncio.sleep(20)
        return places.limit

    assert play(storms()) == 1


def test_everybody_waits_as_long_as_the_server_told_one() -> None:
    async def told() -> list[float]:
        places, entered = limit(10), []

        async def enter() -> None:
            async with places.place():
                entered.append(asyncio.get_running_loop().time())

        await refuse(places, 30.0)
        assert places.load.waiting == 0
        await asyncio.gather(enter(), enter())
        return entered

    assert play(told()) == [30.0, 30.0]


def test_late_refusals_of_one_moment_do_not_add_up() -> None:
    async def late(places: EndpointLimit) -> None:
        with pytest.raises(RateLimitedError):
            async with places.place():
                await asyncio.sleep(5)
                raise RateLimitedError("busy", retry_after_s=10.0)

    async def told() -> float:
        places = limit(10)
        await asyncio.gather(late(places), refuse(places, 10.0))
        async with places.place():
            return asyncio.get_running_loop().time()

    assert play(told()) == 10.0


def test_nobody_is_held_for_hours() -> None:
    async def told() -> float:
        places = limit(10)
        await refuse(places, 7200.0)
        async with places.place():
            return asyncio.get_running_loop().time()

    assert play(told()) == 0.0


def test_places_are_given_in_the_order_of_asking() -> None:
    order: list[int] = []

    async def enter(places: EndpointLimit, number: int) -> None:
        async with places.place():
            order.append(number)
            await asyncio.sleep(1)

    async def queue() -> None:
        places = limit(2, adaptive=False)
        await asyncio.gather(*(enter(places, number) for number in range(20)))

    play(queue())
    assert order == list(range(20))


def test_a_stream_that_is_left_gives_its_place_back() -> None:
    async def endless(asked: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        while True:
            yield Chunk("on and ")

    async def leave() -> tuple[int, int]:
        places = limit(1)
        async with aclosing(
            LimitedBackend(ServedBackend(endless), places).generate(request())
        ) as s:
            await anext(s)
            held = places.load.in_flight
        return held, places.load.in_flight

    assert play(leave()) == (1, 0)


@given(
    st.lists(st.tuples(st.floats(0, 5), st.floats(0, 8), st.booleans()), min_size=1, max_size=40),
    st.integers(1, 4),
    st.sampled_from([None, 3.0]),
)
def test_places_are_never_lost_nor_given_twice_whoever_is_cancelled(
    people: list[tuple[float, float, bool]], width: int, hold_s: float | None
) -> None:
    async def enter(places: EndpointLimit, refused: bool) -> None:
        async with places.place():
            assert places.load.in_flight <= width
            await asyncio.sleep(1)
            if refused:
                raise RateLimitedError("busy", retry_after_s=hold_s)

    async def bustle() -> None:
        places = limit(width, adaptive=False)
        cancelled: Callable[[asyncio.Task[None]], bool] = asyncio.Task.cancel
        tasks = []
        for arrives_s, patience_s, refused in sorted(people):
            await asyncio.sleep(max(0.0, arrives_s - asyncio.get_running_loop().time()))
            task = asyncio.create_task(enter(places, refused))
            asyncio.get_running_loop().call_later(patience_s, cancelled, task)
            tasks.append(task)
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert not any(isinstance(end, AssertionError) for end in ended)
        await asyncio.sleep(10)
        load = places.load
        assert (load.in_flight, load.waiting) == (0, 0)
        async with places.place():
            assert places.load.in_flight == 1

    play(bustle())


def test_changes_of_the_limit_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "simulator")
    play(refuse(limit(10)))
    assert "http://lab: 8 requests at a time instead of 10" in caplog.text
