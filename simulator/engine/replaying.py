"""Plays a run from its journal alone, and stops where it would do something new."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from simulator.domain.events import Listener
from simulator.domain.journal import Step
from simulator.domain.models import Backends, ModelBackend
from simulator.domain.ports import Clock, ExperimentStore, Kind
from simulator.domain.prompts import Prompt
from simulator.domain.records import Agent, Outcome, Run
from simulator.engine.control import RunControl
from simulator.engine.journal import Journal
from simulator.engine.performance import Again, Performance, Recheck
from simulator.engine.stage import JournalStage
from simulator.errors import DesignChangedError

BREATH = 20
"""Replies after which others on the event loop get their turn."""


class _JournalEndedError(Exception):
    """The kind asked for a step that the journal does not have."""


class _NoBackends:
    def get(self, model: str) -> ModelBackend:
        raise _JournalEndedError


class _EndOfJournal(RunControl):
    """Stops the play where a live run would do something new."""

    async def gate(self, on_pause: object, on_resume: object) -> None:
        raise _JournalEndedError


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of it."""

    outcome: Outcome | None
    """None when the journal ended before the run did."""
    performance: Performance


async def replay(
    run: Run,
    kind: Kind,
    design: Any,
    journal: Journal,
    *,
    store: ExperimentStore,
    clock: Clock,
    seen: Recheck,
    listener: Listener = lambda event: None,
    backends: Backends | None = None,
) -> Replay:
    """Play as far as the journal goes, without writing anything.

    Args:
        run: As stored.
        kind: Plays the design.
        design: Resolved.
        journal: Of the run.
        store: Not used by anything that is on record.
        clock: Stamps nothing that is kept.
        seen: Hears of the replies of models.
        listener: Hears of every step.
        backends: Those that `seen` asks.

    Raises:
        DesignChangedError: The design asks for another step than the journal has.
    """
    replies = 0

    async def seen_with_breath(
        agent: Agent, prompt: Prompt, step: Step, again: Again | None
    ) -> None:
        nonlocal replies
        await seen(agent, prompt, step, again)
        replies += 1
        if replies % BREATH == 0:
            await asyncio.sleep(0)

    performance = Performance(
        run, journal, store, backends or _NoBackends(), clock, _EndOfJournal(), listener,
        recheck=seen_with_breath,
    )  # fmt: skip
    try:
        outcome = await kind.play(run, design, JournalStage(performance))
    except _JournalEndedError:
        return Replay(None, performance)
    return Replay(outcome, performance)


async def prompts_of(
    run: Run, kind: Kind, design: Any, *, store: ExperimentStore, clock: Clock
) -> dict[tuple[str, int], Prompt]:
    """What models were shown for each reply and choice, by scope and index of its step.

    Prompts are not stored: they are made again, and each is what the model saw, as it has the hash
    that was stored with the reply. Where the model was shown vectors, the text nearest to them
    stands in their place.

    Raises:
        DesignChangedError: The program gives other agents, steps or prompts now.
    """
    if kind.cast(design, run.seed) != run.agents:
        raise DesignChangedError(
            f"The design no longer gives the agents of run {run.id}, so its prompts are not known.",
            remedy="The system prompts are stored with the run: `show RUN --prompts` has them.",
        )
    prompts: dict[tuple[str, int], Prompt] = {}

    async def keep(agent: Agent, prompt: Prompt, step: Step, again: Again | None) -> None:
        prompts[step.scope, step.index] = prompt

    journal = Journal(await store.steps(run.id))
    await replay(run, kind, design, journal, store=store, clock=clock, seen=keep)
    return prompts
