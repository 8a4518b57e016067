"""Whether models are there and can do what is wanted, before a run begins."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from simulator.domain.models import Backends, ModelBackend, ModelCard
from simulator.domain.records import Agent
from simulator.domain.workloads import USUAL_HABITS, Habits, Workload
from simulator.errors import DesignInvalidError, UsageError

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


def habits_of(backend: ModelBackend, card: ModelCard) -> Habits:
    """How a model replies, as far as it tells itself."""
    return replace(
        card.habits or USUAL_HABITS,
        scores_choices="score" in backend.abilities,
        keeps_room=bool(backend.endpoint),
    )


def check_room(cards: Mapping[str, ModelCard], works: Iterable[Workload], condition: str) -> None:
    """See that the longest prompt of a run fits its model.

    Args:
        cards: By model.
        works: What the run will ask of them.
        condition: What tells the run apart, such as `look_back=4`; may be empty.

    Raises:
        DesignInvalidError: One does not.
    """
    for work in works:
        known = (cards[work.model].context_length, work.context_limit)
        room = min((one for one in known if one is not None), default=None)
        if room is not None and work.context_tokens > room:
            runs = f" with {condition}" if condition else ""
            raise DesignInvalidError(
                f"The run{runs} would outgrow its model: the longest prompt with its reply has "
                f"about {work.context_tokens:,} tokens, and {work.model} has room for {room:,}.",
                remedy="Show agents less, such as by a smaller `look_back`, or choose a model with "
                "more room; `sampling.context_length` says how much a server makes.",
            )


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
