"""`export`: transcripts as files."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulator.cli.commands import Verb
from simulator.cli.session import Session
from simulator.domain.records import RunQuery
from simulator.errors import NotFoundError, UsageError
from simulator.presentation.notices import short_id
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from simulator.domain.records import Run
    from simulator.services import Services


@click.command(cls=Verb)
@click.argument("run", metavar="RUN|EXPERIMENT")
@click.option("--format", "-f", "format_name",
              type=click.Choice(("jsonl", "csv", "markdown", "original")),
              help="Else by the file's ending; JSON lines without a file. `original` is as the "
              "original program of its kind writes a chatroom, a debate, or a game of telephone "
              "(a file for each chain, below a folder).")  # fmt: skip
@click.option("--output", "-o", "target", type=click.Path(path_type=Path), metavar="FILE|FOLDER",
              help="Else standard output.")  # fmt: skip
@click.option("--force", is_flag=True, help="Write over a file that exists.")
@click.pass_obj
def export(
    session: Session, run: str, format_name: str | None, target: Path | None, force: bool
) -> int:
    """Write RUN's transcript as JSON lines, CSV or Markdown.

    Of an experiment with several runs all are written, as JSON lines.
    """
    from simulator.files.saving import write_file

    by_ending = {".csv": "csv", ".md": "markdown", ".markdown": "markdown"}
    ending = target.suffix.lower() if target else ""
    chosen = format_name or by_ending.get(ending, "jsonl")

    async def main(services: Services) -> int:
        from simulator.files import transcripts

        runs = await _found(session, services, run)
        if len(runs) > 1:
            return await _write_all(session, services, runs, target, chosen, force=force)
        found = runs[0]
        experiment, steps = await services.transcript(found)
        if chosen == "original" and found.kind == "telephone":
            return await _write_games(session, services, found, target, force=force)
        if chosen == "original":
            text = await _as_original(services, found)
        else:
            text = transcripts.export(chosen, found, experiment, steps)
        output = session.output
        if target is None and not output.json:
            output.raw(text)
            return 0
        if target is not None:
            write_file(target, text, force=force)
            output.line(f"Wrote {target}: run {found.id} as {chosen}.")
        output.result(
            {
                "run_id": found.id, "format": chosen, "file": str(target) if target else None,
                **({} if target else {"text": text}),
            }
        )  # fmt: skip
        return 0

    return session.work(main)


async def _found(session: Session, services: Services, name: str) -> list[Run]:
    """The run that is named, else the runs of the experiment, the oldest first.

    Raises:
        NotFoundError: There is neither, or the experiment has no runs.
        UsageError: There are several.
    """
    from simulator.cli.finding import find_experiment, find_run

    try:
        return [await find_run(session, services, name)]
    except NotFoundError as error:
        try:
            experiment = await find_experiment(services, name)
        except NotFoundError:
            raise error from None
    runs = await services.store.runs(RunQuery(experiment_id=experiment.id, order="oldest"))
    if not runs:
        raise NotFoundError(
            f"Experiment {experiment.id} has no runs.",
            remedy=f"Start one with: {session.command('run', experiment.id)}",
        )
    return list(runs)


async def _write_all(
    session: Session,
    services: Services,
    runs: Sequence[Run],
    target: Path | None,
    format_name: str,
    *,
    force: bool,
) -> int:
    """Write the steps of several runs as JSON lines, one run after the other.

    Raises:
        UsageError: Another format is asked for.
    """
    from simulator.files import transcripts
    from simulator.files.saving import write_file

    if format_name != "jsonl":
        raise UsageError(
            f"Only JSON lines hold several runs, and these are {len(runs)}.",
            remedy=f"Choose jsonl, or name one run, such as {short_id(runs[-1].id)}.",
        )
    pieces = []
    for run in runs:
        experiment, steps = await services.transcript(run)
        pieces.append(transcripts.export("jsonl", run, experiment, steps))
    text, output = "".join(pieces), session.output
    if target is None and not output.json:
        output.raw(text)
        return 0
    if target is not None:
        write_file(target, text, force=force)
        output.line(f"Wrote {target}: {counted(len(runs), 'run')} as jsonl.")
    output.result(
        {
            "run_ids": [run.id for run in runs], "format": "jsonl",
            "file": str(target) if target else None, **({} if target else {"text": text}),
        }
    )  # fmt: skip
    return 0


async def _write_games(
    session: Session, services: Services, run: Run, target: Path | None, *, force: bool
) -> int:
    """Write the chains of a game of telephone as the original's files, below a folder.

    Raises:
        UsageError: There is no folder to write to; else as `chains_as_original`.
    """
    from simulator.chains import chains_as_original
    from simulator.files.saving import write_tree

    if target is None:
        raise UsageError(
            "The original keeps each chain in a file of its own.",
            remedy="Name the folder for them, such as --output Results.",
        )
    games = await chains_as_original(services, run)
    count = await asyncio.to_thread(write_tree, target, games.files, force=force)
    session.output.line(f"Wrote {counted(count, 'file')} below {target}: run {run.id} as original.")
    if games.not_begun:
        session.output.aside(f"{counted(games.not_begun, 'chain')} had not begun.")
    session.output.result(
        {
            "run_id": run.id, "format": "original", "file": str(target), "files": count,
            "not_begun": games.not_begun,
        }
    )  # fmt: skip
    return 0


async def _as_original(services: Services, run: Run) -> str:
    """The run as the original program of its kind writes it.

    Raises:
        UsageError: None does.
    """
    if run.kind == "chatroom":
        from simulator.chatrooms import chatroom_as_original

        return await chatroom_as_original(services, run)
    if run.kind == "debate":
        from simulator.debates import debate_as_original

        return (await debate_as_original(services, run))[1]
    raise UsageError(
        f"Run {run.id} is of the kind {run.kind}, whose original program keeps no such file.",
        remedy="Export it as jsonl, csv or markdown.",
    )
