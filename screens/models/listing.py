"""What the list of models shows: providers, and under each what it offers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from screens.widgets.columns import OneLine
from simulator.domain.models import EndpointReport, ModelCard
from simulator.presentation.model_cards import (
    advice,
    price_text,
    size_text,
    state_text,
    weights_text,
)
from simulator.presentation.safe_text import one_line
from simulator.presentation.wording import counted

MARKS = {"ready": "●", "in trouble": "✗", "not set up": "○"}
"""Of providers, by their states."""
ASKING = "…"
"""Mark of one that has not answered yet."""

Reports = Mapping[str, EndpointReport | None]
"""By provider, in their order; None where one has not answered yet."""


@dataclass(frozen=True, slots=True)
class ModelRow(OneLine):
    """A provider, or one of its models; one line of the list."""

    key: str
    """Unique in the list."""
    provider: str
    report: EndpointReport | None
    card: ModelCard | None = None
    """None for a provider."""
    is_usual: bool = False
    """Whether designs use it that name no model."""

    @property
    def heading(self) -> str:
        """The line of a provider."""
        if self.report is None:
            return f"{ASKING} {self.provider}: asking"
        state = state_text(self.report)
        if self.report.reachable:
            told = counted(len(self.report.models), "model") if self.report.models else state
            return one_line(f"{MARKS[state]} {self.provider}: {told}")
        what_to_do = advice(self.report).removesuffix(".")
        return one_line(f"{MARKS[state]} {self.provider}: {state}. {what_to_do}")

    def cells(self) -> dict[str, str]:
        """What stands in the columns of a model, by their titles."""
        card = self.card
        if card is None:
            return {}
        return {
            "model": one_line(f"{card.model}{' (usual)' if self.is_usual else ''}"),
            "context": f"{card.context_length:,}" if card.context_length else "",
            "weights": one_line(weights_text(card)),
            "size": size_text(card.size_bytes),
            "$/M in/out": price_text(card.price),
            "can": ", ".join(sorted(card.abilities)),
        }


def rows_of(reports: Reports, words: str = "", usual: str = "") -> list[ModelRow]:
    """Providers with their models; those that are not set up stand last.

    Args:
        reports: What providers said.
        words: Each must occur in the name of a model, or in that of its provider.
        usual: The model that is marked.
    """
    wanted = words.casefold().split()
    first = [name for name, report in reports.items() if report is None or report.configured]
    order = first + [name for name in reports if name not in first]
    return [row for name in order for row in _rows(name, reports[name], wanted, usual)]


def _rows(
    provider: str, report: EndpointReport | None, wanted: Sequence[str], usual: str
) -> Iterator[ModelRow]:
    cards = report.models if report is not None else ()
    found = [card for card in cards if _has(card.model, wanted)]
    if found or _has(provider, wanted):
        yield ModelRow(f"{provider}:", provider, report)
    for card in found:
        yield ModelRow(card.model, provider, report, card, card.model == usual)


def _has(name: str, wanted: Sequence[str]) -> bool:
    folded = name.casefold()
    return all(word in folded for word in wanted)
