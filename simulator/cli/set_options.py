"""What `run --set` sets over a design, by the names that launch forms have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from simulator.errors import UsageError

if TYPE_CHECKING:
    from simulator.domain.grids import Axis, Grid
    from simulator.domain.parameters import Parameter

_Command = TypeVar("_Command", bound=Callable[..., Any])
_LISTED = 40


def set_option(command: _Command) -> _Command:
    """Any setting of a launch; several values are crossed."""
    option = click.option(
        "--set", "sets", multiple=True, metavar="NAME=VALUE[,VALUE…]",
        help="Anything else that a launch can set, such as generations=4; several values are "
        "played each, and crossed with those of other --set. Repeatable.",
    )  # fmt: skip
    return option(command)


def grid_of(
    parameters: Sequence[Parameter], sets: Sequence[str], settings: Mapping[str, Any]
) -> Grid:
    """What is set for all, and what varies.

    Args:
        parameters: What a launch of the design may set.
        sets: As somebody typed them.
        settings: Of other options, for all runs.

    Raises:
        UsageError: A name is unknown, or a value no good.
    """
    from simulator.domain.grids import Axis, Grid, Option

    known = {one.name: one for one in parameters}
    axes = [_axis(known, text) for text in sets]
    return Grid((Axis("parameters", (Option("", settings),)), *axes))


def _axis(known: Mapping[str, Parameter], text: str) -> Axis:
    name, equals, values = (part.strip() for part in text.partition("="))
    if not equals or not name or not values:
        raise UsageError(
            f"--set {text}: this is no name and value.", remedy="Write such as generations=4."
        )
    if name not in known:
        from difflib import get_close_matches

        near = get_close_matches(name, known, 3) or list(known)[:_LISTED]
        raise UsageError(
            f"--set {text}: a launch of this design cannot set `{name}`.",
            remedy=f"It can set {', '.join(near)}.",
        )
    try:
        found = known[name].read(values)
    except ValueError as error:
        raise UsageError(f"--set {text}: {error}") from None
    if not found:
        raise UsageError(f"--set {text}: there is no value.", remedy="Write one after the =.")
    return known[name].axis(found)
