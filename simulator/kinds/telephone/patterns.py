"""What takes a text out of a reply: marks, or a pattern of the researcher's own.

Replies are whatever a model says, so that a pattern must end in good time on every one of them.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

MOST_MATCHED = 20_000
"""Characters of the longest reply that a pattern is held to; time may grow with the square."""
Extract = Callable[[str], str | None]
"""The text in a reply; None where the reply has another form."""

# The tree that `re` itself compiles; there is no public way to it.
_parser: Any = importlib.import_module("re._parser")
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT")
_SAFE = ("POSSESSIVE_REPEAT", "ATOMIC_GROUP")


def between(start: str, end: str) -> Extract:
    """What stands after the first `start` and before the next `end`.

    Args:
        start: Mark before the text; empty is the beginning of the reply.
        end: Mark after it; empty is the end of the reply.
    """

    def extract(reply: str) -> str | None:
        first = reply.find(start)
        if first < 0:
            return None
        first += len(start)
        last = reply.find(end, first) if end else len(reply)
        return None if last < 0 else reply[first:last]

    return extract


def matched(pattern: str) -> Extract:
    """The first group of the first match, or all of it; `.` is any character.

    Args:
        pattern: Without `fault_of`.
    """
    expression = _compiled(pattern)
    wanted = 1 if expression.groups else 0

    def extract(reply: str) -> str | None:
        found = expression.search(reply) if len(reply) <= MOST_MATCHED else None
        return None if found is None else found[wanted]

    return extract


def fault_of(pattern: str) -> str | None:
    """Why a pattern cannot be used, as a sentence without an end; None when it can."""
    try:
        expression = _compiled(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f"this is no regular expression: {error}"
    if expression.groups > 1:
        return "it has several groups; which one is the text? Others are written (?:…)"
    if _may_run_away(_parser.parse(pattern, re.DOTALL)):
        return (
            "a repetition stands within a repetition, which takes for ever on some replies; "
            "make the outer one possessive, such as (?:…)*+"
        )
    return None


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)


def _may_run_away(nodes: Iterable[Any], *, repeated: bool = False) -> bool:
    """Whether a match may be tried in exponentially many ways.

    That takes a repetition without limit of something that matches the same characters in several
    ways: by another repetition, or by alternatives that do not differ in their first character.
    Some patterns without this fault are refused as well.
    """
    for operation, value in nodes:
        name = str(operation)
        if name in _SAFE:
            # What it matched is never tried again from outside.
            if _may_run_away(value[2] if name == "POSSESSIVE_REPEAT" else value):
                return True
            continue
        is_repeat = name in _REPEATS and value[0] != value[1]
        if repeated and (is_repeat or (name == "BRANCH" and not _differ(value[1]))):
            return True
        within = repeated or (name in _REPEATS and value[1] > 1)
        if any(_may_run_away(part, repeated=within) for part in _parts(name, value)):
            return True
    return False


def _parts(name: str, value: Any) -> Iterator[Any]:
    """What stands within a part of a pattern."""
    if name in _REPEATS:
        yield value[2]
    elif name == "SUBPATTERN":
        yield value[3]
    elif name == "BRANCH":
        yield from value[1]
    elif name in ("ASSERT", "ASSERT_NOT"):
        yield value[1]
    elif name == "GROUPREF_EXISTS":
        yield from (part for part in value[1:] if part is not None)


def _differ(alternatives: Iterable[Any]) -> bool:
    firsts = [(str(one[0][0]), one[0][1]) if len(one) else ("", None) for one in alternatives]
    return all(name == "LITERAL" for name, _ in firsts) and len({*firsts}) == len(firsts)
