"""When a conversation ends before its messages are used up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from simulator.domain.journal import Step
from simulator.kinds.conversation.design import StopCondition

LONGEST_LOOP = 6
"""Loops of up to so many messages are seen."""
LOOP_LIKENESS = 95.0
"""How alike two messages must be to count as the same, in percent (Indel similarity)."""


@dataclass(frozen=True, slots=True)
class Met:
    """A stop condition that came true."""

    reason: str
    """Its fields joined by `+`, such as `phrase` or `phrase+messages`."""
    detail: str


@dataclass(slots=True)
class Progress:
    """What stop conditions look at; it only depends on the journal, so a replay stops alike."""

    messages: int = 0
    days: int = 0
    tokens: int = 0
    model_s: float = 0.0
    words: list[str] = field(default_factory=list)
    """The latest agent messages, as many as the longest loop needs."""
    keep: int = 0
    """How many messages to remember."""

    def count(self, step: Step, *, spoken: bool) -> None:
        """Take a step into account; `spoken` when an agent's turn."""
        if step.call is not None:
            usage = step.call.usage
            self.tokens += usage.prompt_tokens + usage.completion_tokens
            self.model_s += usage.model_s
        if spoken:
            self.messages += 1
            self.words.append(step.content)
            if len(self.words) > max(self.keep, 1):
                del self.words[0]


def watch(conditions: Sequence[StopCondition]) -> Progress:
    """A record that remembers as much as these conditions need."""
    repeats = max((condition.loop or 0 for condition in conditions), default=0)
    return Progress(keep=repeats * LONGEST_LOOP)


def first_met(conditions: Sequence[StopCondition], progress: Progress) -> Met | None:
    """The first condition, in the design's order, of which every part is true."""
    for condition in conditions:
        details = [_detail(name, condition, progress) for name in _parts(condition)]
        if all(details):
            return Met("+".join(_parts(condition)), "; ".join(d for d in details if d))
    return None


def _parts(condition: StopCondition) -> list[str]:
    return [name for name, value in condition if value is not None]


def _detail(name: str, condition: StopCondition, progress: Progress) -> str | None:
    """What met this part; None when it is not met."""
    match name:
        case "messages":
            met = progress.messages >= (condition.messages or 0)
            return f"{progress.messages} messages" if met else None
        case "days":
            met = progress.days >= (condition.days or 0)
            return f"{progress.days} days" if met else None
        case "tokens":
            met = progress.tokens >= (condition.tokens or 0)
            return f"{progress.tokens} tokens" if met else None
        case "time_s":
            met = progress.model_s >= (condition.time_s or 0.0)
            return f"{progress.model_s:.1f} s of models' time" if met else None
        case "phrase":
            phrase = condition.phrase or ""
            said = bool(progress.words) and phrase.casefold() in progress.words[-1].casefold()
            return f"somebody said {phrase!r}" if said else None
        case _:
            period = loop_period(progress.words, condition.loop or 2)
            return f"{period} messages repeat themselves" if period else None


def loop_period(words: Sequence[str], repeats: int) -> int | None:
    """Length of the shortest block of messages that ends the talk `repeats` times in a row.

    Case, punctuation and spaces do not count; None when there is no such block.
    """
    from rapidfuzz import fuzz, utils

    plain = [utils.default_process(text) for text in words]
    for period in range(1, LONGEST_LOOP + 1):
        needed = period * repeats
        if needed > len(plain):
            return None
        tail = plain[-needed:]
        if all(
            fuzz.ratio(tail[place], tail[place - period]) >= LOOP_LIKENESS
            for place in range(period, needed)
        ):
            return period
    return None
