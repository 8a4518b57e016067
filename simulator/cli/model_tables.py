"""Models and their providers for people and for programs."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from simulator.cli.output import Column, Output
from simulator.domain.journal import Usage
from simulator.presentation.safe_text import one_line
from simulator.presentation.usage import money_text, tokens_used
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from simulator.domain.models import EndpointReport, ModelCard, RetryNotice
    from simulator.domain.prices import Price
    from simulator.engine.checking import Finding, Status

MODELS_SHOWN = 12
"""Of each provider on a terminal, unless it is asked for by its name."""
_STYLES: Mapping[Status, str] = {
    "ok": "green",
    "differs": "yellow",
    "absent": "dim",
    "failed": "bold red",
}
_FREE = "free"
_NAME_WIDTH, _STATUS_WIDTH = 11, 8


def report_document(output: Output, report: EndpointReport) -> dict[str, Any]:
    """A provider for programs."""
    error = report.error
    return {
        "provider": report.provider,
        "address": report.address,
        "reachable": report.reachable,
        "configured": report.configured,
        "problem": "" if error is None else error.message,
        "remedy": "" if error is None else output.spelled_out(error.remedy or ""),
        "note": report.note,
        "models": [card_document(card) for card in report.models],
    }


def card_document(card: ModelCard) -> dict[str, Any]:
    """A model for programs; prices are dollars for a million tokens."""
    price = card.price.model_dump(mode="json") if card.price is not None else None
    return dataclasses.asdict(card) | {"abilities": sorted(card.abilities), "price": price}


def finding_document(finding: Finding) -> dict[str, Any]:
    """A finding for programs."""
    return dataclasses.asdict(finding) | {
        "took_s": round(finding.took_s, 3),
        "usage": finding.usage.model_dump(mode="json", exclude_defaults=True),
    }


def show_providers(output: Output, reports: Sequence[EndpointReport]) -> None:
    """A table of providers, and what to do about those that cannot be used."""
    output.table(
        [
            Column("PROVIDER", "bold"), Column("STATE"), Column("MODELS", right=True),
            Column("ADDRESS", "dim", flexible=True),
        ],
        [
            [
                report.provider, _state(report), str(len(report.models) or ""), report.address,
            ]
            for report in reports
        ],
    )  # fmt: skip
    for report in reports:
        if said := _said(report):
            subject = "" if said.lower().startswith(report.provider) else f"{report.provider}: "
            output.line(output.spelled_out(f"{subject}{said}"))


def show_models(output: Output, reports: Sequence[EndpointReport], *, whole: bool) -> None:
    """A table of all models; a terminal has one for each provider.

    Without `whole`, these show the first few models only.
    """
    if not output.is_live:
        _models_table(output, [card for report in reports for card in report.models])
        return
    for report in reports:
        shown = len(report.models) if whole else MODELS_SHOWN
        _models_table(output, report.models[:shown])
        if len(report.models) > shown:
            more = len(report.models) - shown
            told = f"{more} more; `models ls {report.provider}` lists all."
            output.line(output.spelled_out(told))


def _models_table(output: Output, cards: Sequence[ModelCard]) -> None:
    """A table with the columns in which there is something to say."""
    if not cards:
        return
    columns = [
        Column("MODEL", "bold", flexible=True, overflow="fold"), Column("CONTEXT", right=True),
        Column("WEIGHTS"), Column("SIZE", right=True), Column("$/M IN/OUT", right=True),
        Column("CAN", "dim"),
    ]  # fmt: skip
    rows = [_row(card) for card in cards]
    kept = [place for place in range(len(columns)) if {row[place] for row in rows} - {"", _FREE}]
    output.line()
    output.table([columns[i] for i in kept], [[row[i] for i in kept] for row in rows])


def card_facts(
    card: ModelCard, endpoint: str, options: Sequence[str], listed: bool | None
) -> dict[str, str]:
    """What is known of a model, by the name of the fact."""
    facts = {
        "model": card.model,
        "answers as": card.answers_as or "",
        "address": endpoint,
        "listed": "not by its server" if listed is False else "",
        "context": f"{card.context_length:,} tokens" if card.context_length else "not told",
        "weights": " ".join(filter(None, (card.parameters, card.quantization))),
        "size": _size(card.size_bytes),
        "digest": card.digest or "",
        "price": _price_sentence(card.price),
        "can": ", ".join(sorted(card.abilities)),
        "takes": ", ".join(options),
    }
    return {name: one_line(value) for name, value in facts.items() if value}


def show_finding(output: Output, finding: Finding) -> None:
    """A line, as soon as it is found."""
    if output.json:
        output.event(type="finding", **finding_document(finding))
    elif output.is_live:
        from rich.table import Table
        from rich.text import Text

        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_column(width=_STATUS_WIDTH)
        grid.add_column(width=_NAME_WIDTH)
        grid.add_column()
        style = _STYLES[finding.status]
        grid.add_row(
            Text(finding.status, style), Text(finding.name), Text(one_line(finding.detail))
        )
        output.show(grid)
    else:
        status, name = finding.status.ljust(_STATUS_WIDTH), finding.name.ljust(_NAME_WIDTH)
        output.line(f"{status} {name} {one_line(finding.detail)}")


def show_retry(output: Output, notice: RetryNotice) -> None:
    """A line, before the wait."""
    if output.json:
        output.event(type="retry", **dataclasses.asdict(notice))
        return
    reason = one_line(notice.reason).rstrip(".")
    output.line(f"{reason}; asking again in {notice.wait_s:.1f} s", "yellow")


def show_sum(output: Output, found: Sequence[Finding]) -> None:
    """How many of each, and what they used."""
    statuses = Counter(finding.status for finding in found)
    counts = [f"{statuses[status]} {status}" for status in _STYLES if statuses[status]]
    used = Usage.total(finding.usage for finding in found)
    spent = [counted(used.calls, "call"), counted(tokens_used(used), "token"), money_text(used)]
    output.line(f"{', '.join(counts)}; {', '.join(filter(None, spent))}.")


def _said(report: EndpointReport) -> str:
    """What to do about a provider, or to know of it; of one that is not set up, what to set."""
    if report.error is None:
        return report.note
    problem = report.error.message if report.configured else None
    return " ".join(filter(None, (problem, report.error.remedy)))


def _state(report: EndpointReport) -> str:
    if report.reachable:
        return "ready"
    return "in trouble" if report.configured else "not set up"


def _row(card: ModelCard) -> list[str]:
    return [
        card.model,
        f"{card.context_length:,}" if card.context_length else "",
        " ".join(filter(None, (card.parameters, card.quantization))),
        _size(card.size_bytes),
        _price(card.price),
        ", ".join(sorted(card.abilities)),
    ]


def _price(price: Price | None) -> str:
    if price is None:
        return ""
    if not price.input_usd and not price.output_usd:
        return _FREE
    return f"{price.input_usd:g}/{price.output_usd:g}"


def _price_sentence(price: Price | None) -> str:
    if price is None:
        return "not known"
    if not price.input_usd and not price.output_usd:
        return _FREE
    return f"${price.input_usd:g} a million tokens read, ${price.output_usd:g} written"


def _size(size_bytes: int | None) -> str:
    if size_bytes is None:
        return ""
    if size_bytes < 1e9:
        return f"{size_bytes / 1e6:,.0f} MB"
    return f"{size_bytes / 1e9:,.1f} GB"
