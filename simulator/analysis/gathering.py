"""A measure of many runs, by group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from simulator.analysis.grouping import STEP_GROUPINGS, Label, condition_text, in_order
from simulator.analysis.measures import Measure
from simulator.analysis.sheet import Sheet
from simulator.analysis.summary import Floats, Ints, Sample

FACTOR = "factor "
"""Before the name of a factor that is grouped by."""
Key = tuple[Label, ...]
"""One label for each grouping; empty where nothing is grouped."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The values of a measure, and what was left out of them."""

    measure: Measure
    by: tuple[str, ...]
    samples: Mapping[Key, Sample]
    """In order; groups without any value are not among them."""
    steps: int
    """Rows of all sheets."""
    left_out: Counter[str]
    """Rows without a value, by why."""
    empty_runs: int
    """Runs without any step."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that a measure has no value for."""

    run_id: str
    position: int
    speaker: str
    why: str


def gathered(sheets: Sequence[Sheet], measure: Measure, by: Sequence[str] = ()) -> Gathered:
    """A measure of all sheets, by group.

    Where a measure counts per run, a run gives one value to each group that it has a value in:
    the sum over its steps of that group.
    """
    values = np.fromiter(
        chain.from_iterable(sheet.values(measure.name) for sheet in sheets), np.float64
    )
    sizes = np.fromiter(map(len, sheets), np.int64)
    runs = np.repeat(np.arange(len(sheets)), sizes)
    keys, groups = _coded(sheets, by)
    there = ~np.isnan(values)
    values, runs, groups = values[there], runs[there], groups[there]
    if measure.per == "run":
        values, runs, groups = _summed(values, runs, groups)
    return Gathered(
        measure=measure,
        by=tuple(by),
        samples=_split(keys, values, runs, groups),
        steps=sum(map(len, sheets)),
        left_out=Counter(why for sheet in sheets for why in sheet.lacks(measure.name).values()),
        empty_runs=sum(not len(sheet) for sheet in sheets),
    )


def left_out(sheets: Iterable[Sheet], measure: Measure) -> Iterator[LeftOut]:
    """Every row that a measure has no value for, by run and position."""
    for sheet in sheets:
        for row, why in sheet.lacks(measure.name).items():
            yield LeftOut(sheet.run.id, sheet.positions[row], sheet.speakers[row], why)


def groupings(sheets: Sequence[Sheet]) -> list[str]:
    """What the rows can be grouped by: single factors only where several of them vary."""
    varying = varying_factors(sheets)
    factors = [f"{FACTOR}{name}" for name in varying] if len(varying) > 1 else []
    return [*STEP_GROUPINGS, "run", *(["condition"] if varying else []), *factors]


def varying_factors(sheets: Sequence[Sheet]) -> list[str]:
    """The factors that not all runs have the same level of."""
    names = dict.fromkeys(name for sheet in sheets for name in sheet.condition)
    return [name for name in names if len({sheet.condition.get(name) for sheet in sheets}) > 1]


def _labels(sheets: Sequence[Sheet], grouping: str) -> Iterator[Label]:
    """What each row of all sheets belongs to."""
    if grouping in STEP_GROUPINGS:
        return chain.from_iterable(sheet.labels(grouping) for sheet in sheets)
    own = _run_label(sheets, grouping)
    return chain.from_iterable([own(sheet)] * len(sheet) for sheet in sheets)


def _run_label(sheets: Sequence[Sheet], grouping: str) -> Callable[[Sheet], Label]:
    """What all rows of a sheet belong to."""
    if grouping == "run":
        return lambda sheet: sheet.run.id
    if grouping == "condition":
        shown = set(varying_factors(sheets))
        return lambda sheet: condition_text(
            {name: level for name, level in sheet.condition.items() if not shown or name in shown}
        )
    if grouping.startswith(FACTOR):
        return lambda sheet: sheet.condition.get(grouping.removeprefix(FACTOR))
    raise KeyError(grouping)


def _coded(sheets: Sequence[Sheet], by: Sequence[str]) -> tuple[list[Key], Ints]:
    """All groups, and the number of each row's."""
    codes: dict[Key, int] = {}
    columns = [_labels(sheets, name) for name in by]
    keys: Iterable[Key] = zip(*columns, strict=True) if by else ((),) * sum(map(len, sheets))
    groups = np.fromiter((codes.setdefault(key, len(codes)) for key in keys), np.int64)
    return list(codes), groups


def _summed(values: Floats, runs: Ints, groups: Ints) -> tuple[Floats, Ints, Ints]:
    """One value for each run and group."""
    many = int(groups.max(initial=0)) + 1
    cells, cell = np.unique(runs * many + groups, return_inverse=True)
    sums = np.bincount(cell, weights=values, minlength=len(cells)).astype(np.float64)
    return sums, cells // many, cells % many


def _split(keys: Sequence[Key], values: Floats, runs: Ints, groups: Ints) -> dict[Key, Sample]:
    """The values of each group that has any, in order."""
    order = np.argsort(groups, kind="stable")
    present, starts = np.unique(groups[order], return_index=True)
    parts = zip(np.split(values[order], starts[1:]), np.split(runs[order], starts[1:]), strict=True)
    found = {keys[group]: Sample(*part) for group, part in zip(present, parts, strict=False)}
    return dict(sorted(found.items(), key=lambda entry: in_order(entry[0])))
