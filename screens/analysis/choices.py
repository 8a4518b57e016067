"""The two lines in which the user chooses what to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Button, Select

from screens.analysis.viewing import SHAPES, Choice, Shape
from simulator.analysis.grouping import STEP_GROUPINGS
from simulator.analysis.measures import MEASURES
from simulator.presentation.findings import grouping_text
from simulator.presentation.safe_text import one_line

NOTHING = ""
"""Chosen where nothing is grouped by."""
_NEXT: dict[Shape, Shape] = {"bars": "turns", "turns": "spread", "spread": "bars"}


class Choices(Vertical):
    """Experiment and runs; measure, groupings and plot."""

    class ExperimentChosen(Message):
        """Another experiment is wanted."""

        def __init__(self, experiment_id: str) -> None:
            super().__init__()
            self.experiment_id = experiment_id

    class RunsWanted(Message):
        """The list of runs is wanted."""

    class Changed(Message):
        """Another measure, grouping or plot is wanted."""

    _offered: frozenset[str] = frozenset()

    def compose(self) -> ComposeResult:
        """Fields as small as they can be."""
        with Horizontal():
            yield Select[str](
                [], prompt="Choose an experiment", id="experiment", allow_blank=True, compact=True,
                tooltip="Whose runs",
            )  # fmt: skip
            yield Button("no runs", id="runs", compact=True, tooltip="Choose among them")
        with Horizontal(id="measuring"):
            yield Select(
                [(name, name) for name in MEASURES], value="messages", id="measure",
                allow_blank=False, compact=True, tooltip="What is measured",
            )  # fmt: skip
            groupings = list(STEP_GROUPINGS)
            for place, (word, chosen) in enumerate((("by", "agent"), ("and", "day"))):
                yield Select(
                    _grouping_options(word, groupings), value=chosen, id=f"by{place}",
                    allow_blank=False, compact=True, tooltip="What it is grouped by",
                )  # fmt: skip
            yield Select(
                [(name, shape) for shape, name in SHAPES.items()], value="bars", id="shape",
                allow_blank=False, compact=True, tooltip="How it is plotted",
            )  # fmt: skip

    # ------------------------------------------------------------ what is chosen

    @property
    def choice(self) -> Choice:
        """What is chosen of the second line."""
        by = dict.fromkeys(str(self._select(f"by{place}").value) for place in (0, 1))
        shape: Any = self._select("shape").value
        return Choice(
            MEASURES[str(self._select("measure").value)],
            tuple(name for name in by if name != NOTHING), shape,
        )  # fmt: skip

    def offer_experiments(self, names: Mapping[str, str]) -> None:
        """Let the user choose among experiments, by id."""
        self._offered = frozenset(names)
        with self.prevent(Select.Changed):
            self._select("experiment").set_options(
                [(Text(one_line(name)), id_) for id_, name in names.items()]
            )

    def show_experiment(self, experiment_id: str) -> None:
        """Show which one is chosen."""
        if experiment_id in self._offered:
            with self.prevent(Select.Changed):
                self._select("experiment").value = experiment_id

    def show_runs(self, text: str) -> None:
        """Say which runs are chosen."""
        self.query_one("#runs", Button).label = text

    def offer_groupings(self, groupings: Sequence[str]) -> None:
        """Let the user group by these; what is chosen stays where it can."""
        for place, word in enumerate(("by", "and")):
            select = self._select(f"by{place}")
            value = select.value if select.value in groupings else NOTHING
            with self.prevent(Select.Changed):
                select.set_options(_grouping_options(word, groupings))
                select.value = value

    def show_measuring(self, *, shown: bool) -> None:
        """Show or hide the line of measure, groupings and plot."""
        self.query_one("#measuring").display = shown

    def next_shape(self) -> None:
        """Plot it otherwise."""
        select = self._select("shape")
        shape: Any = select.value
        select.value = _NEXT[shape]

    def _select(self, name: str) -> Select[str]:
        return self.query_one(f"#{name}", Select)

    @on(Select.Changed)
    def _changed(self, event: Select.Changed) -> None:
        event.stop()
        if event.select.id != "experiment":
            self.post_message(self.Changed())
        elif isinstance(event.value, str):
            self.post_message(self.ExperimentChosen(event.value))

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(self.RunsWanted())


def _grouping_options(word: str, groupings: Sequence[str]) -> list[tuple[Text, str]]:
    named = [(Text(f"{word} {grouping_text(name)}"), name) for name in groupings]
    return [*named, (Text(f"{word} nothing"), NOTHING)]
