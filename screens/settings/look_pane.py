"""The theme, and the keys of everything."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import DataTable, Select, Static

from screens.preferences import Preferences
from screens.settings.bindings import Rebindable, conflicts, rebindables
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
        self._all = rebindables()
        table = self._table
        for title in ("where", "what", "key", "id"):
            table.add_column(title, key=title)
        for one in self._all:
            table.add_row(Text(one.place), Text(one.what), self._key(one), Text(one.id), key=one.id)

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
        others = conflicts(self._all, self.preferences.keymap, one.id, key) if key else []
        if others:
            names = ", ".join(other.what for other in others)
            self.notify(
                f"{key} is the key of {names} there. Give that another one first.",
                severity="warning", markup=False,
            )  # fmt: skip
            return
        self._prefer(self.preferences.with_key(one.id, key or None))
        self._table.update_cell(one.id, "key", self._key(one), update_width=True)

    def _prefer(self, preferences: Preferences) -> None:
        self.preferences = preferences
        self.post_message(Preferred(preferences))
