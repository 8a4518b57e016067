"""Messages as vectors that models read instead of tokens, with the text that is nearest to them.

A soft token is the expectation of the input embeddings under the distribution of the next token
(CIPHER, arXiv 2310.06272, section 3). Vectors are opaque here: only backends compute with them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from simulator.domain.prompts import ChatMessage, ChatRole, Prompt

if TYPE_CHECKING:
    from simulator.domain.journal import SoftToken, Step, StopReason, Usage

Criterion = Literal["max_probability", "entropy"]
Greedy = Literal["never", "confident", "unsure"]


class LatentSampling(BaseModel):
    """How soft tokens are made; nothing in it is random."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    temperature: float = Field(gt=0.0, allow_inf_nan=False)
    """Softmax temperature of the mixture, dimensionless."""
    top_p: float = Field(default=1.0, gt=0.0, le=1.0)
    """Nucleus mass that takes part in the mixture; 1 is all."""
    top_k: int | None = Field(default=None, ge=1)
    """How many of the most probable tokens take part; None is all."""
    max_tokens: int = Field(default=256, ge=1)
    """Most soft tokens of one message."""
    stop: tuple[str, ...] = ()
    """Texts that end a message; they and their vectors are not part of it."""
    greedy: Greedy = "never"
    """When a step takes the vector of its most probable token instead of the mixture.

    `confident` is the paper's partial CIPHER: mixed only where the uncertainty is above the
    threshold. `unsure` is its reverse.
    """
    criterion: Criterion = "max_probability"
    """The uncertainty of a step, at temperature 1: 1 - max p, or the entropy in nats."""
    threshold: float = Field(default=0.0, ge=0.0, allow_inf_nan=False)
    """Of the uncertainty: 0 to 1 for `max_probability`, in nats for `entropy`."""
    unit_length: bool = False
    """Whether vectors are scaled to Euclidean length 1."""
    stop_rule: Literal["first", "classic"] = "first"
    """`first` stops at the first end token or stop text. `classic` makes `max_tokens` vectors, then
    cuts at the first of these only if the word "Answer" occurs anywhere."""
    top_tokens: int = Field(default=3, ge=0, le=20)
    """How many of the most probable tokens of each step are kept for people to see."""


class EmbeddingTable(Protocol):
    """The input embeddings of a model, for those who write vectors that it is to read."""

    @property
    def model(self) -> str:
        """`provider/model`."""
        ...

    @property
    def tokens(self) -> tuple[bytes, ...]:
        """UTF-8 bytes that each token stands for, maybe no whole characters; empty for markers."""
        ...

    def rows(self) -> Any:
        """A NumPy array (vocabulary, width) in float32: the input that each token is."""
        ...


@dataclass(frozen=True, slots=True)
class Vectors:
    """Inputs of one model in a row."""

    data: bytes = field(repr=False)
    """Float32, little-endian, vector after vector."""
    width: int
    """Numbers in each vector."""

    def __len__(self) -> int:
        return len(self.data) // (4 * self.width)


@dataclass(frozen=True, slots=True)
class LatentMessage:
    """One entry of a prompt of text and vectors, as a backend takes it."""

    role: ChatRole
    parts: tuple[str | Vectors, ...]


@dataclass(frozen=True, slots=True)
class LatentRequest:
    """One call for soft tokens."""

    messages: tuple[LatentMessage, ...]
    sampling: LatentSampling
    receivers: tuple[EmbeddingTable, ...] = ()
    """Tables of other models that are to read the message; vectors are given for each of them."""
    nearest_of: tuple[str, ...] = ()
    """Texts, one of which is to be named as nearest to the last vector; such as A, B, C and D."""


@dataclass(frozen=True, slots=True)
class LatentCompletion:
    """A whole message of soft tokens, and what it took."""

    text: str
    """Of the tokens whose embeddings are nearest by cosine."""
    vectors: Vectors
    """For the model that made them."""
    received: tuple[Vectors, ...]
    """For each of the receivers, in their order; as many vectors, unless `unknown` says fewer."""
    stop_reason: StopReason
    usage: Usage
    tokens: tuple[SoftToken, ...] = ()
    """What was likely at each step; one for each vector."""
    unknown: tuple[int, ...] = ()
    """For each receiver, steps without a vector as it has none of the tokens that took part."""
    nearest: str | None = None
    """Which of `nearest_of` is nearest to the last vector; None without any vector."""
    model_digest: str | None = None


@dataclass(frozen=True, slots=True)
class LatentChunk:
    """A piece of a message, as text. The last chunk, and only it, carries the completion."""

    text: str = ""
    completion: LatentCompletion | None = None


class SoftText:
    """A message as vectors, which lives as long as somebody holds it.

    Vectors are not stored. On a replay they are missing until a model has to read them: `origin`
    names all that they depend on, so that they can be made again.
    """

    __slots__ = ("__weakref__", "_vectors", "origin", "text")

    def __init__(
        self, text: str, origin: str, vectors: Mapping[str, Vectors] | None = None
    ) -> None:
        self.text = text
        self.origin = origin
        """32 hexadecimal digits; equal origins have equal vectors."""
        self._vectors = vectors

    @property
    def vectors(self) -> Mapping[str, Vectors] | None:
        """By the `provider/model` that reads them; None until they are made."""
        return self._vectors

    def fill(self, vectors: Mapping[str, Vectors]) -> None:
        """Take the vectors that belong to the origin."""
        self._vectors = vectors


SoftPart = str | SoftText


@dataclass(frozen=True, slots=True)
class SoftMessage:
    """One entry of a prompt of text and messages as vectors."""

    role: ChatRole
    parts: tuple[SoftPart, ...]

    @property
    def text(self) -> str:
        """The words, and for vectors the text nearest to them."""
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)


@dataclass(frozen=True, slots=True)
class SoftPrompt:
    """A fixed sequence of entries with a hash."""

    messages: tuple[SoftMessage, ...]

    @property
    def hash(self) -> str:
        """32 hexadecimal digits that name the exact texts and the origins of all vectors."""
        digest = hashlib.blake2b(digest_size=16)
        for message in self.messages:
            digest.update(f"{message.role}:{len(message.parts)}:".encode())
            for part in message.parts:
                kind, words = ("t", part) if isinstance(part, str) else ("v", part.origin)
                data = words.encode("utf-8", "surrogatepass")
                digest.update(f"{kind}{len(data)}:".encode() + data)
        return digest.hexdigest()

    @property
    def as_text(self) -> Prompt:
        """The prompt with nearest texts for vectors, for people."""
        return Prompt.of(*(ChatMessage(one.role, one.text) for one in self.messages))

    @property
    def soft_texts(self) -> tuple[SoftText, ...]:
        """All messages as vectors in it."""
        return tuple(
            part for one in self.messages for part in one.parts if isinstance(part, SoftText)
        )


@dataclass(frozen=True, slots=True)
class SoftReply:
    """An agent's message as vectors, and the step that puts its text on record."""

    step: Step
    soft: SoftText
