"""`star` and `note`: what may change on an experiment or run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from simulator.cli.commands import Verb
from simulator.cli.session import Session

if TYPE_CHECKING:
    from simulator.services import Services


@click.command(cls=Verb)
@click.argument("name", metavar="EXPERIMENT|RUN")
@click.option("--off", is_flag=True, help="No favourite any more.")
@click.pass_obj
def star(session: Session, name: str, off: bool) -> int:
    """Mark an experiment or run as a favourite; `ls --starred` lists them."""
    return _annotate(session, name, favourite=not off, note=None)


@click.command(cls=Verb)
@click.argument("name", metavar="EXPERIMENT|RUN")
@click.argument("text")
@click.pass_obj
def note(session: Session, name: str, text: str) -> int:
    """Write a note on an experiment or run, in place of the one it has; "" removes it."""
    return _annotate(session, name, favourite=None, note=text)


def _annotate(session: Session, name: str, *, favourite: bool | None, note: str | None) -> int:
    async def main(services: Services) -> int:
        from simulator.cli.finding import find_either
        from simulator.domain.records import Run

        found = await find_either(session, services, name)
        user = services.settings.creator
        star, unstar = (user if favourite else None), (user if favourite is False else None)
        if isinstance(found, Run):
            await services.store.annotate_run(found.id, note=note, star=star, unstar=unstar)
            what = f"Run {found.id}"
        else:
            await services.store.annotate_experiment(found.id, note=note, star=star, unstar=unstar)
            what = f"Experiment {found.name!r} ({found.id})"
        if note is not None:
            done = "has a note now" if note else "has no note any more"
        else:
            done = "is a favourite now" if favourite else "is no favourite any more"
        session.output.line(f"{what} {done}.")
        changed = {"note": note, "favourite": favourite}
        session.output.result(
            {"id": found.id, **{key: value for key, value in changed.items() if value is not None}}
        )
        return 0

    return session.work(main)
