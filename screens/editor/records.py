"""Lists of models in the form, such as roles and sections."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import ClassVar

from pydantic import JsonValue
from textual import work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from screens.dialogs import AskText, Pick
from screens.editor.entries import DOWN, REMOVE, UP, Entries
from screens.editor.fields import Field, fields_of, label_of
from screens.editor.folds import Deed, Fold
from screens.editor.groups import summary
from screens.editor.nodes import Node
from screens.editor.renaming import renamed
from screens.editor.sheet import Sheet, blank, key_fields, name_of
from simulator.files.design_text import Place
from simulator.files.shapes import Model

_RENAME = Deed("✎", "rename", "Rename it, with its tags and all that goes by its name (r)")
_ELSEWHERE = Deed("⇄", "transfer", "Move it to another list (m)")


class Record(Fold):
    """One entry of a list of models."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("alt+up", "do('up')", "Move up", id="editor.move_up"),
        Binding("alt+down", "do('down')", "Move down", id="editor.move_down"),
        Binding("m", "do('transfer')", "Move to…", id="editor.transfer"),
        Binding("r", "do('rename')", "Rename", id="editor.rename"),
        Binding("a", "do('add')", "Add", id="editor.add"),
        Binding("delete", "do('remove')", "Remove", id="editor.remove"),
    ]

    def __init__(self, sheet: Sheet, above: Records, position: int, model: Model) -> None:
        super().__init__(sheet, above, position)
        self.model = model
        self._list = above

    @property
    def position(self) -> int:
        """In its list."""
        return int(self.part)

    def title(self) -> tuple[str, str]:
        """What it is called, with what else is written of it."""
        value = self.value
        names = [field.name for field in key_fields(self.model)]
        rest = {k: v for k, v in value.items() if k not in names} if isinstance(value, dict) else {}
        name = name_of(self.model, value) or f"{self._list.what} {self.position + 1}"
        return name, summary(self.model, rest)

    def deeds(self) -> Sequence[Deed]:
        """Move, remove; rename and move elsewhere where that means anything."""
        rename = (_RENAME,) if self.sheet.renaming(self.place, "") is not None else ()
        elsewhere = (_ELSEWHERE,) if len(self.sheet.lists_of(self.model)) > 1 else ()
        return (*rename, UP, DOWN, *elsewhere, REMOVE)

    def build(self) -> Iterator[Widget]:
        """The fields."""
        from screens.editor.building import built

        return built(self.sheet, self, self.model, self._inner)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """But for moves, keys are for the header, and for what can be done."""
        if action != "do" or parameters[0] in (UP.name, DOWN.name):
            return True
        can = parameters[0] == "add" or any(deed.name == parameters[0] for deed in self.deeds())
        return can and self.header.has_focus

    def action_do(self, name: str) -> None:
        """Do a deed with a key."""
        self.act(name)

    def act(self, name: str) -> None:
        """Do a deed."""
        match name:
            case "up" | "down":
                self._list.move(self.position, -1 if name == "up" else 1)
            case "remove":
                self._list.remove_entry(self.position)
            case "transfer":
                self._list.transfer(self.position)
            case "rename":
                self._list.rename(self.position)
            case "add":
                self._list.add(self.position + 1)


class Records(Entries):
    """A list of models."""

    def __init__(self, sheet: Sheet, above: Node, field: Field) -> None:
        assert field.model is not None
        self.model = field.model
        super().__init__(sheet, above, field)

    @classmethod
    def starts_open(cls, field: Field) -> bool:
        """What a design must have is open."""
        return field.is_required

    @property
    def what(self) -> str:
        """As the model is called."""
        return self.model.__name__.lower()

    def called(self, value: JsonValue) -> str:
        """By its short texts."""
        return name_of(self.model, value)

    def entry(self, position: int) -> Node:
        """A part that opens."""
        return Record(self.sheet, self, position, self.model)

    def add(self, position: int) -> None:
        """Ask what it is to be called, and put it in."""
        self._ask_and_insert(position)

    @work(group="asking")
    async def _ask_and_insert(self, position: int) -> None:
        names: dict[str, str] = {}
        for field in key_fields(self.model):
            title = f"{field.label} of the new {self.what}"
            name = await self.app.push_screen_wait(
                AskText(title, hint=field.help, check=lambda name: self._fault(names, name))
            )
            if name is None:
                return
            names[field.name] = name.strip()
        rest = [field.name for field in fields_of(self.model) if field.name not in names]
        self.insert(position, blank(self.model, names), rest[0] if rest else None)

    @work(group="asking")
    async def rename(self, position: int) -> None:
        """Ask for another name of an entry, and put it in wherever the entry goes by it."""
        place, (key,) = (*self.place, position), key_fields(self.model)
        old = self.called(self.values[position])
        ask = AskText(
            f"Another name for {old!r}", old, "Its tags, and what else goes by it, follow.",
            lambda name: None if name.strip() == old else self._fault({}, name), yes="Rename",
        )  # fmt: skip
        name = await self.app.push_screen_wait(ask)
        new = old if name is None else name.strip()
        renaming = self.sheet.renaming(place, new)
        if new != old and renaming is not None:
            self.ask_for(
                partial(renamed, place=(*place, key.name), name=new, renaming=renaming),
                f"the name of a {self.what}", place,
            )  # fmt: skip

    def _fault(self, known: dict[str, str], name: str) -> str | None:
        if not name.strip():
            return "It needs a name."
        full = " · ".join([*known.values(), name.strip()])
        taken = full in map(self.called, self.values)
        return f"There is one called {full!r} already." if taken else None

    @work(group="asking")
    async def transfer(self, position: int) -> None:
        """Ask for another list of such records, and move an entry to its end."""
        place = self.place
        others = [other for other in self.sheet.lists_of(self.model) if other != place]
        if not others:
            return
        to = others[0]
        if len(others) > 1:
            labels = [(place_label(self.sheet, other), str(n)) for n, other in enumerate(others)]
            chosen = await self.app.push_screen_wait(Pick(f"Move the {self.what} to", labels))
            if chosen is None:
                return
            to = others[int(chosen)]
        there = self.sheet.value(to)
        end = len(there) if isinstance(there, list) else 0
        self.ask_for(
            lambda text: text.transferred((*place, position), to, end),
            f"where a {self.what} stands", (*to, end),
        )  # fmt: skip


def place_label(sheet: Sheet, place: Place) -> str:
    """A place in words: `Roles · guard · Sections`."""
    words = []
    for depth, part in enumerate(place, 1):
        if isinstance(part, str):
            words.append(label_of(part))
            continue
        value = sheet.value(place[:depth])
        named = [v for v in value.values() if isinstance(v, str)] if isinstance(value, dict) else []
        words.append(named[0] if named else str(part + 1))
    return " · ".join(words)
