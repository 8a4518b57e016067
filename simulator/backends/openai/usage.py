"""What a reply used, as servers count it in their several ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.domain.journal import Usage
from simulator.domain.models import GenerateRequest
from simulator.domain.tokens import estimated_tokens, prompt_bytes, text_bytes

MOST = 2**53
"""Of tokens or dollars; a server that tells more tells nothing."""


def usage_told(told: Mapping[str, Any], *, tells_cost: bool = False) -> Usage:
    """The usage that a server told in the words of either API.

    Reasoning that a server counts only in the total is part of the reply's tokens, as it is paid.
    """
    prompt = _count(told, "prompt_tokens", "input_tokens")
    completion = _count(told, "completion_tokens", "output_tokens")
    prompt_details = _details(told, "prompt_tokens_details", "input_tokens_details")
    completion_details = _details(told, "completion_tokens_details", "output_tokens_details")
    uncounted = max(0, _count(told, "total_tokens") - prompt - completion)
    cached = _count(prompt_details, "cached_tokens") or _count(told, "prompt_cache_hit_tokens")
    return Usage(
        prompt_tokens=prompt,
        completion_tokens=completion + uncounted,
        cached_tokens=min(cached, prompt),
        reasoning_tokens=_count(completion_details, "reasoning_tokens") or uncounted,
        cost_usd=_cost_usd(told.get("cost")) if tells_cost else 0.0,
    )


def usage_estimated(request: GenerateRequest, text: str) -> Usage:
    """What a reply used whose server counted nothing: an estimate that is hardly too low."""
    return Usage(
        prompt_tokens=estimated_tokens(prompt_bytes(request.prompt), len(request.prompt)),
        completion_tokens=estimated_tokens(text_bytes(text), 0),
        estimated_calls=1,
    )


def _count(told: Mapping[str, Any], *names: str) -> int:
    for name in names:
        value = told.get(name)
        if isinstance(value, int):
            return value if 0 <= value <= MOST else 0
    return 0


def _cost_usd(told: object) -> float:
    return float(told) if isinstance(told, int | float) and 0 <= told <= MOST else 0.0


def _details(told: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    for name in names:
        value = told.get(name)
        if isinstance(value, dict):
            return value
    return {}
