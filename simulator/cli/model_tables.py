"""Models and their providers for people and for programs."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from simulator.cli.output import Column, Output
from simulator.presentation.model_cards import (
    FREE,
    advice,
    price_text,
    size_text,
    state_text,
    sum_text,
    weights_text,
)
from simulator.presentation.safe_text import one_line

if TYPE_CHECKING:
    from simulator.domain.models import EndpointReport, ModelCard, RetryNotice
    from simulator.engine.checking import Finding, Status

MODELS_SHOWN = 12
"""Of each provider on a terminal, unless it is asked for by its name."""
_STYLES: Mapping[Status, str] = {
    "ok": "green",
    "differs": "yellow",
    "absent": "dim",
    "failed": "bold red",
}
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
                report.provider, state_text(report), str(len(report.models) or ""), report.address,
            ]
            for report in reports
        ],
    )  # fmt: skip
    for report in reports:
        if said := advice(report):
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
    kept = [place for place in range(len(columns)) if {row[place] for row in rows} - {"", FREE}]
    output.line()
    output.table([columns[i] for i in kept], [[row[i] for i in kept] for row in rows])


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
    output.line(sum_text(found))


def _row(card: ModelCard) -> list[str]:
    return [
        card.model,
        f"{card.context_length:,}" if card.context_length else "",
        weights_text(card),
        size_text(card.size_bytes),
        price_text(card.price),
        ", ".join(sorted(card.abilities)),
    ]
