"""`fork`: leave a run at one of its messages."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from simulator.cli.commands import Verb
from simulator.cli.launch_options import LARGEST_SEED
from simulator.cli.limit_options import limit_options, limits_of
from simulator.cli.model_options import model_options
from simulator.cli.session import Session
from simulator.errors import NotFoundError, PermissionDeniedError, SimulatorError, UsageError

if TYPE_CHECKING:
    from simulator.services import Services


@click.command(cls=Verb)
@click.argument("run")
@click.option(
    "--at",
    required=True,
    type=click.IntRange(min=0),
    metavar="K",
    help="Number of the last message to take over, as `show` prints it.",
)
@click.option("--replace", metavar="TEXT", help="Other words for that message.")
@click.option("--replace-file", metavar="FILE", help="The same from a file; - is standard input.")
@click.option(
    "--seed",
    type=click.IntRange(0, LARGEST_SEED),
    metavar="N",
    help="Seed of what follows; else the run's, so that only the edit differs.",
)
@limit_options
@click.option("--no-play", is_flag=True, help="Only make the run; play it with `resume`.")
@model_options
@click.pass_obj
def fork(
    session: Session,
    run: str,
    at: int,
    replace: str | None,
    replace_file: str | None,
    seed: int | None,
    cost_limit: float | None,
    token_limit: int | None,
    no_play: bool,
) -> int:
    """Start a new run that shares RUN's messages up to number K."""
    if replace is not None and replace_file is not None:
        raise UsageError("--replace and --replace-file are both given.", remedy="Give one.")
    words = replace if replace_file is None else _read(replace_file)
    if words is not None and not words.strip():
        raise UsageError("The words to replace the message with are empty.")

    async def main(services: Services) -> int:
        from simulator.cli.finding import find_run

        parent = await find_run(session, services, run)
        limits = limits_of(session.settings, cost_limit, token_limit)
        services.check_limits(limits, parent.agents)
        forked = await services.fork(parent, at=at, replace=words, seed=seed)
        session.output.aside(f"Forked run {parent.id} after message {at}: run {forked.id}")
        if no_play:
            session.output.line("Play it with:")
            session.output.line(f"  {session.resume(forked.id)}", wrap=False)
            session.output.result({"run": forked.model_dump(mode="json")})
            return 0
        from simulator.cli.verbs.resume import play_on

        return await play_on(session, services, [forked], limits)

    return session.work(main)


def _read(name: str) -> str:
    from pathlib import Path

    try:
        if name == "-":
            return sys.stdin.read().removesuffix("\n")
        return Path(name).expanduser().read_text(encoding="utf-8").removesuffix("\n")
    except FileNotFoundError:
        raise NotFoundError(f"There is no file {name}.", remedy="Check the path.") from None
    except PermissionError:
        raise PermissionDeniedError(
            f"{name} may not be read.", remedy="Change the file's permissions."
        ) from None
    except UnicodeDecodeError:
        raise UsageError(f"{name} is no UTF-8 text.", remedy="Save it as UTF-8.") from None
    except OSError as error:
        raise SimulatorError(
            f"{name} cannot be read: {error.strerror}.", remedy="Name another file."
        ) from None
