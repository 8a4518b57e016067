"""What backends are opened with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from simulator.domain.models import RequestCache

MAX_FAILURES = 8


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait for a reply, in seconds."""

    first_token_s: float = 600.0
    """For its first piece: a server may have to load the model, or reason in silence."""
    stall_s: float = 60.0
    """For each further piece."""
    reply_s: float = 1800.0
    """For all of it."""


@dataclass(frozen=True, slots=True)
class Connections:
    """How many requests an endpoint is given at the same time."""

    start: int
    most: int


@dataclass(frozen=True, slots=True)
class BackendOptions:
    """What does not depend on the model."""

    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Variables, keys among them."""
    endpoints_file: Path | None = None
    """The user's own endpoints, over the shipped ones; None when there are none."""
    prices_file: Path | None = None
    """The user's own prices, over the shipped ones; None when there are none."""
    timeouts: Timeouts = Timeouts()
    max_connections: int | None = None
    """Requests to one endpoint at a time; None adapts to what the endpoint takes."""
    max_failures: int = MAX_FAILURES
    """Attempts of one request, those that were only asked to wait not counted."""
    cache: RequestCache | None = None
    """Where replies are kept and looked up; None asks every time."""
    record: Path | None = None
    """A file that requests and replies are added to."""
    replay: Path | None = None
    """A recording that all replies are taken from; no model is asked."""
