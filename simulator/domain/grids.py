"""What varies between the runs of a launch: axes, their options, and every combination of them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from pydantic import JsonValue

from simulator.errors import UsageError

MOST_RUNS = 10_000
"""Runs of one launch, at most."""


@dataclass(frozen=True, slots=True)
class Option:
    """One value that an axis can have."""

    label: str
    """Unique on the axis."""
    parameters: Mapping[str, JsonValue] = field(default_factory=dict)
    """What it sets over the design, as the kind's `resolve` takes it."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Something that is varied; with a single option, something that is set for all."""

    name: str
    options: tuple[Option, ...]

    def __post_init__(self) -> None:
        """Raises UsageError for no options, or two of one label."""
        labels = [option.label for option in self.options]
        if not labels:
            raise UsageError(f"{self.name!r} has no values.", remedy="Choose one at least.")
        twice = _twice(labels)
        if twice is not None:
            raise UsageError(
                f"{self.name!r} has the value {twice!r} twice.", remedy="Give it once."
            )

    @property
    def varies(self) -> bool:
        """Whether it tells cells apart."""
        return len(self.options) > 1

    @property
    def title(self) -> str:
        """Its name without the group that stands before a dot."""
        return self.name.partition(".")[2] or self.name


@dataclass(frozen=True, slots=True)
class Cell:
    """One condition: an option of every axis."""

    labels: dict[str, str]
    """Of the options, by the axes' names."""
    parameters: dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Grid:
    """The cross product of axes, in the order of an odometer: the last axis turns fastest.

    Cells are made when they are asked for, so that a grid of any size costs nothing.
    """

    axes: tuple[Axis, ...] = ()

    def __post_init__(self) -> None:
        """Raises UsageError for two axes of one name."""
        names = [axis.name for axis in self.axes]
        twice = _twice(names)
        if twice is not None:
            raise UsageError(f"{twice!r} is varied twice.", remedy="Vary it once.")

    @property
    def size(self) -> int:
        """How many cells there are; 1 without axes."""
        return math.prod(len(axis.options) for axis in self.axes)

    def cells(self) -> Iterator[Cell]:
        """Every cell once, in order."""
        names = [axis.name for axis in self.axes]
        for options in product(*(axis.options for axis in self.axes)):
            yield _cell(names, options)

    def cell(self, place: int) -> Cell:
        """The cell at a place from 0, without those before it. Raises IndexError."""
        if not 0 <= place < self.size:
            raise IndexError(f"the grid has {self.size} cells")
        options: list[Option] = []
        for axis in reversed(self.axes):
            place, turn = divmod(place, len(axis.options))
            options.append(axis.options[turn])
        return _cell([axis.name for axis in self.axes], options[::-1])

    def condition(self, cell: Cell) -> str:
        """What tells a cell apart, such as `days=2, goal=escape`; empty where nothing varies."""
        return ", ".join(
            f"{axis.title}={cell.labels[axis.name]}" for axis in self.axes if axis.varies
        )

    def check_size(self, repeat: int) -> int:
        """How many runs so many repetitions of it are. Raises UsageError above `MOST_RUNS`."""
        runs = self.size * repeat
        if runs > MOST_RUNS:
            raise UsageError(
                f"These are {runs:,} runs; one launch takes {MOST_RUNS:,} at most.",
                remedy="Leave out values or repetitions, or launch it in parts.",
            )
        return runs


def combined(name: str, axes: Sequence[Axis], joint: str) -> Axis:
    """One axis with every combination of several.

    Args:
        name: Of the new axis.
        axes: Those that it stands for.
        joint: Between the labels: `1v2` has `v`.
    """
    return Axis(
        name,
        tuple(
            Option(joint.join(cell.labels.values()), cell.parameters)
            for cell in Grid(tuple(axes)).cells()
        ),
    )


def merged(parts: Iterable[Mapping[str, JsonValue]]) -> dict[str, JsonValue]:
    """One set of parameters out of several.

    Lists are joined, mappings merged in the same way; of anything else the last one stays.
    """
    whole: dict[str, JsonValue] = {}
    for part in parts:
        for key, value in part.items():
            whole[key] = _merged_value(whole[key], value) if key in whole else value
    return whole


def _merged_value(old: JsonValue, new: JsonValue) -> JsonValue:
    if isinstance(old, list) and isinstance(new, list):
        return [*old, *new]
    if isinstance(old, dict) and isinstance(new, dict):
        return merged((old, new))
    return new


def _cell(names: Sequence[str], options: Sequence[Option]) -> Cell:
    labels = {name: option.label for name, option in zip(names, options, strict=True)}
    return Cell(labels, merged(option.parameters for option in options))


def _twice(names: Sequence[str]) -> str | None:
    return next((name for name, times in Counter(names).items() if times > 1), None)
