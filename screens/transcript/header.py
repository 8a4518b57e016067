"""What is to be known of a run, above its messages."""

from __future__ import annotations

from datetime import datetime

from rich.text import Text
from textual.widgets import Static

from screens.run_states import mark_of, state_text
from screens.transcript.reading import Reading
from simulator.files.transcripts import ended_by
from simulator.presentation.moments import age
from simulator.presentation.notices import player_text, short_id
from simulator.presentation.plans import models_text
from simulator.presentation.safe_text import one_line, shortened
from simulator.presentation.usage import usage_text
from simulator.presentation.wording import counted

WHOLE = ("questions", "generations")
"""Reasons of outcomes of runs with parts whose parts are all over."""
LONGEST = 300
"""Characters that are shown of one fact, such as the note."""


class Header(Static):
    """Two lines; more where the run failed, was forked, or something is to be known."""

    def __init__(self) -> None:
        super().__init__("Reading …", id="header", markup=False)

    def show(self, reading: Reading, user: str, now: datetime) -> None:
        """Show what is known now."""
        run, plan = reading.run, reading.plan
        star = "★ " if user in run.starred_by else ""
        title = Text(shortened(one_line(f"{star}{reading.experiment.name}"), LONGEST), end="")
        title.stylize("bold")
        condition = plan.condition if plan is not None else ""
        made = f"{run.creator}, {age(run.created_at, now)} ago"
        title.append(f" · {one_line(_joined([short_id(run.id), condition, made]))}")
        lines = [title, _line(_joined([reading_text(reading), *_facts(reading)]))]
        if run.error and run.status == "failed":
            lines.append(_line(f"✗ {run.error}", "bold"))
        lines += [_line(_fork_text(reading))] if run.forked_from is not None else []
        if run.status != "completed" and _standing(reading):
            lines.append(_line(_standing(reading)))
        lines += [_line(f"! {reading.tally}")] if str(reading.tally) else []
        if run.note:
            lines.append(_line(f"note: {run.note}", "italic"))
        self.update(Text("\n").join(lines))


def _line(text: str, style: str = "") -> Text:
    return Text(shortened(one_line(text), LONGEST), style)


def _joined(parts: list[str]) -> str:
    return " · ".join(part for part in parts if part)


def reading_text(reading: Reading) -> str:
    """Such as `✓ completed: 4 messages were spoken` or `▶ running, played by ada on lab-3`."""
    run = reading.run
    if run.outcome is not None and run.status == "completed":
        ended = _standing(reading) or ended_by(run.outcome)
        if run.outcome.reason not in WHOLE and _standing(reading):
            ended = f"{ended} · {ended_by(run.outcome)}"
        return f"{mark_of('completed')} completed: {ended}"
    if reading.live is not None and reading.live.question is not None:
        return "? asks somebody; answer in the monitor (F3)"
    if reading.live is not None:
        return f"{mark_of('running')} {reading.live.state} here"
    if reading.player is not None:
        by = player_text(reading.player, is_takeover=False)
        return f"{mark_of('running')} running, {by[0].lower()}{by[1:]}"
    if run.status == "running":
        return f"{mark_of('abandoned')} running on record, but nobody plays it; r goes on with it"
    return f"{state_text(run.status)}; r goes on with it"


def _standing(reading: Reading) -> str:
    """How many parts are over, and what they came to, where they were played side by side."""
    return reading.ordering.progress()


def _facts(reading: Reading) -> list[str]:
    run = reading.run
    read = counted(reading.messages, "message")
    if len(reading.steps) < reading.total:
        read = f"reading, {len(reading.steps):,} of {reading.total:,} steps"
    return [models_text(run.agents), f"seed {run.seed}", read, usage_text(reading.usage)]


def _fork_text(reading: Reading) -> str:
    origin = reading.run.forked_from
    assert origin is not None
    edit = ", which has other words" if origin.edited else ""
    seed = f", then seed {origin.seed}" if origin.seed is not None else ""
    return f"forked from {short_id(origin.run_id)} after message {origin.position}{edit}{seed}"
