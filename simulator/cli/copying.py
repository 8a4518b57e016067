"""Shows how a copy between stores goes on, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from simulator.cli.output import Output
from simulator.errors import SimulatorError
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from simulator.domain.records import StoreCard
    from simulator.moving.moved import Moved

_NAMED = 10
"""Faults that are named one by one for people."""


class NotWholeError(SimulatorError):
    """Some of what was to be copied did not arrive; `problems` has a line for each."""

    code = "not_whole"

    def __init__(self, message: str, problems: tuple[str, ...], remedy: str) -> None:
        super().__init__(message, remedy=remedy)
        self.problems = problems


def card_facts(card: StoreCard) -> Mapping[str, str]:
    """What a store is and holds, for people."""
    software = "MongoDB" if card.kind == "mongodb" else "SQLite"
    news = "told by change streams" if card.change_streams else "looked for again and again"
    holds = (
        counted(card.experiments, "experiment"), counted(card.batches, "batch"),
        counted(card.runs, "run"), counted(card.messages, "message"),
    )  # fmt: skip
    return {
        "store": card.place,
        "software": f"{software} {card.server_version}, schema {card.schema_version}",
        "access": "you may write" if card.may_write else "you may only read",
        "news": news,
        "answers": f"in {card.round_trip_s * 1000:.1f} ms",
        "clock": f"{card.clock_skew_s:+.3f} s from this machine's",
        "holds": ", ".join(holds),
    }


@contextmanager
def copy_display(output: Output) -> Iterator[Callable[[Moved], None]]:
    """Hears how far a copy has come, and draws it on a terminal while the block runs."""
    if not output.is_live:
        yield lambda moved: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("{task.description}", markup=False), BarColumn(bar_width=None),
        TextColumn("{task.percentage:.0f} %", markup=False), TimeRemainingColumn(compact=True),
        console=output.console, transient=True,
    )  # fmt: skip
    task = bar.add_task("Looking at both stores", total=None)

    def hear(moved: Moved) -> None:
        done = moved.runs.total()
        experiments = moved.experiments_new + moved.experiments_known
        bar.update(
            task, total=moved.runs_total, completed=done,
            description=f"{experiments} of {counted(moved.experiments_total, 'experiment')}, "
            f"{done} of {counted(moved.runs_total, 'run')}, {counted(moved.steps, 'step')}",
        )  # fmt: skip

    with bar:
        yield hear


def show_moved(output: Output, moved: Moved, direction: str, place: str, *, is_dry: bool) -> int:
    """Say how a copy ended; the exit code.

    Args:
        output: Where.
        moved: What became of all.
        direction: `push` or `pull`.
        place: The other store.
        is_dry: Whether it was only looked at what there is to copy.
    """
    done = f"Would have {direction}ed" if is_dry else f"{direction.capitalize()}ed"
    output.line(f"{done} {'to' if direction == 'push' else 'from'} {place}:", "bold")
    for name, parts in _lines(moved).items():
        if listed := ", ".join(f"{number:,} {what}" for number, what in parts if number):
            output.line(f"  {name:<12}{listed}")
    if moved.counted_runs:
        steps = counted(moved.counted_steps, "step")
        output.line(f"  {'on both':<12}{counted(moved.counted_runs, 'run')} with {steps}, counted")
    if played := moved.runs["played"]:
        are, have = ("is", "it has") if played == 1 else ("are", "they have")
        output.aside(
            f"{counted(played, 'run')} {are} being played; {direction} again when {have} ended."
        )
    document = {"direction": direction, "place": place, "dry_run": is_dry} | _document(moved)
    if moved.is_whole:
        output.result(document)
        return 0
    _tell_faults(output, moved, direction, document)
    return NotWholeError.exit_code


def _lines(moved: Moved) -> Mapping[str, Sequence[tuple[int, str]]]:
    """Numbers of what, by the words that a line begins with."""
    runs = moved.runs
    return {
        "experiments": [(moved.experiments_new, "new"), (moved.experiments_known, "there already")],
        "batches": [
            (moved.batches["new"], "new"), (moved.batches["caught_up"], "amended"),
            (moved.batches["known"], "there already"),
        ],
        "runs": [
            (runs["new"], "new"), (runs["caught_up"], "caught up"),
            (runs["known"], "there already"), (runs["played"], "left out"),
        ],
        "steps": [(moved.steps, "new")],
        "conflicts": [(len(moved.conflicts), "left as they are")],
        "failures": [(len(moved.failures), "refused")],
    }  # fmt: skip


def _document(moved: Moved) -> dict[str, Any]:
    """How a copy ended, for programs."""
    runs = moved.runs
    return {
        "experiments": {
            "total": moved.experiments_total, "new": moved.experiments_new,
            "known": moved.experiments_known,
        },
        "batches": {fate: moved.batches[fate] for fate in ("new", "caught_up", "known")},
        "runs": {
            "total": moved.runs_total, "new": runs["new"], "caught_up": runs["caught_up"],
            "known": runs["known"], "played": runs["played"],
        },
        "steps": moved.steps,
        "counted": {"runs": moved.counted_runs, "steps": moved.counted_steps},
        "conflicts": [str(fault) for fault in moved.conflicts],
        "failures": [str(fault) for fault in moved.failures],
        "uncounted": [str(fault) for fault in moved.uncounted],
    }  # fmt: skip


def _tell_faults(output: Output, moved: Moved, direction: str, document: Mapping[str, Any]) -> None:
    faults = [str(fault) for fault in (*moved.conflicts, *moved.failures, *moved.uncounted)]
    if moved.uncounted:
        message = "The count on both sides differs."
        remedy = f"Somebody may have written or deleted meanwhile; {direction} again."
    elif moved.failures:
        message = f"{counted(len(moved.failures), 'record')} could not be written."
        remedy = f"All others are there; mend the cause, then {direction} again."
    else:
        differs = "differs" if len(moved.conflicts) == 1 else "differ"
        message = f"{counted(len(moved.conflicts), 'record')} {differs} between the two stores."
        remedy = "Nothing was overwritten; duplicate or fork the one to go on with."
    if output.json:
        error = {"code": NotWholeError.code, "message": message, "suggestion": remedy}
        output.event(status="error", error=error | {"problems": faults}, data=document)
        return
    more = len(faults) - _NAMED
    named = (*faults[:_NAMED], *([f"… and {more:,} more"] if more > 0 else []))
    output.problem(NotWholeError(message, named, remedy))
