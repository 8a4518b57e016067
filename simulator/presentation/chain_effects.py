"""How chains change, what that depends on and what it foretells, as tables for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from simulator.analysis.culture.additive import AdditiveModel
from simulator.analysis.culture.attractors import Attractor
from simulator.analysis.culture.comparisons import PairEffect, TemperatureEffect
from simulator.analysis.culture.dynamics import Change, Dynamics, Mean
from simulator.analysis.culture.prediction import Prediction
from simulator.analysis.culture.shapes import BIMODAL, Shape
from simulator.presentation.chain_cells import (
    STAR,
    brief_text,
    by_model,
    estimate_text,
    grouped,
    interval_text,
    model_text,
    noted_once,
    number_text,
    reasons_text,
    share_text,
    with_interval,
)
from simulator.presentation.debates import NONE, Table, p_text
from simulator.presentation.safe_text import one_line

ALPHA = 0.05
STRONG_GAIN = 10
"""Of a mixture's information criterion: Kass and Raftery (1995), J. Am. Stat. Assoc. 90:773."""
_MOST_TEMPERATURES = 5
_HALVES: tuple[Literal["position", "strength"], ...] = ("position", "strength")


def prediction_table(found: Sequence[Prediction]) -> Table:
    """The attractor of an early generation held against the last one."""
    early = found[0].early if found else 0
    lasts = sorted({one.last for one in found})
    last = f"generation {lasts[0]}" if len(lasts) == 1 else "the last generation"

    def cells(one: Prediction) -> tuple[str, ...]:
        interval = one.error_interval
        stands_out = interval is not None and not interval.low <= 0 <= interval.high
        off = brief_text(one.position_error)
        return (
            brief_text(one.predicted_position), brief_text(one.observed_position),
            off + (STAR if stands_out else " "),
            *map(brief_text, (one.law_error, one.stay_error, one.line_error)),
        )  # fmt: skip

    return grouped(
        f"Prediction from generation {early}", found,
        ("FROM", "FOUND", "OFF BY", "MISS", "STAY", "BEST"), cells,
        f"From: position of the attractor at generation {early}; found: at {last}; {STAR} where "
        "the interval of their difference excludes 0. Miss: root mean square error of each chain's "
        f"last value as that attractor predicts it; stay: of no change after generation {early}; "
        f"best: of the line through the last values, which no line beats.{reasons_text(found)}",
    )  # fmt: skip


def dynamics_table(found: Sequence[Dynamics], level: float) -> Table:
    """Where along the chains values change, how suddenly, and how directly."""
    flat, dropped = (sum(getattr(one, name) for one in found) for name in ("flat", "dropped"))
    note = (
        f"±: half the {100 * level:g} % interval, texts drawn anew. 1st: share of the first step "
        "in all change; half: the generation by which half of it is done. Area under the course of "
        "change: 0.5 where it is even, 1 where all is at the start. Direct: net change of the "
        "whole way. Punct.: 0 for even change, 1 for one leap. Cumul.: range without the initial "
        "text, of the whole range." + reasons_text(found)
    )
    if flat:
        note += f" Chains that never change, left out but for cumul.: {flat:,}."
    if dropped:
        note += f" Left out for want of a value: {dropped:,}."
    return grouped(
        "Dynamics of change", found, ("1ST", "HALF", "AREA", "DIRECT", "PUNCT.", "CUMUL."),
        lambda one: (
            f"{100 * one.shares[0]:.0f} %" if one.shares else NONE,
            _half_way(one.curve),
            NONE if one.area is None else share_text(one.area.value),
            *map(_mean, (one.directness, one.punctuatedness, one.cumulativeness)),
        ),
        note,
    )  # fmt: skip


def change_table(found: Sequence[Change], *, classic: bool) -> Table:
    """How far generation 1 is from the last one."""
    scale = "the whole range of values and 0" if classic else "the range of the middle 90 %"
    return grouped(
        "Change from generation 1 to the last", found, ("CHANGE", "UNIT"),
        lambda one: (
            NONE if one.difference is None
            else with_interval(one.difference.value, one.difference.interval),
            number_text(one.scale),
        ),
        f"Mean absolute change as a share of {scale} of all chains together (unit)."
        + reasons_text(found),
    )  # fmt: skip


def shape_table(found: Sequence[Shape]) -> Table:
    """Whether one attractor and a line are a fair account of last values."""

    def cells(one: Shape) -> tuple[str, ...]:
        marks = [
            word
            for word, p in (("modes", one.modes_p), ("groups", one.misfit_p), ("bent", one.curve_p))
            if p is not None and p < ALPHA
        ]
        return (
            _p(one.modes_p), brief_text(one.coefficient),
            NONE if one.mixture_gain is None else f"{one.mixture_gain:,.0f}",
            _p(one.misfit_p), _p(one.curve_p), " ".join(marks) or NONE,
        )  # fmt: skip

    return grouped(
        "Shape of last values", found, ("MODES", "BIMOD.", "GAIN", "LINE", "BEND", "FINDING"),
        cells,
        "P-values, not corrected for being many: modes, of a single mode (Silverman); line, that "
        "means by initial text lie on a line (lack of fit); bend, of no square term. Bimod.: "
        f"coefficient, suspect above {BIMODAL:.3f}; gain: BIC in favour of two normal "
        f"distributions, strong above {STRONG_GAIN}; a long tail raises both."
        + reasons_text(found),
    )  # fmt: skip


def additive_tables(found: Sequence[AdditiveModel]) -> Iterator[Table]:
    """Differences between levels of each factor, a table for each response."""
    tables: list[Table] = []
    for one in found:
        if one.reason:
            continue
        single = [name for name, those in (one.levels or {}).items() if len(those) < 2]
        note = (
            f"{one.rows:,} attractors; {100 * one.level:g} % intervals, {STAR} where 0 is excluded."
        )
        if one.dropped:
            note += f" Without an attractor: {one.dropped:,}."
        if single:
            note += f" One {' and one '.join(single)} only: no differences there."
        note += (
            " Standardised before the priors N(0, 1) of coefficients, which would shrink large "
            "units to nothing; numbers are in units of the response."
            if one.standardised
            else " As measured, not standardised: the priors N(0, 1) of coefficients shrink "
            "differences that are large in these units."
        )
        places = {
            (name, level): place
            for name, those in (one.levels or {}).items()
            for place, level in enumerate(those)
        }
        rows = tuple(
            (
                model_text(each.first), model_text(each.second), brief_text(each.estimate.value),
                interval_text(each.estimate.interval) + (STAR if each.stands_out else " "),
            )
            for each in one.differences
            if places[each.factor, each.first] < places[each.factor, each.second]
        )  # fmt: skip
        title = f"Additive model of the {one_line(one.response)}"
        tables.append(Table(title, ("LEVEL", "LESS", "IS", "INTERVAL"), rows, words=2, note=note))
    return noted_once(tables)


def temperature_tables(found: Sequence[TemperatureEffect], level: float) -> Iterator[Table]:
    """Positions and strengths by temperature, with what a unit of it adds."""
    tables: list[Table] = []
    for half in _HALVES:
        for grid in dict.fromkeys(one.temperatures for one in found):
            those = [one for one in found if one.temperatures == grid]
            places = _spread(len(grid), _MOST_TEMPERATURES)
            note = (
                f"Per 1: change for each unit of temperature by a line through all of them, with "
                f"its {100 * level:g} % interval, texts drawn anew; {STAR} where it excludes 0."
                + reasons_text(those)
            )
            if len(places) < len(grid):
                note += f" Not shown: {len(grid) - len(places)} temperatures between."
            table = grouped(
                f"{half.capitalize()} by temperature", those,
                (*(f"T {grid[place]:g}" for place in places), "PER 1"),
                lambda one, half=half, places=places: (  # type: ignore[misc]
                    *(_half(one.attractors[place], half) for place in places),
                    estimate_text(getattr(one, f"{half}_trend")),
                ),
                note,
            )  # fmt: skip
            tables += by_model(table, [one.model for one in those])
    return noted_once(tables)


def tuning_tables(found: Sequence[PairEffect], level: float) -> Iterator[Table]:
    """Positions and strengths of base models and of the same models instructed."""
    for base, instruct in dict.fromkeys((one.base, one.instruct) for one in found):
        those = [one for one in found if (one.base, one.instruct) == (base, instruct)]
        by_temperature = len({one.temperature for one in those}) > 1
        keys = ("TASK", *(["T"] if by_temperature else []), "MEASURE")
        rows = tuple(
            (
                one_line(one.task),
                *([f"{one.temperature:g}"] if one.temperature is not None and by_temperature
                  else [NONE] if by_temperature else []),
                one_line(one.measure), half, _half(one.before, half), _half(one.after, half),
                estimate_text(getattr(one, half)),
            )
            for half in _HALVES for one in those
        )  # fmt: skip
        yield Table(
            f"Tuning: {one_line(base)} to {one_line(instruct)}",
            (*keys, "OF", "BASE", "TUNED", "DIFFERENCE"), rows, words=len(keys) + 1,
            note=f"Difference: tuned less base, with its {100 * level:g} % interval, the same "
            f"texts drawn anew for both; {STAR} where it excludes 0.{reasons_text(those)}",
        )  # fmt: skip


def _half_way(curve: Sequence[float]) -> str:
    place = next((place for place, share in enumerate(curve) if share >= 0.5), None)
    return NONE if place is None else f"{place:,}"


def _mean(mean: Mean | None) -> str:
    if mean is None:
        return NONE
    if mean.interval is None:
        return share_text(mean.value)
    return f"{mean.value:.2f}±{(mean.interval.high - mean.interval.low) / 2:.2f}"


def _half(one: Attractor, half: str) -> str:
    return brief_text(getattr(one, half)) if one.exists else NONE


def _p(value: float | None) -> str:
    return NONE if value is None else p_text(value)


def _spread(count: int, most: int) -> list[int]:
    """Places spread evenly over so many, the first and the last among them."""
    if count <= most:
        return list(range(count))
    return [round(place * (count - 1) / (most - 1)) for place in range(most)]
