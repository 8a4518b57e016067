"""Lines of bytes, however a server cuts them."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.backends.lines import MOST_BYTES, LineReader


@given(st.binary(max_size=40).map(lambda data: data.replace(b"\x00", b"\n")), st.data())
def test_lines_are_the_same_wherever_the_stream_is_cut(stream: bytes, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, len(stream)), max_size=5).map(sorted))
    reader = LineReader()
    lines = [
        line
        for start, end in pairwise([0, *places, len(stream)])
        for line in reader.feed(stream[start:end])
    ]
    assert [*lines, reader.end()] == stream.split(b"\n")


def test_a_line_without_an_end_is_given_up_before_it_fills_the_memory() -> None:
    reader, block = LineReader(), b"x" * 4096
    started = time.process_time()
    with pytest.raises(ValueError, match="more than 8388608 bytes"):
        for _ in range(MOST_BYTES // len(block) + 1):
            reader.feed(block)
    assert time.process_time() - started < 1.0
