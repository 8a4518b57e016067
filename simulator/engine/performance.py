"""What all scopes of one played run share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from simulator.domain.events import Listener, StepCommitted, StepReplayed
from simulator.domain.journal import Call, Step, UsageSum
from simulator.domain.models import Backends
from simulator.domain.ports import Clock, ExperimentStore, Person
from simulator.domain.prompts import Prompt
from simulator.domain.records import Agent, Run
from simulator.engine.control import RunControl
from simulator.engine.journal import Journal
from simulator.engine.limits import Budget
from simulator.engine.soft_texts import SoftTexts
from simulator.engine.truncation import TruncationDetector

Again = Callable[[], Awaitable[str]]
"""Asks for a message as vectors once more; its text now."""
Recheck = Callable[[Agent, Prompt, Step, Again | None], Awaitable[None]]
"""Of messages as vectors, the prompt is given as text, with a way to ask again."""


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
    recheck: Recheck | None = None
    """Sees every replayed reply and choice of a model with the prompt that it came from."""
    confirm: Callable[[], Awaitable[None]] | None = None
    """Sees before each new step that the run is still ours; raises LeaseLostError."""
    told: dict[str, int] = field(default_factory=dict)
    """By scope, how many of its steps the listener has heard of and the budget has counted."""
    owner: str | None = None
    """Who has to hold the run for new steps to be committed; None asks for nobody."""
    used: UsageSum = field(default_factory=UsageSum)
    """By every step so far, those of the journal included."""
    soft_texts: SoftTexts = field(default_factory=SoftTexts)
    scopes: set[str] = field(default_factory=set)
    detectors: dict[tuple[str, str], TruncationDetector] = field(default_factory=dict)
    """By scope and model, as the steps of a scope come in the same order whenever it is played."""

    def was_cut(self, scope: str, prompt: Prompt, call: Call) -> bool:
        """Whether a call's counts tell that its prompt was cut; to be asked once a call, in order.

        Of calls behind an endpoint that count their tokens, replayed ones too: what they teach is
        needed for those that follow.
        """
        usage = call.usage
        if not call.endpoint or not usage.calls or usage.estimated_calls:
            return False
        detector = self.detectors.setdefault((scope, call.model), TruncationDetector())
        return detector.was_cut(
            prompt.merged(), usage.prompt_tokens // usage.calls, call.context_length
        )

    def role_of(self, speaker: str) -> str:
        """The role of an agent; of anybody else, the name in small letters."""
        roles = {agent.name: agent.role for agent in self.run.agents}
        return roles.get(speaker, speaker.lower())

    def tell(self, step: Step, *, replayed: bool) -> None:
        """Add what a step used, and let the listener hear of it unless it has before.

        Calls that were made just now are on the budget already.
        """
        if step.call is not None:
            self.used.add(step.call.usage)
        if step.index < self.told.get(step.scope, 0):
            return
        self.told[step.scope] = step.index + 1
        if replayed and self.budget is not None and step.call is not None:
            self.budget.spend(step.call.usage)
        self.listener(StepReplayed(step) if replayed else StepCommitted(step))
