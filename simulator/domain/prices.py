"""What tokens cost."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from simulator.domain.journal import Usage

TOKENS_PRICED = 1_000_000
"""Prices are for so many tokens."""
_LEAST_USD = 0.0001


class Price(BaseModel):
    """Dollars (US) for a million tokens."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    input_usd: float = Field(ge=0.0, allow_inf_nan=False)
    """For a million prompt tokens."""
    output_usd: float = Field(ge=0.0, allow_inf_nan=False)
    """For a million tokens of replies, reasoning included."""
    cached_input_usd: float | None = Field(default=None, ge=0.0, allow_inf_nan=False)
    """For a million prompt tokens that the server had read before; None asks the full price."""

    def cost_usd(self, usage: Usage) -> float:
        """Dollars for what was used."""
        cached_usd = self.input_usd if self.cached_input_usd is None else self.cached_input_usd
        fresh = usage.prompt_tokens - usage.cached_tokens
        total = (
            fresh * self.input_usd
            + usage.cached_tokens * cached_usd
            + usage.completion_tokens * self.output_usd
        )
        return round(total / TOKENS_PRICED, 12)


FREE = Price(input_usd=0.0, output_usd=0.0)
"""Of models that run on the user's own machines."""


def dollars(usd: float) -> str:
    """What was paid in words, such as `$0.02`, `$0.0123`, `under $0.0001`."""
    if 0.0 < usd < _LEAST_USD:
        return f"under ${_LEAST_USD:.4f}"
    if usd >= 1.0:
        return f"${usd:,.2f}"
    whole, _, rest = f"{usd:.4f}".partition(".")
    return f"${whole}.{rest[:2]}{rest[2:].rstrip('0')}"


def exact_dollars(usd: float) -> str:
    """A sum that somebody set, in as many digits as it needs, such as `$0.00001`."""
    whole, _, rest = f"{usd:.10f}".partition(".")
    return f"${whole}.{rest.rstrip('0')}" if rest.strip("0") else f"${whole}"
