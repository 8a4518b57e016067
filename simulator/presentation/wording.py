"""Numbers of things in words."""

from __future__ import annotations

_HISSING = ("s", "x", "z", "ch", "sh")


def counted(number: int, thing: str) -> str:
    """Such as `1 run`, `2 runs`, `0 juries`."""
    return f"{number} {thing if number == 1 else plural(thing)}"


def plural(thing: str) -> str:
    """Several of it, as English usually says it."""
    if thing.endswith(_HISSING):
        return f"{thing}es"
    if thing.endswith("y") and thing[-2:-1] not in tuple("aeiou"):
        return f"{thing[:-1]}ies"
    return f"{thing}s"
