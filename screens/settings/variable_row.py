"""A setting to be changed: what it says, a field, and what is wrong with what is typed."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Select, Static

from screens.settings.secret_input import SecretInput
from screens.settings.variables import Variable
from simulator.presentation.safe_text import one_line, visible

NOT_SET = "not set"


class VariableRow(Vertical):
    """Checks what is typed at once; says nothing of secrets but whether they are set."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f8", "unset", "Unset", id="settings.unset",
                tooltip="Take the setting away, so that the usual value holds"),
    ]  # fmt: skip

    def __init__(self, variable: Variable) -> None:
        super().__init__(classes="variable")
        self.variable = variable
        self._is_unset = False

    def compose(self) -> ComposeResult:
        """Name, field and source on a line; below it, what the setting does."""
        variable = self.variable
        with Horizontal(classes="variable-line"):
            yield Static(Text(variable.variable), classes="variable-name")
            if variable.choices:
                yield Select(
                    [(choice, choice) for choice in variable.choices],
                    value=variable.value if variable.value in variable.choices else Select.NULL,
                    prompt=f"{NOT_SET} ({variable.usual})",
                    compact=True,
                )
            elif variable.is_secret:
                yield SecretInput(is_address=variable.is_address, placeholder=self._hint())
            else:
                yield Input(
                    variable.value, placeholder=self._hint(), select_on_focus=False, compact=True
                )
            yield Static(self._source(), classes="variable-source")
        yield Static(Text(visible(variable.about)), classes="variable-about")
        yield Static("", classes="variable-fault", markup=False)

    @property
    def typed(self) -> str:
        """What stands in the field; empty where nothing is chosen."""
        for select in self.query(Select):
            return "" if select.is_blank() else str(select.value)
        return self.query_one(Input).value

    @property
    def is_changed(self) -> bool:
        """Whether saving would write it."""
        return self.typed != self.variable.value or self._is_unset

    @property
    def fault(self) -> str | None:
        """What is wrong with what is typed."""
        return self.variable.fault(self.typed) if self.is_changed else None

    def renew(self, variable: Variable) -> None:
        """Show a setting as it is now, whatever was typed."""
        if variable == self.variable and not self.is_changed:
            return
        self.variable, self._is_unset = variable, False
        for select in self.query(Select):
            select.value = variable.value if variable.value in variable.choices else Select.NULL
        for field in self.query(Input):
            field.value, field.placeholder = variable.value, self._hint()
        self._check()

    def action_unset(self) -> None:
        """Take away what is set, so that the usual value holds."""
        for select in self.query(Select):
            select.clear()
        for field in self.query(Input):
            field.value = ""
            # An empty field of a secret says nothing yet.
            self._is_unset = self.variable.is_secret and self.variable.is_set
            field.placeholder = self._hint()
        self._check()

    @on(Input.Changed)
    @on(Select.Changed)
    def _check(self) -> None:
        self._is_unset = self._is_unset and not self.typed
        fault = self.fault
        told = self.query_one(".variable-fault", Static)
        told.update(f"✗ {one_line(fault)}" if fault else "")
        told.display = fault is not None
        self.set_class(self.is_changed, "-changed")
        self.query_one(".variable-source", Static).update(self._source())

    def on_mount(self) -> None:
        """Nothing is wrong yet."""
        self.query_one(".variable-fault").display = False

    def _hint(self) -> str:
        variable = self.variable
        if self._is_unset:
            return "not set any more, once saved"
        if variable.is_secret and variable.is_set:
            return f"{one_line(variable.shown) or 'set, not shown'}; type to replace it"
        return f"{NOT_SET} ({variable.usual})" if variable.usual else NOT_SET

    def _source(self) -> Text:
        if self.is_mounted and self.is_changed:
            return Text("• changed")
        source = self.variable.source
        return Text("environment, goes first" if source == "environment" else source)
