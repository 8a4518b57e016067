"""Times for people."""

from __future__ import annotations

from datetime import UTC, datetime

_UNITS = (("s", 60), ("min", 60), ("h", 24), ("d", 7), ("w", 52))


def age(moment: datetime, now: datetime | None = None) -> str:
    """How long ago, such as `5 min`; in years from 52 weeks on."""
    amount = max(0, int(((now or datetime.now(UTC)) - moment).total_seconds()))
    for unit, size in _UNITS:
        if amount < size:
            return f"{amount} {unit}"
        amount //= size
    return f"{amount} y"


def stamp(moment: datetime) -> str:
    """To the second, UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def duration(seconds: float) -> str:
    """Such as `0:07` or `1:02:03`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
