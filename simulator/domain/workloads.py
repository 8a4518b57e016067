"""How much work a run is expected to give its models, before anything is asked of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

USUAL_BYTES_PER_TOKEN = 4.0
"""Of English in most models' tokens, a little on the cautious side."""
USUAL_REPLY_TOKENS = 500
"""Taken for a reply whose length nothing limits and nobody has measured."""
ENTRY_TOKENS = 4
"""What chat templates usually put around a message."""


@dataclass(frozen=True, slots=True)
class ReplyLength:
    """How long a reply is, on average."""

    tokens: float
    """That the model writes for it, reasoning included."""
    size_bytes: float
    """UTF-8 bytes that are left of it for others to read."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How a model replies, as far as that is known; None where it is not."""

    reply: ReplyLength | None = None
    """Of participants; None takes replies to be as long as they may be."""
    helper_reply: ReplyLength | None = None
    """Of helpers, such as a summary; None takes `reply`."""
    bytes_per_token: float = USUAL_BYTES_PER_TOKEN
    scores_choices: bool = False
    """Whether it chooses by probabilities, which takes no call."""
    keeps_room: bool = True
    """Whether its context must have room for the longest reply that is allowed; else a reply ends
    where the context is full."""

    def reply_length(self, *, is_helper: bool, max_tokens: int | None) -> ReplyLength:
        """The length to expect of a reply.

        Args:
            is_helper: Whether it is no participant's.
            max_tokens: More it cannot have; None does not limit.
        """
        usual = self.helper_reply or self.reply if is_helper else self.reply
        if usual is None:
            tokens = float(max_tokens or USUAL_REPLY_TOKENS)
            return ReplyLength(tokens, tokens * self.bytes_per_token)
        if max_tokens is None or usual.tokens <= max_tokens:
            return usual
        return ReplyLength(max_tokens, usual.size_bytes * max_tokens / usual.tokens)

    def prompt_tokens(self, size_bytes: float, entries: float) -> float:
        """Tokens of a prompt with so many entries that are so long together."""
        return size_bytes / self.bytes_per_token + entries * ENTRY_TOKENS


USUAL_HABITS = Habits()


@dataclass(frozen=True, slots=True)
class Workload:
    """What one model has to do in a run, unless something ends it earlier."""

    model: str
    """`provider/model`."""
    calls: int
    prompt_tokens: int
    completion_tokens: int
    context_tokens: int
    """Of its longest prompt and the longest reply to that."""
    context_limit: int | None = None
    """Room that the design asks for; None leaves that to a forecast."""
    scored: int = 0
    """Answers that it says the probabilities of, without a call."""
    scored_bytes: int = 0
    """Their UTF-8 bytes together."""

    @classmethod
    def total(cls, parts: Iterable[Workload]) -> tuple[Workload, ...]:
        """The sum for each model, in the order of their first parts."""
        whole: dict[str, Workload] = {}
        for part in parts:
            known = whole.get(part.model)
            whole[part.model] = part if known is None else known._with(part)
        return tuple(whole.values())

    def _with(self, other: Workload) -> Workload:
        limits = [limit for limit in (self.context_limit, other.context_limit) if limit is not None]
        return Workload(
            self.model,
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            max(self.context_tokens, other.context_tokens),
            min(limits, default=None),
            self.scored + other.scored,
            self.scored_bytes + other.scored_bytes,
        )
