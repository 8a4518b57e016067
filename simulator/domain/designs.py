"""What every kind of design has, and what can be wrong with one, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict


class Long:
    """Marks a text that may have many lines, so that forms give it room."""


Prose = Annotated[str, Long()]


@dataclass(frozen=True, slots=True)
class DesignProblem:
    """One fault of a design."""

    place: tuple[str | int, ...]
    """Keys and positions from the top of the design, such as ("roles", 0, "sections", 1)."""
    message: str
    """One sentence, without the place."""

    def __str__(self) -> str:
        return f"{place_name(self.place)}: {self.message}" if self.place else self.message


def place_name(place: tuple[str | int, ...]) -> str:
    """`roles[0].sections[1]` for ("roles", 0, "sections", 1)."""
    name = ""
    for part in place:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else part
    return name


class Design(BaseModel):
    """What every kind of design has."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    kind: str
    """Which kind of experiment it is."""
    name: str
    """Under which it is stored; several designs may share a name."""
    note: str = ""
    """A line for whoever reads the list of experiments."""
    parent: str | None = None
    """Id of the experiment that this is an edited copy of; `duplicate` writes it."""
