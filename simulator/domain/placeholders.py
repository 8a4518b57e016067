"""What the texts of a design may hold for a run to fill in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class Placeholder:
    """Something that a run replaces."""

    name: str
    """As texts hold it, brackets included."""
    example: str
    """What it may become."""
    meaning: str
    """A phrase on what it stands for."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A part of a text that is a placeholder, or must have been meant as one."""

    start: int
    end: int
    is_known: bool
    """Whether a run can fill it."""


@dataclass(frozen=True, slots=True)
class Renaming:
    """What must change with the name of something, such as a role."""

    places: tuple[tuple[str | int, ...], ...]
    """Where else the name stands, as values of the long form."""
    in_texts: Callable[[str], str]
    """Gives a text, or a file with many, the placeholders that the new name makes."""


class Placeholders(Protocol):
    """The placeholders of one place of a design."""

    def mentions(self, text: str) -> list[Mention]:
        """Every placeholder in a text, in order."""
        ...

    def unfinished(self, before: str) -> int | None:
        """Where the placeholder begins that the end of a text is about to become, if any."""
        ...

    def completions(self, begun: str) -> Sequence[Placeholder]:
        """What an unfinished placeholder may become, the likeliest first."""
        ...


@runtime_checkable
class OffersPlaceholders(Protocol):
    """A kind whose texts may hold placeholders."""

    def placeholders(self, written: JsonValue, place: tuple[str | int, ...]) -> Placeholders | None:
        """Those of a place; None where texts are taken as they are.

        Args:
            written: What is written of a design, in the long forms; it may be full of faults.
            place: Keys and positions from the top; () asks for all that there are.
        """
        ...

    def renaming(
        self, written: JsonValue, place: tuple[str | int, ...], name: str
    ) -> Renaming | None:
        """What a new name entails; None where nothing else goes by the name.

        Args:
            written: As for `placeholders`.
            place: Of what has the name.
            name: The new one.
        """
        ...
