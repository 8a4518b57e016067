"""`batch`: list batches, see what became of the runs of one, and steer it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from simulator.cli.commands import Verb
from simulator.cli.limit_options import limit_options
from simulator.cli.model_options import model_options
from simulator.cli.session import Session
from simulator.cli.verbs.launch import cap_options
from simulator.errors import UsageError

if TYPE_CHECKING:
    from simulator.services import Services

_PLAYING = ("resume", "retry")
_DEEDS = ("pause", "cancel", *_PLAYING, "watch")


@click.command(cls=Verb)
@click.argument("batch", required=False)
@click.option("--pause", is_flag=True, help="Pause its runs, wherever they are played.")
@click.option("--cancel", is_flag=True, help="Stop its runs for good, wherever they are played.")
@click.option("--resume", is_flag=True, help="Go on with what is left of it.")
@click.option("--retry", is_flag=True, help="As --resume, with what failed or was cancelled.")
@click.option("--watch", is_flag=True, help="Show how far it is, wherever it is played.")
@click.option("--detach", is_flag=True, help="Go on in the background, and return at once.")
@limit_options
@cap_options
@click.option("--mine", is_flag=True, help="List only batches that you launched.")
@click.option(
    "--limit", type=click.IntRange(min=0), metavar="N",
    help="At most so many lines, 0 for all; else 50 on a terminal, all elsewhere.",
)  # fmt: skip
@model_options
@click.pass_obj
def batch(
    session: Session, /, batch: str | None, mine: bool, limit: int | None, **options: Any
) -> int:
    """List batches, the newest first; with BATCH, its conditions and what became of each run.

    BATCH is an id, its beginning or end, a name, or `last`, your newest.
    """
    deeds = [name for name in _DEEDS if options.pop(name)]
    if len(deeds) > 1:
        raise UsageError(f"--{deeds[0]} and --{deeds[1]} cannot be given both.")
    if batch is None and deeds:
        raise UsageError(f"Which batch to {deeds[0]} is not said.", remedy="`batch` lists them.")
    deed = deeds[0] if deeds else ""
    if options["detach"] and deed not in _PLAYING:
        raise UsageError("--detach plays a batch.", remedy="Give it with --resume or --retry.")

    async def main(services: Services) -> int:
        from simulator.cli import batches
        from simulator.cli.batch_watching import watch_batch
        from simulator.cli.finding_batches import find_batch
        from simulator.cli.run_tables import SHOWN_ON_A_TERMINAL

        most = SHOWN_ON_A_TERMINAL if session.output.is_terminal else None
        most = most if limit is None else limit or None
        if batch is None:
            return await batches.list_batches(session, services, most, is_mine=mine)
        found = await find_batch(services, batch)
        match deed:
            case "pause" | "cancel":
                return await batches.order(session, services, found, deed)
            case "resume" | "retry":
                return await batches.go_on(session, services, found, options, retry=deed == "retry")
            case "watch":
                return await watch_batch(session, services, found)
        return await batches.show_batch(session, services, found, most)

    return session.work(main)
