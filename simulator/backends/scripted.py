"""Deterministic replies, delays and failures: for demonstrations, tests and benchmarks.

On the command line: `scripted/NAME?option=value&…`, NAME one of `SCRIPTS`. Options:
`delay_ms` before the first piece, `token_delay_ms` before each piece, `fail_first` requests of
every prompt that fail before one is answered, `fail_every` n-th request that fails, `fail_with`
`unavailable`, `rate_limit` or `refused`, and `text` for `scripted/say`.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from simulator.backends.wordy import wordy
from simulator.domain.journal import StopReason, Usage
from simulator.domain.latent import EmbeddingTable, LatentChunk, LatentRequest
from simulator.domain.models import Ability, Chunk, Completion, GenerateRequest, ModelCard
from simulator.domain.prices import FREE
from simulator.domain.prompts import Prompt
from simulator.domain.sampling import Sampling
from simulator.domain.seeds import derive_rng
from simulator.errors import (
    BackendError,
    BackendUnavailableError,
    NotFoundError,
    RateLimitedError,
    UsageError,
)

Script = Callable[[GenerateRequest], str]
"""A reply from a request, and from nothing else."""

_LABEL = re.compile(r"^\w+: ")
_WORDS = (
    "yes", "no", "maybe", "today", "tomorrow", "never", "always", "because", "we", "they", "talk",
    "listen", "wait", "open", "close", "door", "light", "water", "yard", "rule", "letter",
    "friend", "night", "morning", "ask", "answer", "give", "take", "stay", "leave",
)  # fmt: skip


def echo(request: GenerateRequest) -> str:
    """Say how long the prompt is and how its last message began."""
    said = _LABEL.sub("", request.prompt.last.content.rpartition("\n")[2])
    return f"I heard {len(request.prompt)} messages; the last began: {' '.join(said.split()[:6])}"


def babble(request: GenerateRequest) -> str:
    """Five to twenty words that depend on the seed and the prompt."""
    rng = derive_rng(request.seed, request.prompt.hash)
    words = [rng.choice(_WORDS) for _ in range(rng.randint(5, 20))]
    return " ".join(words).capitalize() + "."


def silent(request: GenerateRequest) -> str:
    """Say nothing."""
    return ""


def flood(request: GenerateRequest) -> str:
    """Say a megabyte, as one word, so that no limit of tokens shortens it."""
    return "blah" * (1024 * 1024 // 4)


def hostile(request: GenerateRequest) -> str:
    """Say what could harm a careless terminal or page."""
    return (
        "\x1b[2J\x1b[31mred\x1b[0m [bold red]not bold[/] [/nothing] \x07\x00\r\x9b31m"
        "<script>alert(1)</script> \u202eright to left\u202c ```\n# heading\nGuard: me too"
    )


SCRIPTS: dict[str, Script] = {
    "echo": echo,
    "babble": babble,
    "silent": silent,
    "flood": flood,
    "hostile": hostile,
}


class ScriptOptions(BaseModel):
    """What may follow the `?` of a scripted model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    delay_ms: float = Field(default=0.0, ge=0.0)
    token_delay_ms: float = Field(default=0.0, ge=0.0)
    fail_first: int = Field(default=0, ge=0)
    fail_every: int = Field(default=0, ge=0)
    fail_with: Literal["unavailable", "rate_limit", "refused"] = "unavailable"
    text: str = ""


@dataclass(frozen=True, slots=True)
class _ListedReplies:
    replies: Sequence[str]

    def __call__(self, request: GenerateRequest) -> str:
        """The next reply for each longer prompt, and the first again after the last."""
        spoken = sum(1 for entry in request.prompt if entry.role == "assistant")
        return self.replies[spoken % len(self.replies)]


class ScriptedBackend:
    """A model that does as it is told."""

    endpoint = ""
    abilities: frozenset[Ability] = frozenset({"seed"})
    sampling_options = frozenset(Sampling.model_fields)
    price = FREE

    def __init__(
        self,
        script: Script | Sequence[str],
        *,
        model: str = "scripted/script",
        options: ScriptOptions | None = None,
    ) -> None:
        """Make one.

        Args:
            script: A function of the request, or replies that an agent gives one after another.
            model: What it is called.
            options: Delays and failures.
        """
        self.model = model
        self._script = script if callable(script) else _ListedReplies(tuple(script))
        self._options = options or ScriptOptions()
        self._requests = 0
        self._failures: Counter[str] = Counter()

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        """See the port."""
        options = self._options
        if options.delay_ms:
            await asyncio.sleep(options.delay_ms / 1000)
        self._fail_on_demand(request.prompt)
        text = self._script(request)
        for stop in request.sampling.stop:
            text = text.partition(stop)[0]
        pieces = re.findall(r"\s*\S+|\s+$", text)
        stop_reason: StopReason = "stop"
        limit = request.sampling.max_tokens
        if limit is not None and len(pieces) > limit:
            pieces, stop_reason = pieces[:limit], "length"
        if options.token_delay_ms:
            for piece in pieces:
                await asyncio.sleep(options.token_delay_ms / 1000)
                yield Chunk(piece)
        elif pieces:
            yield Chunk("".join(pieces))
        usage = Usage(prompt_tokens=len(request.prompt), completion_tokens=len(pieces))
        yield Chunk(completion=Completion("".join(pieces), stop_reason, usage))

    async def describe(self) -> ModelCard:
        """See the port."""
        return ModelCard(self.model, self.abilities, price=FREE)

    async def score(self, prompt: Prompt, options: Sequence[str]) -> tuple[float, ...]:
        """A script cannot say how probable an answer is."""
        raise BackendError(f"{self.model} gives no probabilities.")

    def generate_latent(self, request: LatentRequest) -> AsyncGenerator[LatentChunk, None]:
        """A script has words alone."""
        raise wordy(self.model)

    async def embedding_table(self) -> EmbeddingTable:
        """A script has words alone."""
        raise wordy(self.model)

    async def close(self) -> None:
        """Nothing to release."""

    def _fail_on_demand(self, prompt: Prompt) -> None:
        options = self._options
        self._requests += 1
        due = options.fail_every and self._requests % options.fail_every == 0
        if self._failures[prompt.hash] < options.fail_first:
            self._failures[prompt.hash] += 1
            due = True
        if not due:
            return
        if options.fail_with == "refused":
            raise BackendError(f"{self.model} refused, as it was told to.")
        if options.fail_with == "rate_limit":
            raise RateLimitedError(
                f"{self.model} asks to wait, as it was told to.", retry_after_s=0.05
            )
        raise BackendUnavailableError(f"{self.model} did not answer, as it was told not to.")


def open_scripted(name: str) -> ScriptedBackend:
    """The scripted model of `NAME?option=value&…`.

    Raises:
        NotFoundError: No such script.
        UsageError: An option that does not exist or has no usable value.
    """
    script_name, _, query = name.partition("?")
    model = f"scripted/{name}"
    try:
        options = ScriptOptions.model_validate(dict(parse_qsl(query, keep_blank_values=True)))
    except ValidationError as error:
        fault = error.errors()[0]
        raise UsageError(
            f"{model}: option {'.'.join(map(str, fault['loc']))}: {fault['msg']}.",
            remedy=f"Options are {', '.join(ScriptOptions.model_fields)}.",
        ) from error
    if script_name == "say":
        return ScriptedBackend([options.text], model=model, options=options)
    if script_name not in SCRIPTS:
        raise NotFoundError(
            f"There is no script {script_name!r}.",
            remedy=f"Scripts are {', '.join([*SCRIPTS, 'say'])}.",
        )
    return ScriptedBackend(SCRIPTS[script_name], model=model, options=options)
