"""Where chains are drawn, how strongly, and what an early generation says of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from screens.analysis.chain_plots.asked import (
    LEVEL,
    RESAMPLES,
    Asked,
    Plotted,
    group_name,
    nothing,
)
from screens.widgets.forest import Forest, Row, Section
from screens.widgets.scatter import Cloud, Scatter
from simulator.analysis.culture.attractors import Attractor, attractors_of
from simulator.analysis.culture.groups import Group, last_generation
from simulator.analysis.culture.prediction import Prediction, predictions_of
from simulator.analysis.summary import Interval
from simulator.presentation.chain_cells import model_text, number_text
from simulator.presentation.debates import Table
from simulator.presentation.safe_text import one_line


def ends(asked: Asked) -> Plotted:
    """Each chain's last value by its first one, with the line of each group."""
    return Plotted(_scatter(asked, None, f"last {asked.passing.step}"))


def predicted(asked: Asked) -> Plotted:
    """The same of an early generation, which predicts where the last one goes."""
    if asked.compared < 2:
        return nothing(asked, f"not enough chains have two {asked.passing.step}s after the start")
    found = predictions_of(asked.measured, (asked.measure,), early=asked.early)
    scatter = _scatter(asked, asked.early, f"{asked.passing.step} {asked.early}")
    return Plotted(scatter, (_prediction_table(found),))


def bars(asked: Asked) -> Plotted:
    """Position and strength of each group's attractor, with intervals."""
    found = attractors_of(
        asked.measured, (asked.measure,), resamples=RESAMPLES, level=LEVEL
    )  # fmt: skip
    names = _names(found)
    positions = [
        _row(name, one.position, one.position_interval, one)
        for name, one in zip(names, found, strict=True)
    ]
    strengths = [
        _row(name, one.strength, one.strength_interval, one)
        for name, one in zip(names, found, strict=True)
    ]
    return Plotted(
        Forest(
            f"{asked.title}, attractors with {100 * LEVEL:g} % intervals",
            (
                Section("position", tuple(positions)),
                Section("strength", tuple(strengths), (0.0, 1.0)),
            ),
        )
    )


def _row(name: str, value: float | None, interval: Interval | None, one: Attractor) -> Row:
    if value is None:
        return Row(name, None, note=one.reason.partition(":")[0])
    return Row(
        name, value, None if interval is None else interval.low,
        None if interval is None else interval.high,
    )  # fmt: skip


def _names(found: Sequence[Attractor]) -> list[str]:
    groups = [Group(one.model, one.task, one.temperature) for one in found]
    return [group_name(group, groups) or "all chains" for group in groups]


def _scatter(asked: Asked, generation: int | None, end: str) -> Scatter:
    found = attractors_of(asked.measured, (asked.measure,), generation=generation, resamples=0)
    clouds = []
    for (name, chains), attractor in zip(asked.groups, found, strict=True):
        values = chains.values[asked.measure]
        shared = last_generation(chains)
        column = shared if generation is None else min(shared, generation)
        first, last = values[:, 0], values[:, column]
        both = np.isfinite(first) & np.isfinite(last)
        has_line = attractor.slope is not None and attractor.intercept is not None
        clouds.append(
            Cloud(
                name,
                tuple(zip(first[both].tolist(), last[both].tolist(), strict=True)),
                (attractor.slope or 0.0, attractor.intercept or 0.0) if has_line else None,
                attractor.position,
            )
        )
    title = f"{asked.title}, {end} by {asked.passing.start}"
    return Scatter(title, asked.passing.start, tuple(clouds))


def _prediction_table(found: Sequence[Prediction]) -> Table:
    rows = tuple(
        (
            model_text(one.model), one_line(one.task), f"{one.early}→{one.last}",
            number_text(one.predicted_position), number_text(one.observed_position),
            number_text(one.predicted_strength), number_text(one.observed_strength),
            number_text(one.law_error), number_text(one.stay_error), f"{one.chains:,}",
        )
        for one in found
    )  # fmt: skip
    note = (
        "Where the early values put the attractor of the last ones, and where it is. Off: root "
        "mean square by which s^k (v0 - l) + l misses the last values; stay: the guess that "
        "nothing changes any more."
    )
    reasons = dict.fromkeys(one.reason for one in found if one.reason)
    note += f" Missing: {'; '.join(list(reasons)[:4])}." if reasons else ""
    headings = (
        "MODEL", "TASK", "GEN.", "POSITION", "OBSERVED", "STRENGTH", "OBSERVED", "OFF", "STAY", "N"
    )  # fmt: skip
    return Table("Prediction", headings, rows, words=2, note=note)
