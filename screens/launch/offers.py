"""What providers offer, as rows to choose from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rich.text import Text

from simulator.domain.models import EndpointReport, ModelCard, PullProgress
from simulator.domain.prices import Price, dollars
from simulator.presentation.safe_text import one_line

Act = Literal["toggle", "pull", "none"]

PULLS_FROM = ("ollama",)
"""Providers that download models when they are asked to."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    act: Act
    """What choosing it does."""
    model: str
    text: Text

    def is_same(self, other: Row) -> bool:
        """Whether it does the same, whatever it says by now."""
        return (self.act, self.model) == (other.act, other.model)


def rows_of(
    reports: Mapping[str, EndpointReport],
    providers: Sequence[str],
    chosen: Sequence[str],
    typed: str,
) -> list[Row]:
    """The rows, in the order of the providers; those that cannot be used come last.

    Args:
        reports: What providers have answered so far.
        providers: All there are.
        chosen: Models that are ticked.
        typed: Only models with this in their names; or the name of one that nobody lists.
    """
    wanted = typed.strip().casefold()
    cards = {
        card.model: card
        for provider in providers
        if provider in reports
        for card in reports[provider].models
    }
    unlisted = [model for model in chosen if model not in cards]
    rows = [_row(model, None, chosen) for model in unlisted if wanted in model.casefold()]
    rows += [
        _row(model, card, chosen) for model, card in cards.items() if wanted in model.casefold()
    ]
    if typed.strip() and typed.strip() not in (*cards, *unlisted):
        rows += _named(typed.strip(), providers)
    rows += _silent(reports, providers)
    return rows


def pull_text(model: str, progress: PullProgress) -> str:
    """How far a download has come, such as `ollama/x: pulling 34 % of 4.7 GB`."""
    text = f"{one_line(model)}: {one_line(progress.status)}"
    if progress.total_bytes and progress.completed_bytes is not None:
        share = min(1.0, progress.completed_bytes / progress.total_bytes)
        text += f" {share:.0%} of {progress.total_bytes / 1e9:.1f} GB"
    return text


def _row(model: str, card: ModelCard | None, chosen: Sequence[str]) -> Row:
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append("[x] " if model in chosen else "[ ] ", "bold")
    text.append(one_line(model))
    facts = [] if card is None else _facts(card)
    if facts:
        text.append(f"  {' · '.join(facts)}", "dim")
    return Row("toggle", model, text)


def _facts(card: ModelCard) -> list[str]:
    context = "" if card.context_length is None else f"context {card.context_length:,}"
    return [fact for fact in (one_line(card.parameters or ""), context, _price(card.price)) if fact]


def _price(price: Price | None) -> str:
    if price is None:
        return ""
    if not (price.input_usd or price.output_usd):
        return "free"
    return f"{dollars(price.input_usd)} in, {dollars(price.output_usd)} out a million"


def _named(model: str, providers: Sequence[str]) -> Iterator[Row]:
    """Rows for a model that nobody lists; none for what can be no model."""
    provider, slash, name = model.partition("/")
    if provider not in providers or (slash and not name):
        return
    if slash:
        yield Row("toggle", model, Text(f" +  use {one_line(model)}"))
        if provider in PULLS_FROM:
            yield Row("pull", model, Text(f" ↓  download {one_line(model)}"))


def _silent(reports: Mapping[str, EndpointReport], providers: Sequence[str]) -> Iterator[Row]:
    """What cannot be chosen, and why."""
    asked = [provider for provider in providers if provider not in reports]
    if asked:
        yield Row("none", "", Text(f" …  asking {', '.join(asked)}", "dim"))
    absent = []
    for provider in providers:
        report = reports.get(provider)
        if report is None or report.error is None:
            continue
        if report.configured:
            reason = f"{one_line(report.error.message)} {one_line(report.error.remedy or '')}"
            yield Row("none", "", Text(f" ✗  {provider}: {reason.rstrip()}", "dim"))
        else:
            absent.append(provider)
    if absent:
        yield Row("none", "", Text(f" –  not set up: {', '.join(absent)}", "dim"))
