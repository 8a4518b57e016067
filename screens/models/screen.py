"""The models that can be used, and trying, checking and downloading them."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import ContentSwitcher, Input, Static

from screens.dialogs import AskText, Confirm
from screens.env_variables import env_file_shown, write_variables
from screens.models.check_pane import CheckPane
from screens.models.facts_pane import FactsPane
from screens.models.listing import rows_of
from screens.models.model_list import ModelList, titles_in
from screens.models.pull_bar import PullBar
from screens.models.trial_pane import TrialPane
from screens.screen import LaboratoryScreen
from screens.widgets.columns import Titles
from simulator.adapters import load_clients
from simulator.domain.models import EndpointReport
from simulator.errors import UsageError
from simulator.settings import exported, variable_name

DOWNLOADS_FROM = "ollama"
"""The provider that models are downloaded to."""
FACTS, TRIAL, CHECK = "facts", "trial", "check"


class ModelsScreen(LaboratoryScreen):
    """Providers with their models; beside them, what is known and what is tried."""

    CSS_PATH = "screen.tcss"
    AREA = "models"
    HELP_PAGE = "models"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "try", "Try", id="models.try", tooltip="Ask it something"),
        Binding("c", "check", "Check", id="models.check",
                tooltip="See what its server really does"),
        Binding("p", "pull", "Download", id="models.pull",
                tooltip="Download a model to Ollama, or stop the download"),
        Binding("slash", "search", "Search", id="models.search"),
        Binding("r", "refresh", "Refresh", id="models.refresh", tooltip="Ask all providers again"),
        Binding("escape", "back", "Back", id="models.back", show=False,
                tooltip="Close what is beside the list, or clear the search"),
    ]  # fmt: skip

    def compose_body(self) -> ComposeResult:
        """A line to search in, the list, what is beside it, a download."""
        catalogue = self.laboratory.catalogue
        with Horizontal(id="searching"):
            yield Input(placeholder="/ search models and providers", id="search", compact=True)
            yield Static("", id="told", markup=False)
        with Horizontal(id="panes"):
            with Vertical(id="listed"):
                yield Titles(titles_in)
                yield ModelList()
            with ContentSwitcher(initial=FACTS, id="beside"):
                yield FactsPane(id=FACTS, classes="pane")
                yield TrialPane(catalogue, self.told)
                yield CheckPane(catalogue, self.told)
        yield PullBar(catalogue, self.told)

    def on_mount(self) -> None:
        """Ask everybody."""
        self._reports: dict[str, EndpointReport | None] = {}
        self._is_untouched = True
        self._list.focus()
        self.look()

    @property
    def _list(self) -> ModelList:
        return self.query_one(ModelList)

    @property
    def _usual(self) -> str:
        return self.laboratory.services.settings.model

    # ------------------------------------------------------------ the list

    @work(exclusive=True, group="look", exit_on_error=False)
    async def look(self) -> None:
        """Ask every provider what it offers, and show each answer as it comes."""
        catalogue = self.laboratory.catalogue
        known = self._reports
        self._reports = {name: known.get(name) for name in catalogue.providers()}
        asked: set[str] = set(self._reports)
        self._show(len(asked))
        with self.told():
            await asyncio.to_thread(load_clients)
            async for report in catalogue.reports(catalogue.providers()):
                self._reports[report.provider] = report
                asked.discard(report.provider)
                self._show(len(asked))

    def _show(self, asked: int | None = None) -> None:
        """Show what is known by now; `asked` providers have not answered."""
        words = self.query_one("#search", Input).value
        self._list.show(rows_of(self._reports, words, self._usual))
        if self._is_untouched:
            self._list.put_cursor_on_a_model()
        self._show_facts()
        if asked is None:
            return
        models = sum(len(report.models) for report in self._reports.values() if report)
        ready = sum(bool(report and report.reachable) for report in self._reports.values())
        told = f"{models:,} models of {ready} providers"
        if asked:
            told = f"{told} · asking {asked} more …"
        self.query_one("#told", Static).update(told)

    @on(ModelList.Moved)
    def _moved(self) -> None:
        self._is_untouched = False
        self._show_facts()

    def _show_facts(self) -> None:
        self.query_one(FactsPane).show(self._list.selected)

    @on(Input.Changed, "#search")
    def _search_changed(self, event: Message) -> None:
        event.stop()
        if self.is_mounted:
            self._show()

    @on(Input.Submitted, "#search")
    def _searched(self, event: Message) -> None:
        event.stop()
        self._list.focus()

    def action_search(self) -> None:
        """Type what to look for."""
        self.query_one("#search", Input).focus()

    def action_refresh(self) -> None:
        """Ask again."""
        self.look()

    # ------------------------------------------------------------ beside the list

    def _open(self, pane: str) -> None:
        beside = self.query_one(ContentSwitcher)
        beside.current = pane
        beside.set_class(pane != FACTS, "-active")

    @on(TrialPane.Left)
    @on(CheckPane.Left)
    def action_back(self) -> None:
        """Back to the facts, to the list, and to all models, in this order."""
        search = self.query_one("#search", Input)
        if self.query_one(ContentSwitcher).current != FACTS:
            self._open(FACTS)
        elif search.value:
            search.value = ""
        self._list.focus()

    def _selected_model(self) -> str:
        """The model under the cursor. Raises UsageError when there is none."""
        selected = self._list.selected
        if selected is None or selected.card is None:
            raise UsageError(
                "There is no model under the cursor.", remedy="Move to one in the list."
            )
        return selected.card.model

    def action_try(self) -> None:
        """Ask the model something."""
        with self.told():
            model = self._selected_model()
            self._open(TRIAL)
            self.query_one(TrialPane).open_for(model)

    def action_check(self) -> None:
        """See what its server really does."""
        with self.told():
            model = self._selected_model()
            self._open(CHECK)
            self.query_one(CheckPane).check(model)

    # ------------------------------------------------------------ downloads

    @work(exclusive=True, group="ask")
    async def action_pull(self) -> None:
        """Download a model; while one comes, ask whether to stop it."""
        bar = self.query_one(PullBar)
        if bar.model:
            question = f"Stop downloading {bar.model}?"
            detail = "What has arrived stays on the server; downloading it again goes on there."
            if await self.app.push_screen_wait(Confirm(question, detail, yes="Stop")):
                bar.stop()
            return
        hint = "Names are those of ollama.com/library, such as ollama/llama3.1:8b."
        ask = AskText(
            "Download which model?", f"{DOWNLOADS_FROM}/", hint, check=_fault_of, yes="Download"
        )
        model = await self.app.push_screen_wait(ask)
        if model is not None:
            bar.pull(model.strip())

    @on(PullBar.Arrived)
    def _pulled(self, event: PullBar.Arrived) -> None:
        self.tell(f"{event.model} is there. c checks it, t tries it.")
        self.look()

    # ------------------------------------------------------------ the usual model

    @on(ModelList.Chosen)
    @work(exclusive=True, group="ask")
    async def _make_usual(self) -> None:
        with self.told():
            model = self._selected_model()
            variable = variable_name("model")
            detail = f"Writes {variable}={model} to {env_file_shown()}, for designs that name none."
            if exported([variable]):
                detail += f" The environment has another {variable}, which goes before it."
            question = Confirm(
                f"Make {model} the usual model?", detail, yes="Write", is_dangerous=False
            )
            if not await self.app.push_screen_wait(question):
                return
            write_variables({variable: model})
            services = self.laboratory.services
            if not exported([variable]):
                services.settings = services.settings.model_copy(update={"model": model})
            self.tell(f"{model} is the usual model now.")
            self._show()


def _fault_of(model: str) -> str | None:
    provider, slash, name = model.strip().partition("/")
    if provider != DOWNLOADS_FROM or not slash:
        return f"Only models of Ollama are downloaded; write {DOWNLOADS_FROM}/NAME."
    return None if name else "Type the name of a model."
