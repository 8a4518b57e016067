"""How many of the replies to a text are the text again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from simulator.analysis.culture.cycles import CycleRule, comparison
from simulator.analysis.debates.proportions import Proportion


@dataclass(frozen=True, slots=True)
class Copies:
    """What one model made of a text."""

    model: str
    given: int
    """How often it was given the text."""
    exact: int
    """Replies of the same characters."""
    copies: int
    """Replies that count as the same under the rule; all exact ones do."""

    @property
    def share(self) -> Proportion:
        """Copies among the replies, with an interval by Wilson."""
        return Proportion(self.copies, self.given)


def counted(text: str, replies: Mapping[str, Sequence[str]], rule: CycleRule) -> tuple[Copies, ...]:
    """The copies that each model made.

    Args:
        text: What they were given.
        replies: Of each model, in the order of models.
        rule: What counts as the same text.
    """
    alike = comparison(rule)
    return tuple(
        Copies(
            model, len(said), sum(one == text for one in said),
            sum(one == text or alike(text, one) for one in said),
        )
        for model, said in replies.items()
    )  # fmt: skip


def counts_values(text: str, found: Sequence[Copies]) -> dict[str, JsonValue]:
    """Counts as outcomes keep them; intervals are 95 % ones, from 0 to 1."""
    total = Copies(
        "all", sum(one.given for one in found), sum(one.exact for one in found),
        sum(one.copies for one in found),
    )  # fmt: skip
    return {
        "texts": [text],
        "models": [_document(one) for one in found],
        **{name: value for name, value in _document(total).items() if name != "model"},
    }


def _document(one: Copies) -> dict[str, JsonValue]:
    interval = one.share.interval()
    return {
        "model": one.model, "given": one.given, "exact": one.exact, "copies": one.copies,
        "share": round(one.share.share, 6), "low": round(interval.low, 6),
        "high": round(interval.high, 6),
    }  # fmt: skip
