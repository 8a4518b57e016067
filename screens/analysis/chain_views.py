"""What the screen shows of chains of texts: plots, and tables beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from screens.widgets.charts import Chart, Series
from screens.widgets.scatter import Cloud, Scatter
from simulator.analysis.culture.attractors import Attractor, attractors_of
from simulator.analysis.culture.cycles import CycleRule
from simulator.analysis.culture.figures.evolution import mean_and_error
from simulator.analysis.culture.groups import Group, groups_of, last_generation
from simulator.analysis.culture.measuring import measure_chains
from simulator.analysis.culture.overview import chain_counts, chain_cycles, cycle_counts, means
from simulator.analysis.culture.records import Chain, MeasuredChains
from simulator.analysis.texts.registry import measures_named
from simulator.presentation.chains import (
    attractor_table,
    cycle_table,
    means_table,
    overview_table,
)
from simulator.presentation.debates import Table
from simulator.presentation.safe_text import one_line

ChainShape = Literal["generations", "ends"]
SHAPES: Mapping[ChainShape, str] = {"generations": "by generation", "ends": "end by start"}
LEVEL = 0.95
RESAMPLES = 500
"""Of initial texts, for the intervals of attractors."""
MOST_CYCLES = 200
"""Chains up to which cycles are sought in them."""


@dataclass(frozen=True, slots=True)
class ChainView:
    """What is shown."""

    chart: Chart | Scatter
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class KeptMeasures:
    """Values of measures by text, for as long as the screen is there."""

    _kept: dict[tuple[str, str], dict[bytes, float]] = field(default_factory=dict)

    def values(self, measure: str, version: str, keys: Sequence[bytes]) -> dict[bytes, float]:
        """The values that are kept, by key."""
        known = self._kept.get((measure, version), {})
        return {key: known[key] for key in keys if key in known}

    def keep(self, measure: str, version: str, values: Mapping[bytes, float]) -> None:
        """Keep values by key."""
        self._kept.setdefault((measure, version), {}).update(values)


def chain_view(
    chains: Sequence[Chain], measure: str, shape: ChainShape, kept: KeptMeasures
) -> ChainView:
    """Everything that is shown of some chains; it takes long for many.

    Args:
        chains: At least one, finished or not.
        measure: Its name.
        shape: How it is plotted.
        kept: What was measured before.

    Raises:
        NotFoundError: A package is missing; it says which.
    """
    measured = measure_chains(chains, (measure,), kept)
    found = attractors_of(measured, resamples=RESAMPLES, level=LEVEL)
    unit = measures_named((measure,))[0].unit
    title = f"{measure} ({unit})" if unit and unit != measure else measure
    chart = (
        _by_generation(measured, measure, title)
        if shape == "generations"
        else _ends(measured, measure, title, found)
    )
    tables = [
        means_table(means(measured)),
        attractor_table(found, "Attractors", LEVEL),
        overview_table(chain_counts(chains)),
    ]
    if len(chains) <= MOST_CYCLES:
        cycles = chain_cycles(chains, CycleRule())
        tables.append(cycle_table(cycle_counts(chains, cycles)))
    return ChainView(chart, tuple(tables))


def _by_generation(measured: MeasuredChains, measure: str, title: str) -> Chart:
    """A line of means for each group, with a standard error to each side."""
    groups = groups_of(measured)
    last = last_generation(measured)
    series = []
    for group, chains in groups.items():
        has_texts = len({chain.text for chain in chains.chains}) > 1
        mean, error = mean_and_error(chains, measure, by_text=has_texts)
        series.append(Series(_name(group, list(groups)), _known(mean), _known(error)))
    places = tuple(str(generation) for generation in range(last + 1))
    return Chart("lines", f"{title}, mean and standard error", "generation", places, tuple(series))


def _ends(
    measured: MeasuredChains, measure: str, title: str, found: Sequence[Attractor]
) -> Scatter:
    """Each chain's last value by its first one, with the line of each group."""
    groups = groups_of(measured)
    clouds = []
    for (group, chains), attractor in zip(groups.items(), found, strict=True):
        values = chains.values[measure]
        first, last = values[:, 0], values[:, last_generation(chains)]
        both = np.isfinite(first) & np.isfinite(last)
        has_line = attractor.slope is not None and attractor.intercept is not None
        clouds.append(
            Cloud(
                _name(group, list(groups)),
                tuple(zip(first[both].tolist(), last[both].tolist(), strict=True)),
                (attractor.slope or 0.0, attractor.intercept or 0.0) if has_line else None,
                attractor.position,
            )
        )
    return Scatter(f"{title}, last generation by initial text", "initial text", tuple(clouds))


def _name(group: Group, groups: Sequence[Group]) -> str:
    """What sets a group apart from the others; empty of the only one."""
    parts = []
    for part in ("model", "task", "temperature"):
        value = getattr(group, part)
        if len({getattr(one, part) for one in groups}) > 1:
            parts.append(f"T {value}" if part == "temperature" else one_line(str(value)))
    return ", ".join(parts)


def _known(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> tuple[float | None, ...]:
    return tuple(float(value) if np.isfinite(value) else None for value in values)
