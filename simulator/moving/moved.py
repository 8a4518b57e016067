"""How far a copy has come, and what did not arrive."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

Fate = Literal["new", "caught_up", "known", "played", "conflict", "failed"]
"""What becomes of a run: `known` was there already, `played` is left out as somebody plays it."""

BatchFate = Literal["new", "caught_up", "known"]
"""What becomes of a batch: `caught_up` was amended in the target as in the source."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What did not arrive, or not whole."""

    what: str
    """Such as `run 01J…`."""
    reason: str

    def __str__(self) -> str:
        return f"{self.what}: {self.reason}"


@dataclass(slots=True)
class Moved:
    """How far a copy has come."""

    experiments_total: int = 0
    runs_total: int = 0
    experiments_new: int = 0
    experiments_known: int = 0
    batches: Counter[BatchFate] = field(default_factory=Counter)
    runs: Counter[Fate] = field(default_factory=Counter)
    steps: int = 0
    """Written into the target's journals."""
    counted_runs: int = 0
    """Whose steps were counted on both sides."""
    counted_steps: int = 0
    """Their steps in the source; the target has as many, or more where it is ahead."""
    conflicts: list[Fault] = field(default_factory=list)
    """What the target has under the same id with other contents; it was left alone."""
    failures: list[Fault] = field(default_factory=list)
    """What the target would not take."""
    uncounted: list[Fault] = field(default_factory=list)
    """What the count check did not find in the target, the first ones first."""

    @property
    def is_whole(self) -> bool:
        """Whether all arrived that nobody plays."""
        return not (self.conflicts or self.failures or self.uncounted)
