"""Plays runs in front of the user, and leaves them in order however it ends."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.cli.asking import TerminalPerson
from simulator.cli.display import Display, Guarded, JsonDisplay, PlainDisplay
from simulator.cli.limit_options import limit_words
from simulator.cli.output import Output
from simulator.cli.session import Session
from simulator.domain.events import Event, StepCommitted, StepReplayed
from simulator.domain.journal import Usage
from simulator.domain.records import Run
from simulator.engine.control import RunControl
from simulator.engine.limits import Budget, Limits
from simulator.engine.runner import Played
from simulator.engine.tenure import PARTING_S
from simulator.engine.theatre import LEASE_S
from simulator.errors import (
    BackendError,
    ContextOverflowError,
    InterruptedRunError,
    LimitReachedError,
    ModelNotFoundError,
    SimulatorError,
    StoreUnavailableError,
    UsageError,
)
from simulator.files.transcripts import ended_by
from simulator.presentation.notices import short_id
from simulator.presentation.plans import Plan
from simulator.presentation.tally import Tally
from simulator.presentation.usage import usage_text
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from simulator.domain.ports import Person
    from simulator.services import Services

_IDS_A_LINE = 7
"""Ends of ids on a line of a command, so that no terminal breaks one in two."""
NO_PERSON = (
    "Somebody must choose who speaks next, and nobody can be asked here.",
    "Run it in a terminal without --json, or with another --speaker.",
)


def display_for(output: Output, plans: Sequence[Plan], *, in_brief: bool = False) -> Display:
    """The display that fits the output.

    Args:
        output: Where it is shown.
        plans: The runs.
        in_brief: Whether a terminal shows a single run as it shows many, in a line.
    """
    if output.json:
        return JsonDisplay(output, plans)
    if not output.is_live:
        return PlainDisplay(output, plans)
    from simulator.cli.live import LiveDisplay, LiveTable

    is_table = in_brief or len(plans) > 1
    return LiveTable(output, plans) if is_table else LiveDisplay(output, plans[0])


def check_person(output: Output, needed: bool, runs: int) -> None:
    """Raises UsageError when a run needs somebody at the keyboard and nobody can be asked."""
    if not needed:
        return
    if runs > 1:
        raise UsageError(
            "Somebody must choose who speaks next, and can do so for one run at a time only.",
            remedy="Leave --repeat out, or choose another --speaker.",
        )
    if output.json or not output.is_live or not sys.stdin.isatty():
        raise UsageError(NO_PERSON[0], remedy=NO_PERSON[1])


class Player:
    """Plays the runs of one command."""

    def __init__(
        self,
        session: Session,
        services: Services,
        plans: Sequence[Plan],
        *,
        pace_s: float = 0.0,
        limits: Limits | None = None,
        budget: Budget | None = None,
        in_brief: bool = False,
    ) -> None:
        """Make one.

        Args:
            session: This use of the command line.
            services: Plays the runs.
            plans: The runs.
            pace_s: The wait before each step of a single run, in seconds.
            limits: What the runs may use together.
            budget: What is left of it, where other runs have used some.
            in_brief: Whether a single run is shown as many are.
        """
        self._budget = budget or (None if limits is None else Budget(limits))
        self._control = RunControl(pace_s=pace_s)
        self._in_brief = in_brief
        self._session = session
        self._services = services
        self._plans = {plan.run.id: plan for plan in plans}
        self._last_speaker: str | None = None
        self._tally = Tally()
        self.display = display_for(session.output, plans, in_brief=in_brief)
        self._guarded = Guarded(self._hear, lambda: session.interrupts.stop(141))

    async def play(self, *, announce: bool = False) -> int:
        """Play them all; the exit code.

        Args:
            announce: Whether to show a header first, for runs that are new.

        Raises:
            BrokenPipeError: Nobody reads our output any more; the runs are paused.
            CancelledError: The user stopped it; the runs are paused.
            SimulatorError: A run could not be played, or its end not be recorded.
        """
        runs = [plan.run for plan in self._plans.values()]
        try:
            if announce:
                self.display.announce()
            async with self.display:
                played = await self._played(runs)
        except asyncio.CancelledError:
            await self._leave_paused(runs)
            raise
        except BrokenPipeError:
            self._guarded.broken = True
            await self._leave_paused(runs)
            raise
        except ExceptionGroup:
            await self._leave_paused(runs)
            raise
        return self._tell(played)

    async def _played(self, runs: Sequence[Run]) -> list[Played]:
        person = self._person(runs)
        if len(runs) == 1:
            one = await self._services.play(
                runs[0], listener=self._guarded, control=self._control, person=person,
                budget=self._budget,
            )  # fmt: skip
            return [one]
        return await self._services.play_all(runs, listener=self._guarded, budget=self._budget)

    def _hear(self, event: Event) -> None:
        match event:
            case StepCommitted(step=step) | StepReplayed(step=step):
                self._tally.add(step)
                if self._plans[step.run_id].is_turn(step):
                    self._last_speaker = step.speaker
        self.display.hear(event)

    def _person(self, runs: Sequence[Run]) -> Person | None:
        if not self._session.output.is_live or len(runs) != 1:
            return None
        from simulator.cli.live import LiveDisplay

        if not isinstance(self.display, LiveDisplay) or not sys.stdin.isatty():
            return None
        names = [agent.name for agent in runs[0].agents if agent.number]
        return TerminalPerson(
            self._session.output, names, lambda: self._last_speaker,
            hide=self.display.hide, reveal=self.display.reveal,
        )  # fmt: skip

    def _tell(self, played: Sequence[Played]) -> int:
        """Say how the runs ended; the exit code."""
        exit_code = 0
        for one in played:
            run, problem = one.run, one.problem
            self.display.ended(run, problem, self._resume(run.id))
            if run.status == "completed":
                continue
            failed = problem.exit_code if problem else InterruptedRunError.exit_code
            exit_code = exit_code or failed
        if not self._session.output.json:
            self._summary(played)
        return exit_code

    def _summary(self, played: Sequence[Played]) -> None:
        session = self._session
        output = session.output
        problems: dict[str, SimulatorError] = {}
        for one in played:
            if one.problem is not None:
                is_limit = isinstance(one.problem, LimitReachedError)
                key = one.problem.code if is_limit else one.problem.message
                problems.setdefault(key, one.problem)
        for problem in list(problems.values())[:3]:
            output.problem(problem)
        unfinished = [one for one in played if one.run.status != "completed"]
        used = self._used(played)
        if len(played) == 1 and not unfinished:
            run = played[0].run
            ended = f"{self._noted(_ended_text(run))} {used}"
            output.aside(ended if self._in_brief else f"{ended} Read it with:")
            if not self._in_brief:
                output.aside(f"  {session.command('show', run.id)}")
        elif not unfinished:
            output.aside(f"{self._noted(f'All {len(played)} runs are completed')} {used}")
        else:
            done = len(played) - len(unfinished)
            what = f"{done} of {len(played)} runs are completed"
            if len(played) == 1:
                is_stopped = unfinished[0].run.status == "cancelled"
                what = "The run was stopped" if is_stopped else ""
            output.aside(f"{self._noted(what)} {used}".lstrip())
            self._hint([one.run for one in unfinished if not meets_again(one.problem)])
            self._hint_again([one.run for one in unfinished if meets_again(one.problem)])

    def _noted(self, what: str) -> str:
        """A sentence that also says what was wrong with messages."""
        sentence = "; ".join(filter(None, (what, str(self._tally))))
        return f"{sentence}." if sentence else ""

    @staticmethod
    def _used(played: Sequence[Played]) -> str:
        return f"Used: {usage_text(Usage.total(one.run.usage for one in played))}."

    def _resume(self, *runs: str) -> str:
        """The command that goes on with runs under what they were started with."""
        limits = [] if self._budget is None else limit_words(self._budget)
        return self._session.resume(*runs, options=limits)

    def _hint(self, runs: Sequence[Run]) -> None:
        if runs:
            self._session.output.aside("Everything said is kept. Go on with:")
            self._commands(runs)

    def _hint_again(self, runs: Sequence[Run]) -> None:
        if runs:
            self._session.output.aside(
                "Everything said is kept, but going on meets this again unless the server changes: "
                "start a new run with another model or design. Once it has changed:"
            )
            self._commands(runs)

    def _commands(self, runs: Sequence[Run]) -> None:
        aside = self._session.output.aside
        if len(runs) == 1:
            aside(f"  {self._resume(runs[0].id)}")
            return
        aside(f"  {self._resume()} \\")
        ends = [short_id(run.id) for run in runs]
        for start in range(0, len(ends), _IDS_A_LINE):
            more = " \\" if start + _IDS_A_LINE < len(ends) else ""
            aside(f"    {' '.join(ends[start : start + _IDS_A_LINE])}{more}")

    async def _leave_paused(self, runs: Sequence[Run]) -> None:
        try:
            ended = []
            for run in runs:
                async with asyncio.timeout(PARTING_S):
                    ended.append(await self._services.leave_paused(run))
        except (TimeoutError, StoreUnavailableError):
            self._hint_unrecorded(runs)
            return
        if self._guarded.broken:
            raise BrokenPipeError
        for run in ended:
            self.display.ended(run, None, self._resume(run.id))
        unfinished = [run for run in ended if run.status != "completed"]
        if not unfinished or self._session.output.json:
            return
        what = (
            "The run is paused."
            if len(ended) == 1
            else f"{counted(len(unfinished), 'run')} paused."
        )
        self._session.output.aside(what)
        self._hint(unfinished)

    def _hint_unrecorded(self, runs: Sequence[Run]) -> None:
        """The store is away: what is on record of the runs is from before."""
        for run in runs:
            self.display.ended(
                run.model_copy(update={"status": "running"}), None, self._resume(run.id)
            )
        if not self._session.output.json:
            self._session.output.aside(
                "The store does not answer, so what was played is still on record as running. "
                "Everything said is kept. Go on when it is back, from another machine when the "
                f"runs' leases have run out, after {LEASE_S:.0f} s, with:"
            )
            self._commands(runs)


def _ended_text(run: Run) -> str:
    outcome = run.outcome
    if outcome is None:
        return "Completed"
    if outcome.reason == "messages":
        return f"Completed: {ended_by(outcome)}"
    if outcome.reason == "generations":  # what a game of telephone is played for
        return f"Completed: {outcome.detail}"
    return f"Completed by the condition {outcome.reason!r}: {outcome.detail}"


def meets_again(problem: SimulatorError | None) -> bool:
    """Whether a run that goes on stops at the same again, as it asks the same of the same model."""
    return type(problem) is BackendError or isinstance(
        problem, (ContextOverflowError, ModelNotFoundError)
    )
