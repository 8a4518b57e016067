"""A reply while it streams in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from simulator.domain.journal import StopReason, Usage
from simulator.domain.models import TokenLogprob


class Reply(ABC):
    """What the events of one reply have told so far."""

    def __init__(self, *, tells_cost: bool = False) -> None:
        self.tells_cost = tells_cost
        """Whether a cost among its usage is to be believed."""
        self.stop_reason: StopReason | None = None
        """None until an event says why the reply ended."""
        self.refused = False
        """Whether its text is the model's refusal."""
        self.usage: Usage | None = None
        """The last that was told, for servers that count as they go."""
        self.digest: str | None = None
        self.reasoning: list[str] = []
        self.first_token: tuple[TokenLogprob, ...] = ()

    @abstractmethod
    def feed(self, event: Any) -> str:
        """What an event adds to the text.

        Raises:
            StreamFault: The event tells of an error.
            TypeError, AttributeError, KeyError, ValueError, IndexError: It is none that is known.
        """
