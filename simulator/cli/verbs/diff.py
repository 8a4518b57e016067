"""`diff`: what two designs do not have in common."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from simulator.cli.commands import Verb
from simulator.cli.session import Session
from simulator.errors import UsageError
from simulator.presentation.safe_text import visible

if TYPE_CHECKING:
    from simulator.cli.output import Output
    from simulator.domain.designs import Design
    from simulator.domain.records import Experiment
    from simulator.files.design_diff import Change, Piece
    from simulator.services import Services

_CONTEXT = 60
"""Characters of what is the same that are shown beside a change."""
_STYLES = {"kept": "dim", "removed": "red strike", "added": "green"}
_MARKS = {"kept": ("", ""), "removed": ("[-", "-]"), "added": ("{+", "+}")}


@click.command(cls=Verb)
@click.argument("before", metavar="DESIGN|RUN")
@click.argument("after", metavar="[DESIGN|RUN]", required=False)
@click.pass_obj
def diff(session: Session, before: str, after: str | None) -> int:
    """Show what differs between two designs, from the first to the second.

    A DESIGN is a file, a seed or an experiment; a RUN stands for its design with what its launch
    set, and is compared with designs as a launch without options makes them. One DESIGN alone is
    compared with what it was duplicated from, one RUN with its experiment. [-words-] are gone,
    {+words+} are new.
    """

    async def main(services: Services) -> int:
        from simulator.files.design_diff import design_changes

        if after is None:
            old, new = await _with_origin(session, services, before)
        else:
            old = await _side(session, services, before)
            new = await _side(session, services, after)
        if old.is_run != new.is_run:
            old, new = old.resolved(services), new.resolved(services)
        changes = design_changes(old.design, new.design)
        output = session.output
        output.result(
            [
                {"path": change.path, "before": change.before, "after": change.after}
                for change in changes
            ]
        )
        output.line(f"{old.called} -> {new.called}", "bold")
        for change in changes:
            output.line()
            output.line(change.path, "cyan")
            _show(output, change)
        if not changes:
            output.line("The designs are the same.")
        return 0

    return session.work(main)


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two that are compared."""

    called: str
    design: Design
    origin: Experiment | None
    """What it was duplicated from, or the experiment of a run."""
    is_run: bool = False

    def resolved(self, services: Services) -> _Side:
        """As a launch without options makes it."""
        if self.is_run:
            return self
        return replace(self, design=services.kind(self.design.kind).resolve(self.design, {}))


async def _side(session: Session, services: Services, name: str) -> _Side:
    from simulator.cli.finding import design_named, find_either
    from simulator.domain.records import Run
    from simulator.files.seeds import find_design_file

    if find_design_file(name) is not None:
        design, _ = await design_named(services, name)
        return _Side(name, design, await services.experiment_or_none(design.parent))
    found = await find_either(session, services, name)
    if isinstance(found, Run):
        experiment = await services.store.experiment(found.experiment_id)
        return _Side(f"run {found.id}", await services.resolved(found), experiment, is_run=True)
    return await _experiment(services, found)


async def _experiment(services: Services, experiment: Experiment) -> _Side:
    parent = await services.experiment_or_none(experiment.parent_id)
    called = f"{experiment.name} ({experiment.id})"
    return _Side(called, services.design_of(experiment), parent)


async def _with_origin(session: Session, services: Services, name: str) -> tuple[_Side, _Side]:
    side = await _side(session, services, name)
    if side.origin is None:
        raise UsageError(
            f"{side.called} was not duplicated from an experiment of this store.",
            remedy="Name two designs to compare.",
        )
    return await _experiment(services, side.origin), side


# ---------------------------------------------------------------- for people


def _show(output: Output, change: Change) -> None:
    from simulator.files.design_diff import Piece, text_pieces

    if isinstance(change.before, str) and isinstance(change.after, str):
        pieces = text_pieces(change.before, change.after)
        _put(output, [_shortened(pieces, place) for place in range(len(pieces))])
        return
    if change.before is not None:
        _put(output, [Piece("removed", _text(change.before))])
    if change.after is not None:
        _put(output, [Piece("added", _text(change.after))])


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


def _shortened(pieces: list[Piece], place: int) -> Piece:
    """What is the same, cut in its middle, or where no change is beside it."""
    from simulator.files.design_diff import Piece

    piece = pieces[place]
    if piece.what != "kept" or len(piece.text) <= 2 * _CONTEXT + 3:
        return piece
    head = piece.text[:_CONTEXT] if place else ""
    tail = piece.text[-_CONTEXT:] if place < len(pieces) - 1 else ""
    return Piece("kept", f"{head} … {tail}")


def _put(output: Output, pieces: list[Piece]) -> None:
    if output.is_live:
        from rich.padding import Padding
        from rich.text import Text

        text = Text.assemble(*((visible(piece.text), _STYLES[piece.what]) for piece in pieces))
        output.show(Padding(text, (0, 0, 0, 2)))
        return
    marked = [f"{_MARKS[piece.what][0]}{piece.text}{_MARKS[piece.what][1]}" for piece in pieces]
    output.line("  " + "".join(marked).replace("\n", "\n  "))
