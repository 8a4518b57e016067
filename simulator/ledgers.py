"""What became of a batch: every cell and repetition, and what was foreseen beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from simulator.archive import Archive
from simulator.domain.batches import Batch
from simulator.domain.estimates import Estimate
from simulator.domain.journal import Usage
from simulator.domain.records import Run, RunQuery
from simulator.specifications import OnRecord

MISSING = "missing"
"""Status of a run that is not in the store: never queued, or deleted."""


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One repetition of one cell."""

    cell: int
    """Its place among the cells of the batch, from 0."""
    condition: str
    """What tells the cell apart; empty where nothing varies."""
    repetition: int
    """From 0."""
    seed: int
    run_id: str | None
    """None where there is no run."""
    status: str
    """Of the run, or `missing`."""
    why: str
    """What stopped a failed run, or why a run ended; empty where nothing is on record."""
    usage: Usage
    seconds: float | None
    """From its first start to its end, or None while there is none."""

    @property
    def tokens(self) -> int:
        """Of prompts and replies."""
        return self.usage.prompt_tokens + self.usage.completion_tokens

    @property
    def cost_usd(self) -> float | None:
        """Dollars (US); None where the price of some calls is not known."""
        return None if self.usage.unpriced_calls else self.usage.cost_usd


@dataclass(frozen=True, slots=True)
class Sums:
    """What runs take together."""

    runs: int
    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None
    """Dollars (US); None where a price is not known."""
    time_s: float | None
    """Seconds of the clock in which any of them was being played; None is unknown."""

    @property
    def tokens(self) -> int:
        """Of prompts and replies."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class Ledger:
    """What became of a batch."""

    batch: Batch
    rows: tuple[LedgerRow, ...]
    """By cell, then by repetition."""
    counts: Mapping[str, int]
    """How many rows have each status that occurs."""
    foreseen: Sums | None
    """For all runs; None where nothing was reckoned."""
    actual: Sums
    """Of the runs that have ended well; their number is among it."""
    unfinished: Sums
    """Of what the other runs used so far."""

    @property
    def is_finished(self) -> bool:
        """Whether every run has ended well."""
        return self.actual.runs == len(self.rows)


async def ledger(services: Archive, batch: Batch) -> Ledger:
    """What became of a batch, up to now.

    Raises:
        DesignChangedError: This version cannot read what it consists of.
    """
    told = OnRecord.of(batch)
    conditions = list(told.conditions())
    runs = await services.store.runs(RunQuery(batch_id=batch.id))
    by_place = {(run.cell, run.seed - told.seed): run for run in runs}
    rows = tuple(
        _row(cell, condition, repetition, told.seed, by_place.get((cell, repetition)))
        for cell, condition in enumerate(conditions)
        for repetition in range(told.repeat)
    )
    done = [run for run in runs if run.status == "completed"]
    return Ledger(
        batch, rows, Counter(row.status for row in rows), _foreseen(batch.estimate), _sums(done),
        _sums(run for run in runs if run.status != "completed"),
    )  # fmt: skip


def _row(cell: int, condition: str, repetition: int, seed: int, run: Run | None) -> LedgerRow:
    if run is None:
        return LedgerRow(
            cell, condition, repetition, seed + repetition, None, MISSING, "", Usage(), None
        )
    return LedgerRow(
        cell, condition, repetition, run.seed, run.id, run.status, _why(run), run.usage,
        _seconds(run),
    )  # fmt: skip


def _why(run: Run) -> str:
    if run.error or run.outcome is None:
        return run.error or ""
    return ": ".join(filter(None, (run.outcome.reason, run.outcome.detail)))


def _seconds(run: Run) -> float | None:
    if run.started_at is None or run.finished_at is None:
        return None
    return max(0.0, (run.finished_at - run.started_at).total_seconds())


# ---------------------------------------------------------------- sums


def estimate_document(estimate: Estimate) -> dict[str, JsonValue]:
    """An estimate as a batch keeps it."""
    return {
        "runs": estimate.runs, "cells": estimate.cells, "calls": estimate.calls,
        "scored": estimate.scored, "prompt_tokens": estimate.prompt_tokens,
        "completion_tokens": estimate.completion_tokens, "cost_usd": estimate.cost_usd,
        "time_s": estimate.time_s,
    }  # fmt: skip


def added_up(
    documents: Iterable[Mapping[str, JsonValue]], *, cells: int | None = None
) -> dict[str, JsonValue]:
    """The sum of estimates; a number that one of them does not know is not known.

    Args:
        documents: As `estimate_document` writes them.
        cells: How many there are, where parts have some in common.
    """
    whole: dict[str, JsonValue] = {}
    for document in documents:
        for name, value in document.items():
            old = whole.get(name, 0)
            known = isinstance(old, int | float) and isinstance(value, int | float)
            whole[name] = old + value if known else None  # type: ignore[operator]
    return whole if cells is None else whole | {"cells": cells}


def _foreseen(document: Mapping[str, JsonValue] | None) -> Sums | None:
    if document is None:
        return None

    def number(name: str) -> float | None:
        value = document.get(name)
        return value if isinstance(value, int | float) else None

    return Sums(
        int(number("runs") or 0), int(number("calls") or 0), int(number("prompt_tokens") or 0),
        int(number("completion_tokens") or 0), number("cost_usd"), number("time_s"),
    )  # fmt: skip


def _sums(runs: Iterable[Run]) -> Sums:
    listed = list(runs)
    used = Usage.total(run.usage for run in listed)
    spans = [
        (run.started_at, run.finished_at) for run in listed if run.started_at and run.finished_at
    ]
    return Sums(
        len(listed), used.calls, used.prompt_tokens, used.completion_tokens,
        None if used.unpriced_calls else used.cost_usd, covered_s(spans) if spans else None,
    )  # fmt: skip


def covered_s(spans: Iterable[tuple[datetime, datetime]]) -> float:
    """Seconds that lie in any of several spans of time; what they share counts once."""
    total, until = 0.0, None
    for start, end in sorted(spans):
        begin = start if until is None else max(start, until)
        if end > begin:
            total += (end - begin).total_seconds()
        until = end if until is None else max(until, end)
    return total
