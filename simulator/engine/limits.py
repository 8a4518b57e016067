"""Limits of tokens and money that no call of a model may pass, as far as it can be foreseen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from simulator.domain.journal import Usage
from simulator.domain.models import GenerateRequest, ModelBackend
from simulator.domain.prices import dollars, exact_dollars
from simulator.domain.tokens import estimated_tokens, prompt_bytes
from simulator.errors import LimitReachedError

_MARGIN = 1.1
"""Prompts are taken to be longer by this than those before let expect."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much all runs of a command may use together; None does not limit."""

    tokens: int | None = None
    """Of prompts and replies."""
    cost_usd: float | None = None


class Budget:
    """What is left under the limits; shared by runs that are played side by side.

    A call is held back while calls in flight could use what it needs, and refused when it could
    pass a limit even without them. A call's size is its prompt's, from the sizes of earlier
    prompts of the model, and the longest reply that its sampling allows. A call whose reply has no
    greatest length is made alone, so that at most one reply ends above the limit.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.needed = Limits()
        """What the refused call could have come to, with all that was used, of the limit it met."""
        self._spent = Usage()
        self._reserved_tokens = 0
        self._reserved_usd = 0.0
        self._in_flight = 0
        self._endless = 0
        """Calls in flight whose replies have no greatest length: 0 or 1."""
        self._settled = asyncio.Event()
        self._tokens_per_byte: dict[str, float] = {}

    @property
    def spent(self) -> Usage:
        """What was used so far, by the steps of resumed runs too."""
        return self._spent

    def spend(self, usage: Usage) -> None:
        """Count what was used."""
        self._spent = Usage.total((self._spent, usage))

    @asynccontextmanager
    async def reserved(
        self, backend: ModelBackend, request: GenerateRequest, *, vectors: int = 0
    ) -> AsyncIterator[None]:
        """Keep room for a call while it is in flight.

        Args:
            backend: Who is asked.
            request: What it is asked.
            vectors: Inputs that stand in the prompt beside its words, each for a token.

        Raises:
            LimitReachedError: The call could pass a limit, or its price is not known.
        """
        tokens, usd = self._size(backend, request, vectors)
        endless = request.sampling.max_tokens is None
        while True:
            if not self._fits(tokens, usd):
                raise self._refusal(backend.model, tokens, usd)
            has_room = self._fits(tokens + self._reserved_tokens, usd + self._reserved_usd)
            if has_room and not self._endless and not (endless and self._in_flight):
                break
            await self._settled.wait()
        self._in_flight += 1
        self._endless += endless
        self._reserved_tokens += tokens
        self._reserved_usd += usd
        try:
            yield
        finally:
            self._in_flight -= 1
            self._endless -= endless
            self._reserved_tokens -= tokens
            self._reserved_usd -= usd
            self._settled.set()
            self._settled = asyncio.Event()

    def settle(
        self, model: str, request: GenerateRequest, usage: Usage, *, vectors: int = 0
    ) -> None:
        """Count a call; the densest prompt of a model is the measure of its next ones."""
        self.spend(usage)
        size = prompt_bytes(request.prompt)
        if size:
            ratio = max(usage.prompt_tokens - vectors, 0) / size
            self._tokens_per_byte[model] = max(ratio, self._tokens_per_byte.get(model, 0.0))

    def _size(
        self, backend: ModelBackend, request: GenerateRequest, vectors: int
    ) -> tuple[int, float]:
        size = prompt_bytes(request.prompt)
        ratio = self._tokens_per_byte.get(backend.model)
        if ratio:
            prompt_tokens = int(size * ratio * _MARGIN) + 1
        else:
            prompt_tokens = estimated_tokens(size, len(request.prompt))
        prompt_tokens += vectors
        reply_tokens = request.sampling.max_tokens or 0
        usage = Usage(prompt_tokens=prompt_tokens, completion_tokens=reply_tokens)
        if self.limits.cost_usd is None:
            return prompt_tokens + reply_tokens, 0.0
        if backend.price is None:
            raise LimitReachedError(
                f"A limit of {exact_dollars(self.limits.cost_usd)} cannot be kept: what "
                f"{backend.model} costs is not known.",
                remedy="Add its price to your prices file, or leave the limit out.",
            )
        return prompt_tokens + reply_tokens, backend.price.cost_usd(usage)

    def _fits(self, tokens: int, usd: float) -> bool:
        used = self._spent.prompt_tokens + self._spent.completion_tokens
        limits = self.limits
        return (limits.tokens is None or used + tokens <= limits.tokens) and (
            limits.cost_usd is None or self._spent.cost_usd + usd <= limits.cost_usd
        )

    def _refusal(self, model: str, tokens: int, usd: float) -> LimitReachedError:
        used = self._spent.prompt_tokens + self._spent.completion_tokens
        if self.limits.tokens is not None and used + tokens > self.limits.tokens:
            self.needed = Limits(tokens=used + tokens)
            what = (
                f"the limit of {self.limits.tokens:,} tokens: {used:,} are used, and the next call "
                f"of {model} may take {tokens:,}"
            )
        else:
            self.needed = Limits(cost_usd=self._spent.cost_usd + usd)
            what = (
                f"the limit of {exact_dollars(self.limits.cost_usd or 0.0)}: "
                f"{dollars(self._spent.cost_usd)} is spent, "
                f"and the next call of {model} may cost {dollars(usd)}"
            )
        return LimitReachedError(
            f"Stopped before {what}.", remedy="Resume with a higher limit to go on."
        )
