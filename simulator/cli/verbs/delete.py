"""`delete`: an experiment with its runs, or one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from simulator.cli.commands import Verb
from simulator.cli.session import Session

if TYPE_CHECKING:
    from collections import Counter

    from simulator.domain.records import Experiment, Run
    from simulator.services import Services


@click.command(cls=Verb)
@click.argument("name", metavar="EXPERIMENT|RUN")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option("--with-runs-of-others", is_flag=True,
              help="Also delete runs of an experiment that others made.")  # fmt: skip
@click.pass_obj
def delete(session: Session, name: str, yes: bool, with_runs_of_others: bool) -> int:
    """Delete an experiment with all its runs, or one run. Only its creator may."""

    async def main(services: Services) -> int:
        from simulator.cli.confirming import agreed
        from simulator.cli.finding import find_either
        from simulator.domain.records import Run

        found = await find_either(session, services, name)
        what = await what_goes(services, found, with_runs_of_others=with_runs_of_others)
        if not yes and not await agreed(session, what):
            session.output.aside("Nothing was deleted.")
            return 1
        runs = 1
        if isinstance(found, Run):
            await services.delete_run(found)
        else:
            runs = await services.delete_experiment(found, with_runs_of_others=with_runs_of_others)
        session.output.line(f"Deleted {what}.")
        session.output.result({"id": found.id, "runs": runs})
        return 0

    return session.work(main)


async def what_goes(
    services: Services, record: Experiment | Run, *, with_runs_of_others: bool = False
) -> str:
    """What a deletion takes with it, in words. Raises as `Archive.runs_to_delete`."""
    from simulator.domain.records import Run

    if isinstance(record, Run):
        services.check_deletion(record)
        return f"run {record.id}"
    creators = await services.runs_to_delete(record, with_runs_of_others=with_runs_of_others)
    return f"experiment {record.name!r} ({record.id}) with {_count(creators, record.creator)}"


def _count(creators: Counter[str], owner: str) -> str:
    runs = creators.total()
    others = [f"{number} of {name}" for name, number in creators.items() if name != owner]
    of_others = f" ({', '.join(others)})" if others else ""
    count = "its only run" if runs == 1 else f"all its {runs} runs" if runs else "no runs"
    return count + of_others
