"""`export`: transcripts as files."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulator.cli.commands import Verb
from simulator.cli.session import Session
from simulator.errors import UsageError
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from simulator.domain.records import Run
    from simulator.services import Services


@click.command(cls=Verb)
@click.argument("run")
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
    """Write RUN's transcript as JSON lines, CSV or Markdown."""
    from simulator.files.saving import write_file

    by_ending = {".csv": "csv", ".md": "markdown", ".markdown": "markdown"}
    ending = target.suffix.lower() if target else ""
    chosen = format_name or by_ending.get(ending, "jsonl")

    async def main(services: Services) -> int:
        from simulator.cli.finding import find_run
        from simulator.files import transcripts

        found = await find_run(session, services, run)
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
