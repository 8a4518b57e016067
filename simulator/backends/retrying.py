"""Sends a request again when its server did not answer."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing

from simulator.backends.limiting import LONGEST_HOLD_S
from simulator.backends.options import MAX_FAILURES
from simulator.backends.wrapping import Wrapper
from simulator.domain.models import (
    Chunk,
    Completion,
    GenerateRequest,
    ModelBackend,
    RetryNotice,
)
from simulator.domain.prompts import Prompt
from simulator.domain.seeds import derive_rng
from simulator.errors import BackendUnavailableError, RateLimitedError

_log = logging.getLogger(__name__)

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
PATIENCE_S = 900.0
"""Seconds that one request waits in all because its server asks it to."""


class RetryingBackend(Wrapper):
    """A backend that tries again when its server fails or asks to wait.

    A request may fail eight times unless told otherwise; its waits double from 0.5 s to 30 s. One
    that is asked to wait waits by the same doubling, longer where the server says so, until that
    makes 15 minutes; it gives up at once when told more than 5 minutes. Doubled waits are shortened
    by up to a half, by a part drawn from the request's seed, so that requests do not come back
    together (equal jitter). The same request is sent each time, with its seed.

    The notice of a retry is part of the stream, which is why this is no decorator of a retry
    library: those cannot yield from inside a generator.
    """

    def __init__(
        self,
        inner: ModelBackend,
        *,
        max_failures: int = MAX_FAILURES,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__(inner)
        self._max_failures = max_failures
        self._sleep = sleep

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        """See the port; pieces before a retry notice are void."""
        patience = Patience(f"{request.prompt.hash} {request.seed}", self._max_failures)
        while True:
            _log.info(
                "request to %s: %d messages, hash %s, seed %d, attempt %d",
                self.model, len(request.prompt), request.prompt.hash, request.seed,
                patience.attempt,
            )  # fmt: skip
            try:
                async with aclosing(self._inner.generate(request)) as chunks:
                    async for chunk in chunks:
                        if chunk.completion is not None:
                            self._log_reply(chunk.completion)
                        yield chunk
                return
            except BackendUnavailableError as error:
                wait_s = self._wait_s(patience, error)
                yield Chunk(retry=RetryNotice(patience.attempt, wait_s, error.message))
            await self._sleep(wait_s)

    async def score(self, prompt: Prompt, options: Sequence[str]) -> tuple[float, ...]:
        """See the port."""
        patience = Patience(prompt.hash, self._max_failures)
        while True:
            _log.info(
                "request to %s: score %d options after %d messages, attempt %d",
                self.model, len(options), len(prompt), patience.attempt,
            )  # fmt: skip
            try:
                return await self._inner.score(prompt, options)
            except BackendUnavailableError as error:
                wait_s = self._wait_s(patience, error)
            await self._sleep(wait_s)

    def _wait_s(self, patience: Patience, error: BackendUnavailableError) -> float:
        wait_s = patience.wait_s(error)
        _log.warning("retry of %s in %.1f s: %s", self.model, wait_s, error.message)
        return wait_s

    def _log_reply(self, completion: Completion) -> None:
        usage = completion.usage
        _log.info(
            "reply of %s: %d tokens after a prompt of %d, %s",
            self.model, usage.completion_tokens, usage.prompt_tokens, completion.stop_reason,
        )  # fmt: skip


class Patience:
    """What one request has been through."""

    def __init__(self, jitter: str, max_failures: int = MAX_FAILURES) -> None:
        """Begin.

        Args:
            jitter: What the shortening of its waits is drawn from.
            max_failures: How often it may fail.
        """
        self.attempt = 1
        self._max_failures = max_failures
        self._failures = 0
        self._refusals = 0
        self._waited_s = 0.0
        self._jitter = jitter

    def wait_s(self, error: BackendUnavailableError) -> float:
        """Seconds until the next attempt; raises the error when there should be none."""
        self.attempt += 1
        if not isinstance(error, RateLimitedError):
            self._failures += 1
            if self._failures >= self._max_failures:
                raise error
            return self._doubled_s(self._failures)
        self._refusals += 1
        told_s = error.retry_after_s or 0.0
        # A server may well name no time at all, or one in the past.
        wait_s = max(self._doubled_s(self._refusals), told_s if math.isfinite(told_s) else 0.0)
        self._waited_s += wait_s
        if wait_s > LONGEST_HOLD_S:
            raise RateLimitedError(
                f"{error.message.removesuffix('.')}, for {_in_words(wait_s)}.",
                retry_after_s=wait_s,
                remedy=f"Resume the run in {_in_words(wait_s)}.",
            ) from error
        if self._waited_s > PATIENCE_S:
            raise error
        return wait_s

    def _doubled_s(self, number: int) -> float:
        whole_s = min(FIRST_WAIT_S * 2.0 ** (number - 1), LONGEST_WAIT_S)
        share = derive_rng("retry", self._jitter, self.attempt).random()
        return float(whole_s * (1.0 - share / 2.0))


def _in_words(seconds: float) -> str:
    if seconds <= 120.0:
        return f"{math.ceil(seconds)} seconds"
    if seconds <= 7200.0:
        return f"{math.ceil(seconds / 60.0)} minutes"
    return f"{math.ceil(seconds / 3600.0)} hours"
