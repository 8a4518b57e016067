"""Outputs that are now and then another one than the rule says."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from random import Random


def checked(noise: float) -> float:
    """The noise itself.

    Raises:
        ValueError: It is no share.
    """
    if not 0 <= noise <= 1:
        raise ValueError(f"noise is {noise}; it must be 0 to 1")
    return noise


@lru_cache(maxsize=64)
def log_of_output(right: bool, outputs: int, noise: float) -> float:
    """Log P(output | input, hypothesis): 1 - noise if right, else noise / (outputs - 1); nats.

    Args:
        right: Whether the hypothesis says this output.
        outputs: How many there are, 2 or more.
        noise: Share of outputs that are another one, 0 to 1.

    Raises:
        ValueError: The noise is no share.
    """
    chance = 1 - checked(noise) if right else checked(noise) / (outputs - 1)
    return math.log(chance) if chance > 0 else -math.inf


def noisy(output: str, outputs: Sequence[str], rng: Random, noise: float) -> str:
    """The output, or with the chance `noise` one of the others, all equally often."""
    if not checked(noise) or rng.random() >= noise:
        return output
    return rng.choice([other for other in outputs if other != output])
