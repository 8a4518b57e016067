"""Runs to read, with the same words and ids whenever they are made."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from screens.laboratory import Laboratory
from simulator.domain.journal import Call, Step, Usage
from simulator.domain.records import (
    IMPORTED,
    Experiment,
    ForkOrigin,
    Outcome,
    Provenance,
    Run,
    RunStatus,
)
from simulator.domain.sampling import Sampling
from simulator.files.designs import design_document, design_hash
from simulator.kinds.conversation.kind import ConversationKind
from tests.lab import design
from tests.screens.host import NOW

HOSTILE = "[/foo] [bold red]x[/] \x1b[31m\u202e to\u200bday 👩‍👩‍👧 日本語 مرحبا"
SHOWN = "[/foo] [bold red]x[/] ␛[31m\\u202e to\\u200bday 👩‍👩‍👧 日本語 مرحبا"
"""What is seen of it."""
RUN_ID = "0RUN000000000000000000KEPT"


async def played(laboratory: Laboratory, **fields: Any) -> Run:
    """A run of scripted models, played to its end."""
    fields = {"model": "scripted/babble", "messages": 4, "days": 2} | fields
    (run,) = await laboratory.services.launch(design(**fields), {}, seed=7)
    done = await laboratory.services.play(run, listener=lambda event: None)
    return done.run


async def stored(
    laboratory: Laboratory,
    contents: list[str],
    *,
    run_id: str = RUN_ID,
    status: RunStatus = "completed",
    name: str = "Prison: escape",
    error: str | None = None,
    reason: str = "messages",
    creator: str = "ada",
    note: str = "",
    forked_from: ForkOrigin | None = None,
    starred_by: tuple[str, ...] = (),
    experiment_id: str = "0EXP000000000000000000KEPT",
) -> Run:
    """A run with these words of guard and prisoner, five a day, straight into the store."""
    kind, plan = ConversationKind(), design(name=name, model="pocket", days=2)
    store = laboratory.services.store
    experiment = Experiment(
        id=experiment_id, name=name, kind="conversation", design=design_document(plan),
        design_hash=design_hash(plan), creator=creator, created_at=NOW - timedelta(hours=3),
    )  # fmt: skip
    if await laboratory.services.experiment_or_none(experiment_id) is None:
        await store.add_experiment(experiment)
    agents = kind.cast(kind.resolve(plan, {}), 7)
    steps = [_step(run_id, n, content, agents[n % 2].name, agents[n % 2].role)
             for n, content in enumerate(contents)]  # fmt: skip
    run = Run(
        id=run_id, experiment_id=experiment_id, kind="conversation",
        design_hash=experiment.design_hash, seed=7, agents=agents, status=status, error=error,
        outcome=Outcome(reason=reason, values={"messages": len(contents)})
        if status == "completed"
        else None,
        usage=Usage.total(step.call.usage for step in steps if step.call),
        provenance=Provenance(simulator_version="0", python_version="3", platform="test"),
        creator=creator, created_at=NOW - timedelta(hours=2), note=note, forked_from=forked_from,
        starred_by=starred_by,
    )  # fmt: skip
    await store.add_run(run, steps)
    return run


async def imported(laboratory: Laboratory) -> Run:
    """A run of the original program."""
    return await stored(laboratory, ["Hello.", "Hi."], reason=IMPORTED)


def _step(run_id: str, position: int, content: str, speaker: str, role: str) -> Step:
    call = Call(
        model="pocket", sampling=Sampling(), seed=position, raw=content, stop_reason="stop",
        usage=Usage(calls=1, prompt_tokens=100, completion_tokens=20, model_s=0.25),
    )  # fmt: skip
    return Step(
        run_id=run_id, scope="main", index=position, position=position, kind="ask",
        prompt_hash="0" * 32, speaker=speaker, role=role, content=content, day=1 + position // 5,
        call=call, created_at=NOW - timedelta(hours=1),
    )  # fmt: skip
