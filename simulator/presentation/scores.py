"""Many scored answers in few words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from simulator.domain.shares import shares
from simulator.presentation.safe_text import one_line, shortened
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from simulator.domain.journal import Step

MOST = 10
"""Answers that are listed; of more, the likeliest."""
LONGEST = 100
"""Characters of an answer in the list."""


def unheard_text(step: Step) -> str:
    """What a step that nobody heard is about, such as `chose Ann (scored)`.

    Args:
        step: A choice, scores, or words.
    """
    if step.kind == "choose":
        return f"chose {step.content} ({step.method or 'unknown'})"
    if step.kind == "score":
        return f"scored {counted(len(step.options), 'answer')}"
    return step.content


def likeliest(step: Step, most: int = MOST) -> list[tuple[str, float]]:
    """The likeliest answers of a step with scores, with their shares of all, 0 to 1.

    Answers that are as likely stand in the order in which they were scored.
    """
    found = zip(step.options, shares(step.scores), strict=False)
    return sorted(found, key=lambda one: -one[1])[:most]


def score_lines(step: Step, most: int = MOST) -> list[str]:
    """The likeliest answers, a line each, such as `81.0 %  A on, screen off`."""
    rows = likeliest(step, most)
    lines = [
        f"{share_text(share):>7}  {shortened(one_line(option), LONGEST)}" for option, share in rows
    ]
    left = len(step.options) - len(rows)
    if rows and left:
        rest = max(0.0, 1 - math.fsum(share for _, share in rows))
        lines.append(f"{share_text(rest):>7}  {counted(left, 'other')}")
    return lines


def share_text(share: float) -> str:
    """Such as `81.0 %`; what is too small to be told so, `<0.1 %`."""
    return "<0.1 %" if 0 < share < 0.0005 else f"{100 * share:.1f} %"
