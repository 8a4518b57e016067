"""Writes what the screen shows to files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from screens.analysis.viewing import View
from screens.dialogs import AskText, Confirm, Pick
from screens.screen import LaboratoryScreen
from screens.widgets.plot import Plot
from simulator.analysis.gathering import left_out
from simulator.analysis.sheet import Sheet
from simulator.files.saving import write_file
from simulator.files.tables import left_out_csv, summary_csv
from simulator.presentation.safe_text import one_line


@dataclass(frozen=True, slots=True)
class Export:
    """One of the files."""

    title: str
    name: str
    """Suggested for the file."""
    text: Callable[[], str]


def exports(view: View, sheets: Sequence[Sheet], plot: Plot) -> dict[str, Export]:
    """All files that can be written now, by what is in them."""
    found, stem = view.found, _stem(view)
    return {
        "table": Export(
            "The table, as CSV", f"{stem}.csv", lambda: summary_csv(found, view.summaries)
        ),
        "left out": Export(
            "The steps that are left out, as CSV", f"{stem}-left-out.csv",
            lambda: left_out_csv(left_out(sheets, found.measure)),
        ),
        "text": Export("The plot, as text", f"{stem}.txt", plot.as_text),
        "picture": Export("The plot, as a picture (SVG)", f"{stem}.svg", plot.as_svg),
    }  # fmt: skip


async def export(screen: LaboratoryScreen, offered: Mapping[str, Export]) -> None:
    """Ask what to write and where, and write it; a file is only replaced once the user agrees.

    Raises:
        SimulatorError: The file cannot be written.
    """
    ask = screen.app.push_screen_wait
    what = await ask(Pick("Export what?", [(one.title, key) for key, one in offered.items()]))
    if what is None:
        return
    chosen = offered[what]
    path = await ask(AskText("Write to which file?", str(Path.cwd() / chosen.name)))
    if not path:
        return
    target = Path(path)
    is_there = await asyncio.to_thread(lambda: target.expanduser().is_file())
    question = f"{one_line(path)} exists already. Write over it?"
    if is_there and not await ask(Confirm(question, yes="Write over")):
        return
    text = await asyncio.to_thread(chosen.text)
    await asyncio.to_thread(write_file, target, text, force=is_there)
    screen.tell(f"Written: {path}")


def _stem(view: View) -> str:
    """Such as `tokens-read-by-agent-day`."""
    words = "-".join(
        [view.choice.measure.name, *(["by", *view.choice.by] if view.choice.by else [])]
    )
    return "".join(one if one.isalnum() else "-" for one in words)[:80]
