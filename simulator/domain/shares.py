"""Log-probabilities as shares of their sum."""

from __future__ import annotations

import math
from collections.abc import Sequence


def shares(scores: Sequence[float]) -> tuple[float, ...]:
    """Log-probabilities divided by the sum of what they stand for: 0 to 1, sum 1.

    Args:
        scores: Nats, such as those of a step; -inf is 0.

    Returns:
        In the order of the scores; empty where there are none, where all are -inf, and where one
        is no number or +inf.
    """
    if any(math.isnan(score) or score == math.inf for score in scores):
        return ()
    highest = max(scores, default=-math.inf)
    if highest == -math.inf:
        return ()
    weights = [math.exp(score - highest) for score in scores]
    total = math.fsum(weights)
    return tuple(weight / total for weight in weights)
