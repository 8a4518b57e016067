"""The form: a field for everything that a launch may set, in groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pydantic import JsonValue
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, ItemGrid, VerticalScroll
from textual.message import Message
from textual.widgets import Static

from screens.launch.draft import Draft
from screens.launch.fields import ChoiceField, CountUp, Field, TypedField
from screens.launch.model_choice import ModelChoice
from simulator.catalogue import Catalogue
from simulator.domain.parameters import Parameter
from simulator.errors import UsageError
from simulator.presentation.safe_text import one_line

_FIELD_COLUMNS = 28
"""Of a field that shares its line with others, at least."""


class LaunchForm(VerticalScroll, can_focus=False):
    """All fields; made from what the design's kind says of them."""

    class Changed(Message):
        """Something else is typed or ticked."""

    class Done(Message):
        """Enter was pressed in a field."""

    def __init__(
        self, parameters: Sequence[Parameter], options: Sequence[Parameter], catalogue: Catalogue
    ) -> None:
        """Make the form.

        Args:
            parameters: What the launch may set over the design.
            options: What it sets beside that; see `run_options`.
            catalogue: Knows which models can be had.
        """
        super().__init__(id="form")
        self._parameters = tuple(parameters)
        self._options = tuple(options)
        first_model = next((one.name for one in parameters if one.type == "model"), None)
        self._fields: dict[str, Field] = {
            one.name: ModelChoice(one, catalogue)
            if one.name == first_model
            else ChoiceField(one)
            if one.type == "choice"
            else TypedField(one)
            for one in self._parameters
        }
        self._option_fields = {one.name: TypedField(one, is_single=True) for one in self._options}

    def compose(self) -> ComposeResult:
        """The groups, each under its name."""
        for group, names in _grouped(self._parameters):
            yield from self._group(group, [self._fields[name] for name in names])
        yield from self._group("runs", list(self._option_fields.values()))

    def _group(self, name: str, fields: Sequence[Field]) -> ComposeResult:
        if name:
            yield Static(one_line(name), classes="group-name", markup=False)
        short = [field for field in fields if isinstance(field, TypedField)]
        yield from (field for field in fields if isinstance(field, ModelChoice))
        yield from self._short_fields(name, short)
        yield from (field for field in fields if isinstance(field, ChoiceField))

    def _short_fields(self, group: str, short: Sequence[TypedField]) -> ComposeResult:
        """Several in a line, with a box for those that can be meant as maxima."""
        counting = [field for field in short if field.parameter.may_count_up]
        if group or not counting:
            if short:
                with ItemGrid(min_column_width=_FIELD_COLUMNS, classes="fields"):
                    yield from short
            if counting:
                yield CountUp(counting)
            return
        for field in short:
            with Horizontal(classes="with-count-up"):
                yield field
                if field.parameter.may_count_up:
                    yield CountUp([field])

    def field(self, name: str) -> Field:
        """The field of a parameter or option. Raises KeyError."""
        return (self._fields | self._option_fields)[name]

    def read(self) -> Draft | None:
        """What the fields say, with what is wrong shown beside each; None if anything is."""
        values = self._values(self._fields)
        options = self._values(self._option_fields)
        if values is None or options is None:
            return None
        try:
            return Draft.of(self._parameters, values, options)
        except UsageError as error:
            self.screen.notify(one_line(error.message), severity="error", markup=False)
            return None

    def _values(self, fields: Mapping[str, Field]) -> dict[str, Sequence[JsonValue]] | None:
        found: dict[str, Sequence[JsonValue]] = {}
        is_sound = True
        for name, field in fields.items():
            try:
                found[name] = field.values()
            except ValueError as fault:
                field.tell(str(fault))
                is_sound = False
            else:
                field.tell("")
        return found if is_sound else None

    @property
    def faulty(self) -> list[Field]:
        """Fields in which something is wrong."""
        return [field for field in self.query(Field) if field.has_class("-wrong")]

    @on(Field.Changed)
    def _changed(self, event: Field.Changed) -> None:
        event.stop()
        self.post_message(self.Changed())

    @on(Field.Done)
    def _done(self, event: Field.Done) -> None:
        event.stop()
        self.post_message(self.Done())

    @on(ModelChoice.Found)
    def _found(self, event: ModelChoice.Found) -> None:
        """Offer the models to the other fields that take one."""
        event.stop()
        for choice in self.query(ModelChoice):
            for field in self.query(TypedField):
                if field.parameter.type == "model":
                    field.suggest(choice.offered)


def _grouped(parameters: Sequence[Parameter]) -> Iterator[tuple[str, list[str]]]:
    """Neighbours of one group together."""
    group, names = "", list[str]()
    for parameter in parameters:
        if names and parameter.group != group:
            yield group, names
            names = []
        group = parameter.group
        names.append(parameter.name)
    if names:
        yield group, names
