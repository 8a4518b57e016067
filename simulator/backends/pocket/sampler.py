"""Draws tokens from logits; the same seed and logits always give the same tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from simulator.backends.pocket.weights import Floats

_FIRST_LOOK = 64  # tokens sorted before the whole vocabulary is


@dataclass(frozen=True, slots=True)
class Draw:
    """How to draw: all dimensionless."""

    temperature: float = 0.7
    """0 takes the most probable token."""
    top_p: float = 0.9
    """The fewest tokens whose probabilities, at this temperature, reach this are kept."""
    top_k: int | None = None
    """How many of the most probable tokens are kept, before `top_p`."""


class Sampler:
    """A stream of draws from one seed.

    Raises:
        ValueError: An option is out of range.
    """

    def __init__(self, draw: Draw, seed: int) -> None:
        if draw.temperature < 0 or not 0 < draw.top_p <= 1 or (draw.top_k or 1) < 1:
            raise ValueError(f"cannot draw with {draw}")
        self._draw = draw
        self._rng = np.random.Generator(np.random.PCG64(seed))

    def pick(self, logits: Floats) -> int:
        """A token drawn from logits (vocabulary,). Ties go to the smaller token number."""
        draw = self._draw
        if draw.temperature == 0:
            return int(np.argmax(logits))
        scaled = logits.astype(np.float64)
        scaled -= scaled.max()
        with np.errstate(over="ignore"):  # at a temperature of almost nothing: minus infinity
            scaled /= draw.temperature
        weights = np.exp(scaled)
        total = weights.sum()
        if draw.top_k is None and draw.top_p == 1.0:
            candidates = np.arange(len(weights))
        else:
            candidates, total = self._most_probable(weights, total)
        heights = np.cumsum(weights[candidates])
        reached = self._rng.random() * heights[-1]
        return int(candidates[np.searchsorted(heights, reached, side="right")])

    def _most_probable(
        self, weights: np.ndarray[tuple[int], np.dtype[np.float64]], total: np.float64
    ) -> tuple[np.ndarray[tuple[int], np.dtype[np.intp]], np.float64]:
        """Tokens that pass top_k and top_p, the most probable first, and the mass before top_p."""
        draw = self._draw
        size = len(weights)
        wanted = min(draw.top_k or _FIRST_LOOK, size)
        while True:
            order = _first(weights, wanted)
            if draw.top_k is not None:
                order = order[: draw.top_k]
                total = weights[order].sum()
            mass = np.cumsum(weights[order])
            if draw.top_k is not None or wanted == size or mass[-1] >= draw.top_p * total:
                break
            wanted = size
        kept = int(np.searchsorted(mass, draw.top_p * total, side="left")) + 1
        return order[:kept], total


def _first(
    weights: np.ndarray[tuple[int], np.dtype[np.float64]], wanted: int
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """At least the `wanted` heaviest places, heaviest first, equal weights in order of place."""
    if wanted < len(weights):
        border = np.partition(weights, len(weights) - wanted)[len(weights) - wanted]
        places = np.flatnonzero(weights >= border)
    else:
        places = np.arange(len(weights))
    return places[np.argsort(-weights[places], kind="stable")]
