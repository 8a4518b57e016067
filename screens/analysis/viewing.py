"""What the screen shows of the sheets, for what is chosen on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

import numpy as np

from screens.widgets.charts import Chart, Series, round_step
from simulator.analysis.gathering import Gathered, Key, gathered
from simulator.analysis.measures import Measure
from simulator.analysis.sheet import Sheet
from simulator.analysis.summary import Floats, Sample, Summary
from simulator.presentation.findings import grouping_text, label_text, number_text

Shape = Literal["bars", "turns", "spread"]
SHAPES: Mapping[Shape, str] = {
    "bars": "means of groups", "turns": "over turns", "spread": "distribution",
}  # fmt: skip
MOST_POINTS = 100
"""Turns are put together where a line would have more points."""
MOST_BINS = 20


@dataclass(frozen=True, slots=True)
class Choice:
    """What is chosen."""

    measure: Measure
    by: tuple[str, ...]
    """At most two groupings."""
    shape: Shape


@dataclass(frozen=True, slots=True)
class View:
    """What is shown."""

    choice: Choice
    found: Gathered
    summaries: Mapping[Key, Summary]
    chart: Chart


def view(sheets: Sequence[Sheet], choice: Choice) -> View:
    """Everything that is shown of some runs; it takes long for many."""
    found = gathered(sheets, choice.measure, choice.by)
    summaries = {key: Summary.of(sample) for key, sample in found.samples.items()}
    return View(choice, found, summaries, _chart(sheets, choice, found, summaries))


def _chart(
    sheets: Sequence[Sheet], choice: Choice, found: Gathered, summaries: Mapping[Key, Summary]
) -> Chart:
    match choice.shape:
        case "bars":
            return _means(choice, summaries)
        case "turns":
            return _turns(sheets, choice)
        case "spread":
            return _spread(choice, found)


def title(choice: Choice) -> str:
    """The measure with its unit, and how it is plotted."""
    measure = choice.measure
    unit = f" ({measure.unit})" if measure.unit != measure.name else ""
    per = " per run" if measure.per == "run" else ""
    return f"{measure.name}{unit}{per}, {SHAPES[choice.shape]}"


def series_name(key: Key, by: Sequence[str]) -> str:
    """A group, named where its grouping is not."""
    return ", ".join(
        label_text(label, grouping, alone=True)
        for label, grouping in zip(key, by, strict=True)
    )  # fmt: skip


def _means(choice: Choice, summaries: Mapping[Key, Summary]) -> Chart:
    """A bar for each group; where two things are grouped by, the second tells series apart."""
    places = list(dict.fromkeys(key[:1] for key in summaries))
    kinds = list(dict.fromkeys(key[1:] for key in summaries))
    means = {key: one.mean for key, one in summaries.items()}
    return Chart(
        "bars", title(choice), grouping_text(choice.by[0]) if choice.by else "",
        tuple(series_name(place, choice.by[:1]) or "all" for place in places),
        tuple(
            Series(series_name(kind, choice.by[1:]), tuple(means.get(p + kind) for p in places))
            for kind in kinds
        ),
    )  # fmt: skip


def _turns(sheets: Sequence[Sheet], choice: Choice) -> Chart:
    """A line for each group, over the turns of the runs."""
    by = tuple(grouping for grouping in choice.by if grouping != "turn")
    found = gathered(sheets, choice.measure, ("turn", *by))
    last = max((key[0] for key in found.samples if isinstance(key[0], int)), default=0)
    width = int(round_step(max(1, last / MOST_POINTS)))
    together: dict[tuple[Key, int], list[Sample]] = {}
    for key, sample in found.samples.items():
        if isinstance(key[0], int):
            together.setdefault((key[1:], (key[0] - 1) // width), []).append(sample)
    means = {
        spot: float(np.concatenate([sample.values for sample in samples]).mean())
        for spot, samples in together.items()
    }
    bins = range(ceil(last / width))
    groups = list(dict.fromkeys(group for group, _ in means))
    return Chart(
        "lines", title(choice), "turn",
        tuple(_span(place * width + 1, (place + 1) * width) for place in bins),
        tuple(
            Series(series_name(group, by), tuple(means.get((group, place)) for place in bins))
            for group in groups
        ),
    )  # fmt: skip


def _spread(choice: Choice, found: Gathered) -> Chart:
    """How many values lie where, for each group."""
    samples = found.samples
    values = np.concatenate([sample.values for sample in samples.values()] or [np.zeros(1)])
    edges = _edges(values)
    return Chart(
        "bars", title(choice), f"from so many {choice.measure.unit} on",
        tuple(number_text(float(edge)) for edge in edges[:-1]),
        tuple(
            Series(
                series_name(key, choice.by),
                tuple(map(float, np.histogram(sample.values, edges)[0])),
            )
            for key, sample in samples.items()
        ),
    )  # fmt: skip


def _edges(values: Floats) -> Floats:
    """Round numbers that the values lie between, in equal steps; whole ones for whole values."""
    low, high = float(values.min()), float(values.max())
    rough = max((high - low) / MOST_BINS, abs(high) * 1e-9, abs(low) * 1e-9)
    if rough == 0 or bool((values == np.floor(values)).all()):
        rough = max(rough, 1.0)
    width = round_step(rough)
    edges = width * np.arange(low // width, high // width + 2)
    # Products of fractions may lie a little inside of what they should enclose.
    edges[0], edges[-1] = min(edges[0], low), max(edges[-1], high)
    return edges


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"
