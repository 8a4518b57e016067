"""`import`: designs, bundles of studies, and what the original program stored."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simulator.cli.commands import Verb
from simulator.cli.session import Session
from simulator.errors import DesignInvalidError, NotFoundError, UsageError
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from simulator.importing import ImportReport
    from simulator.services import Services

_NAMED = 10
"""Faults that are named one by one when nothing could be imported."""


@click.command("import", cls=Verb)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@click.option(
    "--from-original", "places", multiple=True, metavar="URI|FOLDER|FILE",
    help="Take over the original program's database: mongodb://…/NAME, or exports of it.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Read and report, but store nothing.")
@click.option("--report", type=click.Path(path_type=Path), metavar="FILE",
              help="Write everything that was not taken over as JSON lines.")  # fmt: skip
@click.option("--force", is_flag=True, help="Write over a report that exists.")
@click.pass_obj
def import_(
    session: Session,
    files: tuple[Path, ...],
    places: tuple[str, ...],
    dry_run: bool,
    report: Path | None,
    force: bool,
) -> int:
    """Take over YAML designs, bundles, or what the original program stored.

    A bundle is a folder or a ZIP file of `export --bundle`; it is checked before anything of it is
    stored. JSON and BSON files are taken for exports of the original. What is there already is
    left alone. Exit code 5 when there is nothing usable.
    """
    if not files and not places:
        raise UsageError(
            "There is nothing to import.",
            remedy="Name design files, or --from-original with a folder or mongodb://HOST/NAME.",
        )

    async def main(services: Services) -> int:
        from simulator.files.bundles.reading import is_bundle

        bundles = [path for path in files if is_bundle(path)]
        others = [path for path in files if path not in bundles]
        designs = [path for path in others if not _is_export(path)]
        exports = [*places, *(str(path) for path in others if path not in designs)]
        if report is not None and not exports:
            raise UsageError(
                "A report tells what the original's documents lost; designs need none.",
                remedy="Leave --report out.",
            )
        data: dict[str, Any] = {}
        if bundles:
            from simulator.cli.bundles import read

            data["bundles"] = [
                await read(session, services, path, dry_run=dry_run) for path in bundles
            ]
        if designs:
            data["designs"] = await _import_designs(session, services, designs, dry_run=dry_run)
        if exports:
            data["originals"] = await _import_originals(
                session, services, exports,
                dry_run=dry_run, report=report, force=force, alone=not (designs or bundles),
            )  # fmt: skip
        session.output.result(data)
        return 0

    return session.work(main)


def _is_export(path: Path) -> bool:
    """Whether it is the original's: a folder, BSON, or JSON, which designs are not."""
    if path.is_dir():
        return True
    if path.suffix in (".yaml", ".yml"):
        return False
    if path.suffix in (".bson", ".gz"):
        return True
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except (OSError, ValueError):
        return False
    return start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


async def _import_designs(
    session: Session, services: Services, paths: list[Path], *, dry_run: bool
) -> list[dict[str, Any]]:
    """Read every design before one is stored, so that a fault stops them all."""
    from simulator.domain.records import ExperimentQuery
    from simulator.files.designs import design_hash

    designs = []
    problems: list[str] = []
    for path in paths:
        try:
            designs.append((path, await services.design_in(path)))
        except DesignInvalidError as error:
            problems += error.problems or (error.message,)
    if problems:
        raise DesignInvalidError(
            f"{len(problems)} problem{'s' * (len(problems) > 1)} found; nothing was imported.",
            problems=tuple(problems), remedy="Mend the lines that are named, then try again.",
        )  # fmt: skip
    listed: list[dict[str, Any]] = []
    for path, design in designs:
        query = ExperimentQuery(name=design.name, design_hash=design_hash(design))
        known = await services.store.experiments(query)
        if dry_run and not known:
            session.output.line(f"{path}: would be a new experiment {design.name!r}.")
            listed.append({"file": str(path), "experiment_id": None, "new": True})
            continue
        experiment = known[0] if known else await services.save_design(design)
        what = "known already as" if known else "is now"
        session.output.line(f"{path}: {what} experiment {experiment.name!r} ({experiment.id}).")
        listed.append({"file": str(path), "experiment_id": experiment.id, "new": not known})
    return listed


async def _import_originals(
    session: Session,
    services: Services,
    places: Sequence[str],
    *,
    dry_run: bool,
    report: Path | None,
    force: bool,
    alone: bool,
) -> dict[str, Any]:
    """Store what can be used; where nothing can and they are `alone`, that is an error."""
    from simulator.cli.progress import progress
    from simulator.files.saving import write_file

    if report is not None:
        write_file(report, "", force=force)
    try:
        with progress(session.output, "Reading") as hear:
            found = await services.import_originals(places, dry_run=dry_run, hear=hear)
    except asyncio.CancelledError:
        session.output.aside("Stopped. What was stored is kept; the same command goes on.")
        raise
    documents = _documents(found)
    if report is not None:
        write_file(report, "".join(f"{json.dumps(one)}\n" for one in documents), force=True)
    if not found.experiments and not found.runs and alone:
        raise _nothing(found)
    _tell(session, found, dry_run=dry_run, report=report)
    return {
        "experiments": found.experiments,
        "runs": found.runs,
        "messages": found.messages,
        "chains": found.chains,
        "new": 0 if dry_run else found.new,
        "would_be_new": found.new if dry_run else 0,
        "known": found.known,
        "dropped": [one for one in documents if one["left_out"]],
        "incomplete": [one for one in documents if not one["left_out"]],
        "report": str(report) if report else None,
    }


def _documents(found: ImportReport) -> list[dict[str, Any]]:
    return [
        {
            "source": loss.source, "collection": loss.collection, "id": loss.id,
            "reason": loss.reason, "left_out": loss.whole,
        }
        for loss in found.losses
    ]  # fmt: skip


def _nothing(found: ImportReport) -> NotFoundError | DesignInvalidError:
    if not found.losses:
        return NotFoundError(
            "There are no documents in what you named.",
            remedy="Export the collections with mongoexport, or the database with mongodump.",
        )
    faults = [f"{loss.source}: {loss.id}: {loss.reason}" for loss in found.losses[:_NAMED]]
    more = len(found.losses) - _NAMED
    return DesignInvalidError(
        "Nothing in what you named can be imported.",
        problems=(*faults, *([f"… and {more} more"] if more > 0 else [])),
        remedy="Give designs, exports of the original's three collections together, or files of "
        "the other original programs.",
    )


def _tell(session: Session, found: ImportReport, *, dry_run: bool, report: Path | None) -> None:
    output = session.output
    new = "would be new" if dry_run else "new"
    runs = counted(found.runs, "run" if found.chains else "conversation")
    if found.chains:
        runs += f" with {counted(found.chains, 'chain')}"
    output.line(
        f"{counted(found.experiments, 'experiment')}, {runs} and "
        f"{counted(found.messages, 'message')} read: {found.new} {new}, "
        f"{found.known} known already."
    )
    for whole, what in ((True, "left out"), (False, "taken over without a part of {}")):
        number = sum(found.reasons(whole=whole).values())
        if number:
            place = what.format("it" if number == 1 else "them")
            output.line(f"{counted(number, 'document')} {place}:")
            for line in found.told(whole=whole):
                output.line(f"  {line}")
    if report is not None:
        output.line(f"Wrote {report}: {counted(len(found.losses), 'line')}.")
    elif found.losses:
        output.line("To see which documents these are, add --report FILE.")
    if dry_run:
        output.line("Nothing was stored.")
