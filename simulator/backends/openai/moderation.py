"""OpenAI's moderation API: how harmful a text is, by category."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from openai import APIConnectionError, APIStatusError, APITimeoutError

from simulator.backends.limiting import EndpointLimit
from simulator.backends.openai.addresses import Address
from simulator.backends.openai.client import open_client
from simulator.backends.openai.faults import Faults, problem_of
from simulator.backends.options import Connections
from simulator.backends.retrying import Patience
from simulator.errors import BackendUnavailableError, SimulatorError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

PATH = "/moderations"
TIMEOUT_S = 60.0
"""An answer that takes longer is not waited for."""
MOST_TEXTS = 32
"""In one request."""
MOST_CHARACTERS = 60_000
"""In one request of several texts."""
LONGEST = 20_000
"""Characters of a text that are sent; the rest is not judged."""
MAX_FAILURES = 4
"""Of one request: whoever measures sits before it, and waits for seconds rather than minutes."""
_CONNECTIONS = Connections(4, 16)

Scores = Mapping[str, float]
"""By category, 0 to 1."""


class Moderator:
    """One moderation model."""

    def __init__(
        self,
        address: Address,
        model: str,
        *,
        key_variables: str,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Make one; nothing is sent.

        Args:
            address: Where it is, and the key.
            model: Such as `omni-moderation-latest`.
            key_variables: Named when the key is not accepted.
            sleep: Waits so many seconds.
        """
        self._address = address
        self._model = model
        self._sleep = sleep
        self._limit = EndpointLimit(address.shown, _CONNECTIONS)
        self._faults = Faults(
            f"openai/{model}", "openai", address.shown, secret=address.key,
            variables=key_variables, places="OPENAI_BASE_URL",
        )  # fmt: skip

    async def scores(self, texts: Sequence[str]) -> list[Scores]:
        """Judge texts, a few dozen in a request and a few requests at a time.

        Requests that fail are sent again, as `RetryingBackend` does, but fewer times.

        Args:
            texts: None of them empty.

        Raises:
            SimulatorError: The key is refused, or the server cannot be reached or fails for good.
        """
        found: list[Scores] = [{} for _ in texts]

        async def judge(client: AsyncOpenAI, places: Sequence[int]) -> None:
            judged = await self._judged(client, [texts[place][:LONGEST] for place in places])
            for place, scores in zip(places, judged, strict=True):
                found[place] = scores

        async with self._opened() as client:
            try:
                async with asyncio.TaskGroup() as tasks:
                    for places in _batches(texts):
                        tasks.create_task(judge(client, places))
            except* SimulatorError as group:
                raise _first(group) from None
        return found

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[AsyncOpenAI]:
        try:
            client = open_client(self._address)
        except OSError:
            raise self._faults.no_certificates() from None
        async with client:
            yield client

    async def _judged(self, client: AsyncOpenAI, texts: Sequence[str]) -> list[Scores]:
        patience = Patience(texts[0][:80], MAX_FAILURES)
        while True:
            try:
                async with self._limit.place():
                    answer = await self._asked(client, texts)
                    self._limit.replied()
                return answer
            except BackendUnavailableError as error:
                wait_s = patience.wait_s(error)
            await self._sleep(wait_s)

    async def _asked(self, client: AsyncOpenAI, texts: Sequence[str]) -> list[Scores]:
        body = {"model": self._model, "input": [_sendable(text) for text in texts]}
        try:
            answer: object = await client.post(
                PATH, body=body, cast_to=object, options={"timeout": TIMEOUT_S}
            )
        except APIStatusError as error:
            told = error.body if error.body is not None else error.response.text
            problem = problem_of(error.status_code, told, error.response.headers)
            raise self._faults.answered(problem) from None
        except APITimeoutError:
            raise self._faults.broken(f"did not answer within {TIMEOUT_S:g} s") from None
        except APIConnectionError as error:
            raise self._faults.unreachable(error) from None
        except (ValueError, RecursionError):
            raise self._faults.not_scores() from None
        scores = _scores_in(answer)
        if not scores:
            raise self._faults.not_scores()
        if len(scores) != len(texts):
            raise self._faults.broken(f"it scored {len(scores)} of {len(texts)} texts")
        return scores


def _batches(texts: Sequence[str]) -> list[list[int]]:
    """Places of the texts of each request."""
    batches: list[list[int]] = []
    room = 0
    for place, text in enumerate(texts):
        size = min(len(text), LONGEST)
        if not batches or len(batches[-1]) == MOST_TEXTS or size > room:
            batches.append([])
            room = MOST_CHARACTERS
        batches[-1].append(place)
        room -= size
    return batches


def _sendable(text: str) -> str:
    """Without half surrogate pairs, which no request can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _scores_in(answer: object) -> list[Scores]:
    """The scores of each result; results that have none are left out."""
    results = answer.get("results") if isinstance(answer, dict) else None
    found: list[Scores] = []
    for result in results if isinstance(results, list) else ():
        scores = result.get("category_scores") if isinstance(result, dict) else None
        if isinstance(scores, dict):
            found.append({
                str(name): float(value)
                for name, value in scores.items()
                if isinstance(value, int | float) and 0 <= value <= 1
            })  # fmt: skip
    return found


def _first(group: BaseExceptionGroup[SimulatorError]) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
