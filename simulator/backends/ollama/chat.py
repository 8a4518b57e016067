"""What is sent to Ollama's chat API, and how its lines become a reply."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.backends import choosing
from simulator.backends.logprobs import likeliest
from simulator.domain.journal import StopReason, Usage
from simulator.domain.models import Completion, GenerateRequest, TokenLogprob
from simulator.domain.prompts import ChatMessage
from simulator.domain.sampling import ReasoningEffort, Sampling

if TYPE_CHECKING:
    from simulator.backends.ollama.client import ChatPart

MOST_LOGPROBS = 20
"""As many of the likeliest tokens as the server tells."""
MOST_CHARACTERS = 16 << 20
"""Of text and thoughts; a reply that is longer has no end."""
_LARGEST_SEED = 2**31 - 1
_THINK: dict[ReasoningEffort, bool | str] = {
    "none": False,
    "minimal": "low",
    "low": "low",
    "medium": "medium",
    "high": "high",
}
_STOP_REASONS: dict[str | None, StopReason] = {"stop": "stop", "length": "length"}


def wire_seed(seed: int) -> int:
    """The seed as Ollama takes it: 1 to 2**31 - 1, smaller ones unchanged.

    Its samplers keep 32 bits, and 0 is taken for no seed on its way to some of them.
    """
    return seed % _LARGEST_SEED or _LARGEST_SEED


def chat_body(
    name: str, messages: Sequence[ChatMessage], request: GenerateRequest, *, may_cut: bool
) -> dict[str, object]:
    """The JSON body of a chat; `may_cut` lets the server drop messages that do not fit."""
    body: dict[str, object] = {
        "model": name,
        "messages": [{"role": entry.role, "content": entry.content} for entry in messages],
        "stream": True,
        "options": _options(request.sampling, request.seed),
    }
    if not may_cut:
        body["truncate"] = False
    if request.sampling.reasoning_effort is not None:
        body["think"] = _THINK[request.sampling.reasoning_effort]
    if request.choices:
        body["format"] = choosing.schema(request.choices)["schema"]
    if request.top_logprobs:
        body |= {"logprobs": True, "top_logprobs": min(request.top_logprobs, MOST_LOGPROBS)}
    return body


def _options(sampling: Sampling, seed: int) -> dict[str, object]:
    wanted = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "num_predict": sampling.max_tokens,
        "num_ctx": sampling.context_length,
        "stop": list(sampling.stop) or None,
    }
    return {"seed": wire_seed(seed)} | {k: v for k, v in wanted.items() if v is not None}


class Reply:
    """A reply as it comes in."""

    def __init__(self, request: GenerateRequest) -> None:
        self._request = request
        self._said: list[str] = []
        self._thought: list[str] = []
        self._parts_with_text = 0
        self._length = 0
        self._first_token: tuple[TokenLogprob, ...] = ()
        self._last: ChatPart | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the server said that it is."""
        return self._last is not None

    @property
    def has_begun(self) -> bool:
        """Whether any of it has come."""
        return bool(self._said or self._thought)

    @property
    def has_logprobs(self) -> bool | None:
        """Whether they came; None when nobody asked, or no token came that they could be of."""
        return bool(self._first_token) if self._request.top_logprobs and self._said else None

    @property
    def is_endless(self) -> bool:
        """Whether more came than any model says."""
        return self._length > MOST_CHARACTERS

    @property
    def prompt_tokens(self) -> int | None:
        """As the server counts them; None when it does not say."""
        return self._last.prompt_eval_count if self._last is not None else None

    @property
    def completion_tokens(self) -> int:
        """As the server counts them, else as many as there were pieces."""
        counted = self._last.eval_count if self._last is not None else None
        return self._parts_with_text if counted is None else counted

    def add(self, part: ChatPart) -> str:
        """Take a part; what to stream of it."""
        if self.is_whole:
            return ""
        text = part.message.content or ""
        thought = part.message.thinking or ""
        self._parts_with_text += bool(text or thought)
        self._length += len(text) + len(thought)
        self._thought.append(thought)
        if text:
            if not self._said and part.logprobs:
                first = part.logprobs[0]
                told = ((entry.token, entry.logprob) for entry in first.top_logprobs or [first])
                self._first_token = likeliest(told, self._request.top_logprobs)
            self._said.append(text)
        if part.done:
            self._last = part
        if not self._request.choices:
            return text
        return self.text if part.done else ""

    @property
    def text(self) -> str:
        """All that was said; of a choice, the bare option, if it is whole."""
        said = "".join(self._said)
        return choosing.unwrapped(said) if self._request.choices else said

    def completion(
        self,
        *,
        prompt_tokens: int,
        prompt_truncated: bool,
        context_length: int | None,
        model_digest: str | None,
    ) -> Completion:
        """The whole reply."""
        last = self._last
        cached = (last.prompt_eval_cached_count or 0) if last is not None else 0
        usage = Usage(
            prompt_tokens=prompt_tokens,
            completion_tokens=self.completion_tokens,
            cached_tokens=min(cached, prompt_tokens),
            estimated_calls=int(
                self.prompt_tokens is None or last is None or last.eval_count is None
            ),
        )
        return Completion(
            self.text,
            _STOP_REASONS.get(last.done_reason if last is not None else None, "unknown"),
            usage,
            model_digest,
            reasoning="".join(self._thought),
            prompt_truncated=prompt_truncated,
            context_length=context_length,
            first_token=self._first_token,
        )
