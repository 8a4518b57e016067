"""What the form says, read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from screens.launch.run_options import RunOptions
from simulator.domain.grids import Grid
from simulator.domain.parameters import Parameter, axes_of


@dataclass(frozen=True, slots=True)
class Draft:
    """A launch that could be started."""

    grid: Grid
    options: RunOptions

    @classmethod
    def of(
        cls,
        parameters: Sequence[Parameter],
        values: Mapping[str, Sequence[JsonValue]],
        options: Mapping[str, Sequence[JsonValue]],
    ) -> Draft:
        """The draft of values.

        Args:
            parameters: Those of the design.
            values: What is set, by their names.
            options: What is set of `RunOptions`.

        Raises UsageError when the values make no grid.
        """
        chosen = {name: listed[0] for name, listed in options.items() if listed}
        return cls(
            Grid(axes_of(parameters, whole_groups(parameters, values))),
            RunOptions.model_validate(chosen),
        )


def whole_groups(
    parameters: Sequence[Parameter], values: Mapping[str, Sequence[JsonValue]]
) -> dict[str, Sequence[JsonValue]]:
    """The values, with the design's own where others of the same group are varied.

    So that a group of agents is called `2v1` although only the first number was typed.
    """
    groups: dict[str, list[Parameter]] = {}
    for parameter in parameters:
        if parameter.may_count_up and parameter.group:
            groups.setdefault(parameter.group, []).append(parameter)
    whole = dict(values)
    for group in groups.values():
        if any(whole.get(parameter.name) for parameter in group):
            for parameter in group:
                if not whole.get(parameter.name):
                    whole[parameter.name] = parameter.read(parameter.usual)
    return whole
