"""The options that say how models are asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from simulator.cli.session import Session

_Command = TypeVar("_Command", bound=Callable[..., Any])


def _set(context: click.Context, parameter: click.Parameter, value: object) -> None:
    if value is not None and parameter.name is not None:
        context.ensure_object(Session).model_settings[parameter.name] = value


def model_options(command: _Command) -> _Command:
    """The options that go over the settings of models; a command does not get them itself."""
    path = click.Path(path_type=Path)
    options = [
        click.option(
            "--max-connections", type=click.IntRange(min=1), metavar="N",
            callback=_set, expose_value=False,
            help="Requests to one server at a time, instead of as many as it takes"
            "  [env: SIMULATOR_MAX_CONNECTIONS]",
        ),
        click.option(
            "--cache/--no-cache", default=None, callback=_set, expose_value=False,
            help="Take replies to equal requests from earlier runs  [env: SIMULATOR_CACHE]",
        ),
        click.option(
            "--record", type=path, metavar="FILE", callback=_set, expose_value=False,
            help="Add every request and reply to a file  [env: SIMULATOR_RECORD]",
        ),
        click.option(
            "--replay", type=path, metavar="FILE", callback=_set, expose_value=False,
            help="Take every reply from such a file and ask no model  [env: SIMULATOR_REPLAY]",
        ),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def model_words(settings: Mapping[str, object]) -> list[str]:
    """The options that set these again, to be pasted."""
    words: list[str] = []
    for name, value in settings.items():
        option = name.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{option}" if value else f"--no-{option}")
        else:
            words += [f"--{option}", str(value)]
    return words
