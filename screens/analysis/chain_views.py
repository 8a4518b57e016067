"""What the screen shows of chains of texts: a plot, and tables beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from screens.analysis.chain_measuring import Progress
from screens.analysis.chain_plots.asked import GENERATIONS, LEVEL, RESAMPLES, Asked, Passing
from screens.analysis.chain_plots.catalogue import PLOTS
from screens.analysis.chain_sieve import Sieve
from screens.widgets.drawings import Drawing
from simulator.analysis.culture.attractors import attractors_of
from simulator.analysis.culture.cycles import CycleRule
from simulator.analysis.culture.measuring import Available, MeasureCache, measure_available
from simulator.analysis.culture.overview import chain_counts, chain_cycles, cycle_counts, means
from simulator.analysis.culture.records import Chain
from simulator.analysis.texts.measure import ChainMeasure
from simulator.analysis.texts.registry import measures_named, usual_measures
from simulator.errors import NotFoundError
from simulator.presentation.chains import (
    attractor_table,
    cycle_table,
    means_table,
    overview_table,
)
from simulator.presentation.debates import Table

MOST_CYCLES = 200
"""Chains up to which cycles are sought in them."""


@dataclass(frozen=True, slots=True)
class ChainView:
    """What is shown."""

    chart: Drawing
    tables: tuple[Table, ...]


def chain_view(
    chains: Sequence[Chain],
    measure: str,
    plot: str,
    cache: MeasureCache,
    progress: Progress | None = None,
    sieve: Sieve | None = None,
    passing: Passing = GENERATIONS,
) -> ChainView:
    """Everything that is shown of some chains; it takes long for many.

    Args:
        chains: Finished or not.
        measure: Its name.
        plot: One of `PLOTS`.
        cache: What was measured before.
        progress: Is told how far it is, and can stop it.
        sieve: Which chains are shown, at least one; None for all.
        passing: What their texts are called.

    Raises:
        NotFoundError: A package is missing; it says which.
        Stopped: It was stopped.
    """
    progress, sieve, kind = progress or Progress(), sieve or Sieve(), PLOTS[plot]
    names = (measure, *usual_measures()) if kind.needs_usual else (measure,)
    found = _measured(chains, names, cache, progress, sieve)
    measured = found.measured
    unit = measures_named((measure,))[0].unit
    title = f"{measure} ({unit})" if unit and unit != measure else measure
    plotted = kind.plot(Asked(measured, measure, title.replace("_", " "), passing))
    progress.check()
    one = replace(measured, values={measure: measured.values[measure]})
    averages, remarks = means_table(means(one)), list(found.remarks)
    tables = [*plotted.tables, averages, overview_table(chain_counts(measured.chains))]
    try:
        attractors = attractors_of(one, resamples=RESAMPLES, level=LEVEL)
        tables.insert(-1, attractor_table(attractors, "Attractors", LEVEL))
    except NotFoundError as error:
        remarks.append(f"Without attractors: {error.message} {error.remedy or ''}".strip())
    place = tables.index(averages)
    tables[place] = replace(averages, note=" ".join((averages.note, *remarks)))
    progress.check()
    if len(measured.chains) <= MOST_CYCLES:
        cycles = chain_cycles(measured.chains, CycleRule())
        tables.append(cycle_table(cycle_counts(measured.chains, cycles)))
    return ChainView(plotted.drawing, tuple(_called(table, passing) for table in tables))


def _measured(
    chains: Sequence[Chain],
    names: Sequence[str],
    cache: MeasureCache,
    progress: Progress,
    sieve: Sieve,
) -> Available:
    """Values of the chains that are shown, and of no others where they do not matter.

    Measures after the first are left out where they need what is not installed.
    """
    measures = [progress.through(one) for one in measures_named(names)]
    # What a text is like beside others depends on all of them, those that are not shown too.
    if any(isinstance(one, ChainMeasure) for one in measures):
        found = measure_available(chains, measures, cache, progress.hear, required=names[:1])
        return replace(found, measured=found.measured.where(sieve.passes))
    shown = [chain for chain in chains if sieve.passes(chain)]
    return measure_available(shown, measures, cache, progress.hear, required=names[:1])


def _called(table: Table, passing: Passing) -> Table:
    """The table with generations called what they are."""
    if passing == GENERATIONS:
        return table
    step = passing.step
    pairs = (
        ("initial text", passing.start), ("generation", step), ("Generation", step.capitalize()),
        ("GENERATION", step.upper()), ("GEN.", passing.short),
    )  # fmt: skip
    headings, title, note = list(table.headings), table.title, table.note
    for old, new in pairs:
        headings = [one.replace(old, new) for one in headings]
        title, note = title.replace(old, new), note.replace(old, new)
    return replace(table, headings=tuple(headings), title=title, note=note)
