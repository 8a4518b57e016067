"""Runs of models over the exact learners fitted to them, as the screen plots them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from screens.widgets.charts import Chart, Series
from screens.widgets.drawings import Drawing, Words
from simulator.analysis.iterated.conditions import ALL, Condition
from simulator.analysis.iterated.fits import SHOWN, Fit, fits_of
from simulator.analysis.iterated.measured import ALL_MEASURES
from simulator.presentation.safe_text import one_line

FITTED: Mapping[str, str] = {f"fit_{name}": name for name in SHOWN}
"""Names of plots, with the measure of each."""
MOST = 2
"""Conditions of a plot: a chart has room for five lines, and each has two."""


class Fits:
    """Fits of conditions; those of conditions that have not grown are found once."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[tuple[str, int], ...], Fit]] = {}

    def of(self, conditions: Sequence[Condition]) -> list[Fit]:
        """One of each condition; that takes seconds."""
        found = []
        for one in conditions:
            key = tuple((own.lineage.run, own.last) for own in one.lineages)
            known, fit = self._known.get(one.name, ((), None))
            if fit is None or known != key:
                (fit,) = fits_of((one,))
                self._known[one.name] = key, fit
            found.append(fit)
        return found


def fit_drawing(fits: Sequence[Fit], name: str) -> Drawing:
    """Means of runs, and the line of exact samplers beside each; of the first conditions.

    Args:
        fits: Of all conditions.
        name: Of `FITTED`.
    """
    measure = ALL_MEASURES[FITTED[name]]
    words = f"{measure.name.replace('_', ' ')}, beside exact learners"
    series, numbers = [], sorted({one.generation for fit in fits for one in fit.means})
    reasons = dict.fromkeys(fit.reason for fit in fits if fit.reason)
    known = 0
    for fit in fits:
        own = {one.generation: one.mean for one in fit.means if one.measure == measure.name}
        exact = None if fit.curve is None else fit.curve.by_measure.get(measure.name)
        if not own or exact is None:
            continue
        known += 1
        if known > MOST:
            continue
        about = "" if fit.condition == ALL else f"{one_line(fit.condition)}: "
        series += [
            Series(
                f"{about}runs",
                tuple(own[number].value if number in own else None for number in numbers),
            ),
            Series(
                f"{about}exact",
                tuple(
                    float(exact[number - 1]) if 1 <= number <= len(exact) else None
                    for number in numbers
                ),
            ),
        ]
    if not series:
        why = "; ".join(reasons) or "runs and exact learners have no such number in common"
        return Words(words, f"Nothing to plot: {one_line(why)}.")
    if known > MOST:
        words += f", {MOST} of {known} conditions"
    limits = None if measure.high is None else (measure.low, measure.high)
    places = tuple(map(str, numbers))
    return Chart("lines", words, "generation", places, tuple(series), limits=limits)
