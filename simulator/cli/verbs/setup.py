"""`setup`: where experiments live, with which model and under whose name, kept in `.env`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulator.cli.commands import Verb
from simulator.cli.interrupts import INTERRUPTED, Interrupted
from simulator.cli.session import Session
from simulator.cli.waiting import busy
from simulator.errors import ModelAccessError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulator.catalogue import Catalogue
    from simulator.settings import Settings

OPTIONS = "--store URL, --database NAME, --model REF, --user NAME"


def _database(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    from simulator.credentials import check_database_name

    try:
        return None if value is None else check_database_name(value)
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from None


@click.command(cls=Verb)
@click.option("--database", metavar="NAME", callback=_database,
              help="Database of a MongoDB whose address names none.")  # fmt: skip
@click.option("--model", "-m", metavar="REF",
              help="Model of design files that name none at their top.")  # fmt: skip
@click.option("--user", metavar="NAME", help="Under whose name experiments and runs are made.")
@click.option("--untested", is_flag=True, help="Do not try whether store and model can be used.")
@click.option("--yes", "-y", is_flag=True, help="Ask nothing: set what is given, keep the rest.")
@click.pass_obj
def setup(
    session: Session,
    database: str | None,
    model: str | None,
    user: str | None,
    untested: bool,
    yes: bool,
) -> int:
    """Say where experiments live, which model is the usual one, and who you are.

    Asks for what is not given, tries the connection, shows what it would write, and keeps it in
    .env in this folder; everything else in that file stays. A password is typed hidden; one from
    DB_PASSWORD is used, but not kept.
    """
    answers = {"database": database, "model": model, "user": user and user.strip()}
    try:
        if yes:
            chosen = _given(session, {k: v for k, v in answers.items() if v}, untested=untested)
        else:
            chosen = _asked(session, answers, untested=untested)
    except (KeyboardInterrupt, EOFError, click.Abort, Interrupted) as error:
        session.output.aside("Interrupted. Nothing was changed.")
        raise error if isinstance(error, Interrupted) else Interrupted(INTERRUPTED) from None
    if not chosen:
        session.output.aside("Nothing was written.")
        return 1
    return _write(session, chosen)


def _asked(
    session: Session, answers: Mapping[str, str | None], *, untested: bool
) -> dict[str, str]:
    """The settings that a person gives."""
    if not (session.output.is_live and sys.stdin.isatty()):
        raise UsageError(
            "`setup` asks questions, and nobody can be asked here.",
            remedy=f"Give answers with --yes, each of which may be left out: {OPTIONS}.",
        )
    from simulator.cli.interviewing import Interview

    with session.interrupts.raised():
        return Interview(session, answers, untested=untested).hold()


def _given(session: Session, answers: dict[str, str], *, untested: bool) -> dict[str, str]:
    """The settings that options give, tried."""
    if session.store is not None:
        settings = session.settings
        if "database" in answers:
            settings = settings.model_copy(update={"database": answers["database"]})
        answers = {"store": settings.store_address} | answers
        if not untested:
            _try(session, settings)
    if not answers:
        raise UsageError("Nothing is given to be set.", remedy=f"Options are {OPTIONS}.")
    if "model" in answers and not untested:
        session.work_on_models(lambda catalogue: _check_model(session, catalogue, answers["model"]))
    return answers


def _try(session: Session, settings: Settings) -> None:
    """See that the store can be used, if its password is known. Raises SimulatorError."""
    from simulator.diagnosis import try_database, try_store

    warn = session.output.warn
    if settings.user_without_password is not None:
        return warn(
            "The address has no password, so the connection was not tried: each command asks for "
            "it, or takes it from DB_PASSWORD."
        )

    async def tried() -> None:
        server = await try_store(settings, warn)
        if server is not None:
            await try_database(settings, server, warn)

    with busy(session.output, "Connecting …"):
        session.interrupts.run(tried)


async def _check_model(session: Session, catalogue: Catalogue, model: str) -> None:
    try:
        catalogue.open(model)
    except ModelAccessError as error:
        session.output.warn(f"{error.message} {error.remedy}")


def _write(session: Session, chosen: Mapping[str, str]) -> int:
    """Merge settings, by their fields' names, into `.env`."""
    from simulator.env_file import merge_env_file
    from simulator.redaction import masked_address
    from simulator.settings import ENV_FILE, exported, variable_name

    output = session.output
    variables = {variable_name(field): value for field, value in chosen.items()}
    file = Path(ENV_FILE).resolve()
    merge_env_file(Path(ENV_FILE), variables)
    output.line(f"Set in {file}: {', '.join(variables)}.")
    for name in exported(variables):
        output.warn(f"The environment has another {name}, which goes before .env: unset {name}.")
    output.line("See whether all is well:")
    output.line(f"  {session.program} doctor", wrap=False)
    shown = {name: masked_address(value) for name, value in variables.items()}
    output.result({"file": str(file), "variables": shown})
    return 0
