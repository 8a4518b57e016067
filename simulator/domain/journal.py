"""The steps of a run: committed before the run goes on, and what a transcript is made of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat
from pydantic_core import PydanticSerializationError

from simulator.domain.latent import LatentSampling
from simulator.domain.sampling import Sampling

MAIN_SCOPE = "main"
"""The scope of a run's own sequence of steps."""

StepKind = Literal["say", "ask", "ask_latent", "choose", "score", "interject"]
StopReason = Literal["stop", "length", "refusal", "content_filter", "unknown"]
"""`refusal`: the model would not; `content_filter`: its provider did not let it."""


class Usage(BaseModel):
    """What was used."""

    model_config = ConfigDict(frozen=True)

    calls: int = Field(default=0, ge=0)
    """Calls of a model, failed attempts not counted."""
    prompt_tokens: int = Field(default=0, ge=0)
    completion_tokens: int = Field(default=0, ge=0)
    cached_tokens: int = Field(default=0, ge=0)
    """Prompt tokens that the model did not have to read again."""
    reasoning_tokens: int = Field(default=0, ge=0)
    """Completion tokens that went into reasoning, where the server tells."""
    cost_usd: float = Field(default=0.0, ge=0.0, allow_inf_nan=False)
    """Dollars (US) for the calls whose price is known."""
    unpriced_calls: int = Field(default=0, ge=0)
    """Calls whose price is not known, so that `cost_usd` leaves them out."""
    estimated_calls: int = Field(default=0, ge=0)
    """Calls whose tokens the server did not count in full; cautious estimates stand for them."""
    model_s: float = Field(default=0.0, ge=0.0)
    """Seconds spent waiting for models."""

    @classmethod
    def total(cls, parts: Iterable[Usage]) -> Usage:
        """The sum of all parts."""
        added = UsageSum()
        for part in parts:
            added.add(part)
        return added.total()


class UsageSum:
    """Adds up what was used, without keeping the parts."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = dict.fromkeys(Usage.model_fields, 0)

    def add(self, part: Usage) -> None:
        """Count a part."""
        for name in self._sums:
            self._sums[name] += getattr(part, name)

    def total(self) -> Usage:
        """The sum of all parts so far."""
        rounded = {
            "cost_usd": round(self._sums["cost_usd"], 12),
            "model_s": round(self._sums["model_s"], 6),
        }
        return Usage.model_validate(self._sums | rounded)


class Call(BaseModel):
    """How a model came to a reply."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    model: str
    """`provider/model`."""
    endpoint: str = ""
    """Where it was asked, without secrets; empty for a model in the process."""
    model_digest: str | None = None
    """What the server says its weights are; None when it does not say."""
    sampling: Sampling
    """As sent; options that the model does not take are None. Of a message as vectors, what these
    options can say of it."""
    latent: LatentSampling | None = None
    """How a message as vectors was made."""
    seed: int
    """The sampler's seed that was sent."""
    raw: str
    """The reply before it was parsed."""
    earlier_raw: tuple[str, ...] = ()
    """Replies that were thrown away and asked for again (empty ones, unclear choices)."""
    reasoning: str = ""
    """What the model thought aloud before the reply."""
    prompt_truncated: bool = False
    """Whether the server cut the prompt, so that the model did not see all of it."""
    context_length: int | None = None
    """Tokens that the server made room for, where that is known."""
    from_cache: bool = False
    """Whether the reply was on record from an earlier, equal request."""
    stop_reason: StopReason
    usage: Usage
    attempts: int = Field(default=1, ge=1)
    """Requests sent until one was answered, retries after errors included."""


class SoftToken(BaseModel):
    """What was likely where a soft token was made."""

    model_config = ConfigDict(frozen=True)

    token: str
    """Whose embedding is nearest."""
    entropy: FiniteFloat
    """Of the distribution at temperature 1, in nats."""
    is_mixed: bool = True
    """False where the vector is that of a single token."""
    top: tuple[tuple[str, FiniteFloat], ...] = ()
    """The most probable tokens with their probabilities at the temperature of the mixture."""


class Step(BaseModel):
    """One step of a run's journal; (run_id, scope, index) is unique."""

    model_config = ConfigDict(frozen=True)

    run_id: str
    scope: str
    index: int = Field(ge=0)
    """Place in the scope, without gaps."""
    position: int = Field(ge=0)
    """Order of commitment in the run, over all scopes."""
    kind: StepKind
    prompt_hash: str
    """Hash of the prompt (`ask`, `choose`, `score`) or of the words (`say`) that led here."""
    speaker: str
    """Unique name of who speaks or chooses."""
    role: str
    content: str
    """What was said, after parsing; of a choice, the option chosen."""
    day: int | None = None
    """1-based; None where the kind knows no days."""
    in_transcript: bool = True
    """False for steps that nobody in the conversation hears, such as the choice of a speaker."""
    parsing: tuple[str, ...] = ()
    """What reply parsing did to the raw reply, in order; empty when nothing."""
    method: str | None = None
    """How a choice was made: `scored`, `logprobs`, `constrained`, `parsed`, `fallback`,
    `person`."""
    options: tuple[str, ...] = ()
    """What there was to choose from or to score."""
    scores: tuple[float, ...] = ()
    """Log-probabilities of the options, in nats."""
    soft_tokens: tuple[SoftToken, ...] = ()
    """Of a message as vectors, what was likely at each of them."""
    call: Call | None = None
    """None when no model was asked."""
    edited: bool = False
    """True when a fork put other words here."""
    original_id: str | None = None
    """The `_id` of its message in the original program's database, if it was imported."""
    created_at: datetime
    """Aware, UTC."""

    def same_as(self, other: Step) -> bool:
        """Whether both record the same happening, whenever each was written."""
        return self.model_copy(update={"created_at": other.created_at}) == other

    def digest(self) -> int:
        """A number of 128 bits that names everything in the step."""
        try:
            data = self.model_dump_json(exclude_defaults=True).encode()
        except PydanticSerializationError:  # half of a surrogate pair, as a model may return it
            fields = self.model_dump(exclude_defaults=True)
            data = json.dumps(fields, default=str, sort_keys=True).encode()
        return int.from_bytes(hashlib.blake2b(data, digest_size=16).digest(), "big")


class JournalHash:
    """Names a set of steps, in whatever order they were committed: the sum of their digests."""

    def __init__(self) -> None:
        self._sum = 0

    def add(self, step: Step) -> None:
        """Count a step."""
        self._sum = (self._sum + step.digest()) % 2**128

    def hexdigest(self) -> str:
        """32 hexadecimal digits."""
        return f"{self._sum:032x}"
