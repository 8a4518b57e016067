"""`import`: designs, and documents of the original program."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simulator.cli.commands import Verb
from simulator.cli.session import Session
from simulator.cli.wording import counted
from simulator.errors import DesignInvalidError, NotFoundError

if TYPE_CHECKING:
    from simulator.files.originals import Dropped
    from simulator.services import Services

LARGEST_DUMP = 1_000_000_000
_NAMED = 10
"""Faults that are named one by one when nothing could be imported."""


@click.command("import", cls=Verb)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path),
                metavar="FILE...")  # fmt: skip
@click.option(
    "--originals",
    is_flag=True,
    help="Take the files for the original program's documents, whatever their names.",
)
@click.pass_obj
def import_(session: Session, files: tuple[Path, ...], originals: bool) -> int:
    """Take over YAML designs, or MongoDB documents of the original program as JSON.

    What is there already is left alone. Exit code 5 when there is nothing usable.
    """

    async def main(services: Services) -> int:
        from simulator.files.reading import read_text

        texts: dict[str, str] = {}
        designs: list[Path] = []
        for path in files:
            text = read_text(path, max_bytes=LARGEST_DUMP)
            if originals or _is_json(path, text):
                texts[str(path)] = text
            else:
                designs.append(path)
        data: dict[str, Any] = {}
        if designs:
            data["designs"] = await _import_designs(session, services, designs)
        if texts:
            data["originals"] = await _import_originals(session, services, texts, alone=not designs)
        session.output.result(data)
        return 0

    return session.work(main)


def _is_json(path: Path, text: str) -> bool:
    """Whether a text is JSON documents; YAML designs are mappings without braces."""
    start = text.lstrip("\ufeff \t\r\n")[:1]
    return path.suffix not in (".yaml", ".yml") and start in ("{", "[")


async def _import_designs(
    session: Session, services: Services, paths: list[Path]
) -> list[dict[str, Any]]:
    """Read every design before one is stored, so that a fault stops them all."""
    from simulator.domain.records import ExperimentQuery
    from simulator.files.designs import design_hash, load_design

    designs = []
    problems: list[str] = []
    for path in paths:
        try:
            designs.append((path, load_design(path, services.kinds)))
        except DesignInvalidError as error:
            problems += error.problems or (error.message,)
    if problems:
        raise DesignInvalidError(
            f"{len(problems)} problem{'s' * (len(problems) > 1)} found; nothing was imported.",
            problems=tuple(problems), remedy="Mend the lines that are named, then try again.",
        )  # fmt: skip
    report: list[dict[str, Any]] = []
    for path, design in designs:
        query = ExperimentQuery(name=design.name, design_hash=design_hash(design))
        known = bool(await services.store.experiments(query))
        experiment = await services.save_design(design)
        what = "known already as" if known else "is now"
        session.output.line(f"{path}: {what} experiment {experiment.name!r} ({experiment.id}).")
        report.append({"file": str(path), "experiment_id": experiment.id, "new": not known})
    return report


async def _import_originals(
    session: Session, services: Services, texts: dict[str, str], *, alone: bool
) -> dict[str, Any]:
    """Store what can be used; where nothing can and they are `alone`, that is an error."""
    imported, new = await services.import_originals(texts)
    total = len(imported.experiments) + len(imported.runs)
    if not total and not imported.dropped:
        raise NotFoundError(
            f"There are no documents in {', '.join(texts)}.",
            remedy="Export the collections with mongoexport.",
        )
    if not total and alone:
        raise DesignInvalidError(
            f"Nothing in {', '.join(texts)} can be imported.",
            problems=_faults(imported.dropped, texts),
            remedy="Give designs, or what mongoexport writes of the original's collections.",
        )
    output = session.output
    output.line(
        f"{counted(len(imported.experiments), 'experiment')} and "
        f"{counted(len(imported.runs), 'conversation')} read: "
        f"{new} new, {total - new} known already."
    )
    if imported.dropped:
        output.line(f"{counted(len(imported.dropped), 'document')} left out:")
        for reason, count in imported.reasons().items():
            output.line(f"  {count} × {reason}")
    return {
        "experiments": len(imported.experiments),
        "runs": len(imported.runs),
        "new": new,
        "known": total - new,
        "dropped": [
            {"source": one.source, "collection": one.collection, "id": one.id, "reason": one.reason}
            for one in imported.dropped
        ],
    }


def _faults(dropped: tuple[Dropped, ...], texts: Mapping[str, str]) -> tuple[str, ...]:
    """Each file with what is wrong in it; broken JSON with its place, and only where it begins."""
    broken = {source: fault for source, text in texts.items() if (fault := _broken_json(text))}
    faults = [f"{source}:{fault}" for source, fault in broken.items()]
    faults += [
        f"{one.source}: {one.id}: {one.reason}" for one in dropped if one.source not in broken
    ]
    more = len(faults) - _NAMED
    return (*faults[:_NAMED], *([f"… and {more} more"] if more > 0 else []))


def _broken_json(text: str) -> str:
    """`LINE:COLUMN: what is wrong` of the first place that is no JSON; empty if all is."""
    text = text.removeprefix("\ufeff")
    decoder, at = json.JSONDecoder(), 0
    while rest := text[at:].lstrip(" \t\r\n,"):
        at = len(text) - len(rest)
        try:
            at = decoder.raw_decode(text, at)[1]
        except json.JSONDecodeError as error:
            return f"{error.lineno}:{error.colno}: no JSON: {error.msg}"
        except (ValueError, RecursionError) as error:
            return f"{text.count(chr(10), 0, at) + 1}:1: no JSON: {error}"
    return ""
