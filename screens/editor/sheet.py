"""What the form knows of the text: values as they are written, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import JsonValue
from textual.widget import AwaitMount

from screens.editor.fields import Field, fields_of
from screens.editor.session import Session
from simulator.domain.placeholders import OffersPlaceholders, Placeholders, Renaming
from simulator.files.design_text import MISSING, Missing, Place
from simulator.files.shapes import Model

Written = JsonValue | Missing
"""A value, or that nothing is written."""


class Sheet:
    """A view of the session's last readable text."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.mounting: list[AwaitMount] = []
        """Widgets that are on their way into the form."""
        self.written: JsonValue = {}
        self._faults: list[tuple[Place, str]] = []
        self._lists_by_model: dict[Model, list[Place]] = {}
        self.update()

    def update(self) -> None:
        """Look at the session again."""
        value = self.session.readable.value(())
        self.written = {} if isinstance(value, Missing) else value
        self._lists_by_model.clear()
        self._faults = [(fault.place, fault.message) for fault in self.session.faults]

    def value(self, place: Place) -> Written:
        """What is written at a place."""
        found: Written = self.written
        for part in place:
            found = _part(found, part)
        return found

    def faults_at(self, place: Place) -> Iterator[str]:
        """What is wrong at a place or in it."""
        return (message for where, message in self._faults if where[: len(place)] == place)

    def faults_beside(self, place: Place, parts: Mapping[str | int, object]) -> Iterator[str]:
        """What is wrong at a place, but for what is in one of its parts."""
        size = len(place)
        for where, message in self._faults:
            if where[:size] == place and (len(where) == size or where[size] not in parts):
                yield message

    def placeholders(self, place: Place) -> Placeholders | None:
        """Those that a text at a place may hold."""
        kind = self.session.kind
        if isinstance(kind, OffersPlaceholders):
            return kind.placeholders(self.written, place)
        return None

    def renaming(self, place: Place, name: str) -> Renaming | None:
        """What a new name of the record at a place entails; None where nothing goes by it."""
        kind = self.session.kind
        if isinstance(kind, OffersPlaceholders):
            return kind.renaming(self.written, place, name)
        return None

    def lists_of(self, model: Model) -> list[Place]:
        """Every list in the design that holds such records, in its order."""
        kind = self.session.kind
        if kind is not None and model not in self._lists_by_model:
            self._lists_by_model[model] = list(self._lists((), kind.design_type, model))
        return self._lists_by_model.get(model, [])

    def _lists(self, place: Place, inside: Model, model: Model) -> Iterator[Place]:
        for field in fields_of(inside):
            here = (*place, field.name)
            value = self.value(here)
            if field.control == "records" and field.model is not None:
                if field.model is model:
                    yield here
                for index in range(len(value) if isinstance(value, list) else 0):
                    yield from self._lists((*here, index), field.model, model)
            elif field.control == "group" and isinstance(value, dict) and field.model is not None:
                yield from self._lists(here, field.model, model)


def _part(value: Written, part: str | int) -> Written:
    if isinstance(value, dict) and isinstance(part, str):
        return value.get(part, MISSING)
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return value[part]
    return MISSING


def name_of(model: Model, value: Written) -> str:
    """What a record is called: its short texts, such as its title."""
    names = [
        str(value[field.name])
        for field in key_fields(model)
        if isinstance(value, dict) and value.get(field.name) not in (None, "")
    ]
    return " · ".join(names)


def key_fields(model: Model) -> list[Field]:
    """The fields that name a record: short texts that it must have."""
    return [field for field in fields_of(model) if field.control == "line" and field.is_required]


def blank(model: Model, names: Mapping[str, str]) -> dict[str, JsonValue]:
    """A record with what it must have, empty where nothing is known.

    Args:
        model: Of the record.
        names: What is known.
    """
    record: dict[str, JsonValue] = {}
    for field in fields_of(model):
        if field.name in names:
            record[field.name] = names[field.name]
        elif field.is_required:
            record[field.name] = _empty(field)
    return record


def _empty(field: Field) -> JsonValue:
    match field.control:
        case "records" | "list":
            return []
        case "group":
            return blank(field.model, {}) if field.model is not None else {}
        case "choice":
            return field.choices[0]
        case "integer" | "number":
            return 1
        case "switch":
            return False
        case _:
            return ""
