"""Steps seen with what their run knows of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from simulator.domain.journal import Step
from simulator.domain.records import Agent, Run


@dataclass(frozen=True, slots=True)
class Observation:
    """A step, who took it, and which turn it was."""

    step: Step
    agent: Agent | None
    """None for the researcher and everybody else who is not of the run's agents."""
    turn: int | None
    """Counts the participants' turns of the run from 1; None for other steps."""

    @property
    def seat(self) -> str:
        """Who speaks, by the same name in every run: `guard 1`, `summarizer`, `researcher`."""
        if self.agent is None:
            return self.step.role
        return f"{self.agent.role} {self.agent.number}" if self.agent.number else self.agent.role

    @property
    def model(self) -> str:
        """The model that was asked, or would have been; empty for people."""
        if self.step.call is not None:
            return self.step.call.model
        return self.agent.model if self.agent is not None else ""


class Observer:
    """Watches the steps of one run go by."""

    def __init__(self, run: Run) -> None:
        self._agents = {agent.name: agent for agent in run.agents}
        self._turns = 0

    def observe(self, steps: Iterable[Step]) -> Iterator[Observation]:
        """The next steps of the journal, in order of position."""
        for step in steps:
            agent = self._agents.get(step.speaker)
            is_turn = step.in_transcript and agent is not None and agent.number > 0
            self._turns += is_turn
            yield Observation(step, agent, self._turns if is_turn else None)
