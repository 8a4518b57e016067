"""Attractors: where chains of texts are drawn, and how strongly.

After "When LLMs Play the Telephone Game" (arXiv 2407.04503): a line is laid through the values of
the last generation by those of the initial texts. With slope s and intercept I, an attractor lies
at I / (1 - s), with strength 1 - |s|, if -1 < s < 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.culture.groups import (
    Ends,
    ends_of,
    groups_of,
    labelled,
    last_generation,
    text_numbers,
)
from simulator.analysis.culture.lines import (
    Line,
    interval_of,
    line_of,
    resampled_lines,
    why_no_line,
)
from simulator.analysis.culture.records import Floats, MeasuredChains
from simulator.analysis.culture.scientific import scipy_module
from simulator.analysis.summary import Interval

CLIPPED = ("toxicity", "positivity")
"""Measures whose published positions are cut off at -1 and 1."""

RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Attractor:
    """Where values of chains are drawn, and how strongly."""

    model: str = ""
    task: str = ""
    temperature: float | None = None
    measure: str = ""
    generation: int | None = None
    """Whose values are held against those of the initial texts; None of bare arrays."""
    chains: int = 0
    """That the line is laid through."""
    texts: int = 0
    """Initial texts of those chains."""
    dropped: int = 0
    """Chains without a value at either generation."""
    slope: float | None = None
    intercept: float | None = None
    slope_error: float | None = None
    """Standard error, from leaving out one initial text after another; None of fewer than 3."""
    position: float | None = None
    """In units of the measure; None where there is no attractor (0 if classic)."""
    strength: float | None = None
    """Above 0 to 1; None where there is no attractor (0 if classic)."""
    position_interval: Interval | None = None
    """Of the resamples that have an attractor."""
    strength_interval: Interval | None = None
    """Of the resamples that have an attractor."""
    attracted_share: float | None = None
    """Share of resamples of texts, from 0 to 1, that have an attractor."""
    p: float | None = None
    """How likely a slope as far within -1 to 1 is where the true one is not within.

    The larger of two one-sided tests (equivalence): Schuirmann (1987), J. Pharmacokinet. Biopharm.
    15:657. Student's t with a degree of freedom less than there are initial texts.
    """
    published_p: float | None = None
    """If classic: what the original stores, with the wrong tails; about 2 for any attractor."""
    reason: str = ""
    """Why there is no line, or no attractor; empty where there is one."""

    @property
    def exists(self) -> bool:
        """Whether the slope lies within -1 to 1."""
        return self.slope is not None and -1 < self.slope < 1


def attractor_of(
    initial: Floats,
    final: Floats,
    texts: NDArray[np.int64] | None = None,
    *,
    classic: bool = False,
    clip: bool = False,
    resamples: int = RESAMPLES,
    level: float = 0.95,
    seed: int = 0,
) -> Attractor:
    """The attractor of values.

    Args:
        initial: Of the initial texts, shape (chains,).
        final: Of a later generation, shape (chains,).
        texts: Which initial text a chain has, shape (chains,); None where each has its own.
        classic: As published: position and strength 0 where there is no attractor.
        clip: Cuts the position, and its interval, off at -1 and 1.
        resamples: Of initial texts, for the intervals; 0 for none.
        level: Of the intervals, between 0 and 1.
        seed: Of the resamples.

    Raises:
        ValueError: The shapes differ.
    """
    ends = ends_of(initial, final, texts)
    found = Attractor(
        chains=ends.first.size, texts=np.unique(ends.texts).size, dropped=ends.dropped
    )
    if why := why_no_line(ends):
        return replace(found, reason=why)
    line = line_of(ends)
    found = replace(
        found,
        slope=line.slope,
        intercept=line.intercept,
        slope_error=line.text_error,
        p=_equivalence(line, found.texts),
        published_p=_published(line, found.chains) if classic else None,
    )
    found = _with_intervals(found, ends, resamples, level, seed, clip)
    if found.exists:
        position = line.intercept / (1 - line.slope)
        position = float(np.clip(position, -1, 1)) if clip else position
        return replace(found, position=position, strength=1 - abs(line.slope))
    nothing = 0.0 if classic else None
    return replace(
        found,
        position=nothing,
        strength=nothing,
        reason=f"no attractor: the slope, {line.slope:.3g}, is not within -1 to 1",
    )


def attractors_of(
    measured: MeasuredChains,
    measures: Sequence[str] | None = None,
    *,
    generation: int | None = None,
    classic: bool = False,
    resamples: int = RESAMPLES,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[Attractor, ...]:
    """The attractor of each group of chains (model, task, temperature) and measure.

    Args:
        measured: With values by measure.
        measures: Which ones; None for all.
        generation: From 1; None for the last one that the chains of a group share
            (`shared_generation`).
        classic: As published: positions of toxicity and positivity cut off at -1 and 1; lengths
            laid by those of generation 1 instead of 0 (and of a generation later than is said,
            except at the last); 0 where there is no attractor.
        resamples: Of initial texts, for the intervals; 0 for none.
        level: Of the intervals, between 0 and 1.
        seed: Of the resamples.
    """
    found = []
    for group, chains in groups_of(measured).items():
        texts = text_numbers(chains)
        for measure in measured.values if measures is None else measures:
            first, last = columns_of(chains, measure, generation, classic)
            values = chains.values[measure]
            attractor = (
                attractor_of(
                    values[:, first],
                    values[:, last],
                    texts,
                    classic=classic,
                    clip=classic and measure in CLIPPED,
                    resamples=resamples,
                    level=level,
                    seed=seed,
                )
                if first < last < values.shape[1]
                else Attractor(
                    dropped=len(chains.chains),
                    reason=f"no chain has values of generations {first} and {last}, one after the"
                    " other",
                )
            )
            asked = last_generation(chains) if generation is None else generation
            found.append(
                labelled(
                    attractor,
                    group,
                    measure,
                    generation=asked,
                )
            )
    return tuple(found)


def columns_of(
    chains: MeasuredChains, measure: str, generation: int | None, classic: bool
) -> tuple[int, int]:
    """Which generations a line is laid through; see `attractors_of`."""
    end = last_generation(chains)
    last = end if generation is None else generation
    if classic and measure == "length":
        return 1, last if last == end else last + 1
    return 0, last


def _with_intervals(
    found: Attractor, ends: Ends, resamples: int, level: float, seed: int, clip: bool
) -> Attractor:
    if found.texts < 3 or resamples == 0:
        return found
    slopes, intercepts = resampled_lines(ends, resamples, seed)
    possible = np.isfinite(slopes)
    attracted = possible & (np.abs(slopes) < 1)
    slopes, intercepts = slopes[attracted], intercepts[attracted]
    positions = intercepts / (1 - slopes)
    return replace(
        found,
        position_interval=interval_of(np.clip(positions, -1, 1) if clip else positions, level),
        strength_interval=interval_of(1 - np.abs(slopes), level),
        attracted_share=float(attracted.sum() / max(1, possible.sum())),
    )


def _equivalence(line: Line, texts: int) -> float | None:
    if line.text_error is None:
        return None
    tail = scipy_module("special").stdtr
    above, below = (_ratio(edge, line.text_error) for edge in (line.slope + 1, line.slope - 1))
    return float(max(tail(texts - 1, -above), tail(texts - 1, below)))


def _published(line: Line, chains: int) -> float:
    tail = scipy_module("special").stdtr
    above, below = (_ratio(edge, line.slope_error) for edge in (line.slope + 1, line.slope - 1))
    return float(tail(chains - 2, -below) + tail(chains - 2, above))


def _ratio(distance: float, error: float) -> float:
    if error > 0:
        return distance / error
    return 0.0 if distance == 0 else float(np.copysign(inf, distance))
