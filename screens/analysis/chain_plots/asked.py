"""What a plot is made of, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from screens.widgets.drawings import Drawing, Words
from simulator.analysis.culture.groups import Group, groups_of, last_generation
from simulator.analysis.culture.records import Floats, MeasuredChains
from simulator.presentation.debates import Table
from simulator.presentation.safe_text import one_line

LEVEL = 0.95
RESAMPLES = 500
"""Of initial texts, for intervals."""
EARLY = 10
"""Generation that others are predicted from, as published; of short chains, the middle one."""


@dataclass(frozen=True, slots=True)
class Passing:
    """What the texts of a chain are called."""

    step: str
    """Such as `generation`."""
    start: str
    """Such as `initial text`."""
    short: str
    """Of a step, in headings."""


GENERATIONS = Passing("generation", "initial text", "GEN.")
MESSAGES = Passing("message", "first message", "MSG.")


@dataclass(frozen=True, slots=True)
class Asked:
    """Chains, and the measure that they are plotted by."""

    measured: MeasuredChains
    """With that measure, and others where the plot needs them."""
    measure: str
    title: str
    """Of the measure, with its unit."""
    passing: Passing = GENERATIONS

    @property
    def groups(self) -> list[tuple[str, MeasuredChains]]:
        """Chains of each model, task and temperature, with what sets them apart."""
        found = groups_of(self.measured)
        return [(group_name(group, list(found)), chains) for group, chains in found.items()]

    @property
    def last(self) -> int:
        """The last generation of the longest chain."""
        return last_generation(self.measured)

    @property
    def early(self) -> int:
        """The generation that later ones are predicted from."""
        return EARLY if self.last > EARLY else max(1, self.last // 2)

    @property
    def places(self) -> tuple[str, ...]:
        """Numbers of all generations."""
        return tuple(str(generation) for generation in range(self.last + 1))


@dataclass(frozen=True, slots=True)
class Plotted:
    """A plot, and tables that tell the same in numbers."""

    drawing: Drawing
    tables: tuple[Table, ...] = ()


def nothing(asked: Asked, reason: str) -> Plotted:
    """Why there is no plot.

    Args:
        asked: What was asked for.
        reason: A sentence without its full stop.
    """
    return Plotted(Words(asked.title, f"Nothing to plot: {reason}."))


def group_name(group: Group, groups: Sequence[Group]) -> str:
    """What sets a group apart from the others; empty of the only one."""
    parts = []
    for part in ("model", "task", "temperature"):
        value = getattr(group, part)
        if len({getattr(one, part) for one in groups}) > 1:
            parts.append(f"T {value}" if part == "temperature" else one_line(str(value)))
    return ", ".join(parts)


def known(values: Floats) -> tuple[float | None, ...]:
    """Values of a series; None where there is no number."""
    return tuple(float(value) if np.isfinite(value) else None for value in values)
