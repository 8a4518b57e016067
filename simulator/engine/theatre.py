"""What playing runs takes, whatever the run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulator.domain.models import Backends
from simulator.domain.ports import Clock, ExperimentStore

LEASE_S = 30.0


@dataclass(frozen=True, slots=True)
class Theatre:
    """The store, models and clock, and who plays."""

    store: ExperimentStore
    backends: Backends
    clock: Clock
    owner: str
    """Names this process among all that share the store; each play adds a number to it."""
    user: str = ""
    """On whose behalf it plays."""
    is_dead: Callable[[str], bool] = lambda owner: False
    """Whether an owner is known to be gone, so that its lease need not run out first."""
    lease_s: float = LEASE_S
    """Seconds after which a run of a dead process may be taken over from another machine."""
