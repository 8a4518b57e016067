"""`doctor`: whether everything is as it must be, and what to do where it is not."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from simulator.cli.commands import Verb
from simulator.cli.session import Session
from simulator.cli.waiting import busy
from simulator.errors import PermissionDeniedError, SimulatorError, UsageError

if TYPE_CHECKING:
    from simulator.diagnosis import Check
    from simulator.settings import Settings

MODEL_PATIENCE_S = 5.0
NARROWEST = 80
"""Columns that displays are made for."""


@click.command(cls=Verb)
@click.pass_obj
def doctor(session: Session) -> int:
    """Check store, models, permissions, clock, disk, settings and versions.

    For what is not as it should be, says what to do. Exit code: 0 when nothing failed, 6 when the
    store or the server of a model cannot be reached, 4 when something is not allowed, else 1.
    """
    from simulator import diagnosis

    checks = [diagnosis.check_python(), diagnosis.check_packages()]
    try:
        settings = session.settings
    except UsageError as error:
        return _told(session, [*checks, diagnosis.failed("settings", error), _terminal(session)])
    try:
        settings = session.store_settings()
        refused = None
    except PermissionDeniedError as error:
        refused = diagnosis.failed("store", error)

    async def store() -> list[Check]:
        return [refused] if refused else await diagnosis.check_store(settings)

    async def main() -> int:
        with busy(session.output, "Looking at the store and the models …"):
            of_store, of_models = await asyncio.gather(store(), _models(settings))
        here = [diagnosis.check_disk(settings), diagnosis.check_log(settings), _terminal(session)]
        return _told(session, [*checks, *diagnosis.check_settings(), *of_store, *here, *of_models])

    return session.interrupts.run(main)


async def _models(settings: Settings) -> list[Check]:
    from simulator.model_diagnosis import check_models
    from simulator.services import open_catalogue

    async with open_catalogue(settings) as catalogue:
        reports = catalogue.reports(catalogue.providers(), patience_s=MODEL_PATIENCE_S)
        return await check_models(settings, reports)


def _terminal(session: Session) -> Check:
    from simulator.diagnosis import Check

    encoding = sys.stdout.encoding.upper()
    if encoding.replace("-", "") != "UTF8":
        return Check(
            "terminal", "warning", f"{encoding}: some letters cannot be shown",
            "Use a locale of UTF-8, such as LANG=C.UTF-8, or set PYTHONUTF8=1.",
        )  # fmt: skip
    if not session.output.is_live:
        kind = "one that draws nothing" if session.output.is_terminal else "none here"
        return Check("terminal", "ok", f"{kind}: plain text, {encoding}")
    width, colours = session.output.console.width, session.output.console.color_system
    found = f"{os.environ.get('TERM')}, {width} columns, {colours or 'no'} colours, {encoding}"
    if width >= NARROWEST:
        return Check("terminal", "ok", found)
    return Check("terminal", "warning", found, f"Make it {NARROWEST} columns wide for tables.")


def _told(session: Session, checks: list[Check]) -> int:
    """Show the checks; the exit code of the worst."""
    from simulator.cli.output import Column

    output = session.output
    output.table(
        [Column("STATE"), Column("CHECK"), Column("FOUND", flexible=True, overflow="fold")],
        [[check.state, check.name, check.found] for check in checks],
    )
    faults = [check for check in checks if check.state != "ok"]
    output.line()
    output.line("What to do" if faults else "All is well.", "bold")
    for check in faults:
        style = "red" if check.state == "failure" else "yellow"
        output.line(f"{check.name}: {output.spelled_out(check.remedy or check.found)}", style)
    told = [
        asdict(check) | {"remedy": check.remedy and output.spelled_out(check.remedy)}
        for check in checks
    ]
    worst = max(checks, key=lambda check: check.exit_code)
    failure = SimulatorError(f"{worst.name}: {worst.found}", remedy=worst.remedy)
    output.result(told, failure if worst.exit_code else None)
    return worst.exit_code
