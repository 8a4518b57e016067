"""The line in which the user chooses among chains."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Select

from screens.analysis.chain_sieve import Sieve
from simulator.analysis.culture.records import Chain
from simulator.presentation.safe_text import one_line

PARTS = ("model", "task", "text")
_ALL = "\0"
"""No name."""


class ChainFilters(Horizontal):
    """A list for each of model, task and text; those with nothing to choose are hidden."""

    DEFAULT_CSS = """
    ChainFilters { height: 1; background: $surface; }
    ChainFilters Select { height: 1; width: 1fr; }
    """

    class Changed(Message):
        """Other chains are wanted."""

    class Offered(Message):
        """Something else can be chosen, or is."""

    _offered: tuple[tuple[str, ...], ...] = ()

    def compose(self) -> ComposeResult:
        """All chains at first."""
        for part in PARTS:
            yield Select(
                [(f"all {part}s", _ALL)], value=_ALL, id=f"chain-{part}", allow_blank=False,
                compact=True, tooltip=f"Of which {part}",
            )  # fmt: skip

    @property
    def sieve(self) -> Sieve:
        """What is chosen."""
        chosen = [str(self._select(part).value) for part in PARTS]
        return Sieve(*(None if value == _ALL else value for value in chosen))

    def offer(self, chains: Sequence[Chain]) -> None:
        """Let the user choose among these; what is chosen stays where it can."""
        names = tuple(
            tuple(dict.fromkeys(getattr(chain, part) for chain in chains)) for part in PARTS
        )
        if names == self._offered:
            return
        self._offered = names
        for part, those in zip(PARTS, names, strict=True):
            select = self._select(part)
            value = select.value if select.value in those and len(those) > 1 else _ALL
            with self.prevent(Select.Changed):
                select.set_options(
                    [(f"all {part}s", _ALL), *((Text(one_line(name)), name) for name in those)]
                )
                select.value = value
            select.display = len(those) > 1
        self.display = any(len(those) > 1 for those in names)
        self.post_message(self.Offered())

    def clear(self) -> None:
        """Choose all chains."""
        if not self.sieve.is_open:
            with self.prevent(Select.Changed):
                for part in PARTS:
                    self._select(part).value = _ALL
            self.post_message(self.Offered())
            self.post_message(self.Changed())

    def next(self) -> None:
        """Open the list after the one that has the focus; the first where none has it."""
        shown = [select for select in self.query(Select) if select.display]
        if not self.display or not shown:
            return
        place = next((n for n, one in enumerate(shown) if one.has_focus_within), -1)
        for one in shown:
            one.expanded = False
        chosen = shown[(place + 1) % len(shown)]
        chosen.focus()
        chosen.action_show_overlay()

    @on(Select.Changed)
    def _changed(self, event: Select.Changed) -> None:
        event.stop()
        self.post_message(self.Offered())
        self.post_message(self.Changed())

    def _select(self, part: str) -> Select[str]:
        return self.query_one(f"#chain-{part}", Select)
