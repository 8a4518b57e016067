"""Text in segments, as Textual draws lines."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import islice

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style

Span = tuple[int, int]


def marked(
    text: str,
    start: int,
    stop: int,
    style: Style,
    spans: Sequence[Span],
    mark: Callable[[Span], Style],
) -> list[Segment]:
    """Part of a text, with what is in the spans in another style.

    Args:
        text: The whole.
        start: Where the part begins.
        stop: Where it ends.
        style: Of what is in no span.
        spans: Beginnings and ends in the whole, in order and apart from each other.
        mark: The style of what is in a span.
    """
    segments: list[Segment] = []
    at = start
    number = bisect_right(spans, (start, start)) - 1
    for span in islice(spans, max(0, number), None):
        if span[0] >= stop:
            break
        first, last = max(span[0], at), min(span[1], stop)
        if first >= last:
            continue
        if first > at:
            segments.append(Segment(text[at:first], style))
        segments.append(Segment(text[first:last], mark(span)))
        at = last
    if at < stop:
        segments.append(Segment(text[at:stop], style))
    return segments


def cell(text: str, width: int, style: Style, *, to_right: bool = False) -> Segment:
    """Text in exactly so many cells, cut with an ellipsis where it does not fit."""
    room = cell_len(text)
    if room > width:
        text = f"{set_cell_size(text, width - 1)}…" if width > 0 else ""
    elif to_right:
        text = " " * (width - room) + text
    return Segment(set_cell_size(text, width), style)
