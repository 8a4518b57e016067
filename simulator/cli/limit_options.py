"""The limits of tokens and money that a command sets on its runs."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from simulator.engine.limits import Budget, Limits
    from simulator.settings import Settings

_Command = TypeVar("_Command", bound=Callable[..., Any])


def limit_options(command: _Command) -> _Command:
    """The options that limit what the runs of a command may use together."""
    options = [
        click.option("--cost-limit", type=click.FloatRange(min=0), metavar="USD",
                     help="Stop before the runs cost more dollars, earlier steps included  "
                     "[env: SIMULATOR_COST_LIMIT]"),
        click.option("--token-limit", type=click.IntRange(min=0), metavar="N",
                     help="Stop before they use more tokens of prompts and replies  "
                     "[env: SIMULATOR_TOKEN_LIMIT]"),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def limits_of(
    settings: Settings, cost_limit: float | None, token_limit: int | None
) -> Limits | None:
    """The limits of a command: its options, else the settings; None where nothing limits."""
    from simulator.engine.limits import Limits

    tokens = settings.token_limit if token_limit is None else token_limit
    cost_usd = settings.cost_limit if cost_limit is None else cost_limit
    return None if tokens is None and cost_usd is None else Limits(tokens, cost_usd)


def higher_limit(budget: Budget) -> list[str]:
    """The option that lifts the limit that was met, to be pasted."""
    needed = budget.needed
    if needed.tokens is not None:
        return ["--token-limit", str(2 * needed.tokens)]
    if needed.cost_usd is not None:
        return ["--cost-limit", f"{Decimal(f'{2 * needed.cost_usd:.2g}'):f}"]
    return []
