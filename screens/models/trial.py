"""How a model's reply to somebody who tries it comes."""

from __future__ import annotations

import time
from collections.abc import Callable

from simulator.domain.models import Chunk, Completion
from simulator.presentation.usage import usage_text


class Trial:
    """One reply while it comes, and how fast."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Begin, as the question is sent.

        Args:
            now: Seconds of a clock that only goes on.
        """
        self._now = now
        self._began = self._last = now()
        self._first: float | None = None
        self._parts: list[str] = []
        self.retry = ""
        """Why it was asked again, and when; empty unless it waits for that."""
        self.completion: Completion | None = None
        """The whole reply, once it is there."""

    @property
    def text(self) -> str:
        """The reply so far."""
        return "".join(self._parts)

    def hear(self, chunk: Chunk) -> None:
        """Take the next piece."""
        now = self._now()
        if chunk.retry is not None:
            notice = chunk.retry
            self._began, self._first = now + notice.wait_s, None
            self._parts.clear()
            reason = notice.reason.rstrip(".")
            self.retry = f"{reason}; asking again in {notice.wait_s:.1f} s"
        if chunk.text:
            self.retry = ""
            self._first = now if self._first is None else self._first
            self._last = now
            self._parts.append(chunk.text)
        self.completion = chunk.completion or self.completion

    @property
    def first_s(self) -> float | None:
        """Seconds to the first piece; None before it came."""
        return None if self._first is None else max(0.0, self._first - self._began)

    @property
    def tokens(self) -> int:
        """As the server counts them, once it has; pieces until then."""
        if self.completion is not None and self.completion.usage.completion_tokens:
            return self.completion.usage.completion_tokens
        return len(self._parts)

    @property
    def tokens_per_s(self) -> float | None:
        """From the first piece to the last; None where that is one piece, or no time."""
        if self._first is None or len(self._parts) < 2 or self._last <= self._first:
            return None
        return (self.tokens - 1) / (self._last - self._first)

    @property
    def pace(self) -> str:
        """In a line."""
        if self.retry:
            return self.retry
        if self.first_s is None:
            return f"waiting for {self._now() - self._began:.0f} s"
        parts = [f"first token after {self.first_s:.2f} s"]
        if self.tokens_per_s is not None:
            parts.append(f"{self.tokens_per_s:,.0f} tokens/s")
        if self.completion is None:
            parts.append(f"{self.tokens:,} tokens so far")
        else:
            parts.append(usage_text(self.completion.usage))
            parts.append(f"ended by {self.completion.stop_reason}")
        return " · ".join(parts)
