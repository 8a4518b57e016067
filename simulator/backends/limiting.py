"""How many requests an endpoint is given at the same time, learnt from what it refuses."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

from simulator.backends.options import Connections
from simulator.backends.wrapping import Wrapper
from simulator.domain.models import Chunk, GenerateRequest, ModelBackend
from simulator.domain.prompts import Prompt
from simulator.errors import BackendUnavailableError, RateLimitedError

_log = logging.getLogger(__name__)

GROWTH = 0.05
"""Part of the limit that a clean round adds, at least one request."""
CUT = 0.8
"""What a refusal leaves of the limit."""
SATURATED = 0.8
"""Part of the limit that must be in use for a reply to say that there is room for more."""
COOL_DOWN_S = 15.0
"""Seconds after a cut in which refusals are taken for the same episode."""
REST_S = 1.0
"""Seconds that a refused request's place stays taken, so that the next is not refused at once."""
LONGEST_HOLD_S = 300.0
"""Seconds that a server may ask everybody to wait; those who are told more give up instead."""


@dataclass(frozen=True, slots=True)
class EndpointLoad:
    """An endpoint in this moment."""

    endpoint: str
    in_flight: int
    """Requests that were sent and are not answered in full."""
    waiting: int
    """Requests that are not sent yet."""
    limit: int
    """Requests that may be in flight."""


class EndpointLimit:
    """The places for requests to one endpoint, first come first served.

    Starts at `connections.start` and doubles with every clean round: as many replies as there are
    places, no refusal among them, while most places were taken. The first refusal ends the
    doubling. From then on each episode of refusals takes a fifth away and a clean round adds 5 %,
    during the cool-down after a cut only up to below the size that was refused. Requests that were
    sent before the end of a cool-down belong to its episode. Other failures of the server only
    begin the round anew. When the server names a time to wait, nobody is sent to it before.

    Time is the running event loop's.
    """

    def __init__(self, endpoint: str, connections: Connections, *, adaptive: bool = True) -> None:
        """Make one; without `adaptive` the limit stays at `connections.start`."""
        self.endpoint = endpoint
        self.limit = connections.start
        self._most = connections.most
        self._adaptive = adaptive
        self._in_flight = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_doubling = True
        self._clean_replies = 0
        self._refused_limit = 0
        self._cool_until = float("-inf")
        self._held_until = float("-inf")
        self._opening: asyncio.TimerHandle | None = None

    @property
    def load(self) -> EndpointLoad:
        """The places as they are now."""
        waiting = sum(not turn.done() for turn in self._waiting)
        return EndpointLoad(self.endpoint, self._in_flight, waiting, self.limit)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold a place in the block; what leaves it as an error is learnt from."""
        await self._enter()
        sent_at = _now()
        try:
            yield
        except BaseException as error:
            if isinstance(error, RateLimitedError):
                self._refused(sent_at, error.retry_after_s or 0.0)
                asyncio.get_running_loop().call_later(REST_S, self._leave)
                raise
            if isinstance(error, BackendUnavailableError):
                self._clean_replies = 0
            self._leave()
            raise
        self._leave()

    def replied(self) -> None:
        """Note a whole reply; to be called while its place is held."""
        if not self._adaptive or self._in_flight < SATURATED * self.limit:
            return
        self._clean_replies += 1
        if self._clean_replies < self.limit:
            return
        growth = self.limit if self._is_doubling else max(1, int(self.limit * GROWTH))
        most = self._refused_limit - 1 if _now() < self._cool_until else self._most
        self._set(max(self.limit, min(self.limit + growth, most)), "there is room")

    def _refused(self, sent_at: float, retry_after_s: float) -> None:
        self._clean_replies = 0
        now = _now()
        if retry_after_s <= LONGEST_HOLD_S:
            # From when it was sent, or late refusals of one moment would each add to the wait.
            self._held_until = max(self._held_until, sent_at + retry_after_s)
        if not self._adaptive or sent_at < self._cool_until:
            return
        self._is_doubling = False
        self._refused_limit = self.limit
        self._cool_until = now + max(COOL_DOWN_S, min(retry_after_s, LONGEST_HOLD_S))
        self._set(max(1, int(self.limit * CUT)), "the server refused some")

    def _set(self, limit: int, reason: str) -> None:
        self._clean_replies = 0
        if limit == self.limit:
            return
        _log.info(
            "%s: %d requests at a time instead of %d, as %s",
            self.endpoint, limit, self.limit, reason,
        )  # fmt: skip
        self.limit = limit
        self._admit()

    async def _enter(self) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._admit()
        try:
            await turn
        except BaseException:
            turn.cancel()
            if not turn.cancelled():
                self._leave()
            raise

    def _leave(self) -> None:
        self._in_flight -= 1
        self._admit()

    def _admit(self) -> None:
        """Let in who may come in now."""
        while self._waiting and self._in_flight < self.limit:
            if self._waiting[0].done():
                self._waiting.popleft()
            elif _now() < self._held_until:
                self._open_later()
                return
            else:
                self._in_flight += 1
                self._waiting.popleft().set_result(None)

    def _open_later(self) -> None:
        if self._opening is None:
            loop = asyncio.get_running_loop()
            self._opening = loop.call_at(self._held_until, self._open)

    def _open(self) -> None:
        self._opening = None
        self._admit()


class LimitedBackend(Wrapper):
    """A backend that waits for a place at its endpoint before it sends a request."""

    def __init__(self, inner: ModelBackend, limit: EndpointLimit) -> None:
        super().__init__(inner)
        self._limit = limit

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        """See the port."""
        async with self._limit.place(), aclosing(self._inner.generate(request)) as chunks:
            async for chunk in chunks:
                if chunk.completion is not None:
                    self._limit.replied()
                yield chunk

    async def score(self, prompt: Prompt, options: Sequence[str]) -> tuple[float, ...]:
        """See the port."""
        async with self._limit.place():
            scores = await self._inner.score(prompt, options)
            self._limit.replied()
            return scores


def _now() -> float:
    return asyncio.get_running_loop().time()
