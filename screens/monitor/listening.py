"""Which runs take words from people, and why others do not."""

from __future__ import annotations

from simulator.domain.ports import Kind
from simulator.errors import UsageError
from simulator.live_run import LiveRun


def steerable(live: LiveRun | None) -> LiveRun:
    """The run, if it is being played here. Raises UsageError."""
    if live is None:
        raise not_ours()
    if live.is_over:
        is_completed = live.run.status == "completed"
        raise UsageError(
            f"The run is {live.run.status} already.",
            remedy="Enter reads it." if is_completed else "r goes on with it, Enter reads it.",
        )
    return live


def listening(live: LiveRun | None, kind: Kind) -> LiveRun:
    """The run, if people can speak in it now. Raises UsageError.

    Args:
        live: None where this program does not play it.
        kind: Of the run.
    """
    live = steerable(live)
    if live.plan.interjections == "none":
        can_be_let = "interjections" in kind.design_type.model_fields
        who = "The design of this run" if can_be_let else f"A run of the kind {kind.name}"
        raise UsageError(
            f"{who} does not let people speak.",
            remedy="Set `interjections: anyone` in a copy of it." if can_be_let else None,
        )
    return live


def not_ours() -> UsageError:
    """Why a run cannot be steered."""
    return UsageError(
        "This program does not play that run.",
        remedy="Steer it where it is played, or resume it here with r once nobody plays it.",
    )
