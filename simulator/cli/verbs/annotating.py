"""`star` and `note`: what may change on an experiment or run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from simulator.cli.commands import Verb
from simulator.cli.session import Session

if TYPE_CHECKING:
    from simulator.domain.records import Experiment, Run
    from simulator.services import Services


@click.command(cls=Verb)
@click.argument("name", metavar="EXPERIMENT|RUN")
@click.option("--off", is_flag=True, help="No favourite any more.")
@click.pass_obj
def star(session: Session, name: str, off: bool) -> int:
    """Mark an experiment or run as a favourite of yours; `ls --starred` lists them."""

    async def main(services: Services) -> int:
        from simulator.cli.finding import find_either

        found = await find_either(session, services, name)
        await services.star(found, off=off)
        done = "no favourite of yours any more" if off else "a favourite of yours now"
        session.output.line(f"{_called(found)} is {done}.")
        session.output.result({"id": found.id, "favourite": not off})
        return 0

    return session.work(main)


@click.command(cls=Verb)
@click.argument("name", metavar="EXPERIMENT|RUN")
@click.argument("text")
@click.pass_obj
def note(session: Session, name: str, text: str) -> int:
    """Write a note on an experiment or run of yours, in place of the one it has; "" removes it."""

    async def main(services: Services) -> int:
        from simulator.cli.finding import find_either

        found = await find_either(session, services, name)
        await services.write_note(found, text)
        done = "has a note now" if text else "has no note any more"
        session.output.line(f"{_called(found)} {done}.")
        session.output.result({"id": found.id, "note": text})
        return 0

    return session.work(main)


def _called(record: Experiment | Run) -> str:
    from simulator.domain.records import Run

    if isinstance(record, Run):
        return f"Run {record.id}"
    return f"Experiment {record.name!r} ({record.id})"
