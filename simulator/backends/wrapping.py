"""What every wrapper of a backend leaves to the one inside."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from simulator.domain.latent import EmbeddingTable, LatentChunk, LatentRequest
from simulator.domain.models import Ability, Chunk, GenerateRequest, ModelBackend, ModelCard
from simulator.domain.prices import Price
from simulator.domain.prompts import Prompt


class Wrapper:
    """A backend that does as the one inside; subclasses change what they are for.

    Models that make soft tokens are in this process, where they neither fall silent nor refuse:
    their messages as vectors are counted and priced, but not timed, limited or sent again. Nor are
    they kept or recorded, as they are long, and made again by the same request.
    """

    def __init__(self, inner: ModelBackend) -> None:
        self._inner = inner

    @property
    def model(self) -> str:
        """`provider/model`."""
        return self._inner.model

    @property
    def endpoint(self) -> str:
        """See the port."""
        return self._inner.endpoint

    @property
    def abilities(self) -> frozenset[Ability]:
        """See the port."""
        return self._inner.abilities

    @property
    def sampling_options(self) -> frozenset[str]:
        """See the port."""
        return self._inner.sampling_options

    @property
    def price(self) -> Price | None:
        """See the port."""
        return self._inner.price

    async def describe(self) -> ModelCard:
        """See the port."""
        return await self._inner.describe()

    def generate(self, request: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        """See the port."""
        return self._inner.generate(request)

    async def score(self, prompt: Prompt, options: Sequence[str]) -> tuple[float, ...]:
        """See the port."""
        return await self._inner.score(prompt, options)

    def generate_latent(self, request: LatentRequest) -> AsyncGenerator[LatentChunk, None]:
        """See the port."""
        return self._inner.generate_latent(request)

    async def embedding_table(self) -> EmbeddingTable:
        """See the port."""
        return await self._inner.embedding_table()

    async def close(self) -> None:
        """Close the inner backend."""
        await self._inner.close()
