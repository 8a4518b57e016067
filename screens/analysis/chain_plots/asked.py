"""What a plot is made of, and what comes of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from screens.widgets.drawings import Drawing, Words
from simulator.analysis.culture.groups import Group, groups_of, last_generation, longest_chain
from simulator.analysis.culture.prediction import usual_early
from simulator.analysis.culture.records import Floats, MeasuredChains
from simulator.presentation.debates import Table
from simulator.presentation.safe_text import one_line, shortened

LEVEL = 0.95
RESAMPLES = 500
"""Of initial texts, for intervals."""


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
        return longest_chain(self.measured)

    @property
    def compared(self) -> int:
        """The last generation that chains are compared at; see `shared_generation`."""
        return last_generation(self.measured)

    @property
    def early(self) -> int:
        """The generation that later ones are predicted from."""
        return usual_early(self.compared)

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
    if len(models := {one.model for one in groups}) > 1:
        parts.append(short_names(models)[group.model])
    if len({one.task for one in groups}) > 1:
        parts.append(one_line(group.task))
    if len({one.temperature for one in groups}) > 1:
        parts.append("T ?" if group.temperature is None else f"T {group.temperature:g}")
    return ", ".join(parts)


def short_names(names: Collection[str], lengths: Sequence[int] = (18, 26)) -> dict[str, str]:
    """Names cut as short as they can be told apart, by the whole ones.

    Args:
        names: Any.
        lengths: In characters, the shortest first; where none will do, names stay whole.
    """
    for length in lengths:
        found = {name: shortened(one_line(name), length) for name in names}
        if len(set(found.values())) == len(found):
            return found
    return {name: one_line(name) for name in names}


def known(values: Floats) -> tuple[float | None, ...]:
    """Values of a series; None where there is no number."""
    return tuple(float(value) if np.isfinite(value) else None for value in values)
