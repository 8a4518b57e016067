"""A model behind OpenAI's API, whoever serves it."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
from openai import APIConnectionError, APIStatusError, APITimeoutError, AsyncStream

from simulator.backends.choosing import unwrapped
from simulator.backends.logprobs import LogprobsWatch
from simulator.backends.openai import chat, responses
from simulator.backends.openai.addresses import Address
from simulator.backends.openai.client import open_client
from simulator.backends.openai.endpoints import Endpoint
from simulator.backends.openai.faults import Faults, Problem, StreamFault, is_filtered, problem_of
from simulator.backends.openai.listing import TIMEOUT_S, card_of, listed_models
from simulator.backends.openai.reply import Reply
from simulator.backends.openai.sse import EventReader
from simulator.backends.openai.terms import Terms
from simulator.backends.openai.usage import usage_estimated
from simulator.backends.stops import StopCutter
from simulator.backends.wordy import wordy
from simulator.domain.journal import Usage
from simulator.domain.latent import EmbeddingTable, LatentChunk, LatentRequest
from simulator.domain.models import Ability, Chunk, Completion, GenerateRequest, ModelCard
from simulator.domain.nearest import nearest
from simulator.domain.prices import FREE, Price
from simulator.domain.prompts import Prompt
from simulator.errors import BackendError, ModelNotFoundError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_log = logging.getLogger(__name__)

DRAIN_S = 0.1
"""Longest wait for the end of a body whose last event came, so that its connection is of use."""

_NO_STREAMS = ("text/html", "application/json")
"""Content types of answers that are no streams of events."""
_BROKEN = (httpx2.RequestError, anyio.EndOfStream, OSError)
"""What reading a body raises when the connection breaks."""
_NO_REPLY = (TypeError, AttributeError, LookupError, ValueError, OverflowError, RecursionError)
"""What reading an event raises that is none of a reply."""
_REFUSED: tuple[tuple[Ability, re.Pattern[str]], ...] = (
    ("logprobs", re.compile(r"logprobs")),
    ("choices", re.compile(r"response_format|json_schema|structured|grammar|text\.format")),
)
"""How a server words that it refuses a request for more than it can do."""


class OpenAIBackend:
    """One model; its client is opened when first needed."""

    def __init__(
        self,
        terms: Terms,
        address: Address,
        *,
        provider: str,
        key_variables: str,
        price: Price | None = None,
    ) -> None:
        """Make one.

        Args:
            terms: What it takes.
            address: Where it is.
            provider: The part before the slash.
            key_variables: Named when the key is not accepted.
            price: Of its tokens, where that does not follow from its name.
        """
        self.price = FREE if terms.endpoint.is_local else price
        self._terms = terms
        self._address = address
        self._abilities = set(terms.abilities)
        self._logprobs = LogprobsWatch()
        self._warned = False
        self._digest: str | None = None
        """Of the weights, as far as the server's list tells."""
        self._client: AsyncOpenAI | None = None
        self._faults = Faults(
            terms.model.removesuffix("/"), provider, address.shown, secret=address.key,
            variables=key_variables, start=_starting(terms.endpoint),
            places=_places(terms.endpoint),
        )  # fmt: skip

    @property
    def model(self) -> str:
        """`provider/model`."""
        return self._terms.model

    @property
    def endpoint(self) -> str:
        """Where requests go."""
        return self._address.shown

    @property
    def abilities(self) -> frozenset[Ability]:
        """See the port; what the server turns out not to do is taken back."""
        return frozenset(self._abilities)

    @property
    def sampling_options(self) -> frozenset[str]:
        """See the port."""
        return self._terms.sampling_options

    async def describe(self) -> ModelCard:
        """See the port; only a local server is asked."""
        endpoint, name = self._terms.endpoint, self._terms.name
        card = ModelCard(self.model, self.abilities, price=self.price)
        if not endpoint.is_local:
            return card
        listed = await self.listed()
        names = [str(entry["id"]) for entry in listed]
        if name in names:
            card = card_of(card, listed[names.index(name)])
        elif endpoint.checks_names and names:
            meant = nearest(name, names)
            raise ModelNotFoundError(
                f"{self.model} at {self.endpoint}: the server has no such model.",
                remedy=f"Did you mean {meant!r}?" if meant else f"It has {', '.join(names[:5])}.",
            )
        elif endpoint.ignores_names and len(listed) == 1:
            card = replace(card_of(card, listed[0]), answers_as=names[0])
        self._digest = card.digest
        return card

    async def listed(self) -> list[dict[str, Any]]:
        """The models that the server lists, as it describes them; each has an `id`.

        Raises:
            SimulatorError: As `generate` does.
        """
        try:
            return await listed_models(self._opened(), self._address, self._terms.endpoint)
        except APIStatusError as error:
            raise self._faults.answered(_problem(error)) from None
        except APITimeoutError:
            raise self._faults.broken(f"did not answer within {TIMEOUT_S:g} s") from None
        except APIConnectionError as error:
            raise self._faults.unreachable(error) from None
        except (ValueError, RecursionError):
            raise self._faults.not_a_list() from None

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        """See the port. Pieces without text tell that the server is at work.

        A server that refuses a constraint is asked again without. A request for logprobs that
        the server has not, or not while the model reasons, is answered by nothing, for nothing.
        """
        try:
            sent = await self._sent(request)
        except APIStatusError as error:
            problem = _problem(error)
            if is_filtered(problem):
                yield Chunk(completion=Completion("", "content_filter", Usage()))
                return
            raise self._faults.answered(problem) from None
        except APIConnectionError as error:
            raise self._faults.unreachable(error) from None
        if sent is None:
            self._abilities.discard("logprobs")
            yield Chunk(completion=Completion("", "unknown", Usage()))
            return
        stream, request = sent
        reply = self._new_reply()
        cutter = StopCutter(() if request.choices else request.sampling.stop)
        said: list[str] = []
        async with stream, aclosing(self._pieces(stream, reply)) as pieces:
            texts = _chosen(pieces) if request.choices else pieces
            async with aclosing(texts):
                async for piece in texts:
                    if text := cutter.feed(piece):
                        said.append(text)
                    yield Chunk(text)
        if rest := cutter.rest():
            said.append(rest)
            yield Chunk(rest)
        yield Chunk(completion=self._completion(request, reply, "".join(said), cutter.stopped))

    async def score(self, prompt: Prompt, options: Sequence[str]) -> tuple[float, ...]:
        """No server of this kind scores a given reply."""
        raise BackendError(f"{self.model} gives no probabilities of given replies.")

    def generate_latent(self, request: LatentRequest) -> AsyncGenerator[LatentChunk, None]:
        """Servers of this kind take and give words alone."""
        raise wordy(self.model)

    async def embedding_table(self) -> EmbeddingTable:
        """Servers of this kind take and give words alone."""
        raise wordy(self.model)

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    def _opened(self) -> AsyncOpenAI:
        if self._client is None:
            try:
                self._client = open_client(self._address)
            except OSError:
                raise self._faults.no_certificates() from None
        return self._client

    def _new_reply(self) -> Reply:
        if self._terms.family.api == "responses":
            return responses.ResponsesReply()
        return chat.ChatReply(tells_cost=self._terms.endpoint.tells_cost)

    async def _sent(
        self, request: GenerateRequest
    ) -> tuple[AsyncStream[Any], GenerateRequest] | None:
        """The stream of a request, and the request as the server took it.

        None when it asks for logprobs that there are none of.
        """
        sampling = self._terms.sampling(request)
        if request.top_logprobs and not self._terms.logprobs_wanted(request, sampling):
            return None
        api = chat if self._terms.family.api == "chat" else responses
        while True:
            body = api.body(self._terms, request)
            try:
                return await self._opened().post(
                    api.PATH, body=body, cast_to=object, stream=True, stream_cls=AsyncStream[Any]
                ), request
            except APIStatusError as error:
                refused = _refused(request, _problem(error))
                if refused is None:
                    raise
                if refused == "logprobs":
                    return None
                self._abilities.discard(refused)
                request = replace(request, choices=())

    async def _pieces(self, stream: AsyncStream[Any], reply: Reply) -> AsyncGenerator[str, None]:
        """The text of each event, and nothing for each block of bytes that has none."""
        content_type = stream.response.headers.get("content-type", "")
        if content_type.startswith(_NO_STREAMS):
            raise self._faults.not_a_stream(content_type)
        reader, heard = EventReader(), False
        blocks = stream.response.aiter_bytes()
        try:
            async for block in blocks:
                quiet = True
                for event in reader.feed(block):
                    heard = True
                    if piece := reply.feed(event):
                        quiet = False
                        yield piece
                if quiet:
                    yield ""
                if reader.done:
                    await _drain(blocks)
                    break
            for event in reader.end():
                heard = True
                yield reply.feed(event)
        except StreamFault as fault:
            problem = problem_of(None, fault.body, {})
            if not is_filtered(problem):
                raise self._faults.answered(problem) from None
            reply.stop_reason = "content_filter"
        except _BROKEN as error:
            raise self._faults.unreachable(error) from None
        except _NO_REPLY:
            raise self._faults.broken("what it sent is no reply of a model") from None
        if not heard:
            raise self._faults.broken("it sent an empty stream")
        if reply.stop_reason is None and not reader.done:
            raise self._faults.broken("the reply was cut off")

    def _completion(
        self, request: GenerateRequest, reply: Reply, text: str, stopped: bool
    ) -> Completion:
        if request.top_logprobs and text:
            self._logprobs.note(given=bool(reply.first_token))
            if self._logprobs.has_none:
                self._abilities.discard("logprobs")
        stop_reason = reply.stop_reason or "unknown"
        if stopped:
            stop_reason = "stop"
        elif reply.refused:
            stop_reason = "refusal"
        usage = reply.usage or self._estimated(request, reply.reasoning + text)
        return Completion(
            text,
            stop_reason,
            usage,
            self._digest or reply.digest,
            reply.reasoning,
            first_token=reply.first_token or (),
        )

    def _estimated(self, request: GenerateRequest, text: str) -> Usage:
        if not self._warned:
            self._warned = True
            _log.warning("%s counted no tokens: estimated", self.model)
        return usage_estimated(request, text)


def _starting(endpoint: Endpoint) -> str:
    if not endpoint.start:
        return ""
    named = _places(endpoint)
    elsewhere = f" If it runs elsewhere, {named} is to say where." if named else ""
    return f"Is it running? `{endpoint.start}` starts it.{elsewhere}"


def _places(endpoint: Endpoint) -> str:
    return " or ".join(endpoint.base_url_variables)


def _problem(error: APIStatusError) -> Problem:
    body = error.body if error.body is not None else error.response.text
    return problem_of(error.status_code, body, error.response.headers)


def _refused(request: GenerateRequest, problem: Problem) -> Ability | None:
    """The ability of those asked for that the server says it has not."""
    if problem.status not in (400, 422):
        return None
    asked: dict[Ability, object] = {"logprobs": request.top_logprobs, "choices": request.choices}
    for ability, wording in _REFUSED:
        if asked[ability] and wording.search(f"{problem.param} {problem.words}"):
            return ability
    return None


async def _chosen(pieces: AsyncIterator[str]) -> AsyncGenerator[str, None]:
    """The choice that all pieces together are, after nothing for each of them."""
    said = []
    async for piece in pieces:
        said.append(piece)
        yield ""
    yield unwrapped("".join(said))


async def _drain(blocks: AsyncIterator[bytes]) -> None:
    with suppress(TimeoutError, *_BROKEN):
        async with asyncio.timeout(DRAIN_S):
            async for _ in blocks:
                pass
