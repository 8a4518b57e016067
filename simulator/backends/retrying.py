"""Sends a request again when its server did not answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing

from simulator.backends.wrapping import Wrapper
from simulator.domain.models import (
    Chunk,
    Completion,
    GenerateRequest,
    ModelBackend,
    RetryNotice,
)
from simulator.domain.prompts import Prompt
from simulator.errors import BackendUnavailableError, RateLimitedError

_log = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 30.0


class RetryingBackend(Wrapper):
    """A backend that tries up to five times, waiting 1, 2, 4 and 8 seconds in between.

    Only `BackendUnavailableError` and `RateLimitedError` are worth another attempt; the latter
    waits as long as the server asks. The notice of a retry is part of the stream, which is why
    this is no decorator of a retry library: those cannot yield from inside a generator.
    """

    def __init__(
        self, inner: ModelBackend, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        super().__init__(inner)
        self._sleep = sleep

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        """See the port; pieces before a retry notice are void."""
        for attempt in range(1, MAX_ATTEMPTS + 1):
            _log.info(
                "request to %s: %d messages, hash %s, seed %d, attempt %d",
                self.model, len(request.prompt), request.prompt.hash, request.seed, attempt,
            )  # fmt: skip
            try:
                async with aclosing(self._inner.generate(request)) as chunks:
                    async for chunk in chunks:
                        if chunk.completion is not None:
                            self._log_reply(chunk.completion)
                        yield chunk
                return
            except BackendUnavailableError as error:
                if attempt == MAX_ATTEMPTS:
                    raise
                wait_s = _wait_s(attempt, error)
                _log.warning("retry of %s in %.1f s: %s", self.model, wait_s, error.message)
                yield Chunk(retry=RetryNotice(attempt + 1, wait_s, error.message))
            await self._sleep(wait_s)

    def _log_reply(self, completion: Completion) -> None:
        usage = completion.usage
        _log.info(
            "reply of %s: %d tokens after a prompt of %d, %s",
            self.model, usage.completion_tokens, usage.prompt_tokens, completion.stop_reason,
        )  # fmt: skip

    async def score(self, prompt: Prompt, options: Sequence[str]) -> tuple[float, ...]:
        """See the port."""
        for attempt in range(1, MAX_ATTEMPTS):
            try:
                return await self._scored(prompt, options, attempt)
            except BackendUnavailableError as error:
                wait_s = _wait_s(attempt, error)
                _log.warning("retry of %s in %.1f s: %s", self.model, wait_s, error.message)
            await self._sleep(wait_s)
        return await self._scored(prompt, options, MAX_ATTEMPTS)

    async def _scored(
        self, prompt: Prompt, options: Sequence[str], attempt: int
    ) -> tuple[float, ...]:
        _log.info(
            "request to %s: score %d options after %d messages, attempt %d",
            self.model, len(options), len(prompt), attempt,
        )  # fmt: skip
        return await self._inner.score(prompt, options)


def _wait_s(attempt: int, error: BackendUnavailableError) -> float:
    if isinstance(error, RateLimitedError) and error.retry_after_s is not None:
        return error.retry_after_s
    return min(FIRST_WAIT_S * 2.0 ** (attempt - 1), LONGEST_WAIT_S)
