"""Log-probabilities of first tokens, as far as a server tells any."""

from __future__ import annotations

import math
from collections.abc import Iterable

from simulator.domain.models import TokenLogprob

REPLIES_WITHOUT = 2
"""After so many replies, and none with, a server is taken to have no logprobs."""
_MOST = 1e-3
"""Rounding may put a certain token's above 0."""


def likeliest(told: Iterable[tuple[str, float]], count: int) -> tuple[TokenLogprob, ...]:
    """The likeliest of some tokens, most probable first.

    Args:
        told: Tokens with their logarithms, in nats.
        count: How many to keep.

    Returns:
        At most `count`; none when any of what was told is no logarithm of a probability.
    """
    ranked = sorted(told, key=lambda pair: pair[1], reverse=True)
    if not all(-math.inf < logprob <= _MOST for _, logprob in ranked):
        return ()
    return tuple(TokenLogprob(token, min(logprob, 0.0)) for token, logprob in ranked[:count])


class LogprobsWatch:
    """Finds out whether a server that is asked for logprobs has any."""

    def __init__(self) -> None:
        self._has_given = False
        self._without = 0

    def note(self, *, given: bool) -> None:
        """Take note of a reply that could have had them."""
        self._has_given |= given
        self._without += not given

    @property
    def has_none(self) -> bool:
        """Whether replies enough came without, and none with."""
        return not self._has_given and self._without >= REPLIES_WITHOUT
