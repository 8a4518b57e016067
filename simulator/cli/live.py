"""A run on a terminal: words as they come, a status line below, finished messages above."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.live import Live
from rich.text import Text

from simulator.cli.display import Display
from simulator.cli.output import Output
from simulator.cli.voices import Printer, Voices
from simulator.domain.events import (
    Event,
    ModelRetried,
    PromptTruncated,
    RunFinished,
    RunStarted,
    StepCommitted,
    StepReplayed,
    TextStreamed,
    TurnStarted,
)
from simulator.domain.journal import Usage
from simulator.presentation.moments import duration
from simulator.presentation.notices import (
    fallback_text,
    player_text,
    retry_text,
    short_id,
    truncation_text,
)
from simulator.presentation.orderings import ordering_of
from simulator.presentation.plans import Plan, day_word
from simulator.presentation.safe_text import one_line, visible
from simulator.presentation.speaking import Speaking, Turns
from simulator.presentation.usage import usage_text
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from simulator.domain.journal import Step
    from simulator.domain.records import Lease, Run
    from simulator.errors import SimulatorError

FRAME_S = 0.1
SILENCE_S = 3.0
"""Seconds without a piece of a reply from which no speed is shown."""
GOING = ("speaker", "used", "rate")
"""Parts of the status line that give way where there is little room, the first one first."""
RECALLED = 5
"""Messages shown again when a run goes on."""


class _Drawn(Display):
    """Redraws the region at the bottom ten times a second, however fast events come."""

    def __init__(self, output: Output, plans: Sequence[Plan]) -> None:
        super().__init__(output, plans)
        self._live = Live(
            console=output.console, auto_refresh=False, transient=True,
            redirect_stdout=False, redirect_stderr=False, vertical_overflow="crop",
        )  # fmt: skip
        self._drawing: asyncio.Task[None] | None = None
        self._began = time.monotonic()

    async def __aenter__(self) -> Display:
        """Begin to draw."""
        self._live.start()
        self._drawing = asyncio.create_task(self._draw_repeatedly())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Clear the region; a terminal that is gone needs none of that."""
        if self._drawing is not None:
            self._drawing.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await self._drawing
        with contextlib.suppress(OSError):
            self.hide()

    def hide(self) -> None:
        """Clear the region until `reveal`, for a question."""
        self._live.update(Text(""), refresh=False)
        self._live.stop()

    def reveal(self) -> None:
        """Draw again."""
        self._live.start()

    def _region(self) -> Text:
        raise NotImplementedError

    def _renew(self) -> None:
        """Before something is printed above: what is drawn below it must not be old."""
        self._live.update(self._region(), refresh=False)

    async def _draw_repeatedly(self) -> None:
        while True:
            if self._live.is_started:
                self._live.update(self._region(), refresh=True)
            await asyncio.sleep(FRAME_S)


class LiveDisplay(_Drawn):
    """One run in full."""

    def __init__(self, output: Output, plan: Plan) -> None:
        super().__init__(output, [plan])
        self._plan = plan
        self._ordering = ordering_of(plan.run.kind, plan.design, by_time=True)
        self._printer = Printer(output, plan.run.agents, ordering=self._ordering)
        self._voices = Voices(plan.run.agents)
        self._turns = 0
        self._day: int | None = None
        self._turns_now = Turns()
        self._speaking: Speaking | None = None
        self._began_with = 0
        """Pieces that the turn in focus had when it came into focus."""
        self._turn_began = 0.0
        self._arrived = 0.0
        self._used = Usage()
        self._rate: float | None = None

    def announce(self) -> None:
        """Print the header."""
        plan, run = self._plan, self._plan.run
        self.output.console.print(Text(visible(plan.name), "bold"))
        names = [agent.name for agent in run.agents if agent.number]
        shown = names if len(names) <= 8 else [*names[:7], f"… {len(names)} in all"]
        facts = {
            "run": run.id,
            "model": f"{plan.models}, seed {run.seed}",
            "length": plan.length,
            "condition": plan.condition,
            "agents": ", ".join(shown),
        }
        for name, value in facts.items():
            if value:
                self.output.console.print(
                    Text.assemble((f"{name:<11}", "dim"), visible(value)), soft_wrap=name == "run"
                )
        self.output.console.print()

    def played_by(self, run: Run, lease: Lease, *, is_takeover: bool) -> None:
        """Say it between the messages."""
        self._aside(player_text(lease, is_takeover=is_takeover), "yellow" if is_takeover else "dim")

    def recall(self, steps: Sequence[Step]) -> None:
        """Print the header and the last messages, dimmed."""
        self.announce()
        for step in steps:
            self._ordering.add(step)
        heard = [step for step in steps if step.in_transcript]
        if len(heard) > RECALLED:
            self._aside(f"… {counted(len(heard) - RECALLED, 'message')} before these")
        for step in heard[-RECALLED:]:
            self._printer.message(step, faded=True)

    def hear(self, event: Event) -> None:
        """Take an event in; messages are printed for good when they are committed."""
        match event:
            case RunStarted(resumed_steps=resumed) if resumed:
                self._aside(f"{counted(resumed, 'step')} taken over")
            case TurnStarted():
                self._turns_now.begin(event.scope, event.speaker, event.role, event.day)
                self._day = event.day
                self._look()
            case TextStreamed():
                self._turns_now.stream(event.scope, event.speaker, event.text)
                self._look()
                self._arrived = time.monotonic()
            case ModelRetried():
                self._turns_now.begin_again(event.scope, event.speaker)
                self._look()
                self._aside(
                    retry_text(event, self._ordering.part_of(event.scope, event.day)), "yellow"
                )
            case PromptTruncated():
                self._aside(
                    truncation_text(event, self._ordering.part_of(event.scope, event.day)), "yellow"
                )
            case StepReplayed(step=step):
                self._count(step)
            case StepCommitted(step=step):
                self._count(step)
                if step.call is not None:
                    usage = step.call.usage
                    if usage.model_s > 0:
                        self._rate = usage.completion_tokens / usage.model_s
                self._turns_now.end(step.scope, step.speaker)
                self._look()
                self._renew()
                if step.in_transcript:
                    self._printer.message(step)
                elif step.method == "fallback":
                    self._aside(fallback_text(step), "yellow")

    def _count(self, step: Step) -> None:
        self._turns += self._plan.is_turn(step)
        self._day = step.day
        self._ordering.add(step)
        if step.call is not None:
            self._used = Usage.total((self._used, step.call.usage))

    def _look(self) -> None:
        """See which turn is in focus now."""
        speaking = self._turns_now.in_focus
        if speaking is not self._speaking:
            self._speaking = speaking
            self._began_with = len(speaking.pieces) if speaking is not None else 0
            self._turn_began = self._arrived = time.monotonic()

    def _aside(self, text: str, style: str = "dim") -> None:
        self._renew()
        self.output.console.print(Text(f"  {visible(text)}", style))

    def _region(self) -> Text:
        console = self.output.console
        region = Text(no_wrap=True, overflow="ellipsis", end="")
        if self._speaking is not None and self._speaking.pieces:
            for line in self._tail(console.width, max(1, console.height - 3)):
                region.append_text(line)
                region.append("\n")
        region.append_text(self._status())
        return region

    def _tail(self, width: int, height: int) -> list[Text]:
        """The last lines of what is being said, as they fit on the screen."""
        speaking = self._speaking
        if speaking is None:
            return []
        style = self._voices.style(speaking.speaker, speaking.role)
        room, words = width * height, speaking.text
        text = Text()
        if len(words) <= room:
            text.append(f"{visible(self._name(speaking))}", f"bold {style}")
            text.append(": ", "dim")
        text.append(visible(words[-room:]), style)
        lines = list(text.wrap(self.output.console, width, tab_size=4))
        for line in lines:
            line.rstrip()
        return lines[-height:]

    def _name(self, speaking: Speaking) -> str:
        """The speaker; where parts are played side by side, with the place in them."""
        if not self._ordering.part:
            return speaking.speaker
        return f"{speaking.speaker} ({self._ordering.where(speaking.scope, speaking.day)})"

    def _status(self) -> Text:
        parts = {"progress": self._ordering.progress()}
        if self._day is not None and not parts["progress"]:
            of = f"/{self._plan.days}" if self._plan.days else ""
            parts["progress"] = f"{day_word(self._plan.run.kind)} {self._day}{of}"
        if self._plan.turns:
            parts["turn"] = f"turn {min(self._turns + 1, self._plan.turns)}/{self._plan.turns}"
        speaking = self._speaking
        parts["speaker"] = one_line(self._name(speaking)) if speaking is not None else "…"
        rate, now = self._rate, time.monotonic()
        waited_s = now - self._turn_began
        pieces = len(speaking.pieces) - self._began_with if speaking is not None else 0
        if pieces > 4 and waited_s > 0.5:
            rate = pieces / waited_s
        if now - self._arrived > SILENCE_S:
            rate = None
        if rate is not None:
            parts["rate"] = f"{rate:,.0f} tokens/s"
        parts["used"] = usage_text(self._used)
        parts["time"] = duration(time.monotonic() - self._began)
        # What parts that are played side by side came to tells more than the turn.
        going = ("turn", *GOING) if self._ordering.progress() else GOING
        return Text(_fitting(parts, going, self.output.console.width), "reverse")


def _fitting(parts: dict[str, str], going: Sequence[str], width: int) -> str:
    """The parts of a status line side by side, without some where there is little room."""
    line = ""
    for gone in range(len(going) + 1):
        shown = [part for name, part in parts.items() if part and name not in going[:gone]]
        line = f" {' · '.join(shown)} "
        if cell_len(line) <= width:
            break
    return line


class LiveTable(_Drawn):
    """Many runs, a line for each that plays; those that ended stay above."""

    def __init__(self, output: Output, plans: Sequence[Plan]) -> None:
        super().__init__(output, plans)
        self._turns = dict.fromkeys(self.plans, 0)
        self._last: dict[str, str] = {}
        self._waiting = set(self.plans)
        self._counts: dict[str, int] = {}
        self._ended: set[str] = set()
        self._used = Usage()

    def announce(self) -> None:
        """Print the header."""
        plans = list(self.plans.values())
        facts = [
            next(iter(told)) if len(told) == 1 else ""
            for told in (
                {plan.models for plan in plans},
                {plan.length for plan in plans},
                {plan.condition for plan in plans},
            )
        ]
        self.output.console.print(Text(visible(plans[0].name), "bold"))
        self.output.console.print(
            Text(visible(", ".join([counted(len(plans), "run"), *filter(None, facts)])))
        )

    def hear(self, event: Event) -> None:
        """Take an event in."""
        match event:
            case RunStarted(run=run):
                self._waiting.discard(run.id)
                self._last[run.id] = ""
            case StepReplayed(step=step) | StepCommitted(step=step):
                self._turns[step.run_id] += self.plans[step.run_id].is_turn(step)
                if step.call is not None:
                    self._used = Usage.total((self._used, step.call.usage))
                if step.in_transcript:
                    self._last[step.run_id] = f"{step.speaker}: {step.content[:200]}"
            case ModelRetried():
                self._last[event.run_id] = retry_text(event, self._part_of(event))
            case PromptTruncated():
                self._last[event.run_id] = truncation_text(event, self._part_of(event))
            case RunFinished(run=run):
                self._finished(run)

    def _part_of(self, event: ModelRetried | PromptTruncated) -> str:
        kind = self.plans[event.run_id].run.kind
        return ordering_of(kind, None).part_of(event.scope, event.day)

    def _finished(self, run: Run) -> None:
        self._ended.add(run.id)
        self._counts[run.status] = self._counts.get(run.status, 0) + 1
        style = {"completed": "green", "failed": "red"}.get(run.status, "yellow")
        text = Text.assemble(
            (f"{run.status:<9} ", style), f"{run.id}  ",
            (f"seed {run.seed}  {counted(self._turns[run.id], 'message')}, ", "dim"),
            (usage_text(run.usage), "dim"),
        )  # fmt: skip
        self._renew()
        self.output.console.print(text, soft_wrap=True)

    def _region(self) -> Text:
        console = self.output.console
        region = Text(no_wrap=True, overflow="ellipsis", end="")
        playing = [run_id for run_id in self._last if run_id not in self._ended]
        room = max(1, console.height - 3)
        for run_id in playing[:room]:
            plan = self.plans[run_id]
            turn = f"{self._turns[run_id]}/{plan.turns or '?'}"
            line = Text(f"{short_id(run_id)}  {turn:>7}  {one_line(self._last[run_id])}")
            line.truncate(console.width, overflow="ellipsis")
            region.append_text(line)
            region.append("\n")
        counts = [f"{number} {status}" for status, number in self._counts.items()]
        counts += [f"{len(playing)} playing", f"{len(self._waiting)} waiting"]
        counts += [usage_text(self._used), duration(time.monotonic() - self._began)]
        status = Text(" " + " · ".join(counts) + " ", "reverse")
        status.truncate(console.width)
        region.append_text(status)
        return region

    def ended(self, run: Run, problem: SimulatorError | None, resume: str) -> None:
        """A run that never began has no line of its own yet."""
        if run.id not in self._ended:
            self._finished(run)
