"""A model of an Ollama server behind the port."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing

from simulator.backends.logprobs import LogprobsWatch
from simulator.backends.ollama.address import Address
from simulator.backends.ollama.cards import ABILITIES, card, full_name, short_name
from simulator.backends.ollama.chat import Reply, chat_body
from simulator.backends.ollama.client import ChatPart, OllamaClient
from simulator.backends.ollama.faults import CLIENT_ERRORS, Faults
from simulator.backends.wordy import wordy
from simulator.domain.latent import EmbeddingTable, LatentChunk, LatentRequest
from simulator.domain.models import Ability, Chunk, GenerateRequest, ModelCard
from simulator.domain.nearest import nearest
from simulator.domain.prices import FREE
from simulator.domain.prompts import Prompt
from simulator.domain.sampling import Sampling
from simulator.domain.tokens import estimated_tokens, prompt_bytes
from simulator.errors import (
    BackendError,
    ContextOverflowError,
    EndpointError,
    ModelNotFoundError,
    SimulatorError,
)

_log = logging.getLogger(__name__)


class OllamaBackend:
    """One model of an Ollama server, by the native chat API.

    The server is asked to refuse prompts that do not fit. When it does, it is asked again to cut
    them as it usually would, and the completion says that the prompt was truncated. Servers from
    before the end of 2025 do not know that request and cut in silence; the engine watches their
    counts. A reply during which the context ran full counts as truncated as well: to
    go on, the server forgets the beginning of the prompt.

    Seeds are folded to 31 bits. Where a server does not count the tokens of a prompt, which some
    left out for prompts that they had cached, `usage` has an estimate and a warning is logged.
    """

    price = FREE
    sampling_options = frozenset(Sampling.model_fields)

    def __init__(self, name: str, address: Address, *, api_key: str | None = None) -> None:
        """Make one; `name` is what the server calls the model. No request is sent."""
        self.model = f"ollama/{name}"
        self.endpoint = address.url
        self._name = name
        self._abilities = ABILITIES
        self._client = OllamaClient(address, api_key=api_key)
        self._faults = Faults(self.model, address, api_key)
        self._card: ModelCard | None = None
        self._asking_for_card = asyncio.Lock()
        self._logprobs = LogprobsWatch()
        self._warned = False

    @property
    def abilities(self) -> frozenset[Ability]:
        """See the port; `logprobs` goes when the server turns out to give none."""
        return self._abilities

    async def describe(self) -> ModelCard:
        """See the port; asks anew each time."""
        try:
            listing = await self._client.list()
            shown = await self._client.show(self._name)
        except CLIENT_ERRORS as error:
            raise await self._typed(error) from error
        wanted = full_name(self._name)
        listed = next((each for each in listing.models if each.model == wanted), None)
        found = card(self.model, listed, shown)
        self._abilities &= found.abilities
        self._card = found
        return found

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        """See the port."""
        known = await self._known_card()
        messages = request.prompt.merged()
        reply, may_cut = Reply(request), False
        while not reply.is_whole:
            body = chat_body(self._name, messages, request, may_cut=may_cut)
            try:
                async with aclosing(self._parts(body)) as parts:
                    async for part in parts:
                        if text := reply.add(part):
                            yield Chunk(text)
                        if reply.is_endless:
                            raise self._faults.endless()
            except ContextOverflowError:
                if may_cut or reply.has_begun:
                    raise
                may_cut = True
                continue
            if not reply.is_whole:
                raise self._faults.interrupted()
        if reply.has_logprobs is not None:
            self._logprobs.note(given=reply.has_logprobs)
            if self._logprobs.has_none:
                self._abilities -= {"logprobs"}
        context = _effective_context(request.sampling.context_length, known.context_length)
        completion = reply.completion(
            prompt_tokens=self._prompt_tokens(request.prompt, reply),
            prompt_truncated=may_cut or _ran_full(reply, context),
            context_length=context,
            model_digest=known.digest,
        )
        yield Chunk(completion=completion)

    async def score(self, prompt: Prompt, options: Sequence[str]) -> tuple[float, ...]:
        """Ollama tells nothing of texts that it is given."""
        raise BackendError(f"{self.model} gives no probabilities of whole replies.")

    def generate_latent(self, request: LatentRequest) -> AsyncGenerator[LatentChunk, None]:
        """Ollama takes and gives words alone."""
        raise wordy(self.model)

    async def embedding_table(self) -> EmbeddingTable:
        """Ollama takes and gives words alone."""
        raise wordy(self.model)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _parts(self, body: Mapping[str, object]) -> AsyncGenerator[ChatPart, None]:
        try:
            async with aclosing(self._client.chat_parts(body)) as parts:
                async for part in parts:
                    yield part
        except CLIENT_ERRORS as error:
            raise await self._typed(error) from error

    async def _known_card(self) -> ModelCard:
        """What was found out when first asked; nothing of servers that only chat."""
        async with self._asking_for_card:
            if self._card is None:
                try:
                    self._card = await self.describe()
                except EndpointError:
                    self._card = ModelCard(self.model, self._abilities, price=FREE)
            return self._card

    async def _typed(self, error: Exception) -> SimulatorError:
        found = self._faults.typed(error)
        if not isinstance(found, ModelNotFoundError):
            return found
        try:
            listing = await self._client.list()
        except CLIENT_ERRORS:
            return found
        names = [short_name(each.model) for each in listing.models if each.model]
        return self._faults.missing(nearest(self._name, names))

    def _prompt_tokens(self, prompt: Prompt, reply: Reply) -> int:
        if reply.prompt_tokens is not None:
            return reply.prompt_tokens
        if not self._warned:
            self._warned = True
            _log.warning("%s does not count the tokens of prompts: estimated", self.model)
        return estimated_tokens(prompt_bytes(prompt), len(prompt))


def _ran_full(reply: Reply, context: int | None) -> bool:
    """Whether the reply needed the room of the prompt's beginning."""
    if reply.prompt_tokens is None or context is None:
        return False
    # The last token was drawn, but needs no room.
    return reply.prompt_tokens + reply.completion_tokens - 1 > context


def _effective_context(asked: int | None, most: int | None) -> int | None:
    """What the server makes room for: it takes no more than the model was trained for."""
    if asked is None or most is None:
        return asked
    return min(asked, most)
