"""What a command asks for that plays runs of options of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.engine.limits import Limits


@dataclass(frozen=True, slots=True)
class Wanted:
    """Options of a command, and what it does with them."""

    options: dict[str, Any]
    named: str | None
    """The design; None for the options alone."""
    name: str
    """Of the experiment; empty leaves that to the options."""
    seed: int | None
    repeat: int
    is_dry: bool
    pace_s: float
    limits: Limits | None
    is_agreed: bool = False
    """Whether nothing is to be asked."""
