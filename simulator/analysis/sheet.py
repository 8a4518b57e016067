"""What was measured of a run."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from math import nan

from simulator.analysis.grouping import STEP_GROUPINGS, Label
from simulator.analysis.measures import MEASURES, Measure
from simulator.analysis.observing import Observer
from simulator.domain.journal import Step
from simulator.domain.records import Run


class Sheet:
    """One row for each step of a run, in columns: what it belongs to, and every measure of it.

    It is small; the steps themselves are not kept.
    """

    def __init__(
        self,
        run: Run,
        condition: Mapping[str, str],
        measures: Iterable[Measure] = MEASURES.values(),
    ) -> None:
        """Begin with no rows.

        Args:
            run: As it was when its journal was read.
            condition: The run's level of each factor.
            measures: What to measure.
        """
        self.run = run
        self.condition = dict(condition)
        self.positions: list[int] = []
        """Of each row's step."""
        self.speakers: list[str] = []
        """Name of each row's speaker."""
        self._observer = Observer(run)
        self._measures = tuple(measures)
        self._labels: dict[str, list[Label]] = {name: [] for name in STEP_GROUPINGS}
        self._values = {measure.name: array("d") for measure in self._measures}
        self._lacks: dict[str, dict[int, str]] = {measure.name: {} for measure in self._measures}

    def __len__(self) -> int:
        """Steps so far."""
        return len(self.positions)

    def add(self, steps: Iterable[Step]) -> None:
        """Measure the next steps of the journal, in order of position."""
        for seen in self._observer.observe(steps):
            for name, label_of in STEP_GROUPINGS.items():
                self._labels[name].append(label_of(seen))
            for measure in self._measures:
                value = measure.of(seen)
                if isinstance(value, str):
                    self._lacks[measure.name][len(self)] = value
                    value = nan
                self._values[measure.name].append(value)
            self.positions.append(seen.step.position)
            self.speakers.append(seen.step.speaker)

    def labels(self, grouping: str) -> Sequence[Label]:
        """What each row belongs to, in one of `STEP_GROUPINGS`."""
        return self._labels[grouping]

    def values(self, measure: str) -> array[float]:
        """A measure of each row; not a number where there is none."""
        return self._values[measure]

    def lacks(self, measure: str) -> Mapping[int, str]:
        """Why a measure has no value, by row, for the rows in which it has none."""
        return self._lacks[measure]
