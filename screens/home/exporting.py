"""Writes designs to files that the user names."""

from __future__ import annotations

from screens.exporting import file_stem, write_where_asked
from screens.screen import LaboratoryScreen
from simulator.domain.designs import Design
from simulator.files.designs import write_design


async def export_design(screen: LaboratoryScreen, design: Design) -> None:
    """Ask for the file, and write it.

    Raises:
        SimulatorError: The file cannot be written.
    """
    question = "Write the design to which file?"
    name = f"{file_stem(design.name)}.yaml"
    await write_where_asked(screen, question, name, lambda: write_design(design))
