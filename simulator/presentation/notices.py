"""What happens during runs, in sentences on one line, and the short names of records."""

from __future__ import annotations

from simulator.domain.events import ModelRetried, PromptTruncated
from simulator.domain.journal import Step
from simulator.domain.records import Lease
from simulator.presentation.safe_text import one_line, shortened

SHORT_ID = 8
"""Characters of an id's end that name it in tables; found again by `find_run`."""
_LONGEST_REASON = 100
"""Characters of what a server said that are shown of a retry; the log has more."""


def retry_text(event: ModelRetried, where: str = "") -> str:
    """A retry, for people, on one line.

    Args:
        event: What happened.
        where: In which part of a run that has parts side by side; empty in others.
    """
    # Who waits for which model was said; the address is in the log.
    reason, subject = event.reason, f"{event.model} at "
    if reason.startswith(subject):
        reason = reason.removeprefix(subject).partition(" ")[2]
    reason = shortened(one_line(reason), _LONGEST_REASON).rstrip(".")
    wait = f" in {_seconds(event.wait_s)}" if event.wait_s else ""
    again = f"asking again{wait} (attempt {event.attempt})"
    return f"{_placed(where)}{event.speaker}: {reason}; {again}"


def _placed(where: str) -> str:
    return f"{where[0].upper()}{where[1:]}, " if where else ""


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 9.95 else f"{max(seconds, 0.1):.1f} s"


def truncation_text(event: PromptTruncated, where: str = "") -> str:
    """A prompt that a model saw, or still knew at its end, only a part of, for people.

    Args:
        event: What happened.
        where: As of `retry_text`.
    """
    room = "" if event.context_length is None else f", with room for {event.context_length:,}"
    return (
        f"{_placed(where)}{event.speaker}: the server of {event.model} did not keep all of the "
        f"prompt: it read {event.prompt_tokens:,} tokens{room}"
    )


def player_text(lease: Lease, *, is_takeover: bool) -> str:
    """Who plays a run, for people."""
    return f"{'Taken over' if is_takeover else 'Played'} by {lease.player}"


def fallback_text(step: Step) -> str:
    """A choice that the model did not make, for people."""
    return f"{step.speaker} named nobody clearly; {step.content} speaks, as next in the list"


def short_id(full: str) -> str:
    """The end of an id, which can be typed instead of it."""
    return full[-SHORT_ID:]
