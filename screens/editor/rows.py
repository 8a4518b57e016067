"""Fields with a plain value: a label, something to type in or choose with, and what is wrong."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Input, Select, Static

from screens.editor.areas import ProseArea
from screens.editor.fields import Field, boolean_of, shown
from screens.editor.nodes import Node, written
from screens.editor.sheet import Sheet, Written
from screens.editor.toggle import Toggle
from screens.widgets.safe_input import SafeInput
from simulator.files.design_text import MISSING
from simulator.presentation.safe_text import visible


class Row(Widget, Node):
    """A field of the form."""

    LOOK: ClassVar[str] = "row"
    """Classes for the style sheet."""

    def __init__(self, sheet: Sheet, above: Node, field: Field) -> None:
        super().__init__(classes=self.LOOK)
        self.sheet, self.above, self.part = sheet, above, field.name
        self.field = field
        self._told: Static | None = None
        self._said = ""
        self._taken: Written | None = None
        """What the control said when it was last set or read."""
        self._is_drawn = False

    # ------------------------------------------------------------ for subclasses

    def control(self) -> Widget:
        """What to type in or choose with."""
        raise NotImplementedError

    def read(self) -> Written:
        """What the control says."""
        raise NotImplementedError

    def show(self, value: Written) -> None:
        """Let the control say a value, without telling anybody."""
        raise NotImplementedError

    def show_surroundings(self) -> None:
        """Let the control say what else it says, such as what holds by default."""

    @property
    def default(self) -> str:
        """What holds while nothing is written, in few words; empty where that is nothing."""
        if self.field.is_required or self.above is None:
            return ""
        value = self.above.default_of(self.field)
        return "" if value is None else shown(value)

    # ------------------------------------------------------------ the node

    def compose(self) -> ComposeResult:
        """Label and control."""
        yield Static(self.field.label, classes="row-label", markup=False)
        yield self.control()

    def on_mount(self) -> None:
        """Show what is there."""
        self._draw()

    def update_from_sheet(self) -> None:
        """The value, unless something newer is typed, and what is wrong with it."""
        if self.is_mounted:
            self._draw()

    def _draw(self) -> None:
        self.show_surroundings()
        if not self._is_drawn or not self._is_ahead:
            if self.read() != self.value:
                self.show(self.value)
            self._taken, self._is_drawn = self.read(), True
        self.show_faults()

    @property
    def _is_ahead(self) -> bool:
        """Whether something newer was typed than what the text has."""
        session, place = self.sheet.session, self.place
        return self.read() != self._taken or session.waits_at(place) or place in session.refused

    def show_faults(self) -> None:
        """Say below the control what is wrong."""
        messages = "\n".join(f"✗ {visible(one)}" for one in self.sheet.faults_at(self.place))
        if self._told is None and messages:
            self._told = Static("", classes="row-fault", markup=False)
            self.mount(self._told)
        if self._told is not None and messages != self._said:
            self._said = messages
            self._told.update(messages)
            self._told.display = bool(messages)
        self.set_class(bool(messages), "-faulty")

    def take_focus(self) -> None:
        """On the control."""
        for widget in self.query("Input, TextArea, Select, Toggle"):
            widget.focus()
            return

    def edited(self) -> None:
        """Ask for what the control says, if that is news."""
        value = self._taken = self.read()
        if value != self.value or self.sheet.session.waits_at(self.place):
            self.ask(written(self, value))

    @property
    def emptied(self) -> Written:
        """What an empty control stands for."""
        if not self.field.is_required:
            return MISSING
        return None if self.field.is_nullable else ""


class LineRow(Row):
    """A text of one line."""

    def control(self) -> Widget:
        """An input that shows the default where nothing is written."""
        return SafeInput(select_on_focus=False)

    @property
    def _input(self) -> SafeInput:
        return self.query_one(SafeInput)

    def read(self) -> Written:
        """The text."""
        return self._input.value or self.emptied

    def show(self, value: Written) -> None:
        """A plain value; lists and mappings are left to the file."""
        plain = value is MISSING or value is None or isinstance(value, (str, int, float))
        self._input.disabled = not plain
        with self.prevent(Input.Changed):
            self._input.value = "" if value is MISSING else shown(value)
        self._input.placeholder = "see the file"

    def show_surroundings(self) -> None:
        """What holds without a value."""
        nothing = "required" if self.field.is_required else "not set"
        self._input.placeholder = self.default or nothing

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.edited()


class NumberRow(LineRow):
    """A number; what is no number yet is passed on as it is, so that it is found fault with."""

    def read(self) -> Written:
        """The number."""
        text = self._input.value.strip()
        if not text:
            return self.emptied
        try:
            return int(text)
        except ValueError:
            pass
        try:
            return float(text)
        except ValueError:
            return self._input.value


class ProseRow(Row):
    """A text of several lines."""

    LOOK = "row -tall"

    def control(self) -> Widget:
        """An area that grows with its text."""
        return ProseArea()

    @property
    def area(self) -> ProseArea:
        """Where the text is."""
        return self.query_one(ProseArea)

    def read(self) -> Written:
        """The text."""
        return self.area.text or self.emptied

    def show(self, value: Written) -> None:
        """A plain value; lists and mappings are left to the file."""
        plain = value is MISSING or value is None or isinstance(value, (str, int, float))
        self.area.disabled = not plain
        text = "" if value is MISSING else shown(value)
        if self._is_drawn:
            self.area.show_text(text)
        else:
            self.area.load_text(text)

    def show_surroundings(self) -> None:
        """The placeholders that the text may hold."""
        self.area.show_placeholders(self.sheet.placeholders(self.place))

    @on(ProseArea.Typed)
    def _typed(self, event: ProseArea.Typed) -> None:
        event.stop()
        self.edited()


class SwitchRow(Row):
    """Yes or no."""

    def control(self) -> Widget:
        """A switch with words."""
        return Toggle()

    @property
    def _usual(self) -> bool:
        return self.above is not None and bool(self.above.default_of(self.field))

    def read(self) -> Written:
        """Where the switch stands; not written while it stands where it does by default."""
        on = self.query_one(Toggle).value
        return MISSING if on == self._usual and self.value is MISSING else on

    def show(self, value: Written) -> None:
        """Move the switch."""
        self.query_one(Toggle).show(self._usual if value is MISSING else bool(value))

    @on(Toggle.Changed)
    def _switched(self, event: Toggle.Changed) -> None:
        event.stop()
        self.edited()


class ChoiceRow(Row):
    """One of a few words."""

    def control(self) -> Widget:
        """A list that opens; its first line takes back what is written."""
        return Select([(choice, choice) for choice in self.field.choices])

    def show_surroundings(self) -> None:
        """What holds without a choice."""
        usual = f"{self.default} (default)" if self.default else "as usual"
        self._select.prompt = "choose one" if self.field.is_required else usual

    @property
    def _select(self) -> Select[str]:
        return self.query_one(Select)

    def read(self) -> Written:
        """The choice; what cannot be chosen stays as it is written."""
        chosen = self._select.selection
        if chosen is None:
            written_now = self.value
            return MISSING if self._known(written_now) is not None else written_now
        yes = boolean_of(chosen)
        return chosen if yes is None or self._is_text else yes

    @property
    def _is_text(self) -> bool:
        return self.field.choices != ("yes", "no")

    def _known(self, value: Written) -> str | None:
        if isinstance(value, (str, bool)) and shown(value) in self.field.choices:
            return shown(value)
        return None

    def show(self, value: Written) -> None:
        """Choose, or say what is written though it is no choice."""
        known = self._known(value)
        with self.prevent(Select.Changed):
            if known is None:
                self._select.clear()
            else:
                self._select.value = known

    @on(Select.Changed)
    def _chosen(self, event: Select.Changed) -> None:
        event.stop()
        self.edited()


class OtherRow(Row):
    """What the form has no control for: it is written in the file."""

    def control(self) -> Widget:
        """A word on where to write it."""
        return Static("written in the file (F8)", classes="muted", markup=False)

    def read(self) -> Written:
        """As it is written."""
        return self.value

    def show(self, value: Written) -> None:
        """Nothing: it stands in the file."""

    def take_focus(self) -> None:
        """There is nothing to type in."""


ROWS: dict[str, type[Row]] = {
    "line": LineRow,
    "prose": ProseRow,
    "integer": NumberRow,
    "number": NumberRow,
    "switch": SwitchRow,
    "choice": ChoiceRow,
    "other": OtherRow,
}
