"""What happens in a conversation: days, turns, summaries."""

from __future__ import annotations

from simulator.domain.journal import Step
from simulator.domain.ports import Stage
from simulator.domain.prompts import ChatMessage, Prompt, View
from simulator.domain.records import Agent, Outcome, Run
from simulator.kinds.conversation.casting import RESEARCHER, SUMMARIZER_NAME, opening_message
from simulator.kinds.conversation.design import ConversationDesign
from simulator.kinds.conversation.replies import parser_for
from simulator.kinds.conversation.speakers import SpeakerChoice
from simulator.kinds.conversation.stops import Met, first_met, watch
from simulator.kinds.conversation.turns import day_shares

NUDGE = "Go on."
"""Shown to an agent whose own words are the last ones, since a model answers somebody else."""
CLASSIC_END_OF_DAY = "TERMINATE"
FIRST_SUMMARY = "\nDay 1 summary:\n"
"""Ends what the researcher says himself at the beginning of a later day."""


async def play(run: Run, design: ConversationDesign, stage: Stage) -> Outcome:
    """Play a conversation from the top."""
    conversation = Conversation(run, design, stage)
    opening = opening_message(design, run.agents)
    shares = day_shares(design.messages, design.days, classic=design.classic)
    for day, turns in enumerate(shares, 1):
        met = await conversation.hold_day(day, turns, opening)
        if met is not None:
            return conversation.outcome(met.reason, met.detail)
        opening = conversation.opening
        if day <= design.summarized_days:
            summary = await conversation.summarize(day)
            if design.memory == "summaries":
                opening += f"\nDay {day} summary:\n{' ' if design.classic else ''}{summary}"
    return conversation.outcome("messages", f"all {conversation.progress.messages} were spoken")


class Conversation:
    """The state of one conversation: what each agent sees, and how far it has come."""

    def __init__(self, run: Run, design: ConversationDesign, stage: Stage) -> None:
        self._design = design
        self._stage = stage
        self._agents = {agent.name: agent for agent in run.agents if agent.number}
        self._summarizer = next((a for a in run.agents if a.name == SUMMARIZER_NAME), None)
        self._parsers = {
            name: parser_for(design.profile, agent, list(self._agents.values()), RESEARCHER)
            for name, agent in self._agents.items()
        }
        self._speakers = SpeakerChoice(design, run.agents, stage)
        self._views: dict[str, View] = {}
        self._day_lines: list[str] = []
        self.opening = ""
        """What the researcher said today; other words than the design's after an edit."""
        self.progress = watch(design.stop)

    async def hold_day(self, day: int, turns: int, opening: str) -> Met | None:
        """One day of so many turns; the stop condition that ended the conversation, if any."""
        self._wake(day)
        said = await self._stage.say(RESEARCHER, opening, role="researcher", day=day)
        self.opening = said.content
        self._heard(said)
        self._day_lines.clear()
        for _ in range(turns):
            while (words := await self._stage.interjection(day=day)) is not None:
                self._heard(words)
            chosen = await self._speakers.next(day, self.progress)
            speaker = self._agents[chosen.name]
            step = await self._stage.ask(
                speaker, self._shown_to(speaker), parse=self._parsers[speaker.name], day=day
            )
            self._heard(step)
            self._speakers.spoke(speaker, step.content)
            self.progress.count(step, spoken=True)
            met = first_met(self._design.stop, self.progress)
            if met is not None:
                return met
            if self._design.classic and step.content == CLASSIC_END_OF_DAY:
                break
        self.progress.days = day
        return first_met(self._design.stop, self.progress)

    async def summarize(self, day: int) -> str:
        """Ask the summarizer about the day's words, the researcher's opening left out."""
        assert self._summarizer is not None
        entries = [ChatMessage("system", self._summarizer.system_prompt)]
        entries += [ChatMessage("user", line) for line in self._day_lines]
        if not self._design.classic:
            entries.append(ChatMessage("user", f"Summarize day {day}."))
        step = await self._stage.ask(self._summarizer, Prompt.of(*entries), day=day)
        self.progress.count(step, spoken=False)
        return step.content.strip()

    def outcome(self, reason: str, detail: str) -> Outcome:
        """How the conversation ended."""
        return Outcome(
            reason=reason,
            detail=detail,
            values={"messages": self.progress.messages, "days": self.progress.days},
        )

    def _wake(self, day: int) -> None:
        """Start a day with nothing but the system prompts, unless memory is full."""
        self._speakers.new_day(day)
        if day > 1 and self._design.memory == "full":
            return
        for agent in self._agents.values():
            view = self._views[agent.name] = View()
            view.append(ChatMessage("system", agent.system_prompt))

    def _heard(self, step: Step) -> None:
        """Let everybody know what was said; silence is not heard."""
        if not step.content.strip():
            return
        line = f"{step.speaker}: {step.content}" if self._design.labels_words else step.content
        self._day_lines.append(line)
        if step.speaker in self._agents:
            self._speakers.heard(line)
        else:
            self._speakers.heard(line, step.content.partition(FIRST_SUMMARY)[0])
        for name, view in self._views.items():
            if name == step.speaker:
                view.append(ChatMessage("assistant", step.content))
            else:
                view.append(ChatMessage("user", line))

    def _shown_to(self, agent: Agent) -> Prompt:
        """The system prompt, the day's opening and the words since, or the latest of them."""
        view = self._views[agent.name]
        limit = self._design.visible_messages
        prompt = view.prompt() if limit is None else view.window(2, limit)
        if prompt.last.role == "assistant":
            prompt = prompt.extended(ChatMessage("user", NUDGE))
        return prompt
