"""Counts and levels for which prompts are previewed."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue
from textual.containers import ItemGrid

from screens.editor.stepper import Stepper
from simulator.domain.grids import merged
from simulator.domain.parameters import Parameter

MOST = 20
"""Highest count that can be previewed, unless the design has a higher one."""


def is_of_prompts(parameter: Parameter) -> bool:
    """Whether it changes what agents read: how many there are, and the levels of factors."""
    if parameter.type == "count":
        return parameter.may_count_up
    return parameter.type == "choice" and bool(parameter.group and parameter.usual)


class PreviewChoices(ItemGrid):
    """A stepper for each parameter that changes prompts; it begins with the design's own value."""

    def __init__(self) -> None:
        super().__init__(id="preview-choices", min_column_width=24)
        self._parameters: dict[str, Parameter] = {}
        self._chosen: dict[str, str] = {}

    async def offer(self, parameters: Sequence[Parameter]) -> None:
        """Have other parameters; what was chosen stays where it still can be."""
        wanted = {one.name: one for one in filter(is_of_prompts, parameters)}
        shapes = [[_shape(one) for one in each.values()] for each in (self._parameters, wanted)]
        self._parameters = wanted
        if shapes[0] == shapes[1]:
            return
        await self.remove_children("*")
        steppers = []
        for name, parameter in wanted.items():
            values = _values(parameter)
            if self._chosen.get(name) not in values:
                self._chosen.pop(name, None)
            value = self._chosen.get(name, parameter.usual)
            steppers.append(Stepper(name, parameter.label, values, value))
        await self.mount(*steppers)

    @property
    def settings(self) -> dict[str, JsonValue]:
        """The parameters of a launch with these values."""
        return merged(
            parameter.setting(int(value) if parameter.type == "count" else value)
            for name, parameter in self._parameters.items()
            if (value := self._chosen.get(name)) is not None
        )

    def on_stepper_changed(self, event: Stepper.Changed) -> None:
        """Keep what is chosen; the message goes on to who shows the prompts."""
        self._chosen[event.stepper.key] = event.stepper.value


def _shape(parameter: Parameter) -> tuple[str, str, tuple[str, ...]]:
    return parameter.name, parameter.usual, parameter.choices


def _values(parameter: Parameter) -> list[str]:
    if parameter.choices:
        return list(parameter.choices)
    usual = int(parameter.usual) if parameter.usual.isdecimal() else 1
    return [str(number) for number in range(1, max(MOST, usual) + 1)]
