"""`models`: what can be used here, whether it does what it should, and getting more."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import click

from simulator.cli.commands import VerbGroup
from simulator.cli.session import Session
from simulator.cli.waiting import busy
from simulator.errors import SimulatorError

if TYPE_CHECKING:
    from simulator.catalogue import Catalogue
    from simulator.domain.models import EndpointReport
    from simulator.engine.checking import Finding


class ChecksFailedError(SimulatorError):
    """A model answers, but some requests to it fail; `problems` has a line for each."""

    code = "checks_failed"

    def __init__(self, message: str, problems: tuple[str, ...]) -> None:
        super().__init__(message)
        self.problems = problems


@click.group(cls=VerbGroup)
def models() -> None:
    """List, check and download the models that you can use.

    A model is named PROVIDER/MODEL, such as ollama/llama3.1:8b; `pocket` is built in. See
    docs/models.md.
    """


@models.command(short_help="List what can be used now.")
@click.argument("provider", required=False)
@click.option("--all", "everything", is_flag=True,
              help="Also list providers that are not set up, with what to set.")  # fmt: skip
@click.pass_obj
def ls(session: Session, provider: str | None, everything: bool) -> int:
    """List what can be used now, of PROVIDER or of all that are set up."""

    async def main(catalogue: Catalogue) -> int:
        from simulator.cli.model_tables import report_document, show_models, show_providers

        reports = await _reports(session, catalogue, provider)
        if provider is not None and (error := reports[0].error) is not None:
            raise error
        if provider is None and not everything:
            reports = [report for report in reports if report.reachable or report.configured]
        session.output.result([report_document(session.output, report) for report in reports])
        show_providers(session.output, reports)
        show_models(session.output, reports, whole=provider is not None)
        if provider is None and not everything:
            session.output.aside(f"Others: {session.command('models', 'ls', '--all')}")
        return 0

    return session.work_on_models(main)


async def _reports(
    session: Session, catalogue: Catalogue, provider: str | None
) -> list[EndpointReport]:
    """What providers say, in the order of their names on record."""
    asked = [provider] if provider else list(catalogue.providers())
    told: dict[str, EndpointReport] = {}
    with busy(session.output, "Asking what is there …") as status:
        async for report in catalogue.reports(asked):
            told[report.provider] = report
            if status is not None:
                status.update(f"Asking what is there: {len(told)} of {len(asked)} …")
    return [told[name] for name in asked]


@models.command(short_help="Show what is known of a model.")
@click.argument("model")
@click.pass_obj
def show(session: Session, model: str) -> int:
    """Show what is known of MODEL: its context, abilities, options and price."""

    async def main(catalogue: Catalogue) -> int:
        from simulator.cli.model_tables import card_document
        from simulator.presentation.model_cards import card_facts

        backend = catalogue.open(model)
        with busy(session.output, f"Asking for {model} …"):
            card = await backend.describe()
            # A server that told its weights has the model; others may not have been asked.
            is_sure = card.digest is not None or not backend.endpoint
            listed = True if is_sure else await catalogue.lists(model)
        options = sorted(backend.sampling_options)
        for name, value in card_facts(card, backend.endpoint, options, listed).items():
            session.output.line(f"{name:<11}{value}")
        session.output.result(
            card_document(card)
            | {"endpoint": backend.endpoint, "sampling_options": options, "listed": listed}
        )
        return 0

    return session.work_on_models(main)


@models.command(short_help="Try what a model's server really does.")
@click.argument("model")
@click.pass_obj
def check(session: Session, model: str) -> int:
    """Ask MODEL about ten short questions and tell what its server really does.

    ok: as it should be. differs: it answers, but otherwise than it was asked to. absent: it does
    not have this. failed: the request failed; the exit code is then 1.
    """

    async def main(catalogue: Catalogue) -> int:
        from simulator.cli.model_tables import (
            finding_document,
            show_finding,
            show_retry,
            show_sum,
        )

        output = session.output
        where = catalogue.open(model).endpoint
        output.line(f"Checking {model}{f' at {where}' if where else ''}", "bold")
        found: list[Finding] = []
        findings = catalogue.check(model, lambda notice: show_retry(output, notice))
        try:
            with busy(session.output, "Asking …"):
                async with aclosing(findings):
                    async for finding in findings:
                        found.append(finding)
                        show_finding(output, finding)
        except asyncio.CancelledError:
            output.aside("Stopped.")
            raise
        show_sum(output, found)
        failed = [finding for finding in found if finding.status == "failed"]
        if failed:
            raise ChecksFailedError(
                f"{model} failed {len(failed)} of {len(found)} checks.",
                tuple(f"{finding.name}: {finding.detail}" for finding in failed),
            )
        output.result({"model": model, "findings": [finding_document(one) for one in found]})
        return 0

    return session.work_on_models(main)


@models.command(short_help="Download a model to its server.")
@click.argument("model")
@click.pass_obj
def pull(session: Session, model: str) -> int:
    """Download MODEL, such as ollama/llama3.1:8b, to its server.

    Ctrl-C stops it; the same command goes on where it stopped.
    """

    async def main(catalogue: Catalogue) -> int:
        from simulator.cli.pulling import pull_display

        output = session.output
        try:
            with pull_display(output) as display:
                async with aclosing(catalogue.pull(model)) as steps:
                    async for progress in steps:
                        display.hear(progress)
        except asyncio.CancelledError:
            output.aside("Stopped. The same command goes on where it stopped.")
            raise
        output.line(f"{model} is there. Try it with:")
        output.line(f"  {session.command('models', 'check', model)}", wrap=False)
        output.result({"model": model})
        return 0

    return session.work_on_models(main)
