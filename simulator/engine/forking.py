"""A new run that shares another's beginning."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from simulator.domain.journal import Step, Usage
from simulator.domain.records import ForkOrigin, Run
from simulator.errors import UsageError


def fork_run(
    parent: Run,
    steps: Sequence[Step],
    *,
    at: int,
    run_id: str,
    creator: str,
    now: datetime,
    replace: str | None = None,
    seed: int | None = None,
) -> tuple[Run, list[Step]]:
    """A queued run and its journal: the parent's up to and with step `at`, with one edit.

    Args:
        parent: The run to leave.
        steps: Its journal.
        at: Position of the last step to take over.
        run_id: Id of the new run.
        creator: Who forks.
        now: When.
        replace: Other words for step `at`; None takes it over as it is.
        seed: Seed of model calls after the fork; None goes on with the parent's, so that the
            edit is the only difference. What the run's own seed settled (names, draws of
            speakers) stays as it is.

    Raises:
        UsageError: There is no such step, or it is no message that could have other words.
    """
    by_position = {step.position: step for step in steps}
    if at not in by_position:
        last = max(by_position, default=-1)
        known = f"it has steps 0 to {last}" if by_position else "it has none yet"
        raise UsageError(f"Run {parent.id} has no step {at}; {known}.")
    if replace is not None and not by_position[at].in_transcript:
        raise UsageError(
            f"Step {at} of run {parent.id} is no message, so it cannot be given other words."
        )
    if replace is not None and by_position[at].kind == "ask_latent":
        raise UsageError(
            f"Step {at} of run {parent.id} is a message as vectors, which other words do not have.",
            remedy="Fork without other words, or edit a message that was said in words.",
        )
    edit = {} if replace is None else {"content": replace, "edited": True}
    taken = [
        step.model_copy(update={"run_id": run_id} | (edit if step.position == at else {}))
        for step in sorted(steps, key=lambda step: step.position)
        if step.position <= at
    ]
    if seed is None and parent.forked_from is not None:
        seed = parent.forked_from.seed
    origin = ForkOrigin(run_id=parent.id, position=at, edited=replace is not None, seed=seed)
    run = parent.model_copy(
        update={
            "id": run_id, "status": "queued", "usage": Usage(), "outcome": None, "error": None,
            "forked_from": origin, "creator": creator, "created_at": now, "started_at": None,
            "finished_at": None, "note": "", "starred_by": (), "batch_id": None, "cell": None,
        }
    )  # fmt: skip
    return run, taken
