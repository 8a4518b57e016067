"""Checks of the models that designs speak with, and of their servers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from simulator.diagnosis import MODEL, Check, failed
from simulator.domain.models import EndpointReport
from simulator.errors import UsageError
from simulator.settings import Settings


async def check_models(settings: Settings, reports: AsyncIterator[EndpointReport]) -> list[Check]:
    """Whether the default model and each endpoint that is set up can be used.

    Args:
        settings: Name the model.
        reports: Of all providers, in any order.
    """
    told = [report async for report in reports]
    usual = settings.model or MODEL
    checks = [_default_model(usual, told)]
    own = usual.partition("/")[0]
    for report in sorted(told, key=lambda report: report.provider):
        is_said = report.provider == own and checks[0].state == "failure"
        is_remote = report.address or report.note or report.error
        if is_remote and (report.configured or report.reachable) and not is_said:
            checks.append(_endpoint(report))
    return checks


def _default_model(model: str, reports: Iterable[EndpointReport]) -> Check:
    provider = model.partition("/")[0]
    report = next((report for report in reports if report.provider == provider), None)
    if report is None:
        unknown = UsageError(
            f"{model}: there is no provider {provider!r}",
            remedy="Correct SIMULATOR_MODEL; `models ls --all` lists providers.",
        )
        return failed("model", unknown)
    if report.error is not None:
        return failed("model", report.error)
    listed = {card.model for card in report.models}
    if listed and model not in listed and report.address:
        return Check(
            "model", "warning", f"{model} is not on the list of its server",
            f"Choose one that is: `models ls {provider}`; or set SIMULATOR_MODEL.",
        )  # fmt: skip
    return Check("model", "ok", f"{model} is what designs use that name none")


def _endpoint(report: EndpointReport) -> Check:
    if report.error is not None:
        return failed(report.provider, report.error)
    listed = f"models: {len(report.models):,}" if report.models else report.note
    return Check(report.provider, "ok", "; ".join(filter(None, (report.address, listed))))
