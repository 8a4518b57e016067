"""The models that this process can use, for front ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from typing import Protocol

from simulator.domain.models import (
    Backends,
    Chunk,
    EndpointReport,
    GenerateRequest,
    ModelBackend,
    ModelCatalogue,
    PullProgress,
)
from simulator.domain.prompts import ChatMessage, Prompt
from simulator.domain.sampling import Sampling
from simulator.engine.checking import Finding as Finding
from simulator.engine.checking import Hear, check_model
from simulator.errors import BackendUnavailableError
from simulator.process import SystemClock

REPORT_PATIENCE_S = 15.0
"""Seconds that a provider has to say what it offers."""

TRIAL_TOKENS = 512
"""Longest reply to somebody who tries a model."""


class ModelSource(Backends, ModelCatalogue, Protocol):
    """Opens models, and knows who has which."""


class Catalogue:
    """Lists, checks and downloads models; needs no store."""

    def __init__(self, models: ModelSource) -> None:
        self._models = models
        self._clock = SystemClock()

    def providers(self) -> tuple[str, ...]:
        """Every provider, those in this process first."""
        return self._models.providers()

    async def reports(
        self, providers: Iterable[str], *, patience_s: float = REPORT_PATIENCE_S
    ) -> AsyncIterator[EndpointReport]:
        """These providers as they are now, asked side by side, in the order of their answers.

        Args:
            providers: Their names.
            patience_s: Seconds that each has to say what it offers.

        Raises:
            NotFoundError: There is no such provider.
        """
        asked = [asyncio.create_task(self._report(provider, patience_s)) for provider in providers]
        try:
            for answer in asyncio.as_completed(asked):
                yield await answer
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)

    def open(self, model: str) -> ModelBackend:
        """The model; no request is sent. Raises as `Backends.get`."""
        return self._models.get(model)

    async def lists(self, model: str) -> bool | None:
        """Whether its provider lists the model; None where that lists nothing, or not now."""
        report = await self._report(model.partition("/")[0])
        return model in {card.model for card in report.models} if report.models else None

    def check(self, model: str, hear: Hear) -> AsyncGenerator[Finding, None]:
        """Try what the model can do; see `engine.checking.check_model`."""
        return check_model(self._models.get(model), self._clock, hear)

    def reply(
        self, model: str, words: str, *, seed: int, max_tokens: int = TRIAL_TOKENS
    ) -> AsyncGenerator[Chunk, None]:
        """What a model says to somebody who tries it; see `ModelBackend.generate`."""
        backend = self._models.get(model)
        sampling = Sampling(max_tokens=max_tokens).limited_to(backend.sampling_options)
        return backend.generate(
            GenerateRequest(Prompt.of(ChatMessage("user", words)), sampling, seed)
        )

    def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Download a model to its server; see `ModelCatalogue.pull`."""
        return self._models.pull(model)

    async def _report(self, provider: str, patience_s: float = REPORT_PATIENCE_S) -> EndpointReport:
        try:
            async with asyncio.timeout(patience_s):
                return await self._models.report(provider)
        except TimeoutError:
            silent = BackendUnavailableError(
                f"{provider} did not answer within {patience_s:g} s.",
                remedy="See whether its server is well.",
            )
            return EndpointReport(provider, "", silent)
