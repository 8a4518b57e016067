"""The prompts that the agents of a run would read."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from screens.editor.preview_choices import PreviewChoices
from screens.editor.stepper import Stepper
from screens.voices import Voices
from simulator.domain.designs import Design
from simulator.domain.records import Agent
from simulator.domain.tokens import estimated_tokens, text_bytes
from simulator.errors import SimulatorError
from simulator.presentation.explaining import Explained, explained
from simulator.presentation.safe_text import one_line, shortened, visible
from simulator.services import Services

MOST_PROMPTS = 24
"""Prompts that are shown; a run may have more."""
LONGEST_PROMPT = 20_000
"""Characters of each that are shown."""
PAUSE_S = 0.25
"""Seconds without a change after which prompts are rendered."""


class PreviewPane(Vertical):
    """Counts and levels above, prompts below."""

    def __init__(self, services: Services, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._services = services
        self._design: Design | None = None
        self._is_current = True
        self._is_stale = False

    def compose(self) -> ComposeResult:
        """Nothing to choose, until there is a design."""
        yield PreviewChoices()
        with VerticalScroll(id="preview-prompts"):
            yield Static(
                "The prompts appear here once the design has no problems.",
                id="preview-text",
                markup=False,
            )

    def show(self, design: Design | None, *, is_current: bool) -> None:
        """Preview another design.

        Args:
            design: The last one without problems.
            is_current: Whether it is the one that is being written.
        """
        if design is not self._design or is_current != self._is_current:
            self._design, self._is_current = design, is_current
            self._is_stale = True
            self.look()

    def look(self) -> None:
        """Render what has changed, if anybody can see it."""
        if self._is_stale and self.region and self._design is not None:
            self._show_prompts(self._design)

    def on_show(self) -> None:
        """It can be seen now."""
        self.look()

    @work(exclusive=True, group="preview")
    async def _show_prompts(self, design: Design) -> None:
        await asyncio.sleep(PAUSE_S)
        self._is_stale = False
        choices = self.query_one(PreviewChoices)
        await choices.offer(self._services.kind(design.kind).parameters(design))
        try:
            agents = await asyncio.to_thread(self._services.preview, design, choices.settings)
            resolved = self._services.kind(design.kind).resolve(design, choices.settings)
            known = await asyncio.to_thread(explained, resolved)
            if not known.agents_differ and not any(agent.system_prompt for agent in agents):
                agents = ()
            text = prompts_text(agents, is_dark=self.app.current_theme.dark)
            text.append_text(examples_text(known))
        except SimulatorError as error:
            text = Text(visible(f"✗ {error.message}\n{error.remedy or ''}"))
        if not self._is_current:
            text = Text.assemble(("As of the last design without problems.\n\n", "italic"), text)
        self.query_one("#preview-text", Static).update(text)

    @on(Stepper.Changed)
    def _stepped(self, event: Stepper.Changed) -> None:
        event.stop()
        self._is_stale = True
        self.look()


def prompts_text(agents: Sequence[Agent], *, is_dark: bool) -> Text:
    """The prompts one below the other, each with its agent and about how long it is."""
    voices = Voices(agents)
    text = Text()
    for agent in agents[:MOST_PROMPTS]:
        prompt = agent.system_prompt
        tokens = estimated_tokens(text_bytes(prompt))
        size = f" · at most {tokens:,} tokens" if prompt else ""
        mark = voices.mark(agent.name, agent.role)
        text.append(
            f"{mark} {one_line(agent.name)}",
            f"bold {voices.style(agent.name, agent.role, is_dark=is_dark)}",
        )
        text.append(f"  {one_line(agent.role)}{size}\n", "dim")
        shown = visible(shortened(prompt, LONGEST_PROMPT)).rstrip() or "(no system prompt)"
        text.append(f"{shown}\n\n")
    if len(agents) > MOST_PROMPTS:
        text.append(f"and {len(agents) - MOST_PROMPTS} agents more", "italic")
    return text


def examples_text(known: Explained) -> Text:
    """What agents would be asked, and what they read."""
    text = Text()
    for title, prompt in known.texts:
        text.append(one_line(title), "bold")
        text.append("\n")
        text.append(f"{visible(shortened(prompt, LONGEST_PROMPT)).rstrip()}\n\n")
    return text
