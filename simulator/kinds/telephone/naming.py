"""Names of texts in a list between commas, which may have commas themselves."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

SEPARATOR = ", "


def whole_names(pieces: Sequence[str], known: Collection[str]) -> tuple[str, ...]:
    """The names that were cut at their commas, whole again.

    Pieces that make no known name stay as they are; where several ways are open, the longest name
    is taken first.

    Args:
        pieces: What stood between commas, without the space around it.
        known: The names that there are.
    """
    return tuple(_whole(pieces, known))


def _whole(pieces: Sequence[str], known: Collection[str]) -> Iterator[str]:
    most = max((name.count(",") for name in known), default=0) + 1
    start = 0
    while start < len(pieces):
        ends = range(min(len(pieces), start + most), start, -1)
        joined = {end: SEPARATOR.join(pieces[start:end]) for end in ends}
        end = next((end for end, name in joined.items() if name in known), start + 1)
        yield joined[end]
        start = end
