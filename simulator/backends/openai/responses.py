"""The responses API, for models of OpenAI that have no other."""

from __future__ import annotations

from typing import Any

from simulator.backends import choosing
from simulator.backends.openai.faults import StreamFault
from simulator.backends.openai.reply import Reply
from simulator.backends.openai.terms import Terms, messages
from simulator.backends.openai.usage import usage_told
from simulator.domain.journal import StopReason
from simulator.domain.models import GenerateRequest

PATH = "/responses"

_INCOMPLETE: dict[str, StopReason] = {
    "max_output_tokens": "length",
    "content_filter": "content_filter",
}
_REASONING = ("response.reasoning_summary_text.delta", "response.reasoning_text.delta")
_LAST = ("response.completed", "response.incomplete", "response.failed")


def body(terms: Terms, request: GenerateRequest) -> dict[str, Any]:
    """The request; the API knows no seed and no stop strings, and is told to keep nothing.

    Raises:
        BackendError: Its options do not go together with the model.
    """
    sampling = terms.sampling(request)
    sent: dict[str, Any] = {
        "model": terms.name,
        "input": messages(request),
        "stream": True,
        "store": False,
    }
    for option in ("temperature", "top_p"):
        if (value := getattr(sampling, option)) is not None:
            sent[option] = value
    if sampling.max_tokens is not None:
        sent["max_output_tokens"] = sampling.max_tokens
    if sampling.reasoning_effort is not None:
        sent["reasoning"] = {"effort": sampling.reasoning_effort}
    if request.choices:
        sent["text"] = {"format": {"type": "json_schema", **choosing.schema(request.choices)}}
    return sent


class ResponsesReply(Reply):
    """A streamed response."""

    def _said(self, event: Any) -> str:
        kind = event.get("type")
        if kind == "response.output_text.delta":
            return str(event["delta"])
        if kind == "response.refusal.delta":
            self.refused = True
            return str(event["delta"])
        if kind in _REASONING:
            self.think(str(event["delta"]))
        elif kind in _LAST:
            self._finish(event["response"])
        elif kind == "error" or event.get("error"):
            raise StreamFault(event.get("error") or event)
        return ""

    def _finish(self, response: dict[str, Any]) -> None:
        if usage := response.get("usage"):
            self.usage = usage_told(usage)
        self.digest = response.get("model")
        if error := response.get("error"):
            raise StreamFault(error)
        if response.get("status") == "failed":
            raise StreamFault({"message": "the response failed, for no reason told"})
        self.stop_reason = "stop"
        if response.get("status") == "incomplete":
            details = response.get("incomplete_details") or {}
            self.stop_reason = _INCOMPLETE.get(str(details.get("reason")), "unknown")
