"""Whether models are there and can do what is wanted, before a run begins."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator

from simulator.domain.models import Backends
from simulator.domain.records import Agent
from simulator.domain.sampling import Sampling

_SILENT = frozenset({"context_length"})
"""Options that many servers fix on their own side, where nothing is lost by that."""


async def check_models(backends: Backends, models: Iterable[str]) -> None:
    """Ask every model's server for it, all at once.

    Raises:
        BackendUnavailableError: A server does not answer.
        ModelNotFoundError: It has no such model.
    """
    await asyncio.gather(*(backends.get(model).describe() for model in models))


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
