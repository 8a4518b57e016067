"""Answers a request that was answered before, without asking again."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any, TypeVar

from simulator.backends.canonical import (
    Document,
    canonical,
    completion_document,
    completion_of,
    request_document,
    score_document,
)
from simulator.backends.wrapping import Wrapper
from simulator.domain.journal import StopReason
from simulator.domain.models import (
    Chunk,
    Completion,
    GenerateRequest,
    ModelBackend,
    RequestCache,
)
from simulator.domain.prompts import Prompt
from simulator.errors import SimulatorError

T = TypeVar("T")

_log = logging.getLogger(__name__)

KEPT: tuple[StopReason, ...] = ("stop", "length", "refusal")
"""Ends of replies that another request would find again; filters and servers change."""


class CachedBackend(Wrapper):
    """A backend that keeps whole replies and gives them again to equal requests.

    Requests are equal when model, endpoint, weights, messages, sampling as sent, seed, repetition
    and the form asked for are. A reply from the cache comes in one piece and costs nothing.
    """

    def __init__(self, inner: ModelBackend, cache: RequestCache, *, is_local: bool) -> None:
        """Wrap a backend.

        Args:
            inner: The backend.
            cache: Where replies are kept.
            is_local: Whether the user can change the weights under the model's name, so that
                their digest has to be asked for once.
        """
        super().__init__(inner)
        self._cache = cache
        self._digest_needed = is_local
        self._digest: str | None = None
        self._warned = False

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        """See the port."""
        key = await self._key(request_document(self, request))
        kept = await self._found(key, completion_of)
        if kept is not None:
            _log.info("reply of %s from the cache: hash %s", self.model, request.prompt.hash)
            if kept.text:
                yield Chunk(kept.text)
            yield Chunk(completion=kept)
            return
        async with aclosing(self._inner.generate(request)) as chunks:
            async for chunk in chunks:
                if chunk.completion is not None:
                    await self._keep(key, chunk.completion)
                yield chunk

    async def score(self, prompt: Prompt, options: Sequence[str]) -> tuple[float, ...]:
        """See the port."""
        key = await self._key(score_document(self, prompt, options))
        kept = await self._found(key, _scores_of)
        if kept is not None and len(kept) == len(options):
            return kept
        scores = await self._inner.score(prompt, options)
        if key is not None:
            await self._cache.put(key, self.model, json.dumps(scores))
        return scores

    async def _key(self, document: Document) -> str | None:
        """The key of a request; None while it is not known which weights would answer it."""
        if self._digest_needed:
            try:
                self._digest = (await self._inner.describe()).digest
            except SimulatorError as error:
                _log.warning("no cache for this request of %s: %s", self.model, error.message)
                return None
            self._digest_needed = False
        return canonical(document | {"endpoint": self.endpoint, "digest": self._digest})

    async def _found(self, key: str | None, read: Callable[[Any], T]) -> T | None:
        """What the cache has, read; None also for what is damaged."""
        value = await self._cache.get(key) if key is not None else None
        if value is None:
            return None
        try:
            return read(json.loads(value))
        except (ValueError, RecursionError):
            if not self._warned:
                self._warned = True
                _log.warning(
                    "the cache has damaged replies of %s, which `cache clear` deletes", self.model
                )
            return None

    async def _keep(self, key: str | None, completion: Completion) -> None:
        if key is None or completion.stop_reason not in KEPT:
            return
        if self._digest is not None and completion.model_digest not in (None, self._digest):
            self._digest_needed = True
            return
        await self._cache.put(key, self.model, canonical(completion_document(completion)))


def _scores_of(document: object) -> tuple[float, ...]:
    """Raises ValueError when it is no list of numbers."""
    if not isinstance(document, list) or not all(type(score) is float for score in document):
        raise ValueError("no scores")
    return tuple(document)
