"""How a model draws its reply."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

ReasoningEffort = Literal["none", "minimal", "low", "medium", "high"]


class Sampling(BaseModel):
    """Sampling options of one model; None leaves the choice to the model's server."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    temperature: float | None = Field(default=None, ge=0.0, le=2.0)
    """Softmax temperature, dimensionless; 0 is greedy."""
    top_p: float | None = Field(default=None, gt=0.0, le=1.0)
    """Nucleus mass: the smallest set of tokens whose probabilities reach it is kept."""
    top_k: int | None = Field(default=None, ge=1)
    """How many of the most probable tokens are kept."""
    max_tokens: int | None = Field(default=None, ge=1)
    """Upper bound on the tokens of one reply."""
    seed: int | None = Field(default=None, ge=0)
    """Fixes the sampler's seed for every call; None derives one from the run's seed."""
    stop: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Texts that end a reply; they are not part of it."""
    context_length: int | None = Field(default=None, ge=1)
    """Tokens of prompt and reply together that the server should make room for."""
    reasoning_effort: ReasoningEffort | None = None
    """How much a reasoning model thinks before it replies; `none` asks it not to."""

    def updated(self, other: Sampling) -> Sampling:
        """These options with every option that `other` sets put over them."""
        update = other.model_dump(exclude_defaults=True)
        return self.model_copy(update=update) if update else self

    def limited_to(self, options: frozenset[str]) -> Sampling:
        """These options without those that a model does not take."""
        surplus = self.set_options() - options
        if not surplus:
            return self
        return self.model_copy(update={name: _UNSET[name] for name in surplus})

    def set_options(self) -> frozenset[str]:
        """Names of the options that are set."""
        return frozenset(name for name, unset in _UNSET.items() if getattr(self, name) != unset)


_UNSET = {name: field.default for name, field in Sampling.model_fields.items()}
