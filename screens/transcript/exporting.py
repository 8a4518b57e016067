"""Writes a run's transcript to a file that the user names."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from screens.dialogs import AskText, Confirm, Pick
from screens.screen import LaboratoryScreen
from simulator.domain.journal import Step
from simulator.domain.records import Experiment, Run
from simulator.files.saving import write_file
from simulator.files.transcripts import FORMATS, export
from simulator.presentation.notices import short_id
from simulator.presentation.safe_text import one_line

_ENDINGS = {"markdown": "md"}
_WHAT = {
    "jsonl": "JSON lines: every step with all that is known of it",
    "csv": "CSV: one row for each message, for spreadsheets",
    "markdown": "Markdown: for reading",
}


async def export_run(
    screen: LaboratoryScreen, run: Run, experiment: Experiment, steps: Sequence[Step]
) -> None:
    """Ask for the format and the file, and write it; one that exists only once the user agrees.

    Raises:
        SimulatorError: The file cannot be written.
    """
    ask = screen.app.push_screen_wait
    form = await ask(Pick("Export as", [(_WHAT.get(name, name), name) for name in FORMATS]))
    if form is None:
        return
    name = f"run-{short_id(run.id)}.{_ENDINGS.get(form, form)}"
    path = await ask(AskText("Write to which file?", str(Path.cwd() / name), check=_fault))
    if path is None:
        return
    target = Path(path)
    is_there = await asyncio.to_thread(lambda: target.expanduser().is_file())
    question = f"{one_line(path)} exists already. Write over it?"
    if is_there and not await ask(Confirm(question, yes="Write over")):
        screen.tell("Nothing was written.")
        return
    text = await asyncio.to_thread(export, form, run, experiment, steps)
    await asyncio.to_thread(write_file, target, text, force=is_there)
    screen.tell(f"Wrote {path}")


def _fault(path: str) -> str | None:
    return None if path.strip() else "A file needs a name."
