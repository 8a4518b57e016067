"""`serve`: the full-screen app in a browser."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

import click

from simulator.cli.commands import Verb
from simulator.cli.session import Session
from simulator.errors import UsageError

if TYPE_CHECKING:
    from simulator.settings import Settings


@click.command(cls=Verb)
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS",
              help="An address of this machine, or 0.0.0.0 for all of them.")  # fmt: skip
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True,
              metavar="N", help="On which port; 0 takes any that is free.")  # fmt: skip
@click.pass_obj
def serve(session: Session, host: str, port: int) -> int:
    """Show the full-screen app in a browser, until Ctrl-C.

    Everyone who opens the page gets an app of their own, on the same store and under the same
    name. There is no password: it is served to this machine only unless --host says otherwise.
    """
    try:
        from simulator.cli.serving import is_loopback, served
    except ModuleNotFoundError as error:
        raise UsageError(
            f"`serve` needs the package {error.name}, which is not installed.",
            remedy="Install it beside main.py: pip install -e '.[serve]'",
        ) from None
    settings = session.store_settings()

    async def main() -> None:
        from simulator.diagnosis import try_store
        from simulator.settings import PROJECT_ROOT

        output = session.output
        await try_store(settings, output.warn)
        _hand_down(session, settings)
        output.tell_events()
        async with served([sys.executable, str(PROJECT_ROOT / "main.py")], host, port) as url:
            if not is_loopback(host):
                output.warn(
                    f"Anybody who reaches {url} can use the laboratory under your name and read "
                    "all that is in its store: there is no password."
                )
            if output.json:
                output.event(type="serving", url=url)
            output.line(f"The app is at {url}", wrap=False)
            output.line("Ctrl-C ends it; apps that are open leave their runs paused.")
            try:
                await asyncio.Event().wait()
            finally:
                output.aside("Leaving the apps that are open …")

    session.interrupts.run(main)
    return 0


def _hand_down(session: Session, settings: Settings) -> None:
    """Let apps have the options of this command by variables, which no list of processes shows."""
    os.environ["SIMULATOR_STORE"] = settings.store_url
    if session.log_level is not None:
        os.environ["SIMULATOR_LOG_LEVEL"] = session.log_level
