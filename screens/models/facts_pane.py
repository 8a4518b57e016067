"""What is known of the provider or model under the cursor."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from screens.models.listing import ModelRow
from simulator.presentation.model_cards import advice, card_facts, state_text
from simulator.presentation.safe_text import one_line, visible
from simulator.presentation.wording import counted

_LABEL = 10


class FactsPane(VerticalScroll):
    """Facts, one below the other."""

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static("", id="facts-text", markup=False)

    def show(self, row: ModelRow | None) -> None:
        """Show what is known of that row."""
        self.border_title = one_line(row.key.removesuffix(":")) if row is not None else ""
        self.query_one(Static).update(facts_text(row))
        self.scroll_home(animate=False)


def facts_text(row: ModelRow | None) -> Text:
    """The facts of a row, and what can be done."""
    if row is None:
        return Text("")
    report = row.report
    if report is None:
        return Text("It was asked, and has not answered yet.")
    if row.card is not None:
        return _table(card_facts(row.card, report.address, (), listed=None))
    text = _table(
        {
            "provider": row.provider,
            "state": state_text(report),
            "address": report.address,
            "models": counted(len(report.models), "model") if report.models else "",
        }
    )
    if report.error is not None:
        text.append(f"\n{visible(report.error.message)}\n")
    if what_to_do := (report.error.remedy if report.error is not None else advice(report)):
        text.append(f"\n{visible(what_to_do)}\n", "bold")
    if report.error is not None:
        text.append("\nr asks again once it is mended; a key that was set needs a new start.\n")
    return text


def _table(facts: dict[str, str]) -> Text:
    text = Text()
    for name, value in facts.items():
        if value:
            text.append(f"{name:<{_LABEL}}", "bold")
            text.append(f"{one_line(value)}\n")
    return text
