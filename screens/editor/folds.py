"""Parts of the form that open and close, and are built when they are first opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from screens.editor.nodes import Node
from screens.editor.sheet import Sheet
from simulator.presentation.safe_text import one_line, shortened, visible
from simulator.presentation.wording import counted


class Deed(NamedTuple):
    """Something to do with a part, by a click on its header."""

    symbol: str
    name: str
    tip: str


class FoldHeader(Static, can_focus=True):
    """The line of a part: whether it is open, its name, what is in it, and what can be done."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "act('toggle')", "Open/close", id="editor.toggle"),
        Binding("right", "act('unfold')", "Open", show=False),
        Binding("left", "act('fold')", "Close", show=False),
        Binding("down", "app.focus_next", "Next", show=False),
        Binding("up", "app.focus_previous", "Previous", show=False),
    ]

    @dataclass
    class Acted(Message):
        """The user asks the part for something."""

        name: str

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._title = Text()
        self._faults = 0
        self._deeds: Sequence[Deed] = ()

    def show(self, title: Text, faults: int, deeds: Sequence[Deed]) -> None:
        """Have another line."""
        if (title, faults, tuple(deeds)) != (self._title, self._faults, tuple(self._deeds)):
            self._title, self._faults, self._deeds = title, faults, deeds
            self.refresh()

    def render(self) -> Text:
        """The title, cut where the deeds begin."""
        tail = " ".join(deed.symbol for deed in self._deeds)
        title = self._title.copy()
        if self._faults:
            title = Text.assemble((f"✗ {counted(self._faults, 'problem')} ", "bold"), title)
        room = max(0, self.size.width - cell_len(tail) - 1)
        title.truncate(room, overflow="ellipsis", pad=True)
        return Text.assemble(title, " ", tail, no_wrap=True, end="")

    def _deed_at(self, x: int) -> Deed | None:
        start = self.size.width - sum(cell_len(deed.symbol) + 1 for deed in self._deeds)
        for deed in self._deeds:
            start += 1
            if start <= x < start + cell_len(deed.symbol):
                return deed
            start += cell_len(deed.symbol)
        return None

    def on_click(self, event: events.Click) -> None:
        """Do what is clicked, or open and close."""
        deed = self._deed_at(event.x)
        self.post_message(self.Acted("toggle" if deed is None else deed.name))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Say what a click would do."""
        deed = self._deed_at(event.x)
        self.tooltip = None if deed is None else deed.tip

    def action_act(self, name: str) -> None:
        """Ask the part for something."""
        self.post_message(self.Acted(name))


class Fold(Vertical, Node):
    """A part with a header; its body is built when it is first opened."""

    def __init__(
        self, sheet: Sheet, above: Node, part: str | int, *, is_open: bool = False
    ) -> None:
        super().__init__(classes="fold")
        self.sheet, self.above, self.part = sheet, above, part
        self.is_open = is_open
        self._header = FoldHeader()
        self._body: Vertical | None = None
        self._inner: dict[str | int, Node] = {}
        self._told: Static | None = None
        self._said = ""

    # ------------------------------------------------------------ for subclasses

    def title(self) -> tuple[str, str]:
        """The name, and a few words on what is in it."""
        raise NotImplementedError

    def deeds(self) -> Sequence[Deed]:
        """What can be done with it."""
        return ()

    def build(self) -> Iterator[Widget]:
        """The widgets of the body; those that are nodes go into `inner`."""
        raise NotImplementedError

    def parts(self) -> Mapping[str | int, object]:
        """The parts that have a place of their own for what is wrong with them."""
        return self._inner

    def act(self, name: str) -> None:
        """Do a deed of the header."""

    # ------------------------------------------------------------ the node

    @property
    def inner(self) -> Mapping[str | int, Node]:
        """The parts, once they were built."""
        return self._inner

    def compose(self) -> ComposeResult:
        """The header, and the body if it is open."""
        yield self._header
        if self.is_open:
            yield self._made_body()

    def on_mount(self) -> None:
        """Show what is there."""
        self._draw()

    def _made_body(self) -> Vertical:
        self._body = Vertical(*self.build(), classes="fold-body")
        return self._body

    async def unfold(self) -> None:
        """Open it; the body is there when this returns."""
        if self.is_open:
            return
        self.is_open = True
        if self._body is None:
            await self.mount(self._made_body())
        else:
            self._body.display = True
        self.update_from_sheet()

    def fold(self) -> None:
        """Close it."""
        self.is_open = False
        if self._body is not None:
            self._body.display = False
        self._show_header()

    def take_focus(self) -> None:
        """On the header."""
        self._header.focus()

    @property
    def header(self) -> FoldHeader:
        """Its line."""
        return self._header

    def update_from_sheet(self) -> None:
        """The header, what is wrong, and the parts if they are seen."""
        if self.is_mounted:
            self._draw()

    def _draw(self) -> None:
        self._show_header()
        self._show_faults()
        if self.is_open:
            for node in list(self._inner.values()):
                node.update_from_sheet()

    def _show_header(self) -> None:
        name, more = self.title()
        sign = "▾" if self.is_open else "▸"
        title = Text.assemble(f"{sign} ", (one_line(shortened(name, 200)), "bold"))
        title.append(f"  {one_line(shortened(more, 300))}", "dim")
        faults = 0 if self.is_open else sum(1 for _ in self.sheet.faults_at(self.place))
        self._header.set_class(bool(faults), "-faulty")
        self._header.show(title, faults, self.deeds())

    def _show_faults(self) -> None:
        messages = "\n".join(
            f"✗ {visible(one)}" for one in self.sheet.faults_beside(self.place, self.parts())
        )
        if self._told is None and messages:
            self._told = Static("", classes="row-fault", markup=False)
            self.mount(self._told, after=self._header)
        if self._told is not None and messages != self._said:
            self._said = messages
            self._told.update(messages)
            self._told.display = bool(messages)

    @on(FoldHeader.Acted)
    async def _acted(self, event: FoldHeader.Acted) -> None:
        event.stop()
        if event.name == "unfold" or (event.name == "toggle" and not self.is_open):
            await self.unfold()
        elif event.name in ("fold", "toggle"):
            self.fold()
        else:
            self.act(event.name)
