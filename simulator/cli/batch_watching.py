"""Shows how far a batch is that other processes play."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from simulator.cli.batch_progress import BatchProgress, progress_text
from simulator.domain.executions import Pace, Progress
from simulator.domain.records import Run, RunQuery

if TYPE_CHECKING:
    from simulator.cli.session import Session
    from simulator.domain.batches import Batch
    from simulator.services import Services

POLL_S = 1.0
"""Seconds between two looks, at least."""
SILENCE_S = 5.0
"""Seconds without a player after which nobody is taken to play it; one that begins needs a few."""
LOOK_SHARE = 0.1
"""Part of the time that is spent on looking, at most."""
_OPEN = ("queued", "running", "paused")


class BatchWatch:
    """Reads again and again from the store how far a batch is."""

    def __init__(self, services: Services, batch: Batch) -> None:
        self._services = services
        self._batch = batch
        self._pace = Pace()
        self._messages: dict[str, int] = {}

    async def look(self) -> Progress:
        """How far it is now; runs that anybody plays are live."""
        store = self._services.store
        runs = await store.runs(RunQuery(batch_id=self._batch.id))
        players = await self._services.players()
        counts = Counter(_state(run, run.id in players) for run in runs)
        progress = Progress(
            counts["done"], counts["failed"], counts["live"], counts["waiting"],
            cancelled=counts["cancelled"],
        )  # fmt: skip
        await self._count([run for run in runs if run.id in players or run.id in self._messages])
        self._pace.work_s = float(progress.done + progress.failed)
        self._pace.mark(time.monotonic())
        messages_per_s, runs_per_s = self._pace.speeds()
        left = progress.live + progress.waiting
        return replace(
            progress,
            messages_per_s=messages_per_s,
            left_s=left / runs_per_s if runs_per_s else None,
        )

    async def _count(self, runs: list[Run]) -> None:
        """Count the messages that came since the last look, in runs that are or were played."""
        found = await self._services.store.count_messages([run.id for run in runs])
        for run in runs:
            before = self._messages.get(run.id)
            self._pace.messages += 0 if before is None else found[run.id] - before
            if run.status in _OPEN:
                self._messages[run.id] = found[run.id]
            else:
                self._messages.pop(run.id, None)


async def watch_batch(session: Session, services: Services, batch: Batch) -> int:
    """Show how far a batch is until nobody plays it any more; the exit code.

    Raises:
        CancelledError: The user left; the batch goes on.
    """
    output, watched = session.output, BatchWatch(services, batch)
    shown = BatchProgress(output, batch.id)
    heard_at = time.monotonic()
    try:
        with shown:
            while True:
                began = time.monotonic()
                progress = await watched.look()
                shown.hear(progress)
                heard_at = began if progress.live else heard_at
                is_over = not (progress.live or progress.waiting)
                if is_over or began - heard_at >= SILENCE_S:
                    break
                await asyncio.sleep(max(POLL_S, (time.monotonic() - began) / LOOK_SHARE))
    except asyncio.CancelledError:
        output.aside("Left; whoever plays the batch goes on.")
        raise
    _tell(session, batch, progress)
    return 0


def _tell(session: Session, batch: Batch, progress: Progress) -> None:
    output, go_on = session.output, session.command("batch", batch.id, "--resume")
    if output.json:
        output.event(
            type="batch_left", batch_id=batch.id, done=progress.done, failed=progress.failed,
            waiting=progress.waiting, cancelled=progress.cancelled,
            resume=go_on if progress.waiting else None,
        )  # fmt: skip
        return
    output.aside(f"{progress_text(progress)}.")
    if progress.waiting:
        output.aside("Nobody plays this batch now. Go on with:")
        output.aside(f"  {go_on}")
    else:
        output.aside("See what became of each run with:")
        output.aside(f"  {session.command('batch', batch.id)}")


def _state(run: Run, is_played: bool) -> str:
    if run.status in _OPEN:
        return "live" if is_played else "waiting"
    return "done" if run.status == "completed" else run.status
