"""Points of a temperature search, read from files: numbers between commas, a point on each line."""

from __future__ import annotations

import math
import re
from pathlib import Path

from simulator.errors import DesignInvalidError
from simulator.files.reading import read_text

MAX_BYTES = 1_000_000
"""Largest file of points that is read."""

_BETWEEN = re.compile(r"\s*[,;]\s*|\s+")
_COMMENTS = ("#", "//", "%")


def read_points(path: Path, width: int) -> tuple[tuple[float, ...], ...]:
    """The points in a file, in order; one that stands there several times comes several times.

    Numbers stand between commas, semicolons or white space, perhaps in brackets. Empty lines are
    passed over, and so is everything from `#`, `//` or `%` on.

    Args:
        path: The file.
        width: How many numbers make a point.

    Raises:
        NotFoundError: There is no such file.
        DesignInvalidError: A line is no point; all such lines are named. Or there is none.
        SimulatorError: The file cannot be read.
    """
    return points_in(read_text(path.expanduser(), max_bytes=MAX_BYTES), str(path), width)


def points_in(text: str, source: str, width: int) -> tuple[tuple[float, ...], ...]:
    """The points of a text; see `read_points`.

    Args:
        text: Of the file.
        source: Its name, as errors show it.
        width: How many numbers make a point.

    Raises:
        DesignInvalidError: As `read_points`.
    """
    points: list[tuple[float, ...]] = []
    faults: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        said = _without_comment(line).strip(" ,;\t()[]")
        if not said:
            continue
        try:
            points.append(_point(said, width))
        except ValueError as error:
            faults.append(f"{source}, line {number}: {error}")
    wanted = "one number" if width == 1 else f"{width} numbers between commas"
    remedy = f"Write one point a line: {wanted}, one for each debater who answers."
    if faults:
        told = f"{source} has {len(faults)} wrong lines." if len(faults) > 1 else faults[0]
        raise DesignInvalidError(told, problems=tuple(faults), remedy=remedy)
    if not points:
        raise DesignInvalidError(f"{source} has no points.", remedy=remedy)
    return tuple(points)


def _without_comment(line: str) -> str:
    ends = [place for mark in _COMMENTS if (place := line.find(mark)) >= 0]
    return line[: min(ends)] if ends else line


def _point(said: str, width: int) -> tuple[float, ...]:
    found = [_number(piece) for piece in _BETWEEN.split(said)]
    if len(found) != width:
        given = "1 temperature" if len(found) == 1 else f"{len(found)} temperatures"
        raise ValueError(f"{given}, where a point has {width}.")
    return tuple(found)


def _number(piece: str) -> float:
    try:
        found = float(piece)
    except ValueError:
        raise ValueError(f"{piece!r} is no number.") from None
    if not 0 <= found < math.inf:
        raise ValueError(f"{piece} is no temperature; they are 0 or more.")
    return found
