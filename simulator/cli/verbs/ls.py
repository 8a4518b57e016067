"""`ls`: what the store has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from simulator.cli.commands import Verb
from simulator.cli.session import Session
from simulator.errors import UsageError

if TYPE_CHECKING:
    from simulator.domain.records import Experiment, Run
    from simulator.services import Services

STATUSES = ("queued", "running", "paused", "completed", "failed", "cancelled")


@click.command(cls=Verb)
@click.option("--runs", is_flag=False, flag_value="", default=None, metavar="[EXPERIMENT]",
              help="List runs, of one experiment or of all.")  # fmt: skip
@click.option("--kind", metavar="KIND", help="Only experiments of a kind.")
@click.option("--creator", metavar="NAME", help="Only what somebody made.")
@click.option("--starred", is_flag=True, help="Only favourites.")
@click.option("--status", type=click.Choice(STATUSES), help="Only runs of a status.")
@click.pass_obj
def ls(
    session: Session,
    runs: str | None,
    kind: str | None,
    creator: str | None,
    starred: bool,
    status: str | None,
) -> int:
    """List experiments, or with --runs their runs; the newest first."""
    if runs is None and status is not None:
        runs = ""
    if runs is not None and kind is not None:
        raise UsageError("--kind selects experiments, not runs.", remedy="Leave out --runs.")

    async def main(services: Services) -> int:
        if runs is not None:
            await _list_runs(session, services, runs, creator, starred, status)
        else:
            await _list_experiments(session, services, kind, creator, starred)
        return 0

    return session.work(main)


async def _list_experiments(
    session: Session, services: Services, kind: str | None, creator: str | None, starred: bool
) -> None:
    from simulator.cli.display import short_id
    from simulator.cli.moments import age
    from simulator.cli.output import Column
    from simulator.domain.records import ExperimentQuery

    query = ExperimentQuery(
        kind=kind, creator=creator, starred_by=services.settings.creator if starred else None
    )
    found = await services.store.experiments(query)
    counts = await services.store.count_runs([experiment.id for experiment in found])
    output = session.output
    output.result([_listed(experiment) | {"runs": counts[experiment.id]} for experiment in found])
    if not found:
        if kind or creator or starred:
            output.line("No experiment is like that; `ls` without options lists all.")
        else:
            output.line("There are no experiments yet. Begin with one of these:")
            output.line(f"  {session.command('demo')}")
            output.line(f"  {session.command('run', 'prison')}")
        return
    output.table(
        [
            Column("ID", "dim"), Column("", "yellow"), Column("NAME", "bold"),
            Column("RUNS", right=True), Column("KIND"), Column("CREATOR"), Column("AGE"),
            Column("NOTE", "dim", flexible=True),
        ],
        [
            [
                short_id(experiment.id) if output.is_live else experiment.id,
                "*" if services.settings.creator in experiment.starred_by else "", experiment.name,
                str(counts[experiment.id]), experiment.kind, experiment.creator,
                age(experiment.created_at), experiment.note,
            ]
            for experiment in found
        ],
    )  # fmt: skip


def _listed(record: Experiment | Run) -> dict[str, Any]:
    return record.model_dump(mode="json", exclude={"design", "agents", "provenance"})


async def _list_runs(
    session: Session,
    services: Services,
    experiment: str,
    creator: str | None,
    starred: bool,
    status: Any,
) -> None:
    from simulator.cli.finding import find_experiment
    from simulator.domain.records import RunQuery

    of = await find_experiment(services, experiment) if experiment else None
    query = RunQuery(
        experiment_id=of.id if of else None, creator=creator,
        starred_by=services.settings.creator if starred else None, status=status,
    )  # fmt: skip
    found = await services.store.runs(query)
    if session.output.json:
        counts = await services.store.count_messages([run.id for run in found])
        session.output.result([_listed(run) | {"messages": counts[run.id]} for run in found])
        return
    if found:
        await show_runs(session, services, found, with_experiment=of is None)
    elif of or creator or starred or status:
        session.output.line("No run is like that; `ls --runs` lists all.")
    else:
        session.output.line(f"There are no runs yet. Start one with: {session.command('demo')}")


async def show_runs(
    session: Session, services: Services, runs: list[Run], *, with_experiment: bool
) -> None:
    """A table of runs."""
    from simulator.cli.display import short_id
    from simulator.cli.moments import age
    from simulator.cli.output import Column
    from simulator.cli.plans import parameters_text
    from simulator.cli.usage import money_text, tokens_used
    from simulator.domain.records import ExperimentQuery

    output = session.output
    names: dict[str, str] = {}
    if with_experiment:
        every = await services.store.experiments(ExperimentQuery())
        names = {experiment.id: experiment.name for experiment in every}
    counts = await services.store.count_messages([run.id for run in runs])
    paid = any(money_text(run.usage) for run in runs)
    rows: list[list[str]] = []
    for run in runs:
        status = "abandoned" if await services.is_abandoned(run) else run.status
        row = [
            short_id(run.id) if output.is_live else run.id,
            "*" if services.settings.creator in run.starred_by else "", status,
            str(run.seed), str(counts[run.id]), f"{tokens_used(run.usage):,}",
            *([money_text(run.usage)] if paid else []), age(run.created_at),
            parameters_text(run.parameters),
        ]  # fmt: skip
        if with_experiment:
            row.insert(2, names.get(run.experiment_id, ""))
        rows.append(row)
    columns = [
        Column("ID", "dim"), Column("", "yellow", goes=6), Column("STATUS"),
        Column("SEED", right=True, goes=2), Column("MSGS", right=True, goes=4),
        Column("TOKENS", right=True, goes=5),
        *([Column("COST", right=True, overflow="fold")] if paid else []), Column("AGE", goes=3),
        Column("LAUNCHED WITH", "dim", flexible=True, goes=1),
    ]  # fmt: skip
    if with_experiment:
        columns.insert(2, Column("EXPERIMENT", "bold"))
    output.table(columns, rows)
