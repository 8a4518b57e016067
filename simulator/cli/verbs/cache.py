"""`cache`: the replies that are kept to be given again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from simulator.cli.commands import VerbGroup
from simulator.cli.session import Session
from simulator.domain.durations import parse_duration

if TYPE_CHECKING:
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
    """Show or clear the replies that are kept to be given again.

    Runs keep replies and take them from here with --cache, or where SIMULATOR_CACHE is set.
    """


@cache.command(short_help="Show how many replies are kept.")
@click.pass_obj
def show(session: Session) -> int:
    """Show how many replies are kept, by model."""

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
        session.output.result(
            {
                "file": str(file.path),
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


@cache.command(short_help="Forget replies.")
@click.option("--older-than", callback=_span, metavar="AGE",
              help="Only those that are so old: a number of m, h, d or w, such as 2w.")  # fmt: skip
@click.option("--model", "-m", metavar="REF", help="Only those of this model.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.pass_obj
def clear(session: Session, older_than: timedelta | None, model: str | None, yes: bool) -> int:
    """Forget all replies that are kept, or those that the options name."""

    async def main() -> int:
        from simulator.cli.confirming import agreed
        from simulator.presentation.wording import counted

        of_model = f" of {model}" if model else ""
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
