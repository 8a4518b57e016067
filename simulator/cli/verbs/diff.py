"""`diff`: what two designs do not have in common."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from simulator.cli.commands import Verb
from simulator.cli.safe_text import visible
from simulator.cli.session import Session
from simulator.errors import UsageError

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
    set. One DESIGN alone is compared with what it was duplicated from, one RUN with its
    experiment. [-words-] are gone, {+words+} are new.
    """

    async def main(services: Services) -> int:
        from simulator.files.design_diff import design_changes

        if after is None:
            (was, old), (now, new) = await _with_origin(session, services, before)
        else:
            was, old, _ = await _design(session, services, before)
            now, new, _ = await _design(session, services, after)
        changes = design_changes(old, new)
        output = session.output
        output.result(
            [
                {"path": change.path, "before": change.before, "after": change.after}
                for change in changes
            ]
        )
        output.line(f"{was} -> {now}", "bold")
        for change in changes:
            output.line()
            output.line(change.path, "cyan")
            _show(output, change)
        if not changes:
            output.line("The designs are the same.")
        return 0

    return session.work(main)


async def _design(
    session: Session, services: Services, name: str
) -> tuple[str, Design, Experiment | None]:
    """What a name means, for people, its design, and the experiment that it comes from."""
    from simulator.cli.finding import design_named, find_either
    from simulator.domain.records import Run
    from simulator.files.seeds import find_design_file

    if find_design_file(name) is not None:
        design, _ = await design_named(services, name)
        return name, design, await services.experiment_or_none(design.parent)
    found = await find_either(session, services, name)
    if isinstance(found, Run):
        experiment = await services.store.experiment(found.experiment_id)
        return f"run {found.id}", await services.resolved(found), experiment
    parent = await services.experiment_or_none(found.parent_id)
    return _called(found), services.design_of(found), parent


async def _with_origin(
    session: Session, services: Services, name: str
) -> tuple[tuple[str, Design], tuple[str, Design]]:
    now, new, origin = await _design(session, services, name)
    if origin is None:
        raise UsageError(
            f"{now} was not duplicated from an experiment of this store.",
            remedy="Name two designs to compare.",
        )
    return (_called(origin), services.design_of(origin)), (now, new)


def _called(experiment: Experiment) -> str:
    return f"{experiment.name} ({experiment.id})"


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
