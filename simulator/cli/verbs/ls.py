"""`ls`: what the store has, and what is being played."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from simulator.cli.commands import Verb
from simulator.cli.session import Session
from simulator.errors import UsageError

if TYPE_CHECKING:
    from simulator.domain.records import Experiment, Run
    from simulator.services import Services

STATUSES = ("queued", "running", "paused", "completed", "failed", "cancelled")
ORDERS = ("newest", "oldest", "last_finished", "most_tokens", "highest_cost")
_THERE_ARE_MORE = "There are more; see more with --limit N, all with --limit 0."


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What to list; None does not restrict."""

    creator: str | None
    starred_by: str | None
    limit: int | None

    @property
    def is_all(self) -> bool:
        return self.creator is None and self.starred_by is None

    @property
    def one_more(self) -> int | None:
        """What to ask for, to see whether there are more than are listed."""
        return None if self.limit is None else self.limit + 1


@click.command(cls=Verb)
@click.option("--runs", is_flag=False, flag_value="", default=None, metavar="[EXPERIMENT]",
              help="List runs, of one experiment or of all.")  # fmt: skip
@click.option("--playing", is_flag=True,
              help="List who plays what now, on all machines; `watch` shows it live.")  # fmt: skip
@click.option("--kind", metavar="KIND", help="Only experiments of a kind.")
@click.option("--creator", metavar="NAME", help="Only what somebody made.")
@click.option("--mine", is_flag=True, help="Only what you made.")
@click.option("--starred", is_flag=True, help="Only your favourites.")
@click.option("--status", type=click.Choice(STATUSES), help="Only runs of a status.")
@click.option("--sort", type=click.Choice(ORDERS), help="Order of runs; else the newest first.")
@click.option("--limit", type=click.IntRange(min=0), metavar="N",
              help="At most so many, 0 for all; else 50 on a terminal, all elsewhere.")  # fmt: skip
@click.pass_obj
def ls(
    session: Session,
    /,
    runs: str | None,
    playing: bool,
    kind: str | None,
    creator: str | None,
    mine: bool,
    starred: bool,
    status: str | None,
    sort: str | None,
    limit: int | None,
) -> int:
    """List experiments, or with --runs their runs; the newest first."""
    if runs is None and (status is not None or sort is not None):
        runs = ""
    if runs is not None and kind is not None:
        raise UsageError("--kind selects experiments, not runs.", remedy="Leave out --runs.")
    if mine and creator is not None:
        raise UsageError("--mine and --creator cannot be given both.", remedy="Choose one.")
    if playing and (runs or kind or creator or mine or starred or status or sort):
        raise UsageError("--playing lists all that is played.", remedy="Give it alone.")

    async def main(services: Services) -> int:
        from simulator.cli.run_tables import SHOWN_ON_A_TERMINAL

        user = services.settings.creator
        on_a_terminal = SHOWN_ON_A_TERMINAL if session.output.is_terminal else None
        wanted = _Wanted(
            creator=user if mine else creator,
            starred_by=user if starred else None,
            limit=on_a_terminal if limit is None else limit or None,
        )
        if playing:
            await list_playing(session, services)
        elif runs is not None:
            await _list_runs(session, services, runs, wanted, status, sort or "newest")
        else:
            await _list_experiments(session, services, kind, wanted)
        return 0

    return session.work(main)


async def _list_experiments(
    session: Session, services: Services, kind: str | None, wanted: _Wanted
) -> None:
    from simulator.cli.output import Column
    from simulator.domain.records import ExperimentQuery
    from simulator.presentation.moments import age
    from simulator.presentation.notices import short_id

    every = await services.store.experiments(
        ExperimentQuery(
            kind=kind, creator=wanted.creator, starred_by=wanted.starred_by,
            limit=wanted.one_more,
        )
    )  # fmt: skip
    found = every[: wanted.limit]
    counts = await services.store.count_runs([experiment.id for experiment in found])
    output = session.output
    output.result([_listed(experiment) | {"runs": counts[experiment.id]} for experiment in found])
    if not found:
        if kind or not wanted.is_all:
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
    if len(every) > len(found):
        session.output.aside(_THERE_ARE_MORE)


def _listed(record: Experiment | Run) -> dict[str, Any]:
    return record.model_dump(mode="json", exclude={"design", "agents", "provenance"})


async def list_playing(session: Session, services: Services) -> None:
    """A table of what is being played now."""
    from simulator.cli.run_tables import PLAYING_COLUMNS, playing_cells, playing_document

    output = session.output
    playing = await services.playing()
    output.result([playing_document(one) for one in playing])
    if playing:
        output.table(PLAYING_COLUMNS, playing_cells(playing, short_ids=output.is_live))
    else:
        output.line("Nobody plays a run just now.")


async def _list_runs(
    session: Session,
    services: Services,
    experiment: str,
    wanted: _Wanted,
    status: Any,
    order: Any,
) -> None:
    from simulator.cli.finding import find_experiment
    from simulator.cli.run_tables import lease_document, show_runs
    from simulator.domain.records import RunQuery

    of = await find_experiment(services, experiment) if experiment else None
    query = RunQuery(
        experiment_id=of.id if of else None, creator=wanted.creator,
        starred_by=wanted.starred_by, status=status, order=order,
        limit=wanted.one_more,
    )  # fmt: skip
    found = await services.store.runs(query)
    shown = found[: wanted.limit]
    if session.output.json:
        counts = await services.store.count_messages([run.id for run in shown])
        players = await services.players()
        session.output.result(
            [
                _listed(run)
                | {"messages": counts[run.id], "played_by": lease_document(players.get(run.id))}
                for run in shown
            ]
        )
        return
    if shown:
        await show_runs(session.output, services, shown, with_experiment=of is None)
        if len(found) > len(shown):
            session.output.aside(_THERE_ARE_MORE)
    elif of or status or not wanted.is_all:
        session.output.line("No run is like that; `ls --runs` lists all.")
    else:
        session.output.line(f"There are no runs yet. Start one with: {session.command('demo')}")
