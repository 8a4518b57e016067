"""Answers that are drawn from a model's probabilities instead of written by it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random


def drawn_place(scores: Sequence[float], temperature: float | None, rng: Random) -> int:
    """The place of an option, drawn with P proportional to exp(score / temperature).

    Args:
        scores: Log-probabilities in nats, one or more; where none is finite, all are alike.
        temperature: 0 takes the most probable, the first of equals; None is 1.
        rng: Draws once, or not at all at temperature 0.
    """
    highest = max(scores)
    if not math.isfinite(highest):
        return rng.randrange(len(scores))
    if temperature == 0:
        return scores.index(highest)
    heat = 1.0 if temperature is None else temperature
    weights = [math.exp((score - highest) / heat) for score in scores]
    return rng.choices(range(len(scores)), weights)[0]
