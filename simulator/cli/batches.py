"""Lists batches, shows the ledger of one, and steers it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from simulator.cli.output import Column
from simulator.domain.batches import Batch, BatchQuery
from simulator.domain.records import RunQuery
from simulator.presentation.moments import age, stamp
from simulator.presentation.notices import short_id
from simulator.presentation.safe_text import one_line
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from simulator.cli.session import Session
    from simulator.services import Services

_ORDERS = {"go": "", "pause": "paused", "cancel": "cancelled"}
ABANDONED = "abandoned"
"""Status of a run that is on record as running although nobody plays it."""
_WAITING = ("queued", "paused", ABANDONED)


async def list_batches(
    session: Session, services: Services, most: int | None, *, is_mine: bool
) -> int:
    """List batches, the newest first, with how many of their runs have which status."""
    output = session.output
    creator = services.settings.creator if is_mine else None
    query = BatchQuery(creator=creator, limit=None if most is None else most + 1)
    every = await services.store.batches(query)
    found = every[:most]
    names = await services.experiment_names(one.experiment_id for one in found)
    players = await services.players() if found else {}
    counts = [await _counts(services, one, players) for one in found]
    output.result(
        [
            batch_document(one) | {"experiment": names[one.experiment_id], "runs": dict(of)}
            for one, of in zip(found, counts, strict=True)
        ]
    )
    if not found:
        output.line("There are no batches yet. Launch one with:")
        output.line(f"  {session.command('launch', 'prison', '--factor', 'goal')}", wrap=False)
        return 0
    rows = [
        [
            short_id(one.id) if output.is_live else one.id, one.name, names[one.experiment_id],
            _ORDERS[one.order],
            f"{of.total():,}", *map(_number, _columns(of)),
            one.creator, age(one.created_at),
        ]
        for one, of in zip(found, counts, strict=True)
    ]  # fmt: skip
    output.table(
        [
            Column("ID", "dim"), Column("NAME", "bold", flexible=True),
            Column("EXPERIMENT", goes=3), Column("ORDER", "yellow", goes=4),
            Column("RUNS", right=True), Column("DONE", "green", right=True),
            Column("FAILED", "red", right=True), Column("LIVE", right=True),
            Column("WAITING", right=True), Column("CANCELLED", right=True, goes=1),
            Column("USER", goes=2), Column("AGE", goes=5),
        ],
        rows,
    )  # fmt: skip
    if len(every) > len(found):
        output.line("There are more; see more with --limit N, all with --limit 0.", "dim")
    return 0


async def _counts(services: Services, batch: Batch, players: Collection[str]) -> Counter[str]:
    runs = await services.store.runs(RunQuery(batch_id=batch.id))
    return Counter(
        ABANDONED if run.status == "running" and run.id not in players else run.status
        for run in runs
    )


def _columns(counts: Counter[str]) -> tuple[int, ...]:
    """Done, failed, live, waiting and cancelled."""
    waiting = sum(counts[status] for status in _WAITING)
    return (
        counts["completed"], counts["failed"], counts["running"], waiting, counts["cancelled"],
    )  # fmt: skip


def _number(number: int) -> str:
    return f"{number:,}" if number else ""


def batch_document(batch: Batch) -> dict[str, Any]:
    """A batch, for `--json`."""
    document: dict[str, Any] = batch.model_dump(mode="json")
    return document


async def order(session: Session, services: Services, batch: Batch, deed: str) -> int:
    """Have whoever plays a batch pause or cancel it."""
    await services.store.update_batch(batch.id, order="pause" if deed == "pause" else "cancel")
    players = await services.players()
    runs = await services.store.runs(RunQuery(batch_id=batch.id))
    played = sum(run.id in players for run in runs)
    output = session.output
    done = _ORDERS[deed]
    output.result({"batch_id": batch.id, "order": deed, "runs_played": played})
    if played:
        output.line(
            f"The batch is to be {done}; {counted(played, 'run')} of it end within seconds."
        )
    else:
        output.line(f"The batch is {done}; nobody plays it now.")
    output.line("Go on with:")
    go_on = "--resume" if deed == "pause" else "--retry"
    output.line(f"  {session.command('batch', batch.id, go_on)}", wrap=False)
    return 0


async def go_on(
    session: Session,
    services: Services,
    batch: Batch,
    options: Mapping[str, Any],
    *,
    retry: bool,
) -> int:
    """Play what is left of a batch; the exit code."""
    from simulator.cli.batch_starting import play

    await services.store.update_batch(batch.id, order="go")
    return await play(session, services, batch, options, retry=retry)


async def show_batch(session: Session, services: Services, batch: Batch, most: int | None) -> int:
    """Show what a batch is, what became of each run, and what was foreseen beside what it took."""
    from simulator.cli.ledger_tables import ledger_document, show_rows, show_sums
    from simulator.ledgers import ledger

    output, found = session.output, await ledger(services, batch)
    if any(row.status == "running" for row in found.rows):
        players = await services.players()
        rows = tuple(
            replace(row, status=ABANDONED)
            if row.status == "running" and row.run_id not in players
            else row
            for row in found.rows
        )
        found = replace(found, rows=rows, counts=Counter(row.status for row in rows))
    if output.json:
        output.result(ledger_document(found))
        return 0
    names = await services.experiment_names([batch.experiment_id])
    output.line(batch.name, "bold")
    seeds = [row.seed for row in found.rows]
    cells = len({row.cell for row in found.rows})
    facts = {
        "batch": batch.id,
        "experiment": one_line(names[batch.experiment_id]),
        "launched": f"{stamp(batch.created_at)} by {one_line(batch.creator)}",
        "amended": ", ".join(map(stamp, batch.amended_at)),
        "order": _ORDERS[batch.order],
        "runs": f"{counted(cells, 'cell')} × {counted(len(seeds) // max(cells, 1), 'repetition')}"
        f", seeds {min(seeds)} to {max(seeds)}",
    }
    for name, fact in facts.items():
        if fact:
            output.line(f"{name:<11}{fact}", wrap=False)
    output.line()
    show_rows(output, found.rows, most)
    output.line()
    show_sums(output, found)
    if not found.is_finished:
        stopped = found.counts.get("failed") or found.counts.get("cancelled")
        deed = "--retry" if stopped else "--resume"
        output.line("Go on with:")
        output.line(f"  {session.command('batch', batch.id, deed)}", wrap=False)
    return 0
