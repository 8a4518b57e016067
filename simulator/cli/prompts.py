"""Shows the rendered prompts of agents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from simulator.cli.output import Output

if TYPE_CHECKING:
    from simulator.domain.journal import Step
    from simulator.domain.records import Agent, Run


_LEFT_TO_SERVERS = frozenset({"context_length"})
"""Options that most servers settle themselves, where nothing is lost by that."""


def show_prompts(
    output: Output,
    agents: Sequence[Agent],
    ignored: Callable[[Agent], Iterable[str]] | None = None,
) -> None:
    """Each agent with its model, its sampling and its system prompt.

    Args:
        output: Where to.
        agents: Whose prompts.
        ignored: Tells which sampling options an agent's model does not take.
    """
    for agent in agents:
        sampling = ", ".join(
            f"{name} {value}"
            for name, value in agent.sampling.model_dump(exclude_defaults=True).items()
        )
        left_out = ", ".join(sorted({*ignored(agent)} - _LEFT_TO_SERVERS)) if ignored else ""
        facts = "; ".join(
            filter(None, (agent.role, agent.model, sampling, left_out and f"not sent: {left_out}"))
        )
        output.line(f"=== {agent.name} ({facts})", "bold")
        output.line(agent.system_prompt.rstrip() or "(no system prompt)")
        output.line()


def not_sent(run: Run, steps: Iterable[Step]) -> str:
    """The sampling options that models of a run were not sent, as they do not take them.

    Such as `temperature, top_p (openai/o3-mini)`; empty when everything was sent.
    """
    wished = {agent.name: agent.sampling.set_options() for agent in run.agents}
    by_model: dict[str, set[str]] = {}
    for step in steps:
        if step.call is not None and step.call.latent is None:
            missing = wished.get(step.speaker, frozenset()) - step.call.sampling.set_options()
            by_model.setdefault(step.call.model, set()).update(missing - _LEFT_TO_SERVERS)
    return "; ".join(
        f"{', '.join(sorted(missing))} ({model})" for model, missing in by_model.items() if missing
    )
