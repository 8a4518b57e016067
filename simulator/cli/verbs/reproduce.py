"""`reproduce`: play an original study again, and set ours beside what was published."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from simulator.cli.commands import Verb
from simulator.cli.limit_options import limit_options, limits_of
from simulator.cli.model_options import model_options
from simulator.cli.session import Session
from simulator.errors import UsageError

if TYPE_CHECKING:
    from simulator.services import Services


@click.command(cls=Verb)
@click.argument("name", required=False)
@click.option("--scale", type=click.FloatRange(0, 1, min_open=True), metavar="SHARE",
              help="How much of the published runs; 0.1 is a tenth, 1 all of them.  "
              "[default: 1]")  # fmt: skip
@click.option("--pocket", is_flag=True,
              help="The pocket-sized version, which ends in minutes; a toy, and says so.",
              )  # fmt: skip
@click.option("--model", "-m", "models", multiple=True, metavar="REF",
              help="Play with this model instead of the published ones; repeatable.")  # fmt: skip
@click.option("--part", "parts", multiple=True, metavar="PART",
              help="Only this part of the study; repeatable.")  # fmt: skip
@click.option("--dry-run", is_flag=True,
              help="Only show the grid, what it would take, and the bands.")  # fmt: skip
@click.option("--results", is_flag=True,
              help="Play nothing: only set what is stored beside the published.")  # fmt: skip
@click.option("--queue", is_flag=True,
              help="Only queue the runs, to be played with `launch --join`.")  # fmt: skip
@click.option("--yes", "-y", is_flag=True, help="Begin without asking, however much it is.")
@limit_options
@model_options
@click.pass_obj
def reproduce(
    session: Session,
    /,
    name: str | None,
    scale: float | None,
    pocket: bool,
    models: tuple[str, ...],
    parts: tuple[str, ...],
    dry_run: bool,
    results: bool,
    queue: bool,
    yes: bool,
    cost_limit: float | None,
    token_limit: int | None,
) -> int:
    """Play an original study again, and set ours beside what was published.

    NAME is one of the five studies; without it they are listed with their sizes. Ctrl-C pauses,
    and the same command again goes on: nothing that was played is repeated.
    """
    if pocket and scale is not None:
        raise UsageError(
            "--pocket has a size of its own.", remedy="Leave --scale out, or --pocket."
        )
    if dry_run and results:
        raise UsageError(
            "--dry-run tells of what would be played, --results of what was.",
            remedy="Leave one of them out.",
        )

    async def main(services: Services) -> int:
        from simulator.cli.reproducing import Reproducing, list_originals
        from simulator.reproducing.studies import Size

        if name is None:
            return await list_originals(session, services)
        size = Size(1.0 if scale is None else scale, pocket, models, parts)
        limits = limits_of(session.settings, cost_limit, token_limit)
        own = Reproducing(session, services, size, limits)
        if results:
            return await own.results(name)
        if dry_run:
            return await own.foresee(name)
        return await own.play(name, is_agreed=yes, is_queued=queue)

    return session.work(main)
