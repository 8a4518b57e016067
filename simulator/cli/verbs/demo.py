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


@click.command(cls=Verb)
@click.pass_obj
def demo(session: Session) -> int:
    """Play the seed `prison`: a guard and a prisoner, two days, ten messages.

    Uses `pocket`, the small model that comes along: no key, server or network.
    """
    parameters = launch_parameters(
        models=["pocket"], agents=["guard=1,prisoner=1"], days=2, messages=10
    )

    async def main(services: Services) -> int:
        exit_code = await launch_and_play(session, services, DESIGN, parameters, SEED, 1)
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
