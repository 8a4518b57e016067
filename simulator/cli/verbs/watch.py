"""`watch`: follow a run from another process, or see who plays what."""

from __future__ import annotations

import asyncio
import sys
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING

import click

from simulator.cli.commands import Verb
from simulator.cli.session import Session
from simulator.errors import NotFoundError
from simulator.presentation.safe_text import one_line

if TYPE_CHECKING:
    from rich.console import Group

    from simulator.archive import Playing
    from simulator.cli.display import Display
    from simulator.cli.output import Output
    from simulator.domain.records import Lease, Run
    from simulator.services import Services

POLL_S = 1.0
"""Between two looks at who plays; messages are told as they come."""


@click.command(cls=Verb)
@click.argument("run", required=False)
@click.pass_obj
def watch(session: Session, run: str | None) -> int:
    """Show RUN's messages so far and those to come, until it ends. Ctrl-C leaves; the run goes on.

    An end is also a run that is paused, that nobody plays any more, or that nobody plays yet.
    RUN may also be a batch: how far it is, until nobody plays it any more.

    Without RUN, show who is playing what on all machines, until you press q; where there is no
    terminal, once.
    """

    async def main(services: Services) -> int:
        from simulator.cli.verbs.ls import list_playing

        if run is not None:
            return await _watch_named(session, services, run)
        if session.output.is_live and sys.stdin.isatty():
            await _watch_all(session.output, services)
        else:
            await list_playing(session, services)
        return 0

    return session.work(main)


# ---------------------------------------------------------------- all runs


async def _watch_all(output: Output, services: Services) -> None:
    """Draw who plays what every second, until `q` is pressed."""
    from rich.live import Live

    from simulator.cli.keys import key_pressed

    live = Live(
        console=output.console, auto_refresh=False, transient=True,
        redirect_stdout=False, redirect_stderr=False, vertical_overflow="crop",
    )  # fmt: skip
    with key_pressed("q") as left, live:
        while not left.is_set():
            live.update(_drawn(output, await services.playing()), refresh=True)
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await left.wait()


def _drawn(output: Output, playing: list[Playing]) -> Group:
    from rich.console import Group
    from rich.text import Text

    from simulator.cli.run_tables import PLAYING_COLUMNS, playing_cells
    from simulator.presentation.wording import counted

    room = max(1, output.console.height - 4)
    table = output.rich_table(PLAYING_COLUMNS, playing_cells(playing[:room], short_ids=True))
    players = {one.lease.player for one in playing}
    where = f", by {next(iter(players))}" if len(players) == 1 else f", by {len(players)} players"
    cut = f" · {len(playing) - room} not shown" if len(playing) > room else ""
    status = f"{counted(len(playing), 'run')} being played{where if players else ''}{cut}"
    line = Text(f" {one_line(status)} · q leaves ", "reverse", no_wrap=True, overflow="ellipsis")
    return Group(table, line) if playing else Group(line)


# ---------------------------------------------------------------- one run or batch


async def _watch_named(session: Session, services: Services, name: str) -> int:
    from simulator.cli.batch_watching import watch_batch
    from simulator.cli.finding import find_run
    from simulator.cli.finding_batches import LAST, batch_or_none

    try:
        run = await find_run(session, services, name)
    except NotFoundError:
        if name == LAST:
            raise
        batch = await batch_or_none(services, name)
        if batch is None:
            raise NotFoundError(
                f"There is no run or batch {name!r}.",
                remedy="`ls --runs` and `batch` list them.",
            ) from None
        return await watch_batch(session, services, batch)
    return await _watch(session, services, run)


async def _watch(session: Session, services: Services, run: Run) -> int:
    from simulator.cli.playing import display_for
    from simulator.domain.events import RunStarted
    from simulator.presentation.plans import plan_of

    output = session.output
    plan = plan_of(services.kind(run.kind), run, await services.resolved(run))
    display = display_for(output, [plan])
    display.announce()
    display.hear(RunStarted(run))
    player = await services.player(run)
    if player is not None:
        display.played_by(run, player, is_takeover=False)
    try:
        async with display:
            ended, abandoned = await _follow(services, run, player, display)
    except asyncio.CancelledError:
        output.aside("Left; the run goes on.")
        raise
    command = session.command("resume", ended.id)
    display.ended(ended, None, command)
    if ended.status == "completed":
        output.aside("The run is completed.")
        return 0
    if ended.status == "queued":
        output.aside("The run waits for somebody to play it. Do it with:")
    elif abandoned:
        output.aside("Nobody plays this run any more. Go on with:")
    else:
        output.aside(f"The run is {ended.status}. {ended.error or ''}".rstrip())
        output.aside("Go on with:")
    output.aside(f"  {command}")
    return 0


async def _follow(
    services: Services, run: Run, player: Lease | None, display: Display
) -> tuple[Run, bool]:
    """Show steps until the run ends; the run as it is then, and whether it was abandoned."""
    from simulator.domain.events import StepCommitted

    seen = -1

    async def show() -> None:
        nonlocal seen
        async with aclosing(services.store.follow(run.id)) as steps:
            async for step in steps:
                seen = max(seen, step.position)
                display.hear(StepCommitted(step))

    showing = asyncio.create_task(show())
    ending = asyncio.create_task(_end(services, run, player, display))
    try:
        await asyncio.wait({showing, ending}, return_when=asyncio.FIRST_COMPLETED)
        if showing.done():
            showing.result()
        ended, abandoned = await ending
    finally:
        for task in (showing, ending):
            task.cancel()
        await asyncio.gather(showing, ending, return_exceptions=True)
    for step in await services.store.steps(run.id, after=seen):
        display.hear(StepCommitted(step))
    return ended, abandoned


async def _end(
    services: Services, run: Run, player: Lease | None, display: Display
) -> tuple[Run, bool]:
    """Wait until nobody plays the run; the run then, and whether it was abandoned."""
    while (lease := await services.player(run)) is not None:
        if player is None or lease.owner != player.owner:
            display.played_by(run, lease, is_takeover=player is not None)
        player = lease
        await asyncio.sleep(POLL_S)
    ended = await services.store.run(run.id)
    return ended, ended.status == "running"
