"""What is known of models and of who serves them, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.domain.journal import Usage
from simulator.presentation.safe_text import one_line
from simulator.presentation.usage import money_text, tokens_used
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from simulator.domain.models import EndpointReport, ModelCard
    from simulator.domain.prices import Price
    from simulator.engine.checking import Finding, Status

STATUSES: tuple[Status, ...] = ("ok", "differs", "absent", "failed")
"""Of findings, the good ones first."""
FREE = "free"


def state_text(report: EndpointReport) -> str:
    """Whether a provider can be used."""
    if report.reachable:
        return "ready"
    return "in trouble" if report.configured else "not set up"


def advice(report: EndpointReport) -> str:
    """What to do about a provider, or to know of it; of one that is not set up, what to set."""
    if report.error is None:
        return report.note
    problem = report.error.message if report.configured else None
    return " ".join(filter(None, (problem, report.error.remedy)))


def weights_text(card: ModelCard) -> str:
    """How many weights a model has and how they are stored, such as `8.0B Q4_K_M`."""
    return " ".join(filter(None, (card.parameters, card.quantization)))


def price_text(price: Price | None) -> str:
    """Dollars for a million tokens read and written, such as `0.15/0.6`."""
    if price is None:
        return ""
    if not price.input_usd and not price.output_usd:
        return FREE
    return f"{price.input_usd:g}/{price.output_usd:g}"


def price_sentence(price: Price | None) -> str:
    """The same in words."""
    if price is None:
        return "not known"
    if not price.input_usd and not price.output_usd:
        return FREE
    return f"${price.input_usd:g} a million tokens read, ${price.output_usd:g} written"


def size_text(size_bytes: int | None) -> str:
    """Such as `4.7 GB`; empty where it is not known."""
    if size_bytes is None:
        return ""
    if size_bytes < 1e9:
        return f"{size_bytes / 1e6:,.0f} MB"
    return f"{size_bytes / 1e9:,.1f} GB"


def card_facts(
    card: ModelCard, endpoint: str, options: Sequence[str], listed: bool | None
) -> dict[str, str]:
    """What is known of a model, by the name of the fact.

    Args:
        card: What its server tells.
        endpoint: Where requests go; empty for a model in this process.
        options: The sampling options that have their effect.
        listed: Whether its provider lists it; None where that is not known.
    """
    facts = {
        "model": card.model,
        "answers as": card.answers_as or "",
        "address": endpoint,
        "listed": "not by its server" if listed is False else "",
        "context": f"{card.context_length:,} tokens" if card.context_length else "not told",
        "weights": weights_text(card),
        "size": size_text(card.size_bytes),
        "digest": card.digest or "",
        "price": price_sentence(card.price),
        "can": ", ".join(sorted(card.abilities)),
        "takes": ", ".join(options),
    }
    return {name: one_line(value) for name, value in facts.items() if value}


def sum_text(found: Sequence[Finding]) -> str:
    """How many findings of each status there are, and what they used."""
    statuses = Counter(finding.status for finding in found)
    counts = [f"{statuses[status]} {status}" for status in STATUSES if statuses[status]]
    used = Usage.total(finding.usage for finding in found)
    spent = [counted(used.calls, "call"), counted(tokens_used(used), "token"), money_text(used)]
    return f"{', '.join(counts)}; {', '.join(filter(None, spent))}."
