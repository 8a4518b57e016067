"""What a batch will take and what it took, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulator.cli.output import Column
from simulator.domain.prices import dollars
from simulator.presentation.estimates import estimate_lines, large, span

if TYPE_CHECKING:
    from simulator.cli.output import Output
    from simulator.domain.estimates import Estimate, ModelEstimate

_COLUMNS = (
    Column("MODEL", "bold", flexible=True), Column("RUNS", right=True),
    Column("CALLS", right=True), Column("PROMPT TOKENS", right=True),
    Column("REPLY TOKENS", right=True), Column("COST", right=True), Column("TIME", right=True),
    Column("CONTEXT", right=True, goes=1),
)  # fmt: skip
_ALL = "all"


def show_estimate_table(output: Output, found: Estimate) -> None:
    """A row for each model and one for all, then what is wrong and what is not sure."""
    rows = [_model_cells(part) for part in found.models]
    if len(rows) != 1:
        rows.append(
            [
                _ALL, large(found.runs), large(found.calls), large(found.prompt_tokens),
                large(found.completion_tokens), cost_text(found.cost_usd),
                time_text(found.time_s), "",
            ]
        )  # fmt: skip
    output.table(_COLUMNS, rows)
    if found.side_by_side > 1:
        output.line(f"Up to {found.side_by_side} runs are played at a time.")
    for line in estimate_lines(found)[1:]:
        if line.tone != "plain":
            output.line(line.text, _STYLES[line.tone])


_STYLES = {"fault": "red", "warning": "yellow", "muted": "dim"}


def cost_text(usd: float | None) -> str:
    """Dollars, `free` for none, `unknown` for want of a price."""
    if usd is None:
        return "unknown"
    return dollars(usd) if usd else "free"


def time_text(seconds: float | None) -> str:
    """About how long; `unknown` for want of a measured speed."""
    return "unknown" if seconds is None else span(seconds)


def _model_cells(part: ModelEstimate) -> list[str]:
    limit = "" if part.context_limit is None else f" of {part.context_limit:,}"
    return [
        part.known.model, large(part.runs), large(part.calls), large(part.prompt_tokens),
        large(part.completion_tokens), cost_text(part.cost_usd), time_text(part.time_s),
        f"{part.context_needed:,}{limit}",
    ]  # fmt: skip


def estimate_document(found: Estimate) -> dict[str, Any]:
    """An estimate for programs."""
    return {
        "runs": found.runs, "cells": found.cells, "calls": found.calls, "scored": found.scored,
        "prompt_tokens": found.prompt_tokens, "completion_tokens": found.completion_tokens,
        "cost_usd": found.cost_usd, "time_s": found.time_s, "side_by_side": found.side_by_side,
        "asks_person": found.asks_person,
        "problems": [
            {"problem": one.text, "cells": one.cells, "first": one.first} for one in found.problems
        ],
        "models": [
            {
                "model": part.known.model, "runs": part.runs, "calls": part.calls,
                "scored": part.scored, "prompt_tokens": part.prompt_tokens,
                "completion_tokens": part.completion_tokens, "cost_usd": part.cost_usd,
                "time_s": part.time_s, "context_needed": part.context_needed,
                "context_limit": part.context_limit,
                "problem": None if part.known.problem is None else part.known.problem.message,
            }
            for part in found.models
        ],
    }  # fmt: skip


def show_cells(output: Output, conditions: Sequence[str], most: int | None = None) -> None:
    """The cells of a batch with their conditions, from 0; those above `most` are counted."""
    shown = conditions if most is None else conditions[:most]
    output.table(
        [Column("CELL", right=True), Column("CONDITION", flexible=True)],
        [[str(place), text or "as the design says"] for place, text in enumerate(shown)],
    )
    if len(shown) < len(conditions):
        output.line(f"… and {len(conditions) - len(shown):,} more cells", "dim")
