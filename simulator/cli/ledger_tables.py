"""The ledger of a batch: every cell and repetition, and what was foreseen beside what it took."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from simulator.cli.estimate_tables import cost_text, time_text
from simulator.cli.output import Column
from simulator.presentation.estimates import large
from simulator.presentation.moments import duration
from simulator.presentation.notices import short_id
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from simulator.cli.output import Output
    from simulator.ledgers import Ledger, LedgerRow, Sums

REASONS = 5
"""Reasons of failures that are told with how many runs have them."""
_STYLES = {"completed": "green", "failed": "red", "cancelled": "yellow", "paused": "yellow"}


def show_rows(output: Output, rows: tuple[LedgerRow, ...], most: int | None) -> None:
    """A line for each cell and repetition; those above `most` are counted."""
    shown = rows[:most]
    paid = any(row.cost_usd != 0.0 for row in rows)
    output.table(
        [
            Column("CELL", right=True), Column("REP", right=True, goes=2), Column("STATUS"),
            Column("RUN", "dim"), Column("TOKENS", right=True, goes=3),
            *([Column("COST", right=True, goes=4)] if paid else []),
            Column("TIME", right=True, goes=5), Column("CONDITION", flexible=True),
            Column("WHY", goes=1),
        ],
        [_cells(row, paid=paid, short=output.is_live) for row in shown],
    )  # fmt: skip
    if len(shown) < len(rows):
        left = len(rows) - len(shown)
        output.line(f"… and {left:,} more; see all with --limit 0.", "dim")


def _cells(row: LedgerRow, *, paid: bool, short: bool) -> list[str]:
    run_id = row.run_id or ""
    return [
        str(row.cell), str(row.repetition + 1), row.status, short_id(run_id) if short else run_id,
        f"{row.tokens:,}" if row.tokens else "", *([cost_text(row.cost_usd)] if paid else []),
        "" if row.seconds is None else duration(row.seconds), row.condition,
        "" if row.status == "completed" else row.why,
    ]  # fmt: skip


def show_sums(output: Output, found: Ledger) -> None:
    """How many runs have which status, why runs failed, and the sums."""
    for status, number in found.counts.items():
        output.line(f"{counted(number, 'run')} {status}", _STYLES.get(status, ""))
    reasons = Counter(row.why for row in found.rows if row.status == "failed")
    for why, number in reasons.most_common(REASONS):
        output.line(f"  {counted(number, 'run')}: {why}", "red")
    if len(reasons) > REASONS:
        output.line(f"  … and {counted(len(reasons) - REASONS, 'more reason')}", "red")
    output.line()
    rows = [_sum_cells("completed", found.actual)]
    if found.foreseen is not None:
        rows.insert(0, _sum_cells("foreseen", found.foreseen))
    if found.unfinished.runs:
        rows.append(_sum_cells("the others", found.unfinished))
    titles = ("RUNS", "CALLS", "PROMPT TOKENS", "REPLY TOKENS", "COST", "TIME")
    output.table([Column(""), *(Column(title, right=True) for title in titles)], rows)


def _sum_cells(name: str, sums: Sums) -> list[str]:
    return [
        name, large(sums.runs), large(sums.calls), large(sums.prompt_tokens),
        large(sums.completion_tokens), cost_text(sums.cost_usd), time_text(sums.time_s),
    ]  # fmt: skip


def ledger_document(found: Ledger) -> dict[str, Any]:
    """A ledger, for `--json`."""
    return {
        "batch": found.batch.model_dump(mode="json"),
        "counts": dict(found.counts),
        "foreseen": None if found.foreseen is None else _sum_document(found.foreseen),
        "completed": _sum_document(found.actual),
        "unfinished": _sum_document(found.unfinished),
        "rows": [
            {
                "cell": row.cell, "condition": row.condition, "repetition": row.repetition,
                "seed": row.seed, "run_id": row.run_id, "status": row.status, "why": row.why,
                "usage": row.usage.model_dump(mode="json"), "seconds": row.seconds,
            }
            for row in found.rows
        ],
    }  # fmt: skip


def _sum_document(sums: Sums) -> dict[str, Any]:
    return {
        "runs": sums.runs, "calls": sums.calls, "prompt_tokens": sums.prompt_tokens,
        "completion_tokens": sums.completion_tokens, "cost_usd": sums.cost_usd,
        "time_s": sums.time_s,
    }  # fmt: skip
