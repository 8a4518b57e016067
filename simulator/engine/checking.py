"""Asks a model a few short questions to see what its server really does."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Literal

from simulator.domain.journal import Usage
from simulator.domain.latent import (
    LatentCompletion,
    LatentMessage,
    LatentRequest,
    LatentSampling,
    Vectors,
)
from simulator.domain.models import Completion, GenerateRequest, ModelBackend, RetryNotice
from simulator.domain.ports import Clock
from simulator.domain.prompts import ChatMessage, Prompt
from simulator.domain.sampling import Sampling
from simulator.errors import (
    EndpointError,
    ModelAccessError,
    ModelNotFoundError,
    QuotaExhaustedError,
    ServiceUnavailableError,
    SimulatorError,
)

Status = Literal["ok", "differs", "absent", "failed"]
"""`ok`: as it should be. `differs`: the server answers, but otherwise than it was asked to.
`absent`: the model does not have this, or it cannot be told. `failed`: the request failed."""

SEED, OTHER_SEED = 7, 8
REPLY_TOKENS = 256
"""Room for a model that reasons before it replies."""
FEW_TOKENS = 16
"""The fewest that every server accepts as a limit."""
TOP_LOGPROBS = 5
SOFT_TOKENS = 4
MOST_STOPS = 4
"""As many as every server takes that takes any."""
CHOICES = ("north", "south")
LONG_LINE, LONG_LINES = "the sun is up and the day is long,", 30
LONG_WORDS = len(LONG_LINE.split()) * LONG_LINES
"""Words of the longest prompt; it fits a context of 1,024 tokens."""
TOKENS_PER_WORD = (0.5, 8.0)
"""Least and most that any tokenizer makes of the words of the longest prompt."""

_ENDING = (
    ServiceUnavailableError,
    ModelAccessError,
    ModelNotFoundError,
    QuotaExhaustedError,
    EndpointError,
)
"""Errors that every further request would meet too."""
_ENOUGH, _FEW = Sampling(max_tokens=REPLY_TOKENS), Sampling(max_tokens=FEW_TOKENS)
_HELLO = Prompt.of(
    ChatMessage("system", "You are Ada. You talk with a friend."),
    ChatMessage("user", "Hello Ada! How was your day? Answer in two sentences."),
)
_STORY = Prompt.of(ChatMessage("user", "Tell me a long story."))
_CHOICE = Prompt.of(ChatMessage("user", f"Say one word: {CHOICES[0]} or {CHOICES[1]}?"))
_LONG = Prompt.of(
    ChatMessage("system", "You are Ada. You talk with a friend."),
    ChatMessage("user", " ".join([LONG_LINE] * LONG_LINES)),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    name: str
    """Of the check: a word, or the name of an ability or a sampling option."""
    status: Status
    detail: str
    """One sentence; words of the model or its server may be in it."""
    took_s: float
    usage: Usage = field(default_factory=Usage)
    """What the check used."""


Hear = Callable[[RetryNotice], None]
"""Hears that a request is sent again."""


async def check_model(
    backend: ModelBackend, clock: Clock, hear: Hear = lambda notice: None
) -> AsyncGenerator[Finding, None]:
    """Ask a model about ten short questions and yield what each one shows.

    The checks look at the machinery, not at the model's wit: no question needs a sensible answer.

    Raises:
        SimulatorError: The model cannot be reached or used at all, so that nothing can be found.
    """
    checks = _Checks(backend, clock, hear)
    for name, check in checks.all().items():
        checks.used = []
        began = clock.monotonic()
        try:
            status, detail = await check()
        except SimulatorError as error:
            if isinstance(error, _ENDING) or not checks.answered:
                raise
            status, detail = "failed", " ".join(filter(None, (error.message, error.remedy)))
        yield Finding(name, status, detail, clock.monotonic() - began, Usage.total(checks.used))


@dataclass(frozen=True, slots=True)
class _Reply:
    """A completion and how it came."""

    completion: Completion
    pieces: int
    first_s: float
    """Seconds to the first piece, of the attempt that was answered."""
    streaming_s: float
    """Seconds from the first piece to the end."""
    retries: int

    @property
    def text(self) -> str:
        return self.completion.text


_Found = tuple[Status, str]


class _Checks:
    """The checks of one model, in the order of what builds on what."""

    def __init__(self, backend: ModelBackend, clock: Clock, hear: Hear) -> None:
        self._backend = backend
        self._clock = clock
        self._hear = hear
        self._first: _Reply | None = None
        self.used: list[Usage] = []
        # Some servers draw nothing unless they are told to; models that may reason refuse to be.
        reasons = self._takes("reasoning_effort")
        self._drawn = _ENOUGH if reasons else _ENOUGH.model_copy(update={"temperature": 1.0})

    @property
    def answered(self) -> bool:
        """Whether the model has given a reply: it can be used at all."""
        return self._first is not None

    def all(self) -> dict[str, Callable[[], Awaitable[_Found]]]:
        """Every check by its name."""
        return {
            "model": self._card,
            "reply": self._reply,
            "prompt": self._prompt_tokens,
            "max_tokens": self._max_tokens,
            "stop": self._stop,
            "seed": self._seed,
            "logprobs": self._logprobs,
            "choices": self._choices,
            "score": self._score,
            "latent": self._latent,
        }

    async def _card(self) -> _Found:
        card = await self._backend.describe()
        context = f"{card.context_length:,} tokens of context" if card.context_length else None
        weights = f"weights {card.digest[:19]}" if card.digest else None
        known = ", ".join(filter(None, (context, card.parameters, card.quantization, weights)))
        if card.answers_as is not None:
            names = f"The server takes any name; what answers is {card.answers_as!r}."
            return "differs", f"{names} {known}." if known else names
        if not known:
            return "absent", "The server tells neither context size nor weights."
        return "ok", f"{known}."

    async def _reply(self) -> _Found:
        reply = self._first = await self._ask(_HELLO, self._drawn)
        completion, usage = reply.completion, reply.completion.usage
        if not completion.text.strip():
            return "failed", f"The reply is empty; it ended by {completion.stop_reason!r}."
        pace = ""
        if reply.streaming_s > 0 and reply.pieces > 1:
            pace = f", then {usage.completion_tokens / reply.streaming_s:,.0f} tokens/s"
        pieces = "in one piece" if reply.pieces == 1 else f"in {reply.pieces} pieces"
        again = f"; failed attempts before: {reply.retries}" if reply.retries else ""
        detail = f"First words after {reply.first_s:.2f} s{pace}, {pieces}{again}."
        if usage.estimated_calls or not (usage.completion_tokens and usage.prompt_tokens):
            return "differs", f"{detail} The server counts no tokens; they are estimated."
        if reply.pieces == 1 and usage.completion_tokens > 1:
            return "differs", f"{detail} The reply is not streamed."
        return "ok", detail

    async def _prompt_tokens(self) -> _Found:
        reply = await self._ask(_LONG, _FEW)
        usage = reply.completion.usage
        counted = usage.prompt_tokens
        if reply.completion.prompt_truncated:
            return "differs", f"The server cut a prompt of {LONG_WORDS} words."
        if usage.estimated_calls:
            return "absent", "The server counts no tokens: what it reads of a prompt is not known."
        least, most = (LONG_WORDS * factor for factor in TOKENS_PER_WORD)
        detail = f"A prompt of {LONG_WORDS} words counts {counted:,} tokens."
        if not least <= counted <= most:
            return "differs", f"{detail} That cannot be."
        return "ok", f"{detail} Nothing was cut."

    async def _max_tokens(self) -> _Found:
        if not self._takes("max_tokens"):
            return "absent", "The model takes no limit of tokens."
        completion = (await self._ask(_STORY, _FEW)).completion
        if completion.usage.completion_tokens < FEW_TOKENS and completion.stop_reason != "length":
            completion = (await self._ask(_STORY, _FEW, seed=OTHER_SEED)).completion
        tokens, reason = completion.usage.completion_tokens, completion.stop_reason
        if tokens > FEW_TOKENS and not completion.usage.estimated_calls:
            return "differs", f"With a limit of {FEW_TOKENS}, the reply has {tokens} tokens."
        if reason == "length":
            return "ok", f"The reply was cut at {FEW_TOKENS} tokens, and the server says so."
        if tokens >= FEW_TOKENS:
            return "differs", f"The reply ends at the limit, but the stop reason is {reason!r}."
        return "absent", f"It cannot be told: the reply ended by itself after {tokens} tokens."

    async def _stop(self) -> _Found:
        if not self._takes("stop"):
            return "absent", "The model takes no stop strings."
        whole = self._first.text if self._first is not None else ""
        stops = _inner_words(whole)
        if not stops:
            return "absent", "There is no reply to stop at a word in it."
        stopping = self._drawn.model_copy(update={"stop": stops})
        text = (await self._ask(_HELLO, stopping)).text
        shown = ", ".join(repr(stop) for stop in stops)
        ends = [text.index(stop) + len(stop) for stop in stops if stop in text]
        if ends and text[min(ends) :].strip():
            return "differs", f"The reply did not stop at {shown}."
        if ends:
            return "differs", f"The reply stopped at one of {shown}, but has it at its end."
        if len(text) >= len(whole):
            return "absent", f"It cannot be told: another reply came, without any of {shown}."
        return "ok", f"The reply stopped before the first of {shown}."

    async def _seed(self) -> _Found:
        if not self._takes("seed"):
            return "absent", "The model takes no seed: nobody can repeat its replies."
        if self._first is None:
            return "absent", "There is no reply to repeat."
        again = await self._ask(_HELLO, self._drawn, repetition=1)
        other = await self._ask(_HELLO, self._drawn, seed=OTHER_SEED)
        if again.text != self._first.text:
            return "differs", "The same seed gave another reply: runs cannot be repeated exactly."
        if other.text == again.text:
            return "ok", "The same seed gave the same reply; so did another seed."
        return "ok", "The same seed gave the same reply, another seed another."

    async def _logprobs(self) -> _Found:
        if "logprobs" not in self._backend.abilities:
            return "absent", "The model does not tell how probable tokens are."
        request = self._request(_CHOICE, _FEW)
        reply = await self._send(replace(request, top_logprobs=TOP_LOGPROBS))
        told = reply.completion.first_token
        if not told:
            return "differs", "It was asked how probable first tokens are, and did not say."
        if sum(math.exp(one.logprob) for one in told) > 1.01:
            return "differs", "The probabilities of the first token add up to more than one."
        best = math.exp(told[0].logprob)
        return "ok", f"{len(told)} first tokens, the likeliest {told[0].token!r} with {best:.0%}."

    async def _choices(self) -> _Found:
        if "choices" not in self._backend.abilities:
            return "absent", "Replies cannot be held to one of several texts."
        request = self._request(_CHOICE, _ENOUGH)
        text = (await self._send(replace(request, choices=CHOICES))).text
        if text not in CHOICES:
            return "differs", f"Held to {CHOICES[0]!r} or {CHOICES[1]!r}, it said {text[:40]!r}."
        return "ok", f"Held to {CHOICES[0]!r} or {CHOICES[1]!r}, it said {text!r}."

    async def _score(self) -> _Found:
        if "score" not in self._backend.abilities:
            return "absent", "The model does not tell how probable a given reply is."
        scores = await self._backend.score(_CHOICE, CHOICES)
        shown = ", ".join(f"{one} {score:.1f}" for one, score in zip(CHOICES, scores, strict=True))
        if any(not math.isfinite(score) or score > 0 for score in scores):
            return "differs", f"These are no log-probabilities: {shown}."
        return "ok", f"Log-probabilities: {shown} nats."

    async def _latent(self) -> _Found:
        if "latent" not in self._backend.abilities:
            return "absent", "The model takes and gives words alone, not vectors."
        first = await self._ask_latent("Hello.")
        again = await self._ask_latent("Hello.")
        count = len(first.vectors)
        if count > SOFT_TOKENS or count != len(first.tokens):
            return "differs", f"Asked for {SOFT_TOKENS} soft tokens, it gave {count} vectors."
        if again.vectors != first.vectors:
            return "differs", "The same request gave other vectors."
        read = (await self._ask_latent("You said: ", first.vectors)).usage.prompt_tokens
        detail = f"{count} soft tokens of {first.vectors.width} numbers, {first.text!r}."
        if read < first.usage.prompt_tokens + count:
            return "differs", f"{detail} The model did not read them all."
        return "ok", f"{detail} The model read them, too."

    async def _ask_latent(self, *parts: str | Vectors) -> LatentCompletion:
        """Few soft tokens; what they used is counted."""
        sampling = LatentSampling(temperature=1.0, max_tokens=SOFT_TOKENS)
        request = LatentRequest((LatentMessage("user", parts),), sampling)
        async with aclosing(self._backend.generate_latent(request)) as chunks:
            async for chunk in chunks:
                if chunk.completion is not None:
                    usage = chunk.completion.usage
                    self.used.append(usage.model_copy(update={"calls": 1}))
                    return chunk.completion
        raise EndpointError(f"{self._backend.model} ended its message without completing it.")

    def _takes(self, option: str) -> bool:
        return option in self._backend.sampling_options

    async def _ask(
        self, prompt: Prompt, sampling: Sampling, *, seed: int = SEED, repetition: int = 0
    ) -> _Reply:
        return await self._send(self._request(prompt, sampling, seed, repetition))

    def _request(
        self, prompt: Prompt, sampling: Sampling, seed: int = SEED, repetition: int = 0
    ) -> GenerateRequest:
        taken = sampling.limited_to(self._backend.sampling_options)
        return GenerateRequest(prompt, taken, seed, repetition)

    async def _send(self, request: GenerateRequest) -> _Reply:
        """The reply to one request; what it used is counted."""
        began, first = self._clock.monotonic(), None
        pieces = retries = 0
        completion: Completion | None = None
        async with aclosing(self._backend.generate(request)) as chunks:
            async for chunk in chunks:
                now = self._clock.monotonic()
                if chunk.retry is not None:
                    self._hear(chunk.retry)
                    began, first, pieces, retries = now + chunk.retry.wait_s, None, 0, retries + 1
                if chunk.text:
                    first = now if first is None else first
                    pieces += 1
                completion = chunk.completion or completion
        ended = self._clock.monotonic()
        if completion is None:
            raise EndpointError(f"{self._backend.model} ended its reply without completing it.")
        first = ended if first is None else first
        self.used.append(completion.usage.model_copy(update={"calls": 1}))
        return _Reply(completion, pieces, max(0.0, first - began), ended - first, retries)


def _inner_words(text: str) -> tuple[str, ...]:
    """The first few different words that another word comes before."""
    words = [word.strip(".,;:!?\"'()*") for word in text.split()]
    inner = (word for word in words[1:] if word and word not in words[0])
    return tuple(dict.fromkeys(inner))[:MOST_STOPS]
