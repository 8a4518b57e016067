from __future__ import annotations

import asyncio
import time
from collections.abc import Hashable, Iterator

from hypothesis import given
from hypothesis import strategies as st
from textual.app import App

from screens.widgets.rows import Rows
from screens.widgets.slices import SLICE_S, Slices


class Fixed:
    """A row of a known height, guessed as one line."""

    def __init__(self, lines: int) -> None:
        self._lines = lines
        self.height = 1

    def wrap(self, columns: Hashable) -> None:
        pass

    def find(self, most: int | None) -> bool:
        self.height = self._lines
        return True

    def place(self, line: int) -> int:
        return line

    def line_at(self, place: int) -> int:
        return place


HEIGHTS = st.lists(st.integers(1, 5), max_size=20)


@given(HEIGHTS, HEIGHTS, st.data())
def test_every_line_is_in_one_row(first: list[int], more: list[int], data: st.DataObject) -> None:
    rows = Rows([Fixed(height) for height in first])
    expected = list(first)
    rows.extend([Fixed(height) for height in more])
    expected += more
    if expected:
        start = data.draw(st.integers(0, len(expected)))
        stop = data.draw(st.integers(start, len(expected)))
        rows.remove(start, stop)
        del expected[start:stop]
    place = data.draw(st.integers(0, len(expected)))
    rows.insert(place, Fixed(3))
    expected.insert(place, 3)
    for number in range(len(rows)):
        assert not rows.is_found(number)
        assert rows.find(number) == expected[number] and rows.is_found(number)
    rows.stack()
    assert rows.height == sum(expected) == rows.top(len(expected))
    lines = [number for number, height in enumerate(expected) for _ in range(height)]
    assert [rows.at(line) for line in range(rows.height)] == lines
    assert rows.at(-1) == 0 and rows.at(rows.height + 9) == len(expected) - 1
    rows.divide("other")
    assert not any(rows.is_found(number) for number in range(len(rows)))


async def test_long_work_lets_others_have_their_turn_and_can_be_replaced() -> None:
    done: list[int] = []

    def work(steps: int) -> Iterator[None]:
        for step in range(steps):
            until = time.perf_counter() + SLICE_S / 4
            while time.perf_counter() < until:
                pass
            done.append(step)
            yield

    async with App[None]().run_test() as pilot:
        slices = Slices(pilot.app.screen, lambda: None)
        slices.start(work(1_000_000))
        assert slices.is_busy and 1 <= len(done) < 100
        before = len(done)
        while len(done) == before:  # noqa: ASYNC110 - it is the event loop that is tested
            await asyncio.sleep(0.001)
        slices.start(work(3), first_s=10.0)
        assert not slices.is_busy and done[-3:] == [0, 1, 2]
        slices.start(work(1_000_000))
        slices.stop()
        left = len(done)
        await pilot.pause(0.05)
        assert len(done) == left and not slices.is_busy
