"""The limits of tokens and money that a command sets on its runs."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from simulator.engine.limits import Budget, Limits
    from simulator.settings import Settings

_Command = TypeVar("_Command", bound=Callable[..., Any])


class Dollars(click.FloatRange):
    """A number of dollars above zero."""

    def __init__(self) -> None:
        super().__init__(min=0.0, min_open=True)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Read it; click tells the user when it is none."""
        usd: float = super().convert(value, param, ctx)
        if not math.isfinite(usd):
            self.fail(f"{value} is not a finite number.", param, ctx)
        return usd


def limit_options(command: _Command) -> _Command:
    """The options that limit what the runs of a command may use together."""
    options = [
        click.option("--cost-limit", type=Dollars(), metavar="USD",
                     help="Stop before the runs cost more dollars, earlier steps included  "
                     "[env: SIMULATOR_COST_LIMIT]"),
        click.option("--token-limit", type=click.IntRange(min=1), metavar="N",
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


def limit_words(budget: Budget) -> list[str]:
    """The options that set the limits again, to be pasted; one that was met is lifted."""
    limits, needed = budget.limits, budget.needed
    tokens = limits.tokens if needed.tokens is None else 2 * needed.tokens
    cost_usd = limits.cost_usd
    if needed.cost_usd is not None:
        cost_usd = float(f"{2 * needed.cost_usd:.2g}")
    return [
        *(["--cost-limit", f"{Decimal(str(cost_usd)):f}"] if cost_usd is not None else []),
        *(["--token-limit", str(tokens)] if tokens is not None else []),
    ]
