"""What the faults of all servers have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator

MOST_SHOWN = 300
"""Characters of a server's own words that are shown."""
_MOST_READ = 4096


def shown(text: str, redact: Callable[[str], str]) -> str:
    """A server's words on one line, bounded, without secrets."""
    masked = redact(text[:_MOST_READ])
    line = " ".join("".join(c if c.isprintable() else " " for c in masked).split())
    return line if len(line) <= MOST_SHOWN else f"{line[: MOST_SHOWN - 1]}…"


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it, the latest first."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__
