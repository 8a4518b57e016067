"""What all scopes of one played run share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from simulator.domain.events import Listener
from simulator.domain.journal import Step, Usage
from simulator.domain.models import Backends
from simulator.domain.ports import Clock, ExperimentStore, Person
from simulator.domain.prompts import Prompt
from simulator.domain.records import Agent, Run
from simulator.engine.control import RunControl
from simulator.engine.journal import Journal
from simulator.engine.limits import Budget


@dataclass(slots=True)
class Performance:
    """One run while it is played."""

    run: Run
    journal: Journal
    store: ExperimentStore
    backends: Backends
    clock: Clock
    control: RunControl
    listener: Listener
    person: Person | None = None
    budget: Budget | None = None
    """None sets no limits."""
    recheck: Callable[[Agent, Prompt, Step], Awaitable[None]] | None = None
    """Sees every replayed reply and choice of a model with the prompt that it came from."""
    usages: list[Usage] = field(default_factory=list)
    """Of every step so far, those of the journal included."""
    scopes: set[str] = field(default_factory=set)

    def count(self, step: Step, *, replayed: bool) -> None:
        """Add what a step used; calls that were made just now are on the budget already."""
        if step.call is None:
            return
        self.usages.append(step.call.usage)
        if replayed and self.budget is not None:
            self.budget.spend(step.call.usage)
