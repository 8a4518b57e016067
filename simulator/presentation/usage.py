"""Tokens and money in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.domain.journal import Usage
from simulator.domain.prices import dollars
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from simulator.domain.journal import Step


def tokens_used(usage: Usage) -> int:
    """Tokens of prompts and replies."""
    return usage.prompt_tokens + usage.completion_tokens


def money_text(usage: Usage) -> str:
    """What was paid, such as `$0.02 and 3 calls of unknown price`; empty for what is free."""
    unknown = f"{counted(usage.unpriced_calls, 'call')} of unknown price"
    if not usage.unpriced_calls:
        return dollars(usage.cost_usd) if usage.cost_usd else ""
    return f"{dollars(usage.cost_usd)} and {unknown}" if usage.cost_usd else "price unknown"


def usage_text(usage: Usage) -> str:
    """Such as `1,234 tokens, $0.0123`."""
    return ", ".join(filter(None, [f"{tokens_used(usage):,} tokens", money_text(usage)]))


def usage_in_full(usage: Usage) -> str:
    """Such as `6 calls, 1,000 tokens in (200 cached), 234 out (34 reasoning), $0.0123`."""
    cached = f" ({usage.cached_tokens:,} cached)" if usage.cached_tokens else ""
    thought = f" ({usage.reasoning_tokens:,} reasoning)" if usage.reasoning_tokens else ""
    parts = [
        counted(usage.calls, "call"),
        f"{usage.prompt_tokens:,} tokens in{cached}",
        f"{usage.completion_tokens:,} out{thought}",
        money_text(usage),
        f"tokens of {counted(usage.estimated_calls, 'call')} estimated"
        if usage.estimated_calls
        else "",
    ]
    return ", ".join(filter(None, parts))


@dataclass(frozen=True, slots=True)
class AgentUsage:
    """What an agent used of a model."""

    agent: str
    model: str
    usage: Usage

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {"agent": self.agent, "model": self.model, "usage": self.usage.model_dump()}


def usage_by_agent(steps: Iterable[Step]) -> list[AgentUsage]:
    """What each agent used of each model, in the order of their first calls."""
    used: dict[tuple[str, str], list[Usage]] = {}
    for step in steps:
        if step.call is not None:
            used.setdefault((step.speaker, step.call.model), []).append(step.call.usage)
    return [AgentUsage(agent, model, Usage.total(parts)) for (agent, model), parts in used.items()]
