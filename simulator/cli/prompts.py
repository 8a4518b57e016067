"""Shows the rendered prompts of agents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.cli.output import Output

if TYPE_CHECKING:
    from simulator.domain.records import Agent


def show_prompts(output: Output, agents: Sequence[Agent]) -> None:
    """Each agent with its model, its sampling and its system prompt."""
    for agent in agents:
        sampling = ", ".join(
            f"{name} {value}"
            for name, value in agent.sampling.model_dump(exclude_defaults=True).items()
        )
        facts = "; ".join(filter(None, (agent.role, agent.model, sampling)))
        output.line(f"=== {agent.name} ({facts})", "bold")
        output.line(agent.system_prompt.rstrip() or "(no system prompt)")
        output.line()
