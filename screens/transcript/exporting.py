"""Writes a run's transcript to a file that the user names."""

from __future__ import annotations

from collections.abc import Sequence

from screens.dialogs import Pick
from screens.exporting import write_where_asked
from screens.screen import LaboratoryScreen
from simulator.domain.journal import Step
from simulator.domain.records import Experiment, Run
from simulator.files.transcripts import FORMATS, export
from simulator.presentation.notices import short_id

_ENDINGS = {"markdown": "md"}
_WHAT = {
    "jsonl": "JSON lines: every step with all that is known of it",
    "csv": "CSV: one row for each message, for spreadsheets",
    "markdown": "Markdown: for reading",
}


async def export_run(
    screen: LaboratoryScreen, run: Run, experiment: Experiment, steps: Sequence[Step]
) -> None:
    """Ask for the format and the file, and write it.

    Raises:
        SimulatorError: The file cannot be written.
    """
    ask = screen.app.push_screen_wait
    form = await ask(Pick("Export as", [(_WHAT.get(name, name), name) for name in FORMATS]))
    if form is None:
        return
    name = f"run-{short_id(run.id)}.{_ENDINGS.get(form, form)}"
    await write_where_asked(
        screen, "Write to which file?", name, lambda: export(form, run, experiment, steps)
    )
