"""What varies between the runs of a launch: axes, their options, and every combination of them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Protocol

from pydantic import JsonValue

from simulator.domain.exclusions import Exclusion, excluded_options
from simulator.errors import UsageError

MOST_RUNS = 10_000
"""Runs of one launch, at most."""
MOST_CELLS = 100_000
"""Cells that exclusions are tried on, at most."""


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


class Cells(Protocol):
    """Conditions in their order, as a grid or a batch has them."""

    @property
    def size(self) -> int:
        """How many there are."""
        ...

    def cells(self) -> Iterator[Cell]:
        """Every one once, in order."""
        ...

    def condition(self, cell: Cell) -> str:
        """What tells a cell apart; empty where nothing varies."""
        ...

    def check_size(self, repeat: int) -> int:
        """How many runs so many repetitions are. Raises UsageError for too many."""
        ...


@dataclass(frozen=True, slots=True)
class Grid:
    """The cross product of axes, in the order of an odometer: the last axis turns fastest.

    Cells are made when they are asked for, so that a grid of any size costs nothing; but with
    exclusions each is looked at once.
    """

    axes: tuple[Axis, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    """Cells that any of these takes are left out."""
    _kept: tuple[int, ...] | None = field(default=None, init=False, repr=False, compare=False)
    """Places in the product; None for all."""

    def __post_init__(self) -> None:
        """Raises UsageError for two axes of one name, and for exclusions that are no good."""
        names = [axis.name for axis in self.axes]
        twice = _twice(names)
        if twice is not None:
            raise UsageError(f"{twice!r} is varied twice.", remedy="Vary it once.")
        if self.exclusions:
            object.__setattr__(self, "_kept", _kept(self))

    @property
    def product(self) -> int:
        """How many cells there would be without exclusions."""
        return math.prod(len(axis.options) for axis in self.axes)

    @property
    def size(self) -> int:
        """How many cells there are; 1 without axes."""
        return self.product if self._kept is None else len(self._kept)

    def cells(self) -> Iterator[Cell]:
        """Every cell once, in order."""
        if self._kept is not None:
            yield from map(self._at, self._kept)
            return
        names = [axis.name for axis in self.axes]
        for options in product(*(axis.options for axis in self.axes)):
            yield _cell(names, options)

    def cell(self, place: int) -> Cell:
        """The cell at a place from 0, without those before it. Raises IndexError."""
        if not 0 <= place < self.size:
            raise IndexError(f"the grid has {self.size} cells")
        return self._at(place if self._kept is None else self._kept[place])

    def _at(self, place: int) -> Cell:
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
        return check_runs(self.size * repeat)


def check_runs(runs: int, most: int = MOST_RUNS) -> int:
    """The number of runs as it is. Raises UsageError when one launch does not take so many."""
    if runs > most:
        raise UsageError(
            f"These are {runs:,} runs; one launch takes {most:,} at most.",
            remedy="Leave out values or repetitions, or launch it in parts.",
        )
    return runs


def _kept(grid: Grid) -> tuple[int, ...]:
    """Places in the product that no exclusion takes."""
    if grid.product > MOST_CELLS:
        raise UsageError(
            f"These are {grid.product:,} conditions before any is left out; exclusions are tried "
            f"on {MOST_CELLS:,} at most.",
            remedy="Leave out values, or launch it in parts.",
        )
    labels = {axis.name: [option.label for option in axis.options] for axis in grid.axes}
    places = {axis.name: place for place, axis in enumerate(grid.axes)}
    rules = [
        [
            (places[name], frozenset(map(labels[name].index, taken)))
            for name, taken in excluded_options(exclusion, labels).items()
        ]
        for exclusion in grid.exclusions
    ]
    idle = set(range(len(rules)))
    kept: list[int] = []
    for place, turns in enumerate(product(*(range(len(axis.options)) for axis in grid.axes))):
        taking = [
            number for number, rule in enumerate(rules)
            if all(turns[axis] in taken for axis, taken in rule)
        ]  # fmt: skip
        idle.difference_update(taking)
        if not taking:
            kept.append(place)
    if idle:
        raise UsageError(
            f"Exclusion {grid.exclusions[min(idle)].text!r} leaves nothing out.",
            remedy="No condition has all of its values; leave it away, or write another.",
        )
    if not kept:
        raise UsageError(f"All {grid.product:,} conditions are excluded.", remedy="Exclude fewer.")
    return tuple(kept)


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
