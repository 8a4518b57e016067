"""The widgets of a model's fields, whatever the kind."""

from __future__ import annotations

from collections.abc import Iterator

from textual.widget import Widget

from screens.editor.fields import Field, fields_of
from screens.editor.groups import Group
from screens.editor.lists import StringList
from screens.editor.nodes import Node
from screens.editor.records import Records
from screens.editor.rows import ROWS, Row
from screens.editor.sheet import Sheet
from simulator.files.shapes import Model


def built(
    sheet: Sheet, above: Node, model: Model, inner: dict[str | int, Node]
) -> Iterator[Widget]:
    """A widget for each field, in the order of the model, noted down in `inner`."""
    for field in fields_of(model):
        widget = _widget(sheet, above, field)
        inner[field.name] = widget
        yield widget


def _widget(sheet: Sheet, above: Node, field: Field) -> Group | Records | StringList | Row:
    match field.control:
        case "group":
            return Group(sheet, above, field)
        case "records":
            return Records(sheet, above, field)
        case "list":
            return StringList(sheet, above, field)
        case plain:
            return ROWS[plain](sheet, above, field)
