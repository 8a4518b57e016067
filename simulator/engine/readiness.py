"""Whether models are there and can do what is wanted, before a run begins."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator

from simulator.domain.models import Backends, ModelCard
from simulator.domain.records import Agent
from simulator.errors import UsageError

_SILENT = frozenset({"context_length"})
"""Options that many servers fix on their own side, where nothing is lost by that."""


async def check_models(backends: Backends, models: Iterable[str]) -> list[ModelCard]:
    """Ask every model's server for it, all at once, and give what they tell.

    The first that fails ends it for the others.

    Raises:
        BackendUnavailableError: A server does not answer.
        ModelNotFoundError: It has no such model.
    """
    try:
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(backends.get(model).describe()) for model in models]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [each.result() for each in asked]


def other_names(cards: Iterable[ModelCard]) -> Iterator[str]:
    """Sentences on the models whose servers answer with another under any name."""
    for card in cards:
        if card.answers_as is not None:
            yield (
                f"The server of {card.model} takes any name; what answers is {card.answers_as!r}."
            )


def check_prices(backends: Backends, models: Iterable[str]) -> None:
    """See that a limit of money can be kept.

    Raises:
        UsageError: What a model costs is not known.
    """
    unknown = [model for model in models if backends.get(model).price is None]
    if unknown:
        provider, _, name = unknown[0].partition("/")
        raise UsageError(
            f"A limit of money cannot be kept: the price of {', '.join(unknown)} is not known.",
            remedy=f'Write it into your prices file ([{provider}] and below it "{name}" = '
            "{ input_usd = 1.5, output_usd = 6.0 }, in dollars for a million tokens; see "
            "docs/costs.md), or set a limit of tokens instead.",
        )


def unheard_options(backends: Backends, agent: Agent) -> frozenset[str]:
    """Sampling options that are set for an agent and that its model does not take."""
    return agent.sampling.set_options() - backends.get(agent.model).sampling_options


def ignored_options(backends: Backends, agents: Iterable[Agent]) -> Iterator[str]:
    """A sentence on each model that does not take all of the sampling options of its agents."""
    ignored: dict[str, frozenset[str]] = {}
    for agent in agents:
        unheard = unheard_options(backends, agent) - _SILENT
        ignored[agent.model] = ignored.get(agent.model, frozenset()) | unheard
    for model, options in ignored.items():
        if options:
            names = ", ".join(sorted(options))
            yield f"{model} does not take {names}; its replies are drawn without."
