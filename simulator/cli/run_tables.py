"""Tables of runs: those that the store has, and those that somebody plays now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulator.cli.output import Column, Output
from simulator.presentation.moments import age
from simulator.presentation.notices import short_id
from simulator.presentation.plans import length_text, models_text, parameters_text
from simulator.presentation.usage import money_text, tokens_used

if TYPE_CHECKING:
    from simulator.archive import Archive, Playing
    from simulator.domain.records import Lease, Run

SHOWN_ON_A_TERMINAL = 50
"""Rows of a table, unless more are wanted."""
PLAYING_COLUMNS = (
    Column("ID", "dim"), Column("EXPERIMENT", "bold", flexible=True), Column("USER"),
    Column("MACHINE"), Column("SINCE"), Column("MSGS", right=True), Column("OF", goes=1),
    Column("MODEL", goes=2),
)  # fmt: skip


async def show_runs(
    output: Output, archive: Archive, runs: Sequence[Run], *, with_experiment: bool
) -> None:
    """A table of runs, with who plays those that are played."""
    names: dict[str, str] = {}
    if with_experiment:
        names = await archive.experiment_names(run.experiment_id for run in runs)
    counts = await archive.store.count_messages([run.id for run in runs])
    players = await archive.players() if any(run.status == "running" for run in runs) else {}
    played = any(run.id in players for run in runs)
    paid = any(money_text(run.usage) for run in runs)
    rows: list[list[str]] = []
    for run in runs:
        row = [
            short_id(run.id) if output.is_live else run.id,
            "*" if archive.settings.creator in run.starred_by else "", status_text(run, players),
            *([_player(run, players)] if played else []),
            str(run.seed), str(counts[run.id]), f"{tokens_used(run.usage):,}",
            *([money_text(run.usage)] if paid else []), age(run.created_at),
            parameters_text(run.parameters),
        ]  # fmt: skip
        if with_experiment:
            row.insert(2, names[run.experiment_id])
        rows.append(row)
    columns = [
        Column("ID", "dim"), Column("", "yellow", goes=6), Column("STATUS"),
        *([Column("PLAYED BY")] if played else []),
        Column("SEED", right=True, goes=2), Column("MSGS", right=True, goes=4),
        Column("TOKENS", right=True, goes=5),
        *([Column("COST", right=True, overflow="fold")] if paid else []), Column("AGE", goes=3),
        Column("LAUNCHED WITH", "dim", flexible=True, goes=1),
    ]  # fmt: skip
    if with_experiment:
        columns.insert(2, Column("EXPERIMENT", "bold"))
    output.table(columns, rows)


def status_text(run: Run, players: dict[str, Lease]) -> str:
    """The status of a run; `abandoned` where it runs on record only."""
    return "abandoned" if run.status == "running" and run.id not in players else run.status


def _player(run: Run, players: dict[str, Lease]) -> str:
    return players[run.id].player if run.id in players else ""


def lease_document(lease: Lease | None) -> dict[str, str] | None:
    """Who plays, for `--json`."""
    return None if lease is None else {"user": lease.user, "machine": lease.machine}


def playing_cells(playing: Sequence[Playing], *, short_ids: bool) -> list[list[str]]:
    """A row of `PLAYING_COLUMNS` for each run that is played."""
    return [
        [
            short_id(one.run.id) if short_ids else one.run.id, one.experiment, one.lease.user,
            one.lease.machine, age(one.run.started_at or one.run.created_at), str(one.messages),
            length_text(one.outlook.turns, one.outlook.days, one.run.kind) if one.outlook else "",
            models_text(one.run.agents),
        ]
        for one in playing
    ]  # fmt: skip


def playing_document(one: Playing) -> dict[str, Any]:
    """A run that is played, for `--json`."""
    started_at = one.run.started_at
    return {
        "run_id": one.run.id,
        "experiment_id": one.run.experiment_id,
        "experiment": one.experiment,
        "played_by": lease_document(one.lease),
        "started_at": started_at.isoformat() if started_at else None,
        "messages": one.messages,
        "turns": one.outlook.turns if one.outlook else None,
        "days": one.outlook.days if one.outlook else None,
        "models": list(dict.fromkeys(agent.model for agent in one.run.agents)),
    }
