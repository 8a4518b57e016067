"""The chat completions API: what is sent, and how a streamed reply is read."""

from __future__ import annotations

from typing import Any

from simulator.backends import choosing
from simulator.backends.logprobs import likeliest
from simulator.backends.openai.faults import StreamFault
from simulator.backends.openai.reply import Reply
from simulator.backends.openai.terms import Terms, messages
from simulator.backends.openai.usage import usage_told
from simulator.domain.journal import StopReason
from simulator.domain.models import GenerateRequest, TokenLogprob

PATH = "/chat/completions"

_STOP_REASONS: dict[str, StopReason] = {
    "stop": "stop",
    "eos": "stop",
    "length": "length",
    "max_tokens": "length",
    "content_filter": "content_filter",
    "refusal": "refusal",
}
_BROKEN_OFF = frozenset({"error", "abort", "insufficient_system_resource"})
"""Ends of a reply for which the server is to blame."""


def body(terms: Terms, request: GenerateRequest) -> dict[str, Any]:
    """The request, with nothing in it that the model does not take.

    Raises:
        BackendError: Its options do not go together with the model.
    """
    endpoint, sampling = terms.endpoint, terms.sampling(request)
    sent: dict[str, Any] = {
        **endpoint.also_sent,
        "model": terms.name,
        "messages": messages(request),
        "stream": True,
    }
    if endpoint.usage_on_request:
        sent["stream_options"] = {"include_usage": True}
    for option in ("temperature", "top_p", "top_k", "reasoning_effort"):
        if (value := getattr(sampling, option)) is not None:
            sent[option] = value
    if sampling.max_tokens is not None:
        reasoning = terms.family.reasons != "never"
        sent["max_completion_tokens" if reasoning else endpoint.max_tokens_field] = (
            sampling.max_tokens
        )
    if "seed" in terms.sampling_options:
        sent[endpoint.seed_field] = terms.seed_sent(request.seed)
    if request.choices:
        sent |= _constraint(terms, request.choices)
    elif stops := terms.stops_sent(sampling):
        sent["stop"] = stops
    if wanted := terms.logprobs_wanted(request, sampling):
        sent |= {"logprobs": True, "top_logprobs": wanted}
    return sent


def _constraint(terms: Terms, choices: tuple[str, ...]) -> dict[str, Any]:
    match terms.endpoint.choices:
        case "json_schema":
            schema = choosing.schema(choices)
            return {"response_format": {"type": "json_schema", "json_schema": schema}}
        case "structured_outputs":
            return {"structured_outputs": {"choice": list(choices)}}
        case "grammar":
            return {"grammar": choosing.grammar(choices)}
        case _:
            return {}


class ChatReply(Reply):
    """A streamed chat completion."""

    def _said(self, event: Any) -> str:
        if error := event.get("error"):
            raise StreamFault(error)
        if usage := event.get("usage"):
            self.usage = usage_told(usage, tells_cost=self.tells_cost)
        if self.digest is None:
            self.digest = _digest(event)
        if not (choices := event.get("choices")):
            return ""
        choice = choices[0]
        if (reason := choice.get("finish_reason")) and self.stop_reason is None:
            if reason in _BROKEN_OFF:
                raise StreamFault({"message": f"the reply was broken off ({reason})"})
            self.stop_reason = _STOP_REASONS.get(reason, "unknown")
        if self.first_token is None and (logprobs := choice.get("logprobs")):
            self.first_token = _first_token(logprobs)
        return self._text(choice.get("delta") or choice.get("message") or {})

    def _text(self, delta: dict[str, Any]) -> str:
        if thought := delta.get("reasoning_content") or delta.get("reasoning"):
            self.think(str(thought))
        content = delta.get("content")
        if refusal := delta.get("refusal"):
            self.refused = True
            return str(refusal)
        if isinstance(content, str):
            return content
        return "".join(self._part(part) for part in content or ())

    def _part(self, part: Any) -> str:
        """One part of a delta whose content is a list, as Mistral's reasoning models have it."""
        if part.get("type") == "thinking":
            for thought in part["thinking"]:
                self.think(str(thought.get("text", "")))
            return ""
        return str(part.get("text") or "")


def _digest(event: dict[str, Any]) -> str | None:
    told = (event.get("model"), event.get("system_fingerprint"))
    return " ".join(str(name) for name in told if name) or None


def _first_token(logprobs: dict[str, Any]) -> tuple[TokenLogprob, ...] | None:
    """See `Reply.first_token`."""
    if not (content := logprobs.get("content")):
        return None
    entries = content[0].get("top_logprobs") or [content[0]]
    told = [(str(entry["token"]), float(entry["logprob"])) for entry in entries]
    return likeliest(told, len(told))
