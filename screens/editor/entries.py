"""Lists in the form: entries that are added, moved, removed, and found again after an edit."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

from pydantic import JsonValue
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from screens.editor.fields import Field
from screens.editor.folds import Deed, Fold
from screens.editor.nodes import Node
from screens.editor.session import Edit
from screens.editor.sheet import Sheet
from simulator.files.design_text import DesignText, Place

Changed = Callable[[DesignText], DesignText]

UP = Deed("↑", "up", "Move it up (alt+up)")
DOWN = Deed("↓", "down", "Move it down (alt+down)")
REMOVE = Deed("✕", "remove", "Remove it (delete)")


def matched(old: Sequence[str], new: Sequence[str]) -> list[int | None]:
    """Which of the old entries each new one is, by its name, or else by its position."""
    places: defaultdict[str, deque[int]] = defaultdict(deque)
    for place, name in enumerate(old):
        places[name].append(place)
    found: list[int | None] = [places[name].popleft() if places[name] else None for name in new]
    left = set(range(len(old))) - set(found)
    return [
        place if place is not None or position not in left else position
        for position, place in enumerate(found)
    ]


class AddLine(Static, can_focus=True):
    """The line below a list that adds an entry."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "add", "Add", id="editor.add_line"),
        Binding("down", "app.focus_next", "Next", show=False),
        Binding("up", "app.focus_previous", "Previous", show=False),
    ]

    class Pressed(Message):
        """One more is wanted."""

    def __init__(self, what: str) -> None:
        super().__init__(f"+ add {what}", markup=False)

    def on_click(self) -> None:
        """As the key does."""
        self.action_add()

    def action_add(self) -> None:
        """Ask for one more."""
        self.post_message(self.Pressed())


class Entries(Fold):
    """A list that opens."""

    def __init__(self, sheet: Sheet, above: Node, field: Field) -> None:
        super().__init__(sheet, above, field.name, is_open=self.starts_open(field))
        self.field = field
        self._names: list[str] = []
        self._add_line = AddLine(self.what)

    # ------------------------------------------------------------ for subclasses

    @classmethod
    def starts_open(cls, field: Field) -> bool:
        """Whether it is open at first."""
        return False

    @property
    def what(self) -> str:
        """What an entry is called in general."""
        return singular(self.field.label.lower())

    def called(self, value: JsonValue) -> str:
        """What an entry is called."""
        raise NotImplementedError

    def entry(self, position: int) -> Node:
        """The widget of an entry."""
        raise NotImplementedError

    def add(self, position: int) -> None:
        """Put a new entry into the list."""
        raise NotImplementedError

    # ------------------------------------------------------------ what is shown

    @property
    def values(self) -> list[JsonValue]:
        """The entries as they are written, or by default."""
        value = self.value
        return value if isinstance(value, list) else []

    def title(self) -> tuple[str, str]:
        """The label, and how many there are."""
        names = ", ".join(filter(None, map(self.called, self.values)))
        return f"{self.field.label} ({len(self.values)})", names

    def build(self) -> Iterator[Widget]:
        """The entries, and the line that adds one."""
        self._names = [self.called(value) for value in self.values]
        for position in range(len(self._names)):
            yield self._new(position)
        yield self._add_line

    def _new(self, position: int) -> Widget:
        node = self._inner[position] = self.entry(position)
        assert isinstance(node, Widget)
        return node

    def update_from_sheet(self) -> None:
        """The entries that there are now, each with what was open in it."""
        if self.is_open and self.is_mounted and self._body is not None:
            self._reconcile()
        super().update_from_sheet()

    def _reconcile(self) -> None:
        names = [self.called(value) for value in self.values]
        if names == self._names:
            return
        assert self._body is not None
        old = dict(self._inner)
        self._inner.clear()
        for position, place in enumerate(matched(self._names, names)):
            if place is not None:
                self._inner[position] = old.pop(place)
                self._inner[position].part = position
        for gone in old.values():
            assert isinstance(gone, Widget)
            gone.remove()
        new = [self._new(position) for position in range(len(names)) if position not in self._inner]
        if new:
            self.sheet.mounting.append(self._body.mount(*new, before=self._add_line))
        last = len(names)
        self._body.sort_children(
            key=lambda widget: widget.part if isinstance(widget, Node) else last
        )
        self._inner = dict(sorted(self._inner.items(), key=lambda item: int(item[0])))
        self._names = names

    def on_add_line_pressed(self, event: AddLine.Pressed) -> None:
        """Add at the end."""
        event.stop()
        self.add(len(self.values))

    # ------------------------------------------------------------ edits

    def ask_for(self, make: Changed, label: str, focus: Place | None) -> None:
        """Have the list changed."""
        self.ask(Edit(self.place, make, label, focus=focus))

    def move(self, position: int, by: int) -> None:
        """Move an entry, if there is room."""
        place, new = self.place, position + by
        if 0 <= new < len(self.values):
            self.ask_for(
                lambda text: text.moved(place, position, new),
                f"order of {self.field.name}", (*place, new),
            )  # fmt: skip

    def remove_entry(self, position: int) -> None:
        """Remove an entry."""
        place = (*self.place, position)
        focus = (*self.place, min(position, len(self.values) - 2))
        self.ask_for(
            lambda text: text.without(place), f"{self.field.name} {position + 1}",
            focus if len(self.values) > 1 else self.place,
        )  # fmt: skip

    def insert(self, position: int, value: JsonValue, focus: str | None = None) -> None:
        """Put an entry in, and go to a field of it."""
        place = self.place
        target = (*place, position) if focus is None else (*place, position, focus)
        self.ask_for(lambda text: text.inserted(place, position, value), f"a {self.what}", target)


def singular(label: str) -> str:
    """One of what a label names, well enough for a button."""
    return label[:-1] if label.endswith("s") and not label.endswith("ss") else label
