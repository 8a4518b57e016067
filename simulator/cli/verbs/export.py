"""`export`: transcripts as files, and whole studies as bundles."""

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
@click.argument("names", nargs=-1, required=True, metavar="RUN|EXPERIMENT|BATCH...")
@click.option("--format", "-f", "format_name",
              type=click.Choice(("jsonl", "csv", "markdown", "original")),
              help="Else by the file's ending; JSON lines without a file. `original` is as the "
              "original program of its kind writes a chatroom, a debate, or a game of telephone "
              "(a file for each chain, below a folder).")  # fmt: skip
@click.option("--output", "-o", "target", type=click.Path(path_type=Path), metavar="FILE|FOLDER",
              help="Else standard output.")  # fmt: skip
@click.option("--bundle", type=click.Path(path_type=Path), metavar="FOLDER|FILE.zip",
              help="Write everything that is needed to repeat the study: designs, runs, journals, "
              "messages as a table, provenance, a data card and checksums.")  # fmt: skip
@click.option(
    "--parquet/--no-parquet",
    default=None,
    help="Write the table of a bundle; else it is there where pyarrow is.",
)
@click.option("--licence", default="", metavar="NAME", help="Of a bundle, told in its data card.")
@click.option("--force", is_flag=True, help="Write over a file or a bundle that exists.")
@click.pass_obj
def export(
    session: Session,
    names: tuple[str, ...],
    format_name: str | None,
    target: Path | None,
    bundle: Path | None,
    parquet: bool | None,
    licence: str,
    force: bool,
) -> int:
    """Write a transcript as JSON lines, CSV or Markdown; or a study as a bundle.

    Several runs, as those of an experiment or a batch, are written as JSON lines or a bundle.
    """
    from simulator.files.saving import write_file

    if bundle is not None and (format_name or target):
        raise UsageError(
            "A bundle has files of its own; it takes neither --format nor --output.",
            remedy="Leave them out, or leave --bundle out.",
        )
    if bundle is None and (parquet is not None or licence):
        raise UsageError(
            "--parquet and --licence are about bundles.", remedy="Add --bundle FOLDER."
        )

    by_ending = {".csv": "csv", ".md": "markdown", ".markdown": "markdown"}
    ending = target.suffix.lower() if target else ""
    chosen = format_name or by_ending.get(ending, "jsonl")

    async def main(services: Services) -> int:
        from simulator.files import transcripts

        runs = await _found_all(session, services, names)
        if bundle is not None:
            from simulator.cli.bundles import write

            return await write(
                session, services, runs, bundle, parquet=parquet, licence=licence, force=force
            )
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


async def _found_all(session: Session, services: Services, names: Sequence[str]) -> list[Run]:
    """The runs that are meant by names, each once. Raises as `_found`."""
    found = {run.id: run for name in names for run in await _found(session, services, name)}
    return list(found.values())


async def _found(session: Session, services: Services, name: str) -> list[Run]:
    """The run that is named, else the runs of the experiment or batch, the oldest first.

    Raises:
        NotFoundError: There is none of them, or it has no runs.
        UsageError: There are several.
    """
    from simulator.cli.finding import find_experiment, find_run
    from simulator.cli.finding_batches import batch_or_none

    try:
        return [await find_run(session, services, name)]
    except NotFoundError as error:
        try:
            experiment = await find_experiment(services, name)
        except NotFoundError:
            batch = await batch_or_none(services, name)
            if batch is None:
                raise error from None
            query = RunQuery(batch_id=batch.id, order="oldest")
            what, again = f"Batch {batch.id}", session.command("batch", "show", batch.id)
        else:
            query = RunQuery(experiment_id=experiment.id, order="oldest")
            what, again = f"Experiment {experiment.id}", session.command("run", experiment.id)
    runs = await services.store.runs(query)
    if not runs:
        start = "Start one with" if what.startswith("Experiment") else "See what became of it with"
        raise NotFoundError(f"{what} has no runs.", remedy=f"{start}: {again}")
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
