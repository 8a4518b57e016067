"""Plays a batch in front of the user, and says how it ended and how to go on."""

from __future__ import annotations

import asyncio
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

from simulator.cli.batch_progress import BatchProgress, progress_text
from simulator.cli.display import Guarded
from simulator.domain.events import Event, RunFinished
from simulator.domain.executions import Caps, Ended, Progress
from simulator.errors import InterruptedRunError, SimulatorError
from simulator.executing import Executor
from simulator.presentation.notices import short_id
from simulator.presentation.safe_text import one_line
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from simulator.cli.session import Session
    from simulator.domain.batches import Batch
    from simulator.services import Services

FAILURES_SHOWN = 20
"""Runs that failed that are told one by one."""
_TOLD = 3
"""Problems that are told at the end."""
_ENDS = {
    "paused": "The batch is paused.",
    "cancelled": "The batch is cancelled.",
    "time": "Stopped at the limit of time.",
    "tokens": "Stopped at the limit of tokens.",
    "cost": "Stopped at the limit of cost.",
    "failures": "Stopped at the limit of failures.",
    "models": "Nothing more could be played: models do not answer.",
    "store": "Stopped, as the store does not answer or has no room.",
}


class BatchPlayer:
    """Plays what is left of a batch for one command."""

    def __init__(
        self,
        session: Session,
        services: Services,
        batch: Batch,
        caps: Caps,
        *,
        joining: bool = False,
        retry: bool = False,
    ) -> None:
        """Make one; see `Executor`."""
        self._session = session
        self._batch = batch
        self._caps = caps
        self._shown = BatchProgress(session.output, batch.id)
        self._guarded = Guarded(self._show, lambda: session.interrupts.stop(141))
        self._failed = 0
        self._executor = Executor(
            services, batch, caps=caps, retry=retry, joining=joining,
            hear=self._guarded, listener=self._guarded,
        )  # fmt: skip

    async def play(self) -> int:
        """Play it; the exit code.

        Raises:
            BrokenPipeError: Nobody reads our output any more; the runs are paused.
            CancelledError: The user stopped it; the runs are paused.
            SimulatorError: It could not begin.
        """
        try:
            with self._shown:
                ended = await self._executor.play()
        except asyncio.CancelledError:
            if self._guarded.broken:
                raise BrokenPipeError from None
            self._leave()
            raise
        return self._tell(ended)

    # ------------------------------------------------------------ meanwhile

    def _show(self, heard: Event | Progress) -> None:
        if isinstance(heard, Progress):
            self._shown.hear(heard)
        elif isinstance(heard, RunFinished):
            self._finished(heard)

    def _finished(self, event: RunFinished) -> None:
        run, output = event.run, self._session.output
        if output.json:
            output.event(
                type="run_finished", run_id=run.id, batch_id=self._batch.id, cell=run.cell,
                seed=run.seed, status=run.status, error=run.error,
                usage=run.usage.model_dump(mode="json"),
            )  # fmt: skip
        elif run.status == "failed" and self._failed < FAILURES_SHOWN:
            self._failed += 1
            cell = "" if run.cell is None else f" (cell {run.cell}, seed {run.seed})"
            why = one_line(run.error or "")
            self._shown.say(f"Run {short_id(run.id)}{cell} failed: {why}", "red")
            if self._failed == FAILURES_SHOWN:
                self._shown.say("Runs that fail from now on are only counted.", "red")

    # ------------------------------------------------------------ afterwards

    def _leave(self) -> None:
        """Say what was left, after the user stopped it."""
        output, progress = self._session.output, self._executor.progress
        if output.json:
            self._ended_event("interrupted", progress)
            return
        if progress.total and output.is_live:
            output.aside(f"Stopped: {progress_text(progress)}.")
        output.aside("Everything said is kept. Go on with:")
        output.aside(f"  {self._resume()}")

    def _tell(self, ended: Ended) -> int:
        output, progress = self._session.output, ended.progress
        exit_code = exit_code_of(ended)
        if output.json:
            self._ended_event(ended.reason, progress, ended.problem)
            return exit_code
        for problem in self._problems(ended):
            output.problem(problem)
        is_complete = progress.done == progress.total
        if not is_complete and (said := _ENDS.get(ended.reason)):
            output.aside(said)
        if is_complete:
            output.aside(f"All {counted(progress.total, 'run')} are completed. Look at them with:")
            output.aside(f"  {self._session.command('batch', self._batch.id)}")
            return exit_code
        if output.is_live:
            output.aside(f"{progress_text(progress)}.")
        self._hint(ended)
        return exit_code

    def _hint(self, ended: Ended) -> None:
        """Say how to see what became of it, and how to go on."""
        output, progress = self._session.output, ended.progress
        output.aside("See what became of each run with:")
        output.aside(f"  {self._session.command('batch', self._batch.id)}")
        if progress.waiting:
            output.aside("Everything said is kept. Go on with:")
            output.aside(f"  {self._resume(ended.reason)}")
        if progress.failed or progress.cancelled:
            output.aside("Play on what failed or was cancelled with:")
            output.aside(f"  {self._session.command('batch', self._batch.id, '--retry')}")

    @staticmethod
    def _problems(ended: Ended) -> list[SimulatorError]:
        """The few things that went wrong most often; what ended it goes first."""
        found = [ended.problem] if ended.problem is not None else []
        counts = Counter(problem.message for problem in ended.failures.values())
        by_message = {problem.message: problem for problem in ended.failures.values()}
        known = {problem.message for problem in found}
        more = [by_message[message] for message, _ in counts.most_common() if message not in known]
        return [*found, *more][:_TOLD]

    def _ended_event(
        self, reason: str, progress: Progress, problem: SimulatorError | None = None
    ) -> None:
        output = self._session.output
        output.event(
            type="batch_ended", batch_id=self._batch.id, reason=reason, done=progress.done,
            failed=progress.failed, live=progress.live, waiting=progress.waiting,
            elsewhere=progress.elsewhere, cancelled=progress.cancelled,
            error=None if problem is None else problem.message,
            resume=None if progress.done == progress.total else self._resume(reason),
        )  # fmt: skip

    def _resume(self, reason: str = "") -> str:
        """The command that goes on; a limit that was met is twice as high."""
        words: list[str] = []
        if reason == "tokens" and self._caps.tokens is not None:
            words = ["--token-limit", str(2 * self._caps.tokens)]
        elif reason == "cost" and self._caps.cost_usd is not None:
            words = ["--cost-limit", f"{Decimal(str(2 * self._caps.cost_usd)):f}"]
        return self._session.command("batch", self._batch.id, "--resume", *words)


def exit_code_of(ended: Ended) -> int:
    """0 where all that was to be played is completed."""
    if ended.progress.done == ended.progress.total:
        return 0
    if ended.reason in ("paused", "cancelled") and ended.problem is None:
        return InterruptedRunError.exit_code
    if ended.problem is not None:
        return ended.problem.exit_code
    if ended.reason != "finished" or ended.progress.failed:
        failures = {problem.exit_code for problem in ended.failures.values()}
        return failures.pop() if len(failures) == 1 else SimulatorError.exit_code
    return 0
