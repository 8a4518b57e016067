"""What a batch consists of, as it is written down, and read again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from simulator.domain.batches import Batch
from simulator.domain.exclusions import read_exclusion
from simulator.domain.grids import Axis, Cell, Grid, Option, check_runs
from simulator.errors import DesignChangedError, UsageError


@dataclass(frozen=True, slots=True)
class Part:
    """The cells of one grid that a batch has: what it was launched with, or what was added."""

    grid: Grid
    without: frozenset[int] = frozenset()
    """Places in the grid of cells that the batch had before."""
    hash: str = ""
    """Names the plan that added it."""

    @property
    def size(self) -> int:
        """How many cells."""
        return self.grid.size - len(self.without)

    def cells(self) -> Iterator[Cell]:
        """In the order of the grid."""
        for place, cell in enumerate(self.grid.cells()):
            if place not in self.without:
                yield cell

    def condition(self, cell: Cell) -> str:
        """What tells a cell apart."""
        return self.grid.condition(cell)

    def document(self) -> JsonValue:
        """As it is written down where it was added to a batch."""
        return grid_document(self.grid) | {"without": [*sorted(self.without)], "hash": self.hash}

    def check_size(self, repeat: int) -> int:
        """How many runs so many repetitions are. Raises UsageError for too many."""
        return check_runs(self.size * repeat)


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What a batch consists of, as it is written down."""

    parts: tuple[Part, ...]
    repeat: int
    seed: int
    rotation: tuple[Option, ...]

    @classmethod
    def of(cls, batch: Batch) -> OnRecord:
        """Read it. Raises DesignChangedError when this version cannot."""
        written = batch.specification
        try:
            return cls(
                (Part(_grid_in(written)), *map(_part_in, _list(written.get("added", [])))),
                _int(written["repeat"]), _int(written["first_seed"]),
                tuple(map(_option_in, _list(written.get("counterbalance", [])))),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError, UsageError) as error:
            raise DesignChangedError(
                f"What batch {batch.id} consists of cannot be read: {error!r}.",
                remedy="It was launched with another version; use that version.",
            ) from error

    def conditions(self) -> Iterator[str]:
        """What tells each cell apart, in the order of the cells' places."""
        for part in self.parts:
            yield from map(part.condition, part.cells())


def grid_document(grid: Grid) -> dict[str, JsonValue]:
    """A grid as it is written down."""
    return {
        "axes": [
            {"name": axis.name, "options": list(map(option_document, axis.options))}
            for axis in grid.axes
        ],
        "exclusions": [str(one) for one in grid.exclusions],
    }


def option_document(option: Option) -> JsonValue:
    """What a value of an axis is called, and what it sets."""
    return {"label": option.label, "parameters": dict(option.parameters)}


def _grid_in(document: Mapping[str, JsonValue]) -> Grid:
    axes = (_dict(axis) for axis in _list(document["axes"]))
    return Grid(
        tuple(
            Axis(str(axis["name"]), tuple(map(_option_in, _list(axis["options"])))) for axis in axes
        ),
        tuple(read_exclusion(str(text)) for text in _list(document["exclusions"])),
    )


def _option_in(document: JsonValue) -> Option:
    written = _dict(document)
    return Option(str(written["label"]), _dict(written["parameters"]))


def _part_in(document: JsonValue) -> Part:
    written = _dict(document)
    without = frozenset(map(_int, _list(written["without"])))
    return Part(_grid_in(written), without, str(written["hash"]))


def _list(value: JsonValue) -> list[JsonValue]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list")
    return value


def _dict(value: JsonValue) -> dict[str, JsonValue]:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is no mapping")
    return value


def _int(value: JsonValue) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number")
    return value
