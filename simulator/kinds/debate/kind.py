"""The debate as one of the kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from simulator.domain.designs import DesignProblem
from simulator.domain.parameters import Parameter
from simulator.domain.ports import Stage
from simulator.domain.records import Agent, Outcome, Outlook, Run
from simulator.domain.workloads import Habits, Workload
from simulator.kinds.debate.casting import cast
from simulator.kinds.debate.design import DebateDesign
from simulator.kinds.debate.launchable import launchable
from simulator.kinds.debate.parameters import resolve
from simulator.kinds.debate.play import play
from simulator.kinds.debate.rules import problems
from simulator.kinds.debate.turns import rounds_of
from simulator.kinds.debate.workload import turns_of, workload


class DebateKind:
    """Debaters that answer questions, read each other and answer again; see the `Kind` port."""

    name = "debate"
    design_type = DebateDesign

    def problems(self, design: DebateDesign) -> tuple[DesignProblem, ...]:
        """What is wrong beyond the fields' own types."""
        return problems(design)

    def parameters(self, design: DebateDesign) -> tuple[Parameter, ...]:
        """What a launch may set."""
        return launchable(design)

    def resolve(self, design: DebateDesign, parameters: Mapping[str, JsonValue]) -> DebateDesign:
        """The design of one run."""
        return resolve(design, parameters)

    def cast(self, design: DebateDesign, seed: int) -> tuple[Agent, ...]:
        """The agents of one run, whatever its seed."""
        return cast(design)

    def outlook(self, design: DebateDesign) -> Outlook:
        """What a run will be; its days are the rounds."""
        return Outlook(
            turns=turns_of(design),
            days=rounds_of(design),
            condition=(("mode", design.mode),),
            needs_person=False,
        )

    def workload(
        self, design: DebateDesign, agents: Sequence[Agent], habits: Mapping[str, Habits]
    ) -> tuple[Workload, ...]:
        """What a run will ask of its models."""
        return workload(design, agents, habits)

    async def play(self, run: Run, design: DebateDesign, stage: Stage) -> Outcome:
        """Play a run from the top."""
        return await play(run, design, stage)
