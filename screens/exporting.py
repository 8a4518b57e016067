"""Writes a file where the user says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from screens.dialogs import AskText, Confirm
from screens.screen import LaboratoryScreen
from simulator.files.saving import write_file
from simulator.presentation.safe_text import one_line

LONGEST_STEM = 60


async def write_where_asked(
    screen: LaboratoryScreen, question: str, name: str, text: Callable[[], str]
) -> None:
    """Ask for the file, and write it; one that exists only once the user agrees.

    Args:
        screen: Asks and tells.
        question: Which file this is.
        name: Of the file that is offered, in the current folder.
        text: Makes what is written, in a thread.

    Raises:
        SimulatorError: The file cannot be written.
    """
    ask = screen.app.push_screen_wait
    path = await ask(AskText(question, str(Path.cwd() / name), check=_fault))
    if path is None:
        return
    target = await asyncio.to_thread(Path(path.strip()).expanduser)
    is_there = await asyncio.to_thread(target.is_file)
    over = Confirm(f"{one_line(str(target))} exists already. Write over it?", yes="Write over")
    if is_there and not await ask(over):
        screen.tell("Nothing was written.")
        return
    written = await asyncio.to_thread(text)
    await asyncio.to_thread(write_file, target, written, force=is_there)
    screen.tell(f"Wrote {target}")


def file_stem(name: str) -> str:
    """A name for a file, of letters and digits."""
    words = "".join(one if one.isalnum() else " " for one in name.casefold()).split()
    return "-".join(words)[:LONGEST_STEM] or "design"


def _fault(path: str) -> str | None:
    return None if path.strip() else "A file needs a name."
