"""What a playing run shows: plain lines or JSON; `live.py` has the terminal's displays."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from simulator.cli.output import Output
from simulator.cli.voices import Printer
from simulator.domain.events import (
    Event,
    ModelRetried,
    PromptTruncated,
    RunStarted,
    StepCommitted,
    StepReplayed,
)
from simulator.files.transcripts import message_document
from simulator.presentation.notices import (
    fallback_text,
    player_text,
    retry_text,
    short_id,
    truncation_text,
)
from simulator.presentation.orderings import ordering_of
from simulator.presentation.plans import Plan
from simulator.presentation.scores import unheard_text
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from types import TracebackType

    from simulator.domain.journal import Step
    from simulator.domain.records import Lease, Run
    from simulator.errors import SimulatorError

_log = logging.getLogger(__name__)
_Heard = TypeVar("_Heard")


class Display:
    """Shows what happens; the base class shows nothing."""

    def __init__(self, output: Output, plans: Sequence[Plan]) -> None:
        self.output = output
        self.plans = {plan.run.id: plan for plan in plans}

    async def __aenter__(self) -> Display:
        """Begin to draw."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop drawing; what was printed stays."""

    def announce(self) -> None:
        """The runs exist now."""

    def recall(self, steps: Sequence[Step]) -> None:
        """The journal of a run that goes on; the terminal shows where it stopped."""

    def hear(self, event: Event) -> None:
        """Show an event."""

    def played_by(self, run: Run, lease: Lease, *, is_takeover: bool) -> None:
        """Somebody else's process plays the run that is watched.

        Args:
            run: The run.
            lease: Who plays it.
            is_takeover: Whether another process did before.
        """

    def ended(self, run: Run, problem: SimulatorError | None, resume: str) -> None:
        """A run is over; called once for each, after everything was heard.

        Args:
            run: As it ended.
            problem: What stopped it, if it failed.
            resume: The command that goes on with it.
        """


class PlainDisplay(Display):
    """A line for each message, as soon as it is committed."""

    def __init__(self, output: Output, plans: Sequence[Plan]) -> None:
        super().__init__(output, plans)
        self._prefixes = {
            plan.run.id: f"{short_id(plan.run.id)} " if len(plans) > 1 else "" for plan in plans
        }
        self._orderings = {
            plan.run.id: ordering_of(plan.run.kind, plan.design, by_time=True) for plan in plans
        }
        self._printers = {
            plan.run.id: Printer(
                output, plan.run.agents, prefix=self._prefixes[plan.run.id],
                ordering=self._orderings[plan.run.id],
            )
            for plan in plans
        }  # fmt: skip

    def hear(self, event: Event) -> None:
        """Print messages; retries go to standard error."""
        match event:
            case RunStarted(run=run, resumed_steps=resumed):
                taken = f", {counted(resumed, 'step')} taken over" if resumed else ""
                plan = self.plans[run.id]
                self.output.aside(
                    f"Run {run.id} of {plan.name}: {plan.models}, seed {run.seed}{taken}"
                )
            case StepReplayed(step=step):
                self._orderings[step.run_id].add(step)
            case StepCommitted(step=step):
                self._orderings[step.run_id].add(step)
                self._committed(step)
            case ModelRetried():
                self._aside(event.run_id, retry_text(event, self._part_of(event)))
            case PromptTruncated():
                self._aside(event.run_id, truncation_text(event, self._part_of(event)))

    def _committed(self, step: Step) -> None:
        if step.in_transcript:
            self._printers[step.run_id].message(step)
        elif step.method == "fallback":
            self._aside(step.run_id, fallback_text(step))
        elif step.kind == "score" and (notes := self._orderings[step.run_id].notes(step)):
            told = (f"{step.speaker} {unheard_text(step)}", *notes)
            self._aside(step.run_id, ", ".join(told))

    def played_by(self, run: Run, lease: Lease, *, is_takeover: bool) -> None:
        """Say it."""
        self._aside(run.id, player_text(lease, is_takeover=is_takeover))

    def _part_of(self, event: ModelRetried | PromptTruncated) -> str:
        return self._orderings[event.run_id].part_of(event.scope, event.day)

    def _aside(self, run_id: str, text: str) -> None:
        self.output.aside(f"{self._prefixes[run_id]}{text}")


class JsonDisplay(Display):
    """One JSON object a line, also for warnings."""

    def __init__(self, output: Output, plans: Sequence[Plan]) -> None:
        super().__init__(output, plans)
        output.tell_events()
        self._announced: set[str] = set()

    def announce(self) -> None:
        """Name the runs at once."""
        for plan in self.plans.values():
            self._started(plan, 0)

    def hear(self, event: Event) -> None:
        """Write the events that change a run, without the pieces of replies."""
        match event:
            case RunStarted(run=run, resumed_steps=resumed):
                self._started(self.plans[run.id], resumed)
            case StepCommitted(step=step):
                self.output.event(
                    type="step_committed", run_id=step.run_id, message=message_document(step)
                )
            case ModelRetried():
                self.output.event(
                    type=event.type, run_id=event.run_id, scope=event.scope,
                    speaker=event.speaker, model=event.model, attempt=event.attempt,
                    wait_s=event.wait_s, reason=event.reason,
                )  # fmt: skip
            case PromptTruncated():
                self.output.event(
                    type=event.type, run_id=event.run_id, scope=event.scope,
                    speaker=event.speaker, model=event.model, prompt_tokens=event.prompt_tokens,
                    context_length=event.context_length,
                )  # fmt: skip

    def _started(self, plan: Plan, resumed_steps: int) -> None:
        run = plan.run
        if run.id in self._announced:
            return
        self._announced.add(run.id)
        self.output.event(
            type="run_started", run_id=run.id, experiment_id=run.experiment_id,
            experiment=plan.name, seed=run.seed, parameters=run.parameters,
            condition=plan.condition, turns=plan.turns, days=plan.days,
            resumed_steps=resumed_steps,
            agents=[
                {"name": agent.name, "role": agent.role, "number": agent.number,
                 "model": agent.model}
                for agent in run.agents
            ],
        )  # fmt: skip

    def played_by(self, run: Run, lease: Lease, *, is_takeover: bool) -> None:
        """Write who plays it now."""
        self.output.event(
            type="run_played_by", run_id=run.id, user=lease.user, machine=lease.machine,
            is_takeover=is_takeover,
        )  # fmt: skip

    def ended(self, run: Run, problem: SimulatorError | None, resume: str) -> None:
        """Write how the run ended."""
        fields: dict[str, Any] = {
            "type": "run_finished",
            "run_id": run.id,
            "status": run.status,
            "outcome": run.outcome.model_dump(mode="json") if run.outcome else None,
            "error": run.error,
            "usage": run.usage.model_dump(mode="json"),
        }
        if problem is not None:
            remedy = problem.remedy and self.output.spelled_out(problem.remedy)
            fields |= {"code": problem.code, "suggestion": remedy}
        if run.status != "completed":
            fields["resume"] = resume
        self.output.event(**fields)


class Guarded(Generic[_Heard]):
    """A listener that never raises: a fault of the display must not end a run."""

    def __init__(self, hear: Callable[[_Heard], None], on_broken_pipe: Callable[[], None]) -> None:
        self._hear = hear
        self._on_broken_pipe = on_broken_pipe
        self.broken = False
        """Whether nobody reads our output any more."""

    def __call__(self, heard: _Heard) -> None:
        """Pass it on."""
        if self.broken:
            return
        try:
            self._hear(heard)
        except BrokenPipeError:
            self.broken = True
            self._on_broken_pipe()
        except Exception:
            _log.exception("the display failed on %s", type(heard).__name__)
