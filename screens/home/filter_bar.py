"""Where the user says which experiments to list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Select, Static

from screens.home.listing import Entry, Filters
from simulator.presentation.safe_text import one_line

ANY = ""
"""Chosen where nothing is asked for."""
STARRED = {ANY: "★ or not", "starred": "★ only"}
RUNS = {"any": "runs or not", "some": "with runs", "none": "without runs"}
SIMPLE: Mapping[str, Mapping[str, str]] = {"starred": STARRED, "runs": RUNS}
"""The choices that are always the same."""
OFFERED = ("kind", "creator", "model")
"""The choices that depend on what there is."""


class FilterBar(Vertical):
    """A line to search in, and one with choices, which may be hidden."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "leave", "To the list", show=False),
        Binding("escape", "reset", "Clear", show=False),
    ]

    class Changed(Message):
        """Other experiments are wanted."""

    class Left(Message):
        """The user is done here."""

    def __init__(self) -> None:
        super().__init__(id="filters")
        self._offered: dict[str, list[str]] = {}

    def compose(self) -> ComposeResult:
        """Fields as small as they can be."""
        with Horizontal(id="searching"):
            yield Input(
                placeholder="/ search name, note, creator, id", id="search", compact=True,
                tooltip="Every word must occur",
            )  # fmt: skip
            yield Static("", id="count", markup=False)
        with Horizontal(id="choices"):
            for name in OFFERED:
                yield Select(
                    [(Text(f"any {name}"), ANY)], value=ANY, id=name, allow_blank=False,
                    compact=True,
                )  # fmt: skip
            for name, options in SIMPLE.items():
                yield Select(
                    [(Text(shown), value) for value, shown in options.items()],
                    value=next(iter(options)), id=name, allow_blank=False, compact=True,
                )  # fmt: skip

    @property
    def filters(self) -> Filters:
        """What is asked for."""
        chosen: dict[str, Any] = {name: str(self._select(name).value) for name in OFFERED}
        runs: Any = self._select("runs").value
        return Filters(
            words=self.query_one(Input).value,
            starred_only=self._select("starred").value != ANY,
            runs=runs,
            **{name: value or None for name, value in chosen.items()},
        )

    def offer(self, entries: Iterable[Entry]) -> None:
        """Let the user choose among what there is; what is chosen stays."""
        kinds, creators, models = set[str](), set[str](), set[str]()
        for entry in entries:
            kinds.add(entry.kind)
            creators.add(entry.creator)
            models.update(entry.models)
        for name, values in zip(OFFERED, (kinds, creators, models), strict=True):
            select = self._select(name)
            chosen = select.value
            offered = sorted((values | {str(chosen)}) - {ANY}, key=str.casefold)
            if offered == self._offered.get(name):
                continue
            self._offered[name] = offered
            with self.prevent(Select.Changed):
                select.set_options(
                    [(Text(f"any {name}"), ANY), *((Text(one_line(v)), v) for v in offered)]
                )
                select.value = chosen

    def say(self, text: str) -> None:
        """How many are listed, and in what order."""
        self.query_one("#count", Static).update(Text(text))

    def search(self) -> None:
        """Let the user type."""
        self.query_one(Input).focus()

    def choose(self) -> None:
        """Let the user choose."""
        self.add_class("-open")
        self._select("kind").focus()

    def toggle_starred(self) -> None:
        """Ask for favourites only, or no longer."""
        select = self._select("starred")
        select.value = ANY if select.value != ANY else "starred"

    def action_reset(self) -> None:
        """Ask for nothing in particular, and go back to the list."""
        with self.prevent(Select.Changed, Input.Changed):
            self.query_one(Input).value = ""
            for name in (*OFFERED, "starred"):
                self._select(name).value = ANY
            self._select("runs").value = "any"
        self._tell()
        self.action_leave()

    def action_leave(self) -> None:
        """Go to the list."""
        self.remove_class("-open")
        self.post_message(self.Left())

    @on(Input.Changed)
    @on(Select.Changed)
    def _changed(self, event: Message) -> None:
        event.stop()
        self._tell()

    def _tell(self) -> None:
        filters = self.filters
        self.set_class(filters != Filters(words=filters.words), "-chosen")
        self.post_message(self.Changed())

    @on(Input.Submitted)
    def _submitted(self, event: Message) -> None:
        event.stop()
        self.action_leave()

    def _select(self, name: str) -> Select[str]:
        return self.query_one(f"#{name}", Select)
