"""Another kind than the conversation: a text that goes from hand to hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from pydantic import BaseModel, Field, JsonValue

from simulator.domain.designs import Design, DesignProblem
from simulator.domain.parameters import Parameter, parameters_of
from simulator.domain.ports import Stage
from simulator.domain.prompts import ChatMessage, Prompt
from simulator.domain.records import Agent, Outcome, Outlook, Run
from simulator.domain.sampling import Sampling
from simulator.domain.workloads import Habits, Workload


class ChainParameters(BaseModel):
    model: str | None = None
    hands: int | None = Field(default=None, ge=1, le=50)
    task: Literal["repeat", "rephrase"] | None = None
    text: str | None = None
    sampling: Sampling = Sampling()


class ChainDesign(Design):
    kind: str = "chain"
    name: str = "Chain"
    model: str = "scripted/echo"
    hands: int = 3
    task: str = "repeat"
    text: str = "Hello."
    sampling: Sampling = Sampling()


class Chain:
    name = "chain"
    design_type = ChainDesign

    def problems(self, design: Any) -> tuple[DesignProblem, ...]:
        return ()

    def parameters(self, design: Any) -> tuple[Parameter, ...]:
        return tuple(
            replace(one, type="model") if one.name == "model" else one
            for one in parameters_of(ChainParameters, design)
        )

    def resolve(self, design: Any, parameters: Mapping[str, JsonValue]) -> Any:
        given = ChainParameters.model_validate(parameters).model_dump(exclude_defaults=True)
        return design.model_copy(update=given)

    def cast(self, design: Any, seed: int) -> tuple[Agent, ...]:
        return (Agent(name="Hand", role="hand", number=1, model=design.model),)

    def outlook(self, design: Any) -> Outlook:
        return Outlook(turns=design.hands, days=None, condition=(), needs_person=False)

    def workload(
        self, design: Any, agents: Sequence[Agent], habits: Mapping[str, Habits]
    ) -> tuple[Workload, ...]:
        hands = design.hands
        return (Workload(design.model, hands, 10 * hands, 5 * hands, 100),)

    async def play(self, run: Run, design: Any, stage: Stage) -> Outcome:
        for _ in range(design.hands):
            await stage.ask(run.agents[0], Prompt.of(ChatMessage("user", design.text)))
        return Outcome(reason="hands")
