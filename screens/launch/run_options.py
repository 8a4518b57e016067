"""What a launch sets beside the parameters of its kind: how often, from which seed, how far."""

from __future__ import annotations

from dataclasses import replace

from pydantic import BaseModel, ConfigDict, Field

from simulator.domain.parameters import Parameter, parameters_of
from simulator.domain.prices import exact_dollars
from simulator.settings import Settings

LARGEST_SEED = 2**63 - 1


class RunOptions(BaseModel):
    """As they are typed."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    repetitions: int = Field(default=1, ge=1)
    """Runs of every condition."""
    seed: int | None = Field(default=None, ge=0, le=LARGEST_SEED)
    """Of the first repetition, the next ones count up from it; conditions share their seeds."""
    cost_limit: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Dollars that all runs may cost together; they pause before they cost more."""
    token_limit: int | None = Field(default=None, ge=1)
    """Tokens of prompts and replies that all runs may use together."""


def run_parameters(settings: Settings) -> tuple[Parameter, ...]:
    """The options as fields take them; limits of the settings are what is usual."""
    usual = {
        "seed": "drawn",
        "cost_limit": _shown_dollars(settings.cost_limit),
        "token_limit": "none" if settings.token_limit is None else str(settings.token_limit),
    }
    return tuple(
        replace(one, group="runs", usual=usual.get(one.name, one.usual))
        for one in parameters_of(RunOptions, RunOptions())
    )


def _shown_dollars(usd: float | None) -> str:
    return "none" if usd is None else exact_dollars(usd)
