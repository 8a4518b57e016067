"""A kind whose play is given by the test."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from pydantic import JsonValue

from simulator.backends.scripted import ScriptedBackend
from simulator.domain.designs import Design, DesignProblem
from simulator.domain.journal import Step
from simulator.domain.models import Chunk, Completion, GenerateRequest
from simulator.domain.parameters import Parameter
from simulator.domain.ports import Stage
from simulator.domain.prompts import ChatMessage, Prompt
from simulator.domain.records import Agent, Outcome, Outlook, Run
from simulator.domain.workloads import Habits, Workload
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

    def parameters(self, design: Any) -> tuple[Parameter, ...]:
        raise NotImplementedError

    def workload(
        self, design: Any, agents: Sequence[Agent], habits: Mapping[str, Habits]
    ) -> tuple[Workload, ...]:
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


class Listed(ScriptedBackend):
    """Gives completions that the test lists; it keeps what it was asked."""

    def __init__(self, *completions: Completion) -> None:
        super().__init__([], model=MODEL)
        self._completions = iter(completions)
        self.requests: list[GenerateRequest] = []

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        self.requests.append(request)
        yield Chunk(completion=next(self._completions))
