"""Texts that repeat without anything worth copying: nothing, refusals, farewells.

Found by English phrases in short texts, not by a model: a heuristic, and named as such.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, TypeAlias

Trivial: TypeAlias = Literal["empty", "refusal", "farewell"]
"""Why a repeated text says nothing: no words, a refusal to answer, or the end of a talk."""

LONGEST_TRIVIAL = 60
"""Words; a longer text is not a farewell, and a refusal only where it begins with one."""

_APOSTROPHES = str.maketrans("’‘ʼ`", "''''")
_REFUSAL = re.compile(
    r"""
    \b(?:i\ am|i'm|we\ are|we're)\ (?:\w+\ )?(?:unable|not\ able|not\ allowed|not\ permitted)\ to\b
    | \b(?:i|we)\ (?:\w+\ )?(?:cannot|can't|can\ not|won't|will\ not|must\ decline\ to)
      \ (?:\w+\ )?(?:help|assist|continue|comply|provide|fulfil|fulfill|engage|create|generate|write
        |produce|answer|discuss|do\ that|do\ this|respond|participate|support)\b
    | \bas\ an\ (?:ai|artificial)\b.{0,60}\b(?:cannot|can't|unable|not\ able|don't|do\ not)\b
    | \bagainst\ my\ (?:guidelines|programming|policy|policies)\b
    """,
    re.VERBOSE | re.DOTALL,
)
_FAREWELL = re.compile(
    r"""
    \b(?:good\ ?-?bye|bye(?:-|\ )?bye|bye|farewell|take\ care|see\ you|see\ ya|so\ long
      |until\ (?:next\ time|we\ meet\ again)|good\ ?night|safe\ travels|best\ wishes|all\ the\ best
      |you(?:'re|\ are)\ (?:very\ |most\ )?welcome|thank\ you\ (?:too|as\ well)
      |have\ an?\ (?:\w+\ ){1,3}(?:day|evening|night|week|weekend|one|time)
      |adi[oó]s|au\ revoir|auf\ wiedersehen|tsch[uü]ss|arrivederci)\b
    """,
    re.VERBOSE,
)


def why_trivial(text: str) -> Trivial | None:
    """Why a text says nothing worth copying; None where it may.

    Args:
        text: Of any length. A refusal must begin within its first 60 words, and a farewell may
            have no more than 60 words.
    """
    words = text.translate(_APOSTROPHES).casefold().split()
    if not words:
        return "empty"
    start = " ".join(words[:LONGEST_TRIVIAL])
    if _REFUSAL.search(start if len(words) <= LONGEST_TRIVIAL else " ".join(words[:20])):
        return "refusal"
    if len(words) <= LONGEST_TRIVIAL and _FAREWELL.search(start):
        return "farewell"
    return None


def why_all_trivial(texts: Sequence[str]) -> Trivial | None:
    """Why none of these texts says anything; None as soon as one of them may.

    Where the reasons differ it is the one of the last text that has words.
    """
    reasons = [why_trivial(text) for text in texts]
    if not reasons or None in reasons:
        return None
    said = [reason for reason in reasons if reason != "empty"]
    return said[-1] if said else "empty"
