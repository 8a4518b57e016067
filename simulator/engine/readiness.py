"""Whether models are there and can do what is wanted, before a run begins."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator

from simulator.domain.models import Backends, ModelCard
from simulator.domain.records import Agent
from simulator.domain.sampling import Sampling
from simulator.errors import UsageError

_SILENT = frozenset({"context_length"})
"""Options that many servers fix on their own side, where nothing is lost by that."""


async def check_models(backends: Backends, models: Iterable[str]) -> list[ModelCard]:
    """Ask every model's server for it, all at once, and give what they tell.

    Raises:
        BackendUnavailableError: A server does not answer.
        ModelNotFoundError: It has no such model.
    """
    return await asyncio.gather(*(backends.get(model).describe() for model in models))


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


def ignored_options(backends: Backends, agents: Iterable[Agent], usual: Sampling) -> Iterator[str]:
    """Sentences on the sampling options that somebody set for a model that does not take them.

    Args:
        backends: The models.
        agents: With their sampling.
        usual: The sampling that nobody had to set.
    """
    wished: dict[str, set[str]] = {}
    for agent in agents:
        chosen = {
            name
            for name in agent.sampling.set_options() - _SILENT
            if getattr(agent.sampling, name) != getattr(usual, name)
        }
        ignored = chosen - backends.get(agent.model).sampling_options
        wished.setdefault(agent.model, set()).update(ignored)
    for model, ignored in wished.items():
        if ignored:
            names = ", ".join(sorted(ignored))
            yield f"{model} does not take {names}; its replies are drawn without."
