"""What a launch will take, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from simulator.domain.estimates import Estimate, ModelEstimate
from simulator.domain.grids import Grid
from simulator.domain.prices import dollars
from simulator.presentation.safe_text import one_line
from simulator.presentation.wording import counted

Tone = Literal["plain", "muted", "warning", "fault"]

_SCALES = ((1_000_000_000, "G"), (1_000_000, "M"))
_FAULTS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Line:
    """A line for people."""

    text: str
    tone: Tone = "plain"


def product_text(grid: Grid, repeat: int) -> str:
    """How the number of runs comes about, such as `days 2 × agents 4 × repetitions 5 = 40 runs`."""
    factors = [f"{one_line(axis.title)} {len(axis.options)}" for axis in grid.axes if axis.varies]
    if repeat > 1:
        factors.append(f"repetitions {repeat:,}")
    total = large(grid.size * repeat)
    runs = f"{total} {'run' if grid.size * repeat == 1 else 'runs'}"
    return f"{' × '.join(factors)} = {runs}" if len(factors) > 1 else runs


def estimate_lines(estimate: Estimate) -> list[Line]:
    """The sum, then what is wrong, then the models one by one."""
    return [
        Line(_sum_text(estimate)),
        *_faults(estimate),
        *(Line(_model_text(part), _tone(part)) for part in estimate.models),
        *_notes(estimate),
    ]


def span(seconds: float) -> str:
    """About how long, such as `40 s`, `9 min`, `3 h 10 min`, `2 d 5 h`."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 120:
        return f"{minutes} min"
    hours, rest = divmod(round(seconds / 600) * 10, 60)
    if hours < 48:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{hours // 24} d {hours % 24} h"


def large(number: int) -> str:
    """A count in a few letters, such as `16,800` or `21.4 M`."""
    if number < 100_000:
        return f"{number:,}"
    for size, letter in _SCALES:
        if number >= size:
            return f"{number / size:,.1f} {letter}"
    return f"{number / 1000:,.0f} k"


def _sum_text(estimate: Estimate) -> str:
    time = "" if estimate.time_s is None else f"about {span(estimate.time_s)}"
    if time and estimate.side_by_side > 1:
        time += f" at {estimate.side_by_side} at a time"
    cost = estimate.cost_usd
    parts = [
        counted_large(estimate.calls, "call"),
        *([f"{counted_large(estimate.scored, 'answer')} scored"] if estimate.scored else []),
        f"{large(estimate.prompt_tokens)} prompt tokens",
        f"{large(estimate.completion_tokens)} of replies",
        "cost unknown" if cost is None else dollars(cost) if cost else "free",
        time or "time unknown",
    ]
    return " · ".join(parts)


def counted_large(number: int, thing: str) -> str:
    """Such as `1 call` or `21.4 M calls`."""
    return counted(number, thing) if number == 1 else f"{large(number)} {thing}s"


def _model_text(part: ModelEstimate) -> str:
    known = part.known
    parts = [f"{one_line(known.model)}: {counted_large(part.runs, 'run')}"]
    parts.append(_cost_text(part))
    if part.time_s is not None and known.speed is not None:
        each_s = known.speed.s_per_token if part.calls else None
        rate = 1 / each_s if each_s else 0.0
        measured = f" ({rate:,.0f} tokens/s in {counted(known.speed.runs, 'run')})" if rate else ""
        parts.append(f"about {span(part.time_s)}{measured}")
    else:
        what = "how fast it scores" if part.scored and known.speed is not None else "its speed"
        parts.append(f"no earlier run tells {what}")
    parts.append(_context_text(part))
    return ", ".join(parts)


def _context_text(part: ModelEstimate) -> str:
    is_measured = part.known.habits.reply is not None or not part.calls
    needed = f"context {'' if is_measured else 'up to '}{part.context_needed:,}"
    if part.context_limit is None:
        return needed
    mark = "✓" if part.fits else "✗ too long" if is_measured else "? may be too long"
    return f"{needed} of {part.context_limit:,} {mark}"


def _cost_text(part: ModelEstimate) -> str:
    if part.cost_usd is None:
        return "price unknown"
    return dollars(part.cost_usd) if part.cost_usd else "free"


def _tone(part: ModelEstimate) -> Tone:
    return "plain" if part.fits else "warning"


def _faults(estimate: Estimate) -> Iterator[Line]:
    for problem in estimate.problems[:_FAULTS_SHOWN]:
        of = f"{problem.cells} of {counted(estimate.cells, 'condition')} cannot run"
        yield Line(f"✗ {of}: {one_line(problem.text)}", "fault")
    if len(estimate.problems) > _FAULTS_SHOWN:
        more = len(estimate.problems) - _FAULTS_SHOWN
        yield Line(f"✗ … and {counted(more, 'more problem')}", "fault")
    for part in estimate.models:
        error = part.known.problem
        if error is not None:
            text = f"✗ {one_line(error.message)} {one_line(error.remedy or '')}"
            yield Line(text.rstrip(), "fault")


def _notes(estimate: Estimate) -> Iterator[Line]:
    if any(part.known.habits.reply is None and part.calls for part in estimate.models):
        yield Line(
            "Replies nobody has measured yet are taken to be as long as they may be.", "muted"
        )
    if estimate.asks_person:
        yield Line("Somebody must choose who speaks, in the monitor.", "warning")
