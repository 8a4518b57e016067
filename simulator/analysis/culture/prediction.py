"""What the first generations say about where chains will end.

After "When LLMs Play the Telephone Game" (arXiv 2407.04503): attractors are found early, at
generation 10, and held against the last one; and if every generation does what the last one did,
the value after k times as many generations is s^k (v0 - l) + l, with slope s and position l.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.culture.attractors import CLIPPED, attractor_of, columns_of
from simulator.analysis.culture.groups import (
    Ends,
    ends_of,
    groups_of,
    labelled,
    last_generation,
    text_numbers,
)
from simulator.analysis.culture.lines import interval_of, resampled_lines
from simulator.analysis.culture.overview import chain_counts
from simulator.analysis.culture.records import Chain, Floats, MeasuredChains
from simulator.analysis.summary import Interval

EARLY = 10
"""Generation that is predicted from, unless chains end at it or before."""


def usual_early(last: int) -> int:
    """The generation that the last one is predicted from: 10, or half way where none is later.

    Args:
        last: Last generation, from 0.
    """
    return EARLY if last > EARLY else max(1, last // 2)


def early_of(chains: Sequence[Chain]) -> int:
    """The same of chains of several models and tasks, of which the shortest count."""
    return usual_early(min((one.compared for one in chain_counts(chains)), default=0))


@dataclass(frozen=True, slots=True)
class Prediction:
    """What an early generation says about the last one; numbers None where it says nothing."""

    model: str = ""
    task: str = ""
    temperature: float | None = None
    measure: str = ""
    early: int = EARLY
    """Generation that is predicted from."""
    last: int = 0
    """Generation that is predicted."""
    chains: int = 0
    """With values at both and at the start."""
    texts: int = 0
    dropped: int = 0
    """Chains without a value at one of the three."""
    predicted_position: float | None = None
    observed_position: float | None = None
    position_error: float | None = None
    """Predicted less observed position."""
    error_interval: Interval | None = None
    """Of that error, in resamples of texts that have both attractors."""
    predicted_strength: float | None = None
    """Of the last generation, 1 - |s^k|."""
    early_strength: float | None = None
    observed_strength: float | None = None
    final_mean: float | None = None
    """Of the chains at the last generation."""
    mean_error: float | None = None
    """Predicted position less that mean."""
    predicted_slope: float | None = None
    """s^k, with k = last / early; None where s < 0 and k is no whole number."""
    observed_slope: float | None = None
    law_error: float | None = None
    """Root mean square of what s^k (v0 - l) + l misses the chains' final values by."""
    line_error: float | None = None
    """The same of the line through the final values themselves: no line misses by less."""
    stay_error: float | None = None
    """The same of the guess that no chain changes after the early generation."""
    reason: str = ""
    """Why nothing is predicted, or nothing can be held against it; else empty."""


def predict(
    initial: Floats,
    early: Floats,
    final: Floats,
    texts: NDArray[np.int64] | None = None,
    *,
    steps: float,
    clip: bool = False,
    resamples: int = 0,
    level: float = 0.95,
    seed: int = 0,
) -> Prediction:
    """The attractor at an early generation held against the final one.

    Args:
        initial: Of the initial texts, shape (chains,).
        early: Of the early generation, shape (chains,).
        final: Of the last generation, shape (chains,).
        texts: Which initial text a chain has, shape (chains,); None where each has its own.
        steps: Last generation over the early one, k in s^k; above 1.
        clip: Cuts positions off at -1 and 1.
        resamples: Of initial texts, the same for both generations, for the interval of the error.
        level: Of the interval, between 0 and 1.
        seed: Of the resamples.

    Raises:
        ValueError: The shapes differ.
    """
    initial, early, final = (
        np.asarray(values, dtype=np.float64) for values in (initial, early, final)
    )
    if not initial.shape == early.shape == final.shape:
        raise ValueError(
            f"Not one value for each chain: {initial.shape, early.shape, final.shape}."
        )
    known = np.isfinite(initial) & np.isfinite(early) & np.isfinite(final)
    first, middle, last = initial[known], early[known], final[known]
    those = None if texts is None else np.asarray(texts)[known]
    from_early, from_last = (
        attractor_of(first, values, those, clip=clip, resamples=0) for values in (middle, last)
    )
    found = Prediction(
        chains=from_early.chains,
        texts=from_early.texts,
        dropped=int((~known).sum()),
        predicted_position=from_early.position,
        observed_position=from_last.position,
        early_strength=from_early.strength,
        observed_strength=from_last.strength,
        observed_slope=from_last.slope,
        final_mean=float(last.mean()) if last.size else None,
    )
    if from_early.position is None or from_early.slope is None:
        return replace(found, reason=f"early: {from_early.reason}")
    found = replace(
        found,
        mean_error=from_early.position - float(last.mean()),
        line_error=_root_mean_square(
            last - (from_last.intercept or 0.0) - (from_last.slope or 0.0) * first
        ),
        stay_error=_root_mean_square(last - middle),
        predicted_slope=_power(from_early.slope, steps),
    )
    if found.predicted_slope is not None:
        guess = found.predicted_slope * (first - from_early.position) + from_early.position
        found = replace(
            found,
            predicted_strength=1 - abs(found.predicted_slope),
            law_error=_root_mean_square(last - guess),
        )
    if from_last.position is None:
        return replace(found, reason=f"last: {from_last.reason}")
    return replace(
        found,
        position_error=from_early.position - from_last.position,
        error_interval=interval_of(
            _positions(ends_of(first, middle, those), clip, resamples, seed)
            - _positions(ends_of(first, last, those), clip, resamples, seed),
            level,
        )
        if resamples and found.texts > 2
        else None,
    )


def predictions_of(
    measured: MeasuredChains,
    measures: Sequence[str] | None = None,
    *,
    early: int = EARLY,
    classic: bool = False,
    resamples: int = 0,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[Prediction, ...]:
    """For each group of chains (model, task, temperature) and measure.

    Args:
        measured: With values by measure.
        measures: Which ones; None for all.
        early: Generation that is predicted from, from 1.
        classic: Positions of toxicity and positivity cut off at -1 and 1, and lengths held against
            generation 1, as in `attractors_of`.
        resamples: Of initial texts, for the intervals of errors; 0 for none.
        level: Of the intervals, between 0 and 1.
        seed: Of the resamples.
    """
    found = []
    for group, chains in groups_of(measured).items():
        texts, last = text_numbers(chains), last_generation(chains)
        for measure in measured.values if measures is None else measures:
            values = chains.values[measure]
            first, middle = columns_of(chains, measure, early, classic)
            one = (
                predict(
                    values[:, first],
                    values[:, middle],
                    values[:, last],
                    texts,
                    steps=last / early,
                    clip=classic and measure in CLIPPED,
                    resamples=resamples,
                    level=level,
                    seed=seed,
                )
                if 1 <= early < last and first < middle
                else Prediction(
                    dropped=len(chains.chains),
                    reason=f"generation {early} is not between the first and the last, {last}",
                )
            )
            found.append(
                labelled(
                    one,
                    group,
                    measure,
                    early=early,
                    last=last,
                )
            )
    return tuple(found)


def _positions(ends: Ends, clip: bool, resamples: int, seed: int) -> Floats:
    """Of resamples of texts, shape (resamples,); not a number where there is no attractor."""
    slopes, intercepts = resampled_lines(ends, resamples, seed)
    positions: Floats = intercepts / (1 - np.where(np.abs(slopes) < 1, slopes, np.nan))
    return np.asarray(np.clip(positions, -1, 1)) if clip else positions


def _power(slope: float, steps: float) -> float | None:
    if slope < 0 and steps != round(steps):
        return None
    return float(slope**steps) if slope >= 0 else float(slope ** round(steps))


def _root_mean_square(values: Floats) -> float:
    return float(np.sqrt((values**2).mean()))
