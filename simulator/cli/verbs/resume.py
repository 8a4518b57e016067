"""`resume`: go on with runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from simulator.cli.commands import Verb
from simulator.cli.launch_options import pace_option
from simulator.cli.limit_options import limit_options, limits_of
from simulator.cli.model_options import model_options
from simulator.cli.session import Session

if TYPE_CHECKING:
    from simulator.domain.records import Run
    from simulator.engine.limits import Limits
    from simulator.services import Services


@click.command(cls=Verb)
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@limit_options
@pace_option
@model_options
@click.pass_obj
def resume(
    session: Session,
    runs: tuple[str, ...],
    cost_limit: float | None,
    token_limit: int | None,
    pace: float,
) -> int:
    """Go on with runs that were paused, stopped or failed.

    Steps that are on record are taken over; no model is asked for them again.
    """

    async def main(services: Services) -> int:
        from simulator.cli.finding import find_run

        found = [await find_run(session, services, name) for name in runs]
        distinct = {run.id: run for run in found}
        limits = limits_of(session.settings, cost_limit, token_limit)
        return await play_on(session, services, list(distinct.values()), limits, pace_s=pace)

    return session.work(main)


async def play_on(
    session: Session,
    services: Services,
    runs: list[Run],
    limits: Limits | None,
    *,
    pace_s: float = 0.0,
) -> int:
    """Play runs that exist; those that are completed only say so."""
    from simulator.cli.display import JsonDisplay
    from simulator.cli.playing import Player, check_person
    from simulator.presentation.plans import plan_of

    output = session.output
    open_runs = [run for run in runs if run.status != "completed"]
    for run in runs:
        if run.status != "completed":
            continue
        if output.json:
            JsonDisplay(output, []).ended(run, None, "")
        else:
            output.line(f"Run {run.id} is completed already. Read it with:")
            output.line(f"  {session.command('show', run.id)}", wrap=False)
    if not open_runs:
        return 0
    plans = [
        plan_of(services.kind(run.kind), run, await services.resolved(run)) for run in open_runs
    ]
    check_person(output, any(plan.needs_person for plan in plans), len(plans))
    services.check_limits(limits, [agent for run in open_runs for agent in run.agents])
    player = Player(session, services, plans, pace_s=pace_s, limits=limits)
    if len(plans) == 1:
        player.display.recall(await services.store.steps(open_runs[0].id))
    return await player.play()
