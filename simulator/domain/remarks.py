"""What may be wrong with a message."""

from __future__ import annotations

from typing import Literal

from simulator.domain.journal import Call, Step

Remark = Literal["truncated prompt", "refusal", "withheld reply", "cut reply", "empty reply"]
"""What may be wrong with a message."""

_SPOKEN = ("ask", "ask_latent")
_ENDING = 20
"""Characters that tell whether a message ends where its reply does."""


def wrong_with(step: Step) -> dict[Remark, str]:
    """What is wrong with a message, and how it is said beside it; empty for most."""
    call = step.call
    if call is None or step.edited:
        return {}
    found: dict[Remark, str] = {}
    if call.prompt_truncated:
        found["truncated prompt"] = "prompt truncated"
    if call.stop_reason == "refusal":
        found["refusal"] = "refused"
    elif call.stop_reason == "content_filter":
        found["withheld reply"] = "withheld by the provider"
    elif step.kind in _SPOKEN and not step.content.strip():
        found["empty reply"] = _why_empty(call)
    elif _was_cut(step, call):
        found["cut reply"] = f"cut at {_limit(call)}" if _limit(call) else "cut off"
    return found


def _was_cut(step: Step, call: Call) -> bool:
    """Whether a reply ended where its tokens did, and not where its parser left the rest away."""
    if step.kind not in _SPOKEN or call.stop_reason != "length":
        return False
    return step.kind == "ask_latent" or call.raw.rstrip().endswith(step.content.rstrip()[-_ENDING:])


def _why_empty(call: Call) -> str:
    if call.stop_reason != "length" or call.raw.strip():
        return ""
    return f"used up {_limit(call) or 'its tokens'} before it spoke"


def _limit(call: Call) -> str:
    """The longest reply, where it is what ended this one; else the context did."""
    tokens = call.sampling.max_tokens
    if tokens is None or call.usage.completion_tokens < tokens:
        return ""
    return f"{tokens:,} token{'' if tokens == 1 else 's'}"
