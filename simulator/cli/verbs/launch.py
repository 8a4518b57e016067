"""`launch`: plan a batch of runs, price it, and play it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import click

from simulator.cli.commands import Verb
from simulator.cli.grid_options import grid_options
from simulator.cli.launch_options import LARGEST_SEED
from simulator.cli.limit_options import limit_options
from simulator.cli.model_options import model_options
from simulator.cli.session import Session
from simulator.domain.durations import parse_duration
from simulator.errors import UsageError

if TYPE_CHECKING:
    from simulator.services import Services

EXECUTORS = ("local", "ray")
_Command = TypeVar("_Command", bound=Callable[..., Any])


def _span(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> timedelta | None:
    try:
        return None if value is None else parse_duration(value)
    except ValueError as error:
        raise click.BadParameter(f"{error}.", context, parameter) from None


def cap_options(command: _Command) -> _Command:
    """The options that end the playing of a batch, besides those of tokens and money."""
    options = [
        click.option("--time-limit", callback=_span, metavar="SPAN",
                     help="Stop after so long, such as 90m or 8h."),
        click.option("--most-failures", type=click.IntRange(min=1), metavar="N",
                     help="Stop when so many runs have failed."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


@click.command(cls=Verb)
@click.argument("design", required=False)
@grid_options
@click.option("--exclude", "exclusions", multiple=True, metavar="EXPR",
              help="Leave out cells, such as 'goal=escape & days=1|2'. Repeatable.")  # fmt: skip
@click.option("--seed", "-s", type=click.IntRange(0, LARGEST_SEED), metavar="N",
              help="Seed of the first repetition; the next ones count up from it.")  # fmt: skip
@click.option("--repeat", "-r", type=click.IntRange(1, 10_000), default=1, metavar="R",
              help="Runs of each cell; repetitions share their seeds.")  # fmt: skip
@click.option("--counterbalance", is_flag=True,
              help="Let another role begin in each repetition.")  # fmt: skip
@click.option("--max-runs", type=click.IntRange(min=1), metavar="N",
              help="Refuse a batch of more runs.")  # fmt: skip
@click.option("--name", default="", metavar="NAME", help="Name of the batch; else the design's.")
@click.option("--amend", is_flag=True,
              help="Add the cells and repetitions that your batch lacks to it.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Only say what it would take.")
@limit_options
@cap_options
@click.option("--queue", is_flag=True, help="Only store the runs.")
@click.option("--detach", is_flag=True, help="Play it in the background, and return at once.")
@click.option("--join", metavar="BATCH", help="Help with a batch that is stored; no DESIGN.")
@click.option("--retry", is_flag=True, help="Play on runs that failed or were cancelled, too.")
@click.option("--executor", type=click.Choice(EXECUTORS), default="local",
              help="Where it is played.")  # fmt: skip
@click.option("--yes", "-y", is_flag=True, help="Start without a question.")
@model_options
@click.pass_obj
def launch(
    session: Session, /, design: str | None, join: str | None, executor: str, **options: Any
) -> int:
    """Launch DESIGN under every combination of what is varied, as a batch.

    Given again, the same command goes on with the same batch. Ctrl-C pauses it.
    """
    if (design is None) == (join is None):
        raise UsageError(
            "A batch is launched of a design, or joined: name one of both.",
            remedy="Write `launch DESIGN`, or `launch --join BATCH`.",
        )
    if options["queue"] and options["detach"]:
        raise UsageError("--queue plays nothing, and --detach does.", remedy="Choose one.")
    if executor == "ray":
        from simulator.cli.batch_starting import check_ray

        check_ray()

    async def main(services: Services) -> int:
        from simulator.cli.batch_starting import join_batch, launch_batch

        if join is not None:
            return await join_batch(session, services, join, options)
        return await launch_batch(session, services, design or "", options)

    return session.work(main)
