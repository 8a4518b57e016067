"""The pocket model as one object: read a prompt, reply, score, or go on from soft tokens."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.backends.pocket.blas import use_one_thread
from simulator.backends.pocket.cache import DEFAULT_SLOTS, SequenceCache
from simulator.backends.pocket.chat import Chat, TextStream
from simulator.backends.pocket.decoder import BLOCK, Decoder
from simulator.backends.pocket.sampler import Draw, Sampler
from simulator.backends.pocket.weights import load_weights
from simulator.errors import ContextOverflowError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from simulator.backends.pocket.cache import Slot
    from simulator.backends.pocket.weights import Floats

WEIGHTS_FOLDER = Path(__file__).parent / "weights"
DEFAULT_MAX_TOKENS = 256


@dataclass(frozen=True, slots=True)
class ReplyEnd:
    """How a reply ended."""

    stop_reason: Literal["stop", "length"]
    """`length`: max_tokens were drawn, or the context is full."""
    tokens: int
    """Drawn, the one that ends the reply not counted."""
    cached_tokens: int
    """Of the prompt, not read again."""


class Reading:
    """A prompt that was read, and whatever is stepped on after it.

    Only the reading made last by a model may be stepped.
    """

    def __init__(self, decoder: Decoder, slot: Slot, length: int, logits: Floats) -> None:
        self._decoder = decoder
        self._slot = slot
        self.start_logits = logits
        """(vocabulary,): logits after the prompt."""
        self.position = length
        """Where the next input goes, in tokens."""
        self.cached_tokens = 0

    def step(self, row: Floats) -> Floats:
        """Logits (vocabulary,) after one more input vector (hidden,): a token's or a soft one.

        The logits are overwritten by the next step.

        Raises:
            ContextOverflowError: The context is full.
        """
        context = self._decoder.weights.context
        if self.position >= context:
            raise ContextOverflowError(f"The pocket model's context of {context} tokens is full.")
        logits = self._decoder.step(row, self.position, self._slot.sequence)
        self.position += 1
        return logits

    def rewind(self, position: int) -> None:
        """Go back to a position at or after the end of the prompt, to continue otherwise."""
        self.position = position


class PocketModel:
    """Tokenizer, decoder and cache. Not for several threads at once.

    What it computes depends on its arguments alone: neither the cache nor the requests before
    change a bit of it.

    Raises:
        OSError: A file of the model is missing.
        ValueError: The files do not fit the decoder.
    """

    def __init__(self, folder: Path = WEIGHTS_FOLDER, *, slots: int = DEFAULT_SLOTS) -> None:
        use_one_thread()
        self.chat = Chat(folder)
        self.decoder = Decoder(load_weights(folder))
        self.cache = SequenceCache(self.decoder.weights, slots)
        self.digest = _digest(folder)
        """Names the exact weights and tokenizer."""
        self.allowed: Floats = np.zeros(len(self.embeddings), np.float32)
        """(vocabulary,): minus infinity for what a reply cannot contain, else 0."""
        self.allowed[list(self.chat.never)] = -np.inf

    @property
    def embeddings(self) -> Floats:
        """(vocabulary, hidden): the input vector of each token."""
        return self.decoder.embeddings

    @property
    def context(self) -> int:
        """Tokens of prompt and reply together."""
        return self.decoder.weights.context

    def read(
        self, prompt: Sequence[int], soft: Mapping[int, Floats] = MappingProxyType({})
    ) -> Reading:
        """Read a prompt, reusing what an earlier one has in common with it.

        Args:
            prompt: Tokens; numbers below 0 stand for soft inputs.
            soft: The vector (hidden,) of each of these numbers, the same for all prompts.

        Raises:
            ContextOverflowError: The prompt leaves no room for a token.
        """
        if not prompt:
            raise ValueError("an empty prompt cannot be read")
        if len(prompt) >= self.context:
            raise ContextOverflowError(
                f"The prompt takes {len(prompt)} tokens and leaves no room for a reply: the "
                f"pocket model sees {self.context} tokens in all.",
                remedy="Let it read less (shorter prompts and texts, fewer earlier messages), or "
                "use a model with a longer context.",
            )
        slot, blocks = self.cache.take(prompt)
        last = (len(prompt) - 1) // BLOCK
        cached = min(blocks, last)
        hidden = None
        for block in range(cached, last + 1):
            part = prompt[block * BLOCK : (block + 1) * BLOCK]
            if min(part) < 0:
                rows = np.stack([soft[n] if n < 0 else self.embeddings[n] for n in part])
                hidden = self.decoder.read_rows(rows, block, slot.sequence)
            else:
                hidden = self.decoder.read_block(part, block, slot.sequence)
        assert hidden is not None  # the block of the last token is always read
        logits = self.decoder.logits(hidden[(len(prompt) - 1) % BLOCK]).copy()
        self.cache.keep(slot, prompt)
        reading = Reading(self.decoder, slot, len(prompt), logits)
        reading.cached_tokens = cached * BLOCK
        return reading

    def reply(
        self,
        prompt: Sequence[int],
        draw: Draw,
        seed: int,
        *,
        max_tokens: int = DEFAULT_MAX_TOKENS,
        stops: Sequence[str] = (),
    ) -> Iterator[str | ReplyEnd]:
        """One item for each token, its text or "", and last how the reply ended.

        Text is held back while it may turn out to be half a character or a stop string.

        Raises:
            ContextOverflowError: The prompt leaves no room for a token.
        """
        reading = self.read(prompt)
        sampler = Sampler(draw, seed)
        stream = TextStream(self.chat, stops)
        logits = reading.start_logits
        reason: Literal["stop", "length"] = "length"
        drawn = 0
        limit = min(max_tokens, self.context - len(prompt))
        while drawn < limit:
            token = sampler.pick(logits + self.allowed)
            if token == self.chat.end:
                reason = "stop"
                break
            drawn += 1
            yield stream.push(token)
            if stream.stopped:
                reason = "stop"
                break
            if drawn < limit:
                logits = reading.step(self.embeddings[token])
        yield stream.finish()
        yield ReplyEnd(reason, drawn, reading.cached_tokens)

    def score(self, prompt: Sequence[int], options: Sequence[str]) -> tuple[float, ...]:
        """Log-probability, in nats, of each option as the whole reply, its end included.

        Raises:
            ContextOverflowError: The prompt with the longest option does not fit.
        """
        replies = [[*self.chat.text_tokens(option.strip()), self.chat.end] for option in options]
        if len(prompt) + max(map(len, replies), default=0) > self.context:
            raise ContextOverflowError(
                f"The prompt of {len(prompt)} tokens and its options do not fit the pocket "
                f"model, which sees {self.context} tokens in all."
            )
        reading = self.read(prompt)
        scores = [0.0] * len(replies)
        before: list[int] = []
        known: list[_Logits] = []
        # Options that begin alike are read once as far as they do.
        for place in sorted(range(len(replies)), key=replies.__getitem__):
            reply = replies[place]
            shared = _common(before, reply)
            del known[shared + 1 :]
            reading.rewind(len(prompt) + shared)
            for number in range(len(known), len(reply)):
                logits = reading.step(self.embeddings[reply[number - 1]]) if number else None
                known.append(_Logits.of(reading.start_logits if logits is None else logits))
            for one, token in zip(known, reply, strict=True):
                scores[place] += one.log_probability(token)
            before = reply
        return tuple(scores)


class _Logits(NamedTuple):
    """What comes after some tokens, in double precision."""

    exact: NDArray[np.float64]
    """(vocabulary,)."""
    peak: float
    log_sum: float
    """Of exponentials of the distances from the peak."""

    @classmethod
    def of(cls, logits: Floats) -> _Logits:
        exact = logits.astype(np.float64)
        peak = exact.max()
        return cls(exact, peak, np.log(np.exp(exact - peak).sum()))

    def log_probability(self, token: int) -> float:
        """In nats."""
        return float(self.exact[token] - self.peak - self.log_sum)


def _common(first: Sequence[int], second: Sequence[int]) -> int:
    """How many tokens two replies have in common at their beginning, their ends left out."""
    least = max(0, min(len(first), len(second)) - 1)
    return next((n for n in range(least) if first[n] != second[n]), least)


def _digest(folder: Path) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        digest.update((folder / name).read_bytes())
    return f"blake2b:{digest.hexdigest()}"
