"""The run in focus: what was said, what is being said, and what it asks."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from screens.monitor.picker import AnswerPicker
from screens.monitor.rows import agents_text, state_of
from screens.monitor.speech import SpeechBar
from screens.run_states import state_text
from screens.widgets.speaking import SpeakingFeed
from screens.widgets.transcript_view import TranscriptView
from simulator.domain.journal import Step
from simulator.domain.records import Run
from simulator.live_run import KEPT_STEPS, LiveRun
from simulator.presentation.notices import short_id
from simulator.presentation.ordering import Ordering
from simulator.presentation.plans import day_word, models_text
from simulator.presentation.safe_text import one_line
from simulator.presentation.usage import usage_text


class FocusPane(Vertical):
    """One run, followed as it goes on."""

    def __init__(self) -> None:
        super().__init__(id="focus")
        self.add_class("pane")
        self._live: LiveRun | None = None
        self._run_id: str | None = None
        self._ordering = Ordering()
        self._heard = 0
        self._told = dict.fromkeys(("#facts", "#notice"), "?")
        """What the lines say, so that only news is drawn."""

    def compose(self) -> ComposeResult:
        """Facts, words, notices, and what people can do."""
        view = TranscriptView(id="words-said", numbered=False, keep=KEPT_STEPS)
        self._feed = SpeakingFeed(view)
        yield Static("", id="facts", markup=False)
        yield view
        yield Static("", id="notice", markup=False)
        yield AnswerPicker()
        yield SpeechBar()

    @property
    def run_id(self) -> str | None:
        """The run in focus."""
        return self._run_id

    @property
    def _view(self) -> TranscriptView:
        return self.query_one(TranscriptView)

    def clear(self) -> None:
        """Focus on nothing."""
        self._live = self._run_id = None
        self._feed.catch_up(None)
        self.border_title = "Nothing in focus"
        self._view.show([], agents=(), ordering=Ordering())
        self._facts("")
        self._notice("")
        self.query_one(AnswerPicker).show("", None)

    def show_steps(
        self, run: Run, steps: Sequence[Step], state: str, experiment: str, ordering: Ordering
    ) -> None:
        """Focus on a run that this process does not play; `add` goes on with it."""
        self._ordering = ordering
        for step in steps:
            ordering.add(step)
        self._live, self._run_id = None, run.id
        self._feed.catch_up(None)
        self._title(run, experiment)
        self._view.show(
            [step for step in steps if step.in_transcript],
            agents=run.agents, at_end=True, ordering=ordering,
        )  # fmt: skip
        self.show_state(run, state)
        self._notice(run.error or "")
        self.query_one(AnswerPicker).show("", None)

    def show_state(self, run: Run, state: str) -> None:
        """Tell what has become of a run that this process does not play."""
        parts = [state_text(state), one_line(models_text(run.agents))]
        progress = self._ordering.progress()
        parts[1:1] = [progress] if progress else []
        self._facts(" · ".join(parts))

    def add(self, step: Step) -> None:
        """A new step of a run that another process plays."""
        if step.run_id == self._run_id:
            self._ordering.add(step)
        if step.run_id == self._run_id and step.in_transcript:
            self._view.commit(step)

    def show_live(self, live: LiveRun) -> None:
        """Focus on a run that this process plays, and catch up with it."""
        if live is not self._live:
            self._live, self._run_id = live, live.run.id
            self._feed.catch_up(None)
            self._title(live.run, live.plan.name)
            self._view.show(
                list(live.recent), agents=live.run.agents, at_end=True, ordering=live.ordering
            )
            self._heard = live.heard
        self._catch_up(live)
        self._facts(_live_facts(live))
        problem = live.problem
        told = f"{problem.message} {problem.remedy or ''}" if problem is not None else ""
        self._notice(told or (live.notices[-1] if live.notices else ""))
        self.query_one(AnswerPicker).show(live.run.id, live.question)

    def _catch_up(self, live: LiveRun) -> None:
        new = min(live.heard - self._heard, len(live.recent))
        for step in list(live.recent)[len(live.recent) - new :]:
            self._view.commit(step)
        self._heard = live.heard
        self._feed.catch_up(live)

    def _title(self, run: Run, experiment: str) -> None:
        self.border_title = Text(one_line(f"{experiment} · {short_id(run.id)}"))

    def _facts(self, text: str) -> None:
        if text != self._told["#facts"]:
            self._told["#facts"] = text
            self.query_one("#facts", Static).update(Text(text, no_wrap=True, overflow="ellipsis"))

    def _notice(self, text: str) -> None:
        if text != self._told["#notice"]:
            self._told["#notice"] = text
            notice = self.query_one("#notice", Static)
            notice.update(Text(one_line(text)))
            notice.display = bool(text)


def _live_facts(live: LiveRun) -> str:
    plan, state = live.plan, state_of(live)
    parts = [state_text(state), agents_text(live.run.agents)]
    progress = live.ordering.progress()
    parts[1:1] = [progress] if progress else []
    if plan.condition:
        parts.append(one_line(plan.condition))
    if live.day is not None and not progress:
        word = day_word(live.run.kind)
        parts.append(f"{word} {live.day}" + (f"/{plan.days}" if plan.days else ""))
    parts.append(f"turn {live.turns}" + (f"/{plan.turns}" if plan.turns else ""))
    if live.tokens_per_s:
        parts.append(f"{live.tokens_per_s:.0f} tok/s")
    parts += [usage_text(live.usage), one_line(models_text(live.run.agents))]
    return " · ".join(parts)
