"""What every screen works with: the services, the models, and the runs that are being played."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from simulator.catalogue import Catalogue
from simulator.live_runs import LiveRuns
from simulator.process import SystemClock
from simulator.services import Services


@dataclass(frozen=True, slots=True)
class Laboratory:
    """All that a screen is given; screens keep no other way to the world."""

    services: Services
    catalogue: Catalogue
    live: LiveRuns
    now: Callable[[], datetime] = field(default=SystemClock().now)
    """The time for ages on screens; aware, UTC."""
