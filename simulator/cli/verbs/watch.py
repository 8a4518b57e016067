"""`watch`: follow a run from another process."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import click

from simulator.cli.commands import Verb
from simulator.cli.session import Session

if TYPE_CHECKING:
    from simulator.cli.display import Display
    from simulator.domain.records import Run
    from simulator.services import Services

POLL_S = 0.3


@click.command(cls=Verb)
@click.argument("run")
@click.pass_obj
def watch(session: Session, run: str) -> int:
    """Show RUN's messages so far and those to come, until it ends. Ctrl-C leaves; the run goes on.

    An end is also a run that is paused, that nobody plays any more, or that nobody plays yet.
    """

    async def main(services: Services) -> int:
        from simulator.cli.finding import find_run

        found = await find_run(session, services, run)
        return await _watch(session, services, found)

    return session.work(main)


async def _watch(session: Session, services: Services, run: Run) -> int:
    from simulator.cli.plans import plan_of
    from simulator.cli.playing import display_for

    output = session.output
    plan = plan_of(services, run, await services.resolved(run))
    display = display_for(output, [plan])
    display.announce()
    try:
        async with display:
            ended, abandoned = await _follow(services, run, display)
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


async def _follow(services: Services, run: Run, display: Display) -> tuple[Run, bool]:
    """Show steps until the run ends; the run as it is then, and whether it was abandoned."""
    from simulator.domain.events import StepCommitted

    seen = -1

    async def show() -> None:
        nonlocal seen
        async with aclosing(services.store.follow(run.id)) as steps:
            async for step in steps:
                seen = max(seen, step.position)
                display.hear(StepCommitted(step))

    async def end() -> tuple[Run, bool]:
        while True:
            now = await services.store.run(run.id)
            if now.status not in ("queued", "running"):
                return now, False
            if now.status == "queued" and await services.store.lease(run.id) is None:
                return now, False
            if await services.is_abandoned(now):
                return now, True
            await asyncio.sleep(POLL_S)

    showing = asyncio.create_task(show())
    ending = asyncio.create_task(end())
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
