"""The conversation as one of the kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from simulator.domain.designs import DesignProblem
from simulator.domain.parameters import Parameter
from simulator.domain.placeholders import Placeholders, Renaming
from simulator.domain.ports import Stage
from simulator.domain.records import Agent, Outcome, Outlook, Run
from simulator.domain.workloads import Habits, Workload
from simulator.kinds.conversation.casting import cast
from simulator.kinds.conversation.design import ConversationDesign
from simulator.kinds.conversation.launchable import launchable
from simulator.kinds.conversation.offering import offered, renaming
from simulator.kinds.conversation.parameters import resolve
from simulator.kinds.conversation.play import play
from simulator.kinds.conversation.rules import problems
from simulator.kinds.conversation.turns import day_shares
from simulator.kinds.conversation.workload import workload


class ConversationKind:
    """Roles that talk over days; see the `Kind` port."""

    name = "conversation"
    design_type = ConversationDesign

    def problems(self, design: ConversationDesign) -> tuple[DesignProblem, ...]:
        """What is wrong beyond the fields' own types."""
        return problems(design)

    def placeholders(self, written: JsonValue, place: tuple[str | int, ...]) -> Placeholders | None:
        """The tags that a text may hold."""
        return offered(written, place)

    def renaming(
        self, written: JsonValue, place: tuple[str | int, ...], name: str
    ) -> Renaming | None:
        """What a role's new name entails."""
        return renaming(written, place, name)

    def parameters(self, design: ConversationDesign) -> tuple[Parameter, ...]:
        """What a launch may set."""
        return launchable(design)

    def resolve(
        self, design: ConversationDesign, parameters: Mapping[str, JsonValue]
    ) -> ConversationDesign:
        """The design of one run."""
        return resolve(design, parameters)

    def cast(self, design: ConversationDesign, seed: int) -> tuple[Agent, ...]:
        """The agents of one run."""
        return cast(design, seed)

    def outlook(self, design: ConversationDesign) -> Outlook:
        """What a run will be."""
        return Outlook(
            turns=sum(day_shares(design.messages, design.days, classic=design.classic)),
            days=design.days,
            condition=tuple((chosen.factor, chosen.level) for chosen in design.condition),
            needs_person=design.speaker.method == "manual",
            interjections=design.interjections,
        )

    def workload(
        self, design: ConversationDesign, agents: Sequence[Agent], habits: Mapping[str, Habits]
    ) -> tuple[Workload, ...]:
        """What a run will ask of its models."""
        return workload(design, agents, habits)

    async def play(self, run: Run, design: ConversationDesign, stage: Stage) -> Outcome:
        """Play a run from the top."""
        return await play(run, design, stage)
