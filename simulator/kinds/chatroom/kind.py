"""The chatroom as one of the kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from simulator.domain.designs import DesignProblem
from simulator.domain.parameters import Parameter
from simulator.domain.ports import Stage
from simulator.domain.records import Agent, Outcome, Outlook, Run
from simulator.domain.workloads import Habits, Workload
from simulator.kinds.chatroom.casting import cast
from simulator.kinds.chatroom.design import ChatroomDesign
from simulator.kinds.chatroom.launchable import launchable
from simulator.kinds.chatroom.parameters import resolve
from simulator.kinds.chatroom.play import play
from simulator.kinds.chatroom.rules import problems
from simulator.kinds.chatroom.workload import workload


class ChatroomKind:
    """Models that talk only to each other until a text replicates itself; see the `Kind` port."""

    name = "chatroom"
    design_type = ChatroomDesign

    def problems(self, design: ChatroomDesign) -> tuple[DesignProblem, ...]:
        """What is wrong beyond the fields' own types."""
        return problems(design)

    def parameters(self, design: ChatroomDesign) -> tuple[Parameter, ...]:
        """What a launch may set."""
        return launchable(design)

    def resolve(
        self, design: ChatroomDesign, parameters: Mapping[str, JsonValue]
    ) -> ChatroomDesign:
        """The design of one run."""
        return resolve(design, parameters)

    def cast(self, design: ChatroomDesign, seed: int) -> tuple[Agent, ...]:
        """The agents of one run, whatever its seed."""
        return cast(design)

    def outlook(self, design: ChatroomDesign) -> Outlook:
        """What a run will be; there are no days."""
        tested = design.replication
        if tested is not None:
            turns = tested.copies * len(design.fresh_models)
            return Outlook(turns, None, (("replication", "yes"),), needs_person=False)
        return Outlook(
            turns=design.max_iterations, days=None, condition=(), needs_person=False,
            interjections="anyone",
        )  # fmt: skip

    def workload(
        self, design: ChatroomDesign, agents: Sequence[Agent], habits: Mapping[str, Habits]
    ) -> tuple[Workload, ...]:
        """What a run will ask of its models, unless it converges."""
        return workload(design, agents, habits)

    async def play(self, run: Run, design: ChatroomDesign, stage: Stage) -> Outcome:
        """Play a run from the top."""
        return await play(run, design, stage)
