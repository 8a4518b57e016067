"""Models within models, as parts of the form that open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from pydantic import JsonValue
from textual.binding import Binding, BindingType
from textual.widget import Widget

from screens.editor.fields import Field, fields_of, shown
from screens.editor.folds import Deed, Fold
from screens.editor.nodes import Node, written
from screens.editor.sheet import Sheet, Written, blank
from simulator.files.design_text import MISSING, Place
from simulator.files.shapes import Model
from simulator.presentation.safe_text import one_line

_ADD = Deed("+ use it", "use", "Write it into the design (a)")
_REMOVE = Deed("✕", "remove", "Remove it, for the default (delete)")


def summary(model: Model, value: Written) -> str:
    """What is written of a model, in few words."""
    if not isinstance(value, dict):
        return ""
    words = []
    for field in fields_of(model):
        found = value.get(field.name)
        if isinstance(found, (str, int, float)) and found != "":
            text = one_line(shown(found))
            words.append(text if field.control == "prose" else f"{field.name} {text}")
        elif isinstance(found, list) and found:
            words.append(f"{field.name} {len(found)}")
    return " · ".join(words)


class Group(Fold):
    """A model within a model."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "do('use')", "Use it", id="editor.use"),
        Binding("delete", "do('remove')", "Remove", id="editor.unuse"),
    ]

    def __init__(self, sheet: Sheet, above: Node, field: Field) -> None:
        super().__init__(sheet, above, field.name)
        self.field = field
        assert field.model is not None
        self._model = field.model

    @property
    def _is_used(self) -> bool:
        return self.value is not MISSING and self.value is not None

    def title(self) -> tuple[str, str]:
        """The label with what is written, or what holds by default."""
        field = self.field
        if self._is_used:
            return field.label, summary(self._model, self.value) or str(self.value or "")
        if field.default is None:
            return field.label, "required" if field.is_required else "not used"
        return field.label, summary(self._model, field.default) or "default"

    def deeds(self) -> Sequence[Deed]:
        """Use it, or no longer."""
        if not self._is_used:
            return (_ADD,) if self.field.default is None else ()
        return () if self.field.is_required else (_REMOVE,)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys are for the header, and for what can be done."""
        if action == "do":
            return self.header.has_focus and any(d.name == parameters[0] for d in self.deeds())
        return True

    def action_do(self, name: str) -> None:
        """Do a deed with a key."""
        self.act(name)

    def act(self, name: str) -> None:
        """Do a deed."""
        value: Written = blank(self._model, {}) if name == "use" else MISSING
        self.ask(written(self, value))
        if name == "use":
            self.call_later(self.unfold)

    def build(self) -> Iterator[Widget]:
        """The fields."""
        from screens.editor.building import built

        return built(self.sheet, self, self._model, self._inner)

    def default_of(self, field: Field) -> JsonValue:
        """Of a field: what the whole default says, while nothing is written."""
        default = self.field.default
        if self._is_used or not isinstance(default, dict):
            return field.default
        return default.get(field.name)

    def complete(self, part: str | int, value: JsonValue) -> tuple[Place, JsonValue]:
        """A part alone, or the whole default with it where nothing was written."""
        default = self.field.default
        if self._is_used or not isinstance(default, dict) or default == _own_default(self._model):
            return super().complete(part, value)
        assert self.above is not None
        return self.above.complete(self.part, {**_said(self._model, default), str(part): value})


def _own_default(model: Model) -> dict[str, JsonValue]:
    return {field.name: field.default for field in fields_of(model)}


def _said(model: Model, value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """What differs from the defaults of the fields themselves."""
    own = _own_default(model)
    return {name: one for name, one in value.items() if one != own.get(name)}
