"""Gives a part of a design another name, wherever it goes by it."""

from __future__ import annotations

from simulator.domain.placeholders import Renaming
from simulator.files.design_text import DesignText, Place


def renamed(text: DesignText, place: Place, name: str, renaming: Renaming) -> DesignText:
    """The text with a new name at a place, and all that follows from it.

    Args:
        text: As it is.
        place: Of the name.
        name: The new one.
        renaming: What follows, as the kind of the design says.

    Raises UsageError when it cannot be made.
    """
    text = text.with_value(place, name)
    for mention in renaming.places:
        text = text.with_value(mention, name)
    return text.with_text(renaming.in_texts(text.text))
