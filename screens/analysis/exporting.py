"""Writes what the screen shows to files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from screens.analysis.viewing import View
from screens.dialogs import Pick
from screens.exporting import write_where_asked
from screens.screen import LaboratoryScreen
from screens.widgets.plot import Plot
from simulator.analysis.gathering import left_out
from simulator.analysis.sheet import Sheet
from simulator.files.tables import left_out_csv, summary_csv


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
    """Ask what to write and where, and write it.

    Raises:
        SimulatorError: The file cannot be written.
    """
    ask = screen.app.push_screen_wait
    what = await ask(Pick("Export what?", [(one.title, key) for key, one in offered.items()]))
    if what is None:
        return
    chosen = offered[what]
    await write_where_asked(screen, "Write to which file?", chosen.name, chosen.text)


def _stem(view: View) -> str:
    """Such as `tokens-read-by-agent-day`."""
    words = "-".join(
        [view.choice.measure.name, *(["by", *view.choice.by] if view.choice.by else [])]
    )
    return "".join(one if one.isalnum() else "-" for one in words)[:80]
