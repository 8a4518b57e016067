"""Concepts of whole numbers: their members, and their names in replies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

Members = frozenset[int]

_RULE = re.compile(r"\brule\b[\s\"'*]{0,4}[:=]", re.IGNORECASE)
_SAID = re.compile(
    r"(?P<even>\beven\b)|(?P<odd>\bodd\b)|(?P<square>\bsquares?\b)|(?P<cube>\bcubes?\b)"
    r"|(?P<prime>\bprimes?\b)|(?P<all>\b(?:all|any|every) numbers?\b)"
    r"|\b(?:multiples? of|divisible by) (?P<multiple>\d{1,9})\b"
    r"|\bpowers? of (?P<power>\d{1,9})\b"
    r"|\bend(?:s|ing)? (?:in|with) (?:the digit )?(?P<ending>\d)\b"
    r"|\b(?P<low>\d{1,9}) ?(?:to|and|-|\u2013|through) ?(?P<high>\d{1,9})\b"
)

_NOT = r"(?:\b(?:no|not|non|never|neither|nor|except|excluding|without)\b|n['\u2019]t\b)"
_NEGATION = re.compile(_NOT)
_NEGATED = re.compile(_NOT + r"[\s-]+(?:[^\W_]+[\s-]+){0,3}\Z")
_BEFORE = 60
"""Characters before a concept in which its negation is looked for."""


@lru_cache(maxsize=8)
def concepts(largest: int, widths: tuple[int, ...]) -> Mapping[str, Members]:
    """Concepts by their names, in their order, no two of the same members."""
    by_members: dict[Members, str] = {}
    for name, members in (*_mathematical(largest), *_intervals(largest, widths)):
        by_members.setdefault(members, name)
    by_members.pop(frozenset(), None)
    return {name: members for members, name in by_members.items()}


def is_interval(name: str) -> bool:
    """Whether the concept is an interval, not a mathematical one."""
    return name.startswith("numbers from ")


def said_concept(text: str, largest: int) -> tuple[str, Members | None]:
    """The words that name a concept in a reply, and its members up to the largest number.

    After the last `Rule:` its line is read, where several concepts, as in `odd squares`, are none
    of this world: members are None. Without it the last concept of the reply counts that is not
    denied. What is denied, as in `not even numbers`, has no members. No words where no concept is
    named.
    """
    *before, rest = _RULE.split(text)
    lines = rest.strip().splitlines() if before else [rest]
    folded = " ".join(lines[0].casefold().split()) if lines else ""
    found = [(one[0], _found(one, largest)) for one in _SAID.finditer(folded)]
    if not found:
        return "", None
    if before and len({members for _, members in found}) > 1:
        return folded, None
    if before:
        return (folded, frozenset()) if _NEGATION.search(folded) else found[-1]
    denied = [_is_denied(folded, one.start()) for one in _SAID.finditer(folded)]
    said = [one for one, is_denied in zip(found, denied, strict=True) if not is_denied]
    return said[-1] if said else (f"not {found[-1][0]}", frozenset())


def _is_denied(text: str, start: int) -> bool:
    return _NEGATED.search(text[max(0, start - _BEFORE) : start]) is not None


def _found(said: re.Match[str], largest: int) -> Members:
    kind, value = next((kind, value) for kind, value in said.groupdict().items() if value)
    if kind == "low":
        return frozenset(range(max(int(value), 1), min(int(said["high"]), largest) + 1))
    return _of(kind, int(value) if value.isdecimal() else 0, largest)


def _mathematical(largest: int) -> Iterator[tuple[str, Members]]:
    """Those of Tenenbaum (1999), and all numbers."""
    for kind in ("even", "odd", "square", "cube", "prime"):
        yield f"{kind} numbers", _of(kind, 0, largest)
    for factor in range(3, 13):
        yield f"multiples of {factor}", _of("multiple", factor, largest)
    for base in range(2, 11):
        yield f"powers of {base}", _of("power", base, largest)
    for digit in range(10):
        yield f"numbers ending in {digit}", _of("ending", digit, largest)
    yield "all numbers", _of("all", 0, largest)


def _intervals(largest: int, widths: tuple[int, ...]) -> Iterator[tuple[str, Members]]:
    for width in widths:
        for low in range(1, largest - width + 2):
            yield f"numbers from {low} to {low + width - 1}", frozenset(range(low, low + width))


def _of(kind: str, value: int, largest: int) -> Members:
    """The members up to the largest number; none where the value makes no sense."""
    numbers = range(1, largest + 1)
    match kind:
        case "even":
            return frozenset(numbers[1::2])
        case "odd":
            return frozenset(numbers[::2])
        case "square" | "cube":
            exponent = 2 if kind == "square" else 3
            return frozenset(one for n in numbers if (one := n**exponent) <= largest)
        case "prime":
            return frozenset(
                n for n in numbers[1:] if all(n % d for d in range(2, int(n**0.5) + 1))
            )
        case "multiple":
            return frozenset(numbers[value - 1 :: value]) if value else frozenset()
        case "power":
            powers = (value**exponent for exponent in range(1, largest.bit_length() + 1))
            return frozenset(one for one in powers if 1 <= one <= largest)
        case "ending":
            return frozenset(n for n in numbers if n % 10 == value)
        case _:
            return frozenset(numbers)
