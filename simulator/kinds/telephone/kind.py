"""The game of telephone as one of the kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from simulator.domain.designs import DesignProblem
from simulator.domain.parameters import Parameter
from simulator.domain.ports import Stage
from simulator.domain.records import Agent, Outcome, Outlook, Run
from simulator.domain.workloads import Habits, Workload
from simulator.kinds.telephone.casting import cast
from simulator.kinds.telephone.design import TelephoneDesign
from simulator.kinds.telephone.launchable import launchable
from simulator.kinds.telephone.parameters import resolve
from simulator.kinds.telephone.play import play
from simulator.kinds.telephone.rules import problems
from simulator.kinds.telephone.workload import turns_of, workload


class TelephoneKind:
    """Texts that pass from agent to agent, generation after generation; see the `Kind` port."""

    name = "telephone"
    design_type = TelephoneDesign

    def problems(self, design: TelephoneDesign) -> tuple[DesignProblem, ...]:
        """What is wrong beyond the fields' own types."""
        return problems(design)

    def parameters(self, design: TelephoneDesign) -> tuple[Parameter, ...]:
        """What a launch may set."""
        return launchable(design)

    def resolve(
        self, design: TelephoneDesign, parameters: Mapping[str, JsonValue]
    ) -> TelephoneDesign:
        """The design of one run."""
        return resolve(design, parameters)

    def cast(self, design: TelephoneDesign, seed: int) -> tuple[Agent, ...]:
        """The agents of one run, whatever its seed."""
        return cast(design)

    def outlook(self, design: TelephoneDesign) -> Outlook:
        """What a run will be; its days are the generations."""
        condition: list[tuple[str, str]] = [("task", design.task_name)]
        if not design.is_sequence:
            condition.append(("network", design.network.structure))
        return Outlook(
            turns=turns_of(design),
            days=design.generations,
            condition=tuple(condition),
            needs_person=False,
        )

    def workload(
        self, design: TelephoneDesign, agents: Sequence[Agent], habits: Mapping[str, Habits]
    ) -> tuple[Workload, ...]:
        """What a run will ask of its models."""
        return workload(design, agents, habits)

    async def play(self, run: Run, design: TelephoneDesign, stage: Stage) -> Outcome:
        """Play a run from the top."""
        return await play(run, design, stage)
