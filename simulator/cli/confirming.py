"""Asks before something is gone for good, or takes long."""

from __future__ import annotations

import sys

from simulator.cli.session import Session
from simulator.errors import UsageError


async def agreed(session: Session, what: str) -> bool:
    """Whether the user agrees that `what` is deleted.

    Raises:
        UsageError: Nobody can be asked here.
    """
    if session.output.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            f"Deleting {what} must be confirmed, and nobody can be asked here.",
            remedy="Add --yes.",
        )
    return await confirmed(f"Delete {what} for good?")


async def confirmed(question: str) -> bool:
    """Whether somebody at the keyboard says yes to a question."""
    from simulator.cli.asking import Keyboard

    sys.stdout.write(f"{question} [y/N] ")
    sys.stdout.flush()
    answer = await Keyboard().line()
    return answer is not None and answer.strip().casefold() in ("y", "yes")
