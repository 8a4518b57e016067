"""How large a study is played: as published, a share of that, or pocket-sized."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulator.reproducing.originals import Size


def scaled(sizes: Sequence[Size], scale: float) -> dict[str, int]:
    """Each quantity at a scale.

    The first one carries all of the scale if it can; what it cannot, as it is at its least, is
    left to the next. So repetitions go before conditions do.

    Args:
        sizes: In the order in which they are made smaller.
        scale: Of the product of all, over 0 and at most 1, which is as published.
    """
    found: dict[str, int] = {}
    left = scale
    for size in sizes:
        wanted = round(size.published * left)
        found[size.of] = min(size.published, max(size.least, wanted))
        left = min(1.0, left * size.published / found[size.of])
    return found


def pocket_sized(sizes: Sequence[Size], own: Mapping[str, int]) -> dict[str, int]:
    """Each quantity of the pocket-sized version: as it says, else at its least."""
    return {size.of: min(size.published, own.get(size.of, size.least)) for size in sizes}
