"""`delete`: an experiment with its runs, or one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from simulator.cli.commands import Verb
from simulator.cli.session import Session

if TYPE_CHECKING:
    from simulator.services import Services


@click.command(cls=Verb)
@click.argument("name", metavar="EXPERIMENT|RUN")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.pass_obj
def delete(session: Session, name: str, yes: bool) -> int:
    """Delete an experiment with all its runs, or one run. Only its creator may."""

    async def main(services: Services) -> int:
        from simulator.cli.confirming import agreed
        from simulator.cli.finding import find_either
        from simulator.domain.records import Run

        found = await find_either(session, services, name)
        if isinstance(found, Run):
            what, runs = f"run {found.id}", 1
        else:
            runs = (await services.store.count_runs([found.id]))[found.id]
            what = f"experiment {found.name!r} ({found.id}) with {_count(runs)}"
        if not yes and not await agreed(session, what):
            session.output.aside("Nothing was deleted.")
            return 1
        if isinstance(found, Run):
            await services.delete_run(found)
        else:
            runs = await services.delete_experiment(found)
        session.output.line(f"Deleted {what}.")
        session.output.result({"id": found.id, "runs": runs})
        return 0

    return session.work(main)


def _count(runs: int) -> str:
    return "its only run" if runs == 1 else f"all its {runs} runs" if runs else "no runs"
