"""`demo`: a short conversation, with nothing to set up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from simulator.cli.commands import Verb
from simulator.cli.launch_options import launch_parameters
from simulator.cli.session import Session
from simulator.cli.verbs.run import launch_and_play

if TYPE_CHECKING:
    from simulator.services import Services

DESIGN = "prison"
SEED = 2026


READING_PACE_S = 0.8
"""Before each message on a terminal: pocket is quicker than the eye."""


@click.command(cls=Verb)
@click.option("--pace", type=click.FloatRange(0, 60), metavar="SECONDS",
              help="Wait so long before each message; 0.8 on a terminal, else 0.")  # fmt: skip
@click.pass_obj
def demo(session: Session, pace: float | None) -> int:
    """Play the seed `prison`: a guard and a prisoner, two days, ten messages.

    Uses `pocket`, the small model that comes along: no key, server or network.
    """
    parameters = launch_parameters(
        models=["pocket"], agents=["guard=1,prisoner=1"], days=2, messages=10
    )

    async def main(services: Services) -> int:
        watched = READING_PACE_S if session.output.is_live else 0.0
        exit_code = await launch_and_play(
            session, services, DESIGN, parameters, seed=SEED,
            pace_s=watched if pace is None else pace,
        )  # fmt: skip
        if exit_code == 0:
            output = session.output
            output.aside("Next, try:")
            output.aside(f"  {session.command('show', 'last')}")
            output.aside(
                f"  {session.command('fork', 'last', '--at', '2', '--replace', 'No. Never.')}"
            )
            output.aside(f"  {session.command('export', 'last', '--format', 'markdown')}")
        return exit_code

    return session.work(main)
