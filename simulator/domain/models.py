"""What the engine needs of models, whoever serves them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from simulator.domain.journal import StopReason, Usage
from simulator.domain.latent import EmbeddingTable, LatentChunk, LatentRequest
from simulator.domain.prices import Price
from simulator.domain.prompts import Prompt
from simulator.domain.sampling import Sampling
from simulator.domain.workloads import Habits
from simulator.errors import SimulatorError

Ability = Literal["seed", "logprobs", "choices", "score", "latent"]
"""What a model may do beyond generating text.

`seed`: the same request with the same seed has the same reply. `logprobs`: it tells how probable
first tokens were. `choices`: its reply can be held to one of several texts. `score`: it tells how
probable a given reply is. `latent`: it takes and gives vectors instead of tokens.
"""


@dataclass(frozen=True, slots=True)
class GenerateRequest:
    """One call of a model."""

    prompt: Prompt
    sampling: Sampling
    seed: int
    """The sampler's seed, 0 to 2**63 - 1."""
    repetition: int = 0
    """Tells calls apart that ask for the same, with the same seed, on purpose."""
    choices: tuple[str, ...] = ()
    """The reply must be one of these; only for models with `choices` among their abilities."""
    top_logprobs: int = 0
    """How many of the likeliest first tokens to report; only with the ability `logprobs`."""


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """How probable a token was."""

    token: str
    logprob: float
    """In nats."""


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole reply, and what it took."""

    text: str
    """The concatenation of all streamed pieces."""
    stop_reason: StopReason
    usage: Usage
    """Tokens and money; calls and seconds are counted by who asks."""
    model_digest: str | None = None
    reasoning: str = ""
    """What the model thought aloud before it replied; not part of the reply."""
    prompt_truncated: bool = False
    """Whether the server is known to have cut the prompt to make it fit."""
    context_length: int | None = None
    """Tokens that the server made room for, where that is known."""
    first_token: tuple[TokenLogprob, ...] = ()
    """The likeliest first tokens, most probable first, as far as they were asked for and told."""
    from_cache: bool = False
    """Whether the reply was on record from an earlier, equal request."""


@dataclass(frozen=True, slots=True)
class RetryNotice:
    """An attempt failed and another follows; pieces streamed so far are void."""

    attempt: int
    """The attempt that follows, from 2."""
    wait_s: float
    """Seconds until then."""
    reason: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a streamed reply. The last chunk, and only it, carries the completion."""

    text: str = ""
    retry: RetryNotice | None = None
    completion: Completion | None = None


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What is known of a model without asking it anything; None where it is not."""

    model: str
    """`provider/model`."""
    abilities: frozenset[Ability] = frozenset()
    context_length: int | None = None
    """Tokens of prompt and reply together that the model can take at most."""
    digest: str | None = None
    """Names the weights."""
    size_bytes: int | None = None
    parameters: str | None = None
    """Number of weights as its makers write it, such as `8.0B`."""
    quantization: str | None = None
    price: Price | None = None
    answers_as: str | None = None
    """Its server's own name for what answers, where the server takes any name for that."""
    habits: Habits | None = None
    """How it usually replies, where that was measured when it was made."""


@dataclass(frozen=True, slots=True)
class EndpointReport:
    """One provider of models as it is now."""

    provider: str
    """The part of `provider/model` before the slash."""
    address: str
    """Where it is, without secrets; empty for models in this process."""
    error: SimulatorError | None = None
    """Why it cannot be used; None when it can."""
    models: tuple[ModelCard, ...] = ()
    note: str = ""
    """What there is to know of a provider that can be used."""
    configured: bool = True
    """False when nothing suggests that the user wants it: no key, no address, no server."""

    @property
    def reachable(self) -> bool:
        """Whether it can be used."""
        return self.error is None


@dataclass(frozen=True, slots=True)
class PullProgress:
    """How far the download of a model has come."""

    status: str
    completed_bytes: int | None = None
    total_bytes: int | None = None


@runtime_checkable
class ModelBackend(Protocol):
    """One model behind one server or loaded in this process."""

    @property
    def model(self) -> str:
        """`provider/model`."""
        ...

    @property
    def endpoint(self) -> str:
        """Where requests go, without secrets; empty for a model in this process."""
        ...

    @property
    def abilities(self) -> frozenset[Ability]:
        """What the model can do beyond generating text, as far as is known by now."""
        ...

    @property
    def sampling_options(self) -> frozenset[str]:
        """The fields of `Sampling` that have their effect; others are left out, not sent."""
        ...

    @property
    def price(self) -> Price | None:
        """What tokens cost; None when that is not known."""
        ...

    async def describe(self) -> ModelCard:
        """What there is to know; looks whether a local server has the model.

        Raises:
            BackendUnavailableError: The server does not answer.
            ModelNotFoundError: It has no such model.
        """
        ...

    def generate(self, request: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        """Stream a reply. Closing the generator abandons it.

        A reply that the model refused to give is a completion, not an error: its stop reason is
        `refusal`, or `content_filter` where its provider stepped in.

        Raises:
            BackendUnavailableError: The server did not answer; safe to retry.
            RateLimitedError: The server asks us to wait.
            ContextOverflowError: The prompt leaves no room for a reply.
            BackendError: The request cannot be served; retrying would not help.
        """
        ...

    async def score(self, prompt: Prompt, options: Sequence[str]) -> tuple[float, ...]:
        """Log-probability of each option as the whole reply, in nats.

        Only where `abilities` has `score`.
        """
        ...

    def generate_latent(self, request: LatentRequest) -> AsyncGenerator[LatentChunk, None]:
        """Stream a message of soft tokens. Closing the generator abandons it.

        Only where `abilities` has `latent`. Raises as `generate` does.
        """
        ...

    async def embedding_table(self) -> EmbeddingTable:
        """The input embeddings. Only where `abilities` has `latent`."""
        ...

    async def close(self) -> None:
        """Release what the model holds; calling it again does nothing."""
        ...


class Backends(Protocol):
    """The models of this process, opened when first asked for."""

    def get(self, model: str) -> ModelBackend:
        """The backend of `provider/model`, opened once.

        Raises:
            NotFoundError: No such provider or model; the message names near ones.
            ModelAccessError: Its key is not set.
        """
        ...


class ModelCatalogue(Protocol):
    """The providers that this process can use."""

    def providers(self) -> tuple[str, ...]:
        """Their names, those in this process first."""
        ...

    async def report(self, provider: str) -> EndpointReport:
        """A provider as it is now; whatever is wrong with it is in the report.

        Raises NotFoundError when there is no such provider.
        """
        ...

    def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Download a model to its server.

        Raises:
            UsageError: Its provider has nothing to download.
            ModelNotFoundError: There is no such model.
            BackendUnavailableError: The server does not answer, or the download broke off.
        """
        ...


class RequestCache(Protocol):
    """Replies by the exact request that they answered."""

    async def get(self, key: str) -> str | None:
        """What was put there, if it has not run out."""
        ...

    async def put(self, key: str, model: str, value: str) -> None:
        """Keep a value; the first one stays."""
        ...
