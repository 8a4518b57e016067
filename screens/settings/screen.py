"""Everything that can be set: variables of `.env`, theme and keys; and whether all is well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import TabbedContent, TabPane

from screens.dialogs import Confirm
from screens.env_variables import env_file_shown, write_variables
from screens.preferences import load_preferences, save_preferences
from screens.screen import LaboratoryScreen
from screens.settings.doctor_pane import DoctorPane
from screens.settings.look_pane import LookPane, Preferred
from screens.settings.secret_input import masked
from screens.settings.servers import servers_group
from screens.settings.trying import store_fault
from screens.settings.variable_list import Groups, VariableList
from screens.settings.variable_row import VariableRow
from screens.settings.variables import variables
from simulator.errors import UsageError
from simulator.presentation.wording import counted


class SettingsScreen(LaboratoryScreen):
    """Settings are written when they are saved; theme and keys at once."""

    CSS_PATH = "screen.tcss"
    AREA = "settings"
    HELP_PAGE = "settings"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", id="settings.save",
                tooltip="Write what was changed to .env"),
        Binding("ctrl+r", "revert", "Revert", id="settings.revert",
                tooltip="Show everything as it is set now"),
    ]  # fmt: skip

    def compose_body(self) -> ComposeResult:
        """Four tabs."""
        preferences, _ = load_preferences()
        with TabbedContent(id="tabs"):
            with TabPane("Settings", id="variables-tab"):
                yield VariableList(lambda: list(variables()), id="settings")
            with TabPane("Servers of models", id="servers-tab"):
                yield VariableList(self._servers, id="servers")
            with TabPane("Theme and keys", id="look-tab"):
                yield LookPane(preferences)
            with TabPane("Doctor", id="doctor-tab"):
                yield DoctorPane(self.laboratory, self.told)

    def _servers(self) -> Groups:
        return [servers_group(self.laboratory.services.settings)]

    def _renew(self) -> None:
        for variable_list in self.query(VariableList):
            variable_list.renew()

    @work(exclusive=True, group="save")
    async def action_save(self) -> None:
        """Show what would be written, then write it."""
        changed = [row for row in self.query(VariableRow) if row.is_changed]
        with self.told():
            for row in changed:
                if row.fault is not None:
                    row.scroll_visible()
                    raise UsageError(
                        f"{row.variable.variable} cannot be that: {row.fault}",
                        remedy="Mend or clear it, then save again.",
                    )
            if not changed:
                self.tell("Nothing was changed.")
                return
            lines = [_line(row) for row in changed]
            if fault := await store_fault({row.variable.name: row.typed for row in changed}):
                lines.append(f"\nThe store cannot be used: {fault}")
            question = f"Write {counted(len(changed), 'setting')} to {env_file_shown()}?"
            if not await self.app.push_screen_wait(
                Confirm(question, "\n".join(lines), yes="Write", is_dangerous=False)
            ):
                return
            write_variables({row.variable.variable: row.typed for row in changed})
            self._apply_model(changed)
            self._renew()
            is_all_applied = [row.variable.name for row in changed] == ["model"]
            self.tell(f"Written. It holds {'now' if is_all_applied else 'from the next start on'}.")

    def _apply_model(self, changed: Sequence[VariableRow]) -> None:
        """Let designs that name no model use the new one at once."""
        services = self.laboratory.services
        for row in changed:
            if row.variable.name == "model" and row.variable.source != "environment":
                model = {"model": row.typed.strip()}
                services.settings = services.settings.model_copy(update=model)

    def action_revert(self) -> None:
        """Forget what was typed."""
        self._renew()

    @on(Preferred)
    def _prefer(self, event: Preferred) -> None:
        self.app.theme = event.preferences.theme
        self.app.set_keymap(event.preferences.keymap)
        with self.told():
            save_preferences(event.preferences)


def _line(row: VariableRow) -> str:
    variable, typed = row.variable, row.typed
    if not typed:
        return f"{variable.variable}= (not set any more)"
    shown = masked(typed) if variable.is_address else "(hidden)" if variable.is_secret else typed
    return f"{variable.variable}={shown}"
