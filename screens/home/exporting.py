"""Writes designs and transcripts to files that the user names."""

from __future__ import annotations

import asyncio
from pathlib import Path

from screens.dialogs import AskText, Confirm
from screens.screen import LaboratoryScreen
from simulator.domain.designs import Design
from simulator.files.designs import write_design
from simulator.files.saving import write_file
from simulator.presentation.safe_text import one_line

LONGEST_STEM = 60


async def export_design(screen: LaboratoryScreen, design: Design) -> None:
    """Ask for the file, and write it; one that exists only once the user agrees.

    Raises:
        SimulatorError: The file cannot be written.
    """
    ask = screen.app.push_screen_wait
    suggested = str(Path.cwd() / f"{_stem(design.name)}.yaml")
    path = await ask(AskText("Write the design to which file?", suggested, check=_fault))
    if path is None:
        return
    target = Path(path.strip())
    is_there = await asyncio.to_thread(lambda: target.expanduser().is_file())
    question = f"{one_line(path)} exists already. Write over it?"
    if is_there and not await ask(Confirm(question, yes="Write over")):
        screen.tell("Nothing was written.")
        return
    await asyncio.to_thread(write_file, target, write_design(design), force=is_there)
    screen.tell(f"Wrote {target}")


def _stem(name: str) -> str:
    """A name for a file, of letters and digits."""
    words = "".join(one if one.isalnum() else " " for one in name.casefold()).split()
    return "-".join(words)[:LONGEST_STEM] or "design"


def _fault(path: str) -> str | None:
    return None if path.strip() else "A file needs a name."
