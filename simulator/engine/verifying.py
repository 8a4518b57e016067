"""Checks a stored run: does its journal still follow from its design and its models?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.domain.events import Event, StepReplayed
from simulator.domain.journal import JournalHash, Step
from simulator.domain.models import Backends, GenerateRequest, ModelBackend
from simulator.domain.ports import Clock, ExperimentStore, Kind
from simulator.domain.prompts import Prompt
from simulator.domain.records import Agent, Outcome, Run
from simulator.engine.choosing import TOP_LOGPROBS, lettered
from simulator.engine.journal import Journal
from simulator.engine.performance import Again
from simulator.engine.replaying import BREATH, Replay, replay
from simulator.errors import DesignChangedError


@dataclass(slots=True)
class Verification:
    """What was found."""

    steps: int
    """Steps in the journal."""
    replayed: int = 0
    """Steps that the design asked for, with the same prompts."""
    regenerated: int = 0
    """Replies that the model was asked for again."""
    problems: list[str] = field(default_factory=list)
    """Empty when the run stands."""


async def verify_run(
    run: Run,
    kind: Kind,
    design: Any,
    *,
    store: ExperimentStore,
    clock: Clock,
    backends: Backends | None = None,
    hear: Callable[[float], None] = lambda share: None,
) -> Verification:
    """Replay a run against its journal without writing anything.

    Args:
        run: As stored.
        kind: Plays the design.
        design: Resolved.
        store: Read only.
        clock: Stamps nothing that is kept.
        backends: When given, every reply is asked for again with its recorded seed and compared;
            only meaningful for models that honour seeds.
        hear: Hears which share of the steps is replayed.
    """
    steps = await store.steps(run.id)
    found = Verification(steps=len(steps))
    found.problems += _gaps(steps)
    if kind.cast(design, run.seed) != run.agents:
        found.problems.append("the design gives other agents or prompts than the run has")
        return found
    journal = Journal(steps)

    def listener(event: Event) -> None:
        if isinstance(event, StepReplayed):
            found.replayed += 1
            hear(found.replayed / len(steps))

    async def recheck(agent: Agent, prompt: Prompt, step: Step, again: Again | None) -> None:
        if backends is None:
            return
        if again is not None:
            is_same = step.call is None or await again() == step.call.raw
        else:
            is_same = step.edited or await _given_again(backends.get(agent.model), prompt, step)
        if not is_same:
            found.problems.append(
                f"step {step.index} of {step.scope!r}, by {step.speaker}: "
                f"{agent.model} gives another reply now"
            )
        found.regenerated += 1

    try:
        played = await replay(
            run, kind, design, journal, store=store, clock=clock, seen=recheck, listener=listener,
            backends=backends,
        )  # fmt: skip
    except DesignChangedError as changed:
        found.problems.append(changed.message)
    else:
        if run.status == "completed" and played.outcome is None:
            found.problems.append("the run is on record as completed, but its journal ends early")
        elif run.status == "completed" and run.outcome is not None:
            found.problems += await _other_end(run, run.outcome, played, steps)
    found.problems += [
        f"step {step.index} of {step.scope!r}, by {step.speaker}, is never asked for"
        for step in journal.unused()
        if not found.problems
    ]
    return found


async def _given_again(backend: ModelBackend, prompt: Prompt, step: Step) -> bool:
    """Whether the model gives the recorded reply, or makes the recorded choice, again.

    A choice that took several replies cannot be asked for again and counts as given.
    """
    if step.method == "scored":
        return await backend.score(prompt, step.options) == step.scores
    if step.call is None or (step.kind == "choose" and step.call.earlier_raw):
        return True
    by_letter = step.method == "logprobs"
    request = GenerateRequest(
        lettered(prompt, step.options) if by_letter else prompt,
        step.call.sampling,
        step.call.seed,
        choices=step.options if step.method == "constrained" else (),
        top_logprobs=TOP_LOGPROBS if by_letter else 0,
    )
    async for chunk in backend.generate(request):
        if chunk.completion is not None:
            return chunk.completion.text == step.call.raw
    return False


async def _other_end(
    run: Run, recorded: Outcome, played: Replay, steps: Sequence[Step]
) -> list[str]:
    problems: list[str] = []
    if played.outcome is not None and played.outcome != recorded.model_copy(
        update={"journal_hash": None}
    ):
        problems.append(
            f"it ends by {played.outcome.reason!r}, but {recorded.reason!r} is on record"
        )
    if played.performance.used.total() != run.usage:
        problems.append("its steps used something else than the run has on record")
    if recorded.journal_hash not in (None, await _hash(steps)):
        problems.append("a step was changed after the run ended: the journal has another hash")
    return problems


async def _hash(steps: Sequence[Step]) -> str:
    journal_hash = JournalHash()
    for number, step in enumerate(steps):
        journal_hash.add(step)
        if number % BREATH == 0:
            await asyncio.sleep(0)
    return journal_hash.hexdigest()


def _gaps(steps: Sequence[Step]) -> list[str]:
    indices: dict[str, list[int]] = {}
    for step in steps:
        indices.setdefault(step.scope, []).append(step.index)
    return [
        f"scope {scope!r} has gaps: its steps are not numbered 0 to {len(found) - 1}"
        for scope, found in indices.items()
        if sorted(found) != list(range(len(found)))
    ]
