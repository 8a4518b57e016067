"""`validate`: every fault of a design."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import click

from simulator.cli.commands import Verb
from simulator.cli.session import Session
from simulator.errors import DesignInvalidError
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from simulator.domain.designs import Design
    from simulator.services import Services


@click.command(cls=Verb)
@click.argument("designs", nargs=-1, required=True, metavar="DESIGN...")
@click.pass_obj
def validate(session: Session, designs: tuple[str, ...]) -> int:
    """Name every fault of designs with file, line and column; exit code 5 when there is one."""

    async def main(services: Services) -> int:
        from simulator.cli.finding import design_named

        reports: list[dict[str, Any]] = []
        problems: list[str] = []
        for name in designs:
            try:
                design, experiment = await design_named(services, name)
                if experiment is None:
                    design = await services.completed(design)
                reports.append(_report(services, design))
            except DesignInvalidError as error:
                problems += error.problems or (error.message,)
                continue
            session.output.line(f"{name}: ok")
            for what, value in reports[-1].items():
                if value:
                    shown = ", ".join(value) if isinstance(value, list) else value
                    session.output.line(f"  {what:<15}{shown}")
        if problems:
            what = "One problem" if len(problems) == 1 else f"{len(problems)} problems"
            raise DesignInvalidError(
                f"{what} found.", problems=tuple(problems), remedy="Mend what is named above."
            )
        session.output.result(reports)
        return 0

    return session.work(main)


def _report(services: Services, design: Design) -> dict[str, Any]:
    agents = services.preview(design, {})
    roles = dict.fromkeys(agent.role for agent in agents if agent.number)
    counts = [counted(sum(agent.role == role for agent in agents), role) for role in roles]
    factors = getattr(design, "factors", ())
    lengths = {agent.role: len(agent.system_prompt) for agent in agents}
    return {
        "name": design.name,
        "kind": design.kind,
        "agents": counts,
        "factors": [
            f"{factor.name} ({counted(len(factor.levels), 'level')})" for factor in factors
        ],
        "conditions": prod(len(factor.levels) for factor in factors),
        "prompts": [f"{role} {length} characters" for role, length in lengths.items()],
    }
