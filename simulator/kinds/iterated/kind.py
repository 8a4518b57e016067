"""Iterated learning as one of the kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from simulator.domain.designs import DesignProblem
from simulator.domain.parameters import Parameter
from simulator.domain.ports import Stage
from simulator.domain.records import Agent, Outcome, Outlook, Run
from simulator.domain.workloads import Habits, Workload
from simulator.kinds.iterated.casting import cast
from simulator.kinds.iterated.design import IteratedDesign
from simulator.kinds.iterated.launchable import launchable
from simulator.kinds.iterated.parameters import resolve
from simulator.kinds.iterated.play import play
from simulator.kinds.iterated.rules import problems
from simulator.kinds.iterated.workload import turns_of, unforeseen, workload


class IteratedKind:
    """A rule that is learnt from data and passed on as data; see the `Kind` port."""

    name = "iterated"
    design_type = IteratedDesign

    def problems(self, design: IteratedDesign) -> tuple[DesignProblem, ...]:
        """What is wrong beyond the fields' own types."""
        return problems(design)

    def parameters(self, design: IteratedDesign) -> tuple[Parameter, ...]:
        """What a launch may set."""
        return launchable(design)

    def resolve(
        self, design: IteratedDesign, parameters: Mapping[str, JsonValue]
    ) -> IteratedDesign:
        """The design of one run."""
        return resolve(design, parameters)

    def cast(self, design: IteratedDesign, seed: int) -> tuple[Agent, ...]:
        """The learners of one run, whatever its seed."""
        return cast(design)

    def outlook(self, design: IteratedDesign) -> Outlook:
        """What a run will be; its days are the generations."""
        bias = design.bias
        condition: list[tuple[str, str]] = [("world", design.world.name), ("bias", bias.strength)]
        if bias.strength != "none":
            condition.append(("position", bias.position))
        if design.has_rules:
            condition.append(("interaction", design.interaction.kind))
        else:
            condition.append(("filter", design.acronyms.filter))
        return Outlook(
            turns=turns_of(design),
            days=design.generations,
            condition=tuple(condition),
            needs_person=False,
            must_fit=True,
            unforeseen=unforeseen(design),
        )

    def workload(
        self, design: IteratedDesign, agents: Sequence[Agent], habits: Mapping[str, Habits]
    ) -> tuple[Workload, ...]:
        """What a run will ask of its models."""
        return workload(design, agents, habits)

    async def play(self, run: Run, design: IteratedDesign, stage: Stage) -> Outcome:
        """Play a run from the top."""
        return await play(run, design, stage)
