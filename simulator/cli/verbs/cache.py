"""`cache`: the replies and the measures of texts that are kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from simulator.cli.commands import VerbGroup
from simulator.cli.session import Session
from simulator.domain.durations import parse_duration
from simulator.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from simulator.store.measure_cache import KeptMeasure
    from simulator.store.request_cache import RequestCacheFile


def _span(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> timedelta | None:
    try:
        return None if value is None else parse_duration(value)
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from None


@click.group(cls=VerbGroup)
def cache() -> None:
    """Show or clear what is kept: replies, to be given again, and measures of texts.

    Runs keep replies and take them from here with --cache, or where SIMULATOR_CACHE is set.
    Analyses and reports keep what they measured of texts, and measure each text once.
    """


@cache.command(short_help="Show how much is kept.")
@click.pass_obj
def show(session: Session) -> int:
    """Show how many replies are kept, by model, and how many values, by measure."""

    async def main() -> int:
        from simulator.cli.output import Column
        from simulator.presentation.moments import stamp

        async with _opened(session) as file:
            kept = await file.contents() if file.path.is_file() else []
        if not kept:
            session.output.line("No replies are kept.")
        else:
            columns = [
                Column("MODEL", flexible=True), Column("REPLIES", right=True),
                Column("SIZE", right=True), Column("OLDEST"), Column("NEWEST"),
            ]  # fmt: skip
            rows = [
                [one.model, str(one.replies), f"{one.size_bytes / 1e6:,.2f} MB",
                 stamp(one.oldest), stamp(one.newest)]
                for one in kept
            ]  # fmt: skip
            session.output.table(columns, rows)
        session.output.aside(f"File: {file.path}")
        measures, values = _kept_measures(session)
        if values:
            columns = [Column("MEASURE", flexible=True), Column("VERSION"),
                       Column("VALUES", right=True)]  # fmt: skip
            rows = [[one.measure, one.version, str(one.values)] for one in values]
            session.output.table(columns, rows)
            session.output.aside(f"File: {measures}")
        session.output.result(
            {
                "file": str(file.path),
                "measures_file": str(measures),
                "measures": [
                    {"measure": one.measure, "version": one.version, "values": one.values}
                    for one in values
                ],
                "models": [
                    {
                        "model": one.model, "replies": one.replies, "size_bytes": one.size_bytes,
                        "oldest": one.oldest.isoformat(), "newest": one.newest.isoformat(),
                    }
                    for one in kept
                ],
            }
        )  # fmt: skip
        return 0

    return session.interrupts.run(main)


@cache.command(short_help="Forget replies, or measures.")
@click.option("--older-than", callback=_span, metavar="AGE",
              help="Only those that are so old: a number of m, h, d or w, such as 2w.")  # fmt: skip
@click.option("--model", "-m", metavar="REF", help="Only those of this model.")
@click.option("--measures", is_flag=True, help="Forget the measures of texts, and no replies.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.pass_obj
def clear(
    session: Session, older_than: timedelta | None, model: str | None, measures: bool, yes: bool
) -> int:
    """Forget all replies that are kept, or those that the options name, or all measures."""
    if measures and (older_than is not None or model is not None):
        raise UsageError(
            "--older-than and --model are of replies, and --measures is of none.",
            remedy="Leave out the one or the other.",
        )

    async def main() -> int:
        from simulator.cli.confirming import agreed
        from simulator.presentation.wording import counted

        of_model = f" of {model}" if model else ""
        if measures:
            what = "all measures of texts that are kept"
            if not yes and not await agreed(session, what):
                session.output.aside("Nothing was deleted.")
                return 1
            path, values = _forget_measures(session)
            session.output.line(f"Deleted {counted(values, 'value')} of measures.")
            session.output.result({"file": str(path), "values": values})
            return 0
        what = f"{'old' if older_than else 'all'} replies{of_model} in the request cache"
        if not yes and not await agreed(session, what):
            session.output.aside("Nothing was deleted.")
            return 1
        async with _opened(session) as file:
            there = file.path.is_file()
            gone = await file.clear(older_than=older_than, model=model) if there else 0
        session.output.line(f"Deleted {counted(gone, 'reply')}.")
        session.output.result({"file": str(file.path), "replies": gone})
        return 0

    return session.interrupts.run(main)


@asynccontextmanager
async def _opened(session: Session) -> AsyncIterator[RequestCacheFile]:
    from simulator.adapters import request_cache_file

    file = request_cache_file(session.settings)
    try:
        yield file
    finally:
        await file.close()


def _kept_measures(session: Session) -> tuple[Path, list[KeptMeasure]]:
    from simulator.adapters import open_measure_cache
    from simulator.settings import default_measures

    path = default_measures()
    if not path.is_file():
        return path, []
    with open_measure_cache(session.output.warn) as file:
        return path, file.contents()


def _forget_measures(session: Session) -> tuple[Path, int]:
    from simulator.adapters import open_measure_cache
    from simulator.settings import default_measures

    path = default_measures()
    if not path.is_file():
        return path, 0
    with open_measure_cache(session.output.warn) as file:
        return path, file.clear()
