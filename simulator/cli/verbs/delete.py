"""`delete`: an experiment with its runs, or one run."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from simulator.cli.commands import Verb
from simulator.cli.session import Session
from simulator.errors import UsageError

if TYPE_CHECKING:
    from simulator.services import Services


@click.command(cls=Verb)
@click.argument("name", metavar="EXPERIMENT|RUN")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.pass_obj
def delete(session: Session, name: str, yes: bool) -> int:
    """Delete an experiment with all its runs, or one run. Only its creator may."""

    async def main(services: Services) -> int:
        from simulator.cli.finding import find_either
        from simulator.domain.records import Run

        found = await find_either(session, services, name)
        if isinstance(found, Run):
            what, runs = f"run {found.id}", 1
        else:
            runs = (await services.store.count_runs([found.id]))[found.id]
            what = f"experiment {found.name!r} ({found.id}) with {_count(runs)}"
        if not yes and not await _agreed(session, what):
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


async def _agreed(session: Session, what: str) -> bool:
    if session.output.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            f"Deleting {what} must be confirmed, and nobody can be asked here.",
            remedy="Add --yes.",
        )
    from simulator.cli.asking import Keyboard

    sys.stdout.write(f"Delete {what} for good? [y/N] ")
    sys.stdout.flush()
    answer = await Keyboard().line()
    return answer is not None and answer.strip().casefold() in ("y", "yes")
