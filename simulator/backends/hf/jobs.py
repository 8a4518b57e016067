"""What the decoder is asked for, and what becomes of the tokens that it finds."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from simulator.backends.hf.drawing import Draw
from simulator.backends.hf.mixing import Reader
from simulator.backends.hf.speech import Speech, TokenText
from simulator.backends.latent_rules import NearestText
from simulator.domain.journal import SoftToken
from simulator.domain.latent import LatentSampling

Tensor = Any
Deliver = Callable[[object], None]
"""Takes pieces of text, then the result, or an exception; called from the decoder's thread."""


PIECE_S = 0.1
"""Seconds between two pieces of a reply: readers follow, and each costs them time."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """A prompt: a key for each input, and the vectors among them."""

    keys: tuple[int, ...]
    """Tokens; a vector is named by a negative number that depends on all of it."""
    vectors: dict[int, Tensor] = field(default_factory=dict)
    """(width,), by place."""

    def __len__(self) -> int:
        return len(self.keys)


def vector_key(data: bytes) -> int:
    """The negative number that names a vector of these bytes."""
    return -1 - (int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big") >> 1)


@dataclass(frozen=True, slots=True)
class Written:
    """A reply in text."""

    stop_reason: Literal["stop", "length"]
    tokens: int
    """Drawn, the one that ends the reply not counted."""
    cached_tokens: int
    """Of the prompt, whose keys and values were there."""
    first: tuple[tuple[str, float], ...]
    """The likeliest first tokens with their log-probabilities, in nats."""


@dataclass(frozen=True, slots=True)
class Mixed:
    """A reply in soft tokens."""

    stop_reason: Literal["stop", "length"]
    vectors: list[Tensor]
    received: list[list[Tensor | None]]
    """For each receiver; None where it has none of the tokens."""
    tokens: tuple[SoftToken, ...]
    steps: int
    """Vectors that were made, those cut away too."""
    cached_tokens: int


class Job:
    """Something to be read, and perhaps gone on from."""

    def __init__(self, inputs: Inputs, deliver: Deliver) -> None:
        self.inputs = inputs
        self.deliver = deliver
        self.is_cancelled = False
        """Set by whoever asked; the decoder lets go of it at the next step."""
        self.cached_tokens = 0

    @property
    def begins_alike(self) -> int:
        """How many of its first inputs others are likely to have too."""
        return 0

    @property
    def room(self) -> int:
        """Places that it may take in all."""
        return len(self.inputs)

    @property
    def kept(self) -> int:
        """How many of its inputs are worth keeping for others."""
        return len(self.inputs)

    @property
    def looks_back(self) -> int:
        """For how many of its last inputs it needs the logits."""
        return 1


class ReplyJob(Job):
    """A reply of tokens or soft tokens, one at each step."""

    def __init__(self, inputs: Inputs, deliver: Deliver, limit: int) -> None:
        super().__init__(inputs, deliver)
        self.limit = limit
        """Most tokens of the reply."""
        self.made = 0
        self._unsaid = ""
        self._said_at = 0.0

    @property
    def room(self) -> int:
        """See `Job`."""
        return len(self.inputs) + self.limit

    def say(self, piece: str, *, is_last: bool = False) -> None:
        """Deliver text, together with what came shortly before."""
        self._unsaid += piece
        now = time.monotonic()
        if self._unsaid and (is_last or now - self._said_at >= PIECE_S):
            self.deliver(self._unsaid)
            self._unsaid, self._said_at = "", now


class TextJob(ReplyJob):
    """A reply in text."""

    def __init__(
        self,
        inputs: Inputs,
        deliver: Deliver,
        *,
        speech: Speech,
        draw: Draw,
        limit: int,
        stops: Sequence[str] = (),
        top_logprobs: int = 0,
    ) -> None:
        super().__init__(inputs, deliver, limit)
        self.draw = draw
        self.top_logprobs = top_logprobs
        self._ends = speech.ends
        self._speech = speech
        self._text = TokenText(speech, stops)
        self._first: tuple[tuple[str, float], ...] = ()

    def note_first(self, logprobs: Tensor) -> None:
        """Keep the likeliest of the first token's log-probabilities (vocabulary,)."""
        heights, places = logprobs.topk(min(self.top_logprobs, logprobs.shape[-1]))
        self._first = tuple(
            (self._speech.token_text(token), logprob)
            for token, logprob in zip(places.tolist(), heights.tolist(), strict=True)
        )

    def take(self, token: int) -> bool:
        """Another token; whether the reply is over, which is then delivered."""
        if token in self._ends:
            self._end("stop")
            return True
        self.made += 1
        self.say(self._text.push(token))
        if self._text.stopped or self.made >= self.limit:
            self._end("stop" if self._text.stopped else "length")
            return True
        return False

    def _end(self, reason: Literal["stop", "length"]) -> None:
        self.say(self._text.finish(), is_last=True)
        if self._text.stopped:
            reason = "stop"
        self.deliver(Written(reason, self.made, self.cached_tokens, self._first))


class LatentJob(ReplyJob):
    """A reply in soft tokens."""

    def __init__(
        self,
        inputs: Inputs,
        deliver: Deliver,
        *,
        speech: Speech,
        sampling: LatentSampling,
        limit: int,
        instructions: int = 0,
        readers: Sequence[Reader] = (),
    ) -> None:
        """Make one; of the inputs, the first `instructions` are those of the first message."""
        super().__init__(inputs, deliver, limit)
        self._instructions = instructions
        self.readers = tuple(readers)
        self.sampling = sampling
        self._speech = speech
        self._text = NearestText(sampling.stop, classic=sampling.stop_rule == "classic")
        self._vectors: list[Tensor] = []
        self._received: list[list[Tensor | None]] = [[] for _ in self.readers]
        self._tokens: list[SoftToken] = []

    @property
    def begins_alike(self) -> int:
        """See `Job`: debaters of a run have the same instructions and examples."""
        return self._instructions

    def take(
        self, token: int, soft: SoftToken, vector: Tensor, received: Sequence[Tensor | None]
    ) -> bool:
        """Another soft token and its nearest; whether the reply is over, and delivered."""
        self.made += 1
        self._vectors.append(vector)
        self._tokens.append(soft)
        for whole, one in zip(self._received, received, strict=True):
            whole.append(one)
        is_end = token in self._speech.ends
        self.say(self._text.push(self._speech.token_bytes(token), is_end=is_end))
        if not self._text.stopped and self.made < self.limit:
            return False
        self.say(self._text.finish(), is_last=True)
        kept = self._text.kept
        self.deliver(
            Mixed(
                "length" if self._text.stop_reason == "length" else "stop",
                self._vectors[:kept],
                [whole[:kept] for whole in self._received],
                tuple(self._tokens[:kept]),
                self.made,
                self.cached_tokens,
            )
        )
        return True


class ScoreJob(Job):
    """How probable a continuation is."""

    def __init__(self, prompt: Sequence[int], reply: Sequence[int], deliver: Deliver) -> None:
        """Ask for the log-probability of all of `reply`, after `prompt`."""
        super().__init__(Inputs((*prompt, *reply[:-1])), deliver)
        self.reply = tuple(reply)
        self._prompt = len(prompt)

    @property
    def kept(self) -> int:
        """See `Job`."""
        return self._prompt

    @property
    def looks_back(self) -> int:
        """See `Job`."""
        return len(self.reply)

    def take(self, logprobs: Tensor) -> None:
        """Deliver the sum, in nats, from log-probabilities (tokens of the reply, vocabulary)."""
        places = range(len(self.reply))
        self.deliver(float(sum(logprobs[at, self.reply[at]].double() for at in places)))
