"""The models to launch with: what can be had, and any other by its name."""

from __future__ import annotations

from contextlib import aclosing

from pydantic import JsonValue
from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import Worker, WorkerState

from screens.launch.fields import Field
from screens.launch.offers import Row, pull_text, rows_of
from simulator.catalogue import Catalogue
from simulator.domain.models import EndpointReport
from simulator.domain.parameters import Parameter
from simulator.errors import SimulatorError
from simulator.presentation.safe_text import one_line

NEWS_S = 0.05
"""Between an answer of a provider and its place on the list."""


class ModelChoice(Field):
    """Models to tick; several of them are launched side by side."""

    class Found(Message):
        """More models can be had."""

    def __init__(self, parameter: Parameter, catalogue: Catalogue) -> None:
        super().__init__(parameter)
        self._catalogue = catalogue
        self._reports: dict[str, EndpointReport] = {}
        self._rows: list[Row] = []
        self._pulling: Worker[None] | None = None
        self._news: Timer | None = None
        self.chosen: list[str] = []
        """Ticked models, in that order."""
        self.shown_for = ""
        """What was typed when the list was last drawn."""

    def compose_value(self) -> ComposeResult:
        """A line to filter by, then the list; a line for downloads."""
        yield Static("", classes="chosen", markup=False)

    def compose(self) -> ComposeResult:
        """The choice so far, a line to type in, the list, and a line for downloads."""
        yield from super().compose()
        yield Input(
            placeholder="type to filter, or name any model: provider/model", compact=True,
            id="model-filter", select_on_focus=False,
        )  # fmt: skip
        yield OptionList(id="offered", compact=True, markup=False)
        with Horizontal(id="pull"):
            yield Static("", id="pull-state", markup=False)
            yield Button("Cancel", compact=True, id="pull-cancel")

    def on_mount(self) -> None:
        """Begin with the design's model, and ask who has which."""
        super().on_mount()
        if self.parameter.usual:
            self.chosen = [self.parameter.usual]
        self.query_one("#pull").display = False
        self._draw()
        self.look()

    @property
    def offered(self) -> list[str]:
        """Names of all models that can be had."""
        return [card.model for report in self._reports.values() for card in report.models]

    def values(self) -> tuple[JsonValue, ...]:
        """See the base; the design's model alone leaves roles the models of their own."""
        if not self.chosen:
            raise ValueError("Tick one at least.")
        return () if self.chosen == [self.parameter.usual] else tuple(self.chosen)

    def go_to(self) -> None:
        """See the base."""
        self.screen.set_focus(self.query_one("#model-filter"))

    @work(exclusive=True, group="offers")
    async def look(self) -> None:
        """Ask every provider what it offers now."""
        self._reports = {}
        self._draw()
        async for report in self._catalogue.reports(self._catalogue.providers()):
            self._reports[report.provider] = report
            if self._news is None:
                self._news = self.set_timer(NEWS_S, self._tell_news)

    def _tell_news(self) -> None:
        """Several answers at once, since many come in the same moment."""
        self._news = None
        self._draw()
        self.post_message(self.Found())

    # ------------------------------------------------------------ the list

    def _draw(self) -> None:
        listed = self.query_one("#offered", OptionList)
        before = listed.highlighted
        under = None if before is None else self._rows[before]
        typed = self.shown_for = self.query_one("#model-filter", Input).value
        self._rows = rows_of(self._reports, self._catalogue.providers(), self.chosen, typed)
        listed.set_options(Option(row.text, disabled=row.act == "none") for row in self._rows)
        places = [place for place, row in enumerate(self._rows) if row.act != "none"]
        again = [place for place in places if under and self._rows[place].is_same(under)]
        listed.highlighted = next(iter(again or places), None)
        names = ", ".join(one_line(model) for model in self.chosen)
        is_usual = self.chosen == [self.parameter.usual]
        self.query_one(".chosen", Static).update(f"{names} (as designed)" if is_usual else names)

    @on(Input.Changed, "#model-filter")
    def _filtered(self, event: Input.Changed) -> None:
        event.stop()
        self._draw()

    @on(Input.Submitted, "#model-filter")
    def _entered(self, event: Input.Submitted) -> None:
        """Take the row under the cursor; with nothing typed, go on."""
        event.stop()
        listed = self.query_one("#offered", OptionList)
        if not event.value.strip():
            self.post_message(self.Done())
        elif listed.highlighted is None:
            self.tell(f"No provider has {event.value!r}; name a model as provider/model.")
        else:
            self._take(self._rows[listed.highlighted])

    @on(OptionList.OptionSelected, "#offered")
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._take(self._rows[event.option_index])

    def key_space(self, event: events.Key) -> None:
        """Tick the model under the cursor."""
        listed = self.query_one("#offered", OptionList)
        if listed.has_focus and listed.highlighted is not None:
            event.stop()
            self._take(self._rows[listed.highlighted])

    def key_down(self, event: events.Key) -> None:
        """From the line into the list."""
        if self.query_one("#model-filter").has_focus:
            event.stop()
            self.screen.set_focus(self.query_one("#offered"))

    def _take(self, row: Row) -> None:
        if row.act == "toggle":
            self.toggle(row.model)
        elif row.act == "pull":
            self.pull(row.model)

    def toggle(self, model: str) -> None:
        """Tick a model, or no longer."""
        if model in self.chosen:
            self.chosen.remove(model)
        else:
            self.chosen.append(model)
        self._draw()
        self.post_message(self.Changed())

    # ------------------------------------------------------------ downloads

    def pull(self, model: str) -> None:
        """Download a model, then tick it."""
        self._pulling = self._pull(model)

    @work(exclusive=True, group="pull", exit_on_error=False)
    async def _pull(self, model: str) -> None:
        line = self.query_one("#pull")
        state = self.query_one("#pull-state", Static)
        state.update(f"{one_line(model)}: asking its server")
        line.display = True
        self.tell("")
        try:
            async with aclosing(self._catalogue.pull(model)) as news:
                async for progress in news:
                    state.update(pull_text(model, progress))
        except SimulatorError as error:
            self.tell(f"{error.message} {error.remedy or ''}".rstrip())
            return
        finally:
            line.display = False
        if model not in self.chosen:
            self.toggle(model)
        self.query_one("#model-filter", Input).value = ""
        self.look()

    @on(Button.Pressed, "#pull-cancel")
    def _cancelled(self, event: Button.Pressed) -> None:
        event.stop()
        if self._pulling is not None and self._pulling.state == WorkerState.RUNNING:
            self._pulling.cancel()
            self.tell("The download was given up; what has come so far is kept by its server.")
