"""The theme, and the keys of everything."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import DataTable, Select, Static

from screens.preferences import Preferences, load_preferences
from screens.settings.bindings import (
    APP,
    Rebindable,
    all_bindings,
    conflicts,
    is_for_typing,
)
from screens.settings.key_dialog import KeyDialog
from screens.themes import THEMES


@dataclass
class Preferred(Message):
    """The user likes the app another way."""

    preferences: Preferences


class LookPane(Vertical):
    """Changes are seen and kept at once."""

    def __init__(self, preferences: Preferences) -> None:
        super().__init__(id="look")
        self.preferences = preferences
        self._all: list[Rebindable] = []

    def compose(self) -> ComposeResult:
        """A choice of themes, then a line for each key."""
        with Horizontal(classes="variable-line"):
            yield Static("Theme", classes="variable-name")
            names = dict(THEMES)
            names |= {name: name for name in sorted(self.app.available_themes) if name not in names}
            yield Select(
                [(shown, name) for name, shown in names.items()],
                value=self.app.theme, allow_blank=False, id="theme", compact=True,
            )  # fmt: skip
        yield Static("Keys: Enter gives an action another one.", classes="variable-about")
        yield DataTable(id="keys", cursor_type="row")

    def on_mount(self) -> None:
        """List the keys."""
        for title in ("where", "what", "key", "id"):
            self._table.add_column(title, key=title)

    def on_show(self) -> None:
        """List the keys once they are looked at; the theme may be another by now."""
        self.preferences, _ = load_preferences()
        self.query_one("#theme", Select).value = self.app.theme
        if not self._all:
            self._list_keys()

    @work(exclusive=True, group="keys")
    async def _list_keys(self) -> None:
        table = self._table
        table.loading = True
        self._all = await asyncio.to_thread(all_bindings)
        table.loading = False
        for one in self._all:
            if one.id and one.what:
                cells = (Text(one.place), Text(one.what), self._key(one), Text(one.id))
                table.add_row(*cells, key=one.id)

    @property
    def _table(self) -> DataTable[Text]:
        return self.query_one("#keys", DataTable)

    def _key(self, one: Rebindable) -> Text:
        own = self.preferences.keymap.get(one.id)
        return Text(f"{own} (yours)" if own else one.usual)

    @on(Select.Changed, "#theme")
    def _theme_chosen(self, event: Select.Changed) -> None:
        event.stop()
        theme = str(event.value)
        if theme != self.preferences.theme or theme != self.app.theme:
            self._prefer(Preferences(theme, self.preferences.keymap))

    @on(DataTable.RowSelected, "#keys")
    @work(exclusive=True, group="key")
    async def _rebind(self, event: DataTable.RowSelected) -> None:
        event.stop()
        one = next(one for one in self._all if one.id == event.row_key.value)
        key = await self.app.push_screen_wait(KeyDialog(one.what, one.usual))
        if key is None:
            return
        if key and (fault := self._fault(one, key)):
            self.notify(fault, severity="warning", markup=False)
            return
        self._prefer(self.preferences.with_key(one.id, key or None))
        self._table.update_cell(one.id, "key", self._key(one), update_width=True)

    def _fault(self, one: Rebindable, key: str) -> str:
        """Why an action cannot have a key; empty when it can."""
        if one.place == APP and is_for_typing(key):
            return f"{key} is for typing. Take a function key, or one with Ctrl or Alt."
        others = conflicts(self._all, self.preferences.keymap, one, key)
        if not others:
            return ""
        names = ", ".join(dict.fromkeys(f"{other.what} ({other.place})" for other in others))
        if all(other.id for other in others):
            return f"{key} is the key of {names}. Give that another one first."
        return f"{key} is the key of {names}. Take another one."

    def _prefer(self, preferences: Preferences) -> None:
        self.preferences = preferences
        self.post_message(Preferred(preferences))
