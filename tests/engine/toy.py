"""A kind whose play is given by the test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from simulator.domain.designs import Design, DesignProblem
from simulator.domain.journal import Step
from simulator.domain.ports import Stage
from simulator.domain.prompts import ChatMessage, Prompt
from simulator.domain.records import Agent, Outcome, Outlook, Run
from tests.lab import MODEL, Lab

AGENT = Agent(name="Ann", role="voter", number=1, model=MODEL)


class ToyDesign(Design):
    kind: str = "toy"
    name: str = "Toy"


class Toy:
    """A kind whose play is given by the test."""

    name = "toy"
    design_type = ToyDesign

    def __init__(self, play: Any) -> None:
        self._play = play

    def problems(self, design: Any) -> tuple[DesignProblem, ...]:
        return ()

    def resolve(self, design: Any, parameters: Mapping[str, JsonValue]) -> Any:
        return design

    def cast(self, design: Any, seed: int) -> tuple[Agent, ...]:
        return (AGENT,)

    def outlook(self, design: Any) -> Outlook:
        raise NotImplementedError

    async def play(self, run: Run, design: Any, stage: Stage) -> Outcome:
        await self._play(stage)
        return Outcome(reason="done")


async def played(lab: Lab, play: Any, person: Any = None) -> list[Step]:
    lab.kind = Toy(play)
    run, design = await lab.queue(ToyDesign(), seed=4)
    ended = await lab.play(run, design, person=person)
    if ended.problem is not None:
        raise ended.problem
    return await lab.store.steps(run.id)


def question(text: str = "Yes or no?") -> Prompt:
    return Prompt.of(ChatMessage("user", text))
