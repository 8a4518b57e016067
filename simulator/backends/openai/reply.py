"""A reply while it streams in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from simulator.domain.journal import StopReason, Usage
from simulator.domain.models import TokenLogprob

MOST_CHARACTERS = 16 << 20
"""Of text and thoughts; a reply that is longer has no end."""


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
        self.thoughts: list[str] = []
        self.length = 0
        """Characters of text and thoughts so far."""
        self.first_token: tuple[TokenLogprob, ...] | None = None
        """The likeliest, most probable first; empty where what was told is no probability, None
        until something is."""

    @property
    def reasoning(self) -> str:
        """What the model thought so far."""
        return "".join(self.thoughts)

    def feed(self, event: Any) -> str:
        """What an event adds to the text.

        Raises:
            StreamFault: The event tells of an error.
            TypeError, AttributeError, KeyError, ValueError, IndexError, OverflowError: It is none
                that is known, or there is no end to the reply.
        """
        text = self._said(event)
        self.length += len(text)
        if self.length > MOST_CHARACTERS:
            raise ValueError(f"a reply of more than {MOST_CHARACTERS} characters")
        return text

    def think(self, thought: str) -> None:
        """Add to what the model thought."""
        self.length += len(thought)
        self.thoughts.append(thought)

    @abstractmethod
    def _said(self, event: Any) -> str:
        """See `feed`."""
