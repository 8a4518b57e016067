"""Writes and reads bundles in front of the user."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.cli.session import Session
from simulator.errors import StoreError
from simulator.presentation.safe_text import one_line
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from simulator.bundling.reading import Imported
    from simulator.domain.records import Run
    from simulator.services import Services

_NAMED = 3


async def write(
    session: Session,
    services: Services,
    runs: Sequence[Run],
    target: Path,
    *,
    parquet: bool | None,
    licence: str,
    force: bool,
) -> int:
    """Write runs as a bundle; the exit code. Raises as `bundling.writing.write_bundle`."""
    from simulator.bundling.writing import write_bundle
    from simulator.cli.progress import progress

    output = session.output
    with progress(output, "Writing") as hear:
        written = await write_bundle(
            services, runs, target, with_parquet=parquet, licence=licence, force=force, hear=hear
        )
    parts = [counted(written.runs, "run"), f"of {counted(written.experiments, 'experiment')}"]
    output.line(f"Wrote {target}: {' '.join(parts)} with {counted(written.messages, 'message')}.")
    if written.played:
        are = "is" if written.played == 1 else "are"
        output.aside(
            f"{counted(written.played, 'run')} {are} being played, and paused in the bundle."
        )
    for sentence in written.left_out:
        output.aside(sentence)
    output.result(
        {
            "bundle": str(target), "experiments": written.experiments, "batches": written.batches,
            "runs": written.runs, "steps": written.steps, "messages": written.messages,
            "played": written.played, "left_out": list(written.left_out),
        }
    )  # fmt: skip
    return 0


async def read(
    session: Session, services: Services, path: Path, *, dry_run: bool
) -> dict[str, Any]:
    """Store what a bundle has; what became of it. Raises as `bundling.reading.read_bundle`.

    Raises:
        StoreError: The store refused some of it.
    """
    from simulator.bundling.reading import read_bundle
    from simulator.cli.progress import progress

    output = session.output
    try:
        with progress(output, "Importing") as hear:
            found = await read_bundle(
                services.store, path, user=services.settings.creator, dry_run=dry_run, hear=hear
            )
    except asyncio.CancelledError:
        output.aside("Stopped. What was stored is kept; the same command goes on.")
        raise
    moved = found.moved
    faults = [str(fault) for fault in (*moved.conflicts, *moved.failures, *moved.uncounted)]
    if faults:
        lacking = f"{counted(len(faults), 'record')} of {path} did not arrive"
        raise StoreError(
            f"{lacking}: {'; '.join(faults[:_NAMED])}.",
            remedy="All others are there; mend the cause, then import it again.",
        )
    _tell(session, path, found, dry_run=dry_run)
    runs = moved.runs
    return {
        "bundle": str(path),
        "dry_run": dry_run,
        "experiments": {"new": moved.experiments_new, "known": moved.experiments_known},
        "runs": {
            "new": runs["new"], "caught_up": runs["caught_up"], "known": runs["known"],
            "played": runs["played"],
        },
        "steps": found.manifest.steps,
        "not_of_the_bundle": list(found.strangers),
    }  # fmt: skip


def _tell(session: Session, path: Path, found: Imported, *, dry_run: bool) -> None:
    output, moved = session.output, found.moved
    would = "would be " if dry_run else ""
    fates = [
        (moved.runs["new"], f"{would}new"), (moved.runs["caught_up"], f"{would}caught up"),
        (moved.runs["known"], "known already"), (moved.runs["played"], "left out as played now"),
    ]  # fmt: skip
    told = ", ".join(f"{number} {what}" for number, what in fates if number)
    total = counted(found.manifest.experiments, "experiment")
    output.line(
        f"{path}: {total} ({moved.experiments_new} {would}new), "
        f"{counted(found.manifest.runs, 'run')}{f' ({told})' if told else ''}, "
        f"{counted(found.manifest.steps, 'step')}; every checksum is right."
    )
    if found.strangers:
        some = ", ".join(map(one_line, found.strangers[:_NAMED]))
        more = len(found.strangers) - _NAMED
        output.aside(f"Left alone, as no bundle has them: {some}{f', {more} more' * (more > 0)}.")
    if dry_run:
        output.line("Nothing was stored.")
