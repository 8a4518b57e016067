"""The conversation's design with checks of its own, so that these tests need no rules of play."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import JsonValue

from simulator.domain.designs import DesignProblem
from simulator.domain.parameters import Parameter
from simulator.domain.ports import Kind, Stage
from simulator.domain.records import Agent, Outcome, Outlook, Run
from simulator.domain.workloads import Habits, Workload
from simulator.kinds.conversation.design import ConversationDesign


class Talk:
    """Says `blah` is no word, wherever a section or a change has it."""

    name = "conversation"
    design_type = ConversationDesign

    def problems(self, design: Any) -> tuple[DesignProblem, ...]:
        found = []
        if design.messages < design.days:
            found.append(DesignProblem(("messages",), "fewer messages than days"))
        for r, role in enumerate(design.roles):
            for s, section in enumerate(role.sections):
                if "blah" in section.content:
                    place = ("roles", r, "sections", s, "content")
                    found.append(DesignProblem(place, "blah is no word"))
        for f, factor in enumerate(design.factors):
            for n, level in enumerate(factor.levels):
                for c, change in enumerate(level.changes):
                    where = ("factors", f, "levels", n, "changes", c)
                    if "blah" in (change.content or ""):
                        found.append(DesignProblem((*where, "content"), "blah is no word"))
                    if change.target == "nobody":
                        found.append(DesignProblem((*where, "target"), "there is no such role"))
        return tuple(found)

    def resolve(self, design: Any, parameters: Mapping[str, JsonValue]) -> Any:
        raise NotImplementedError

    def cast(self, design: Any, seed: int) -> tuple[Agent, ...]:
        raise NotImplementedError

    def outlook(self, design: Any) -> Outlook:
        raise NotImplementedError

    def parameters(self, design: Any) -> tuple[Parameter, ...]:
        raise NotImplementedError

    def workload(
        self, design: Any, agents: Sequence[Agent], habits: Mapping[str, Habits]
    ) -> tuple[Workload, ...]:
        raise NotImplementedError

    async def play(self, run: Run, design: Any, stage: Stage) -> Outcome:
        raise NotImplementedError


TALK: Kind = Talk()
KINDS: Mapping[str, Kind] = {"conversation": TALK}
