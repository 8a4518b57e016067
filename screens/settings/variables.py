"""The settings as the screen shows them: what each says, its value and where that comes from."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from os import environ
from typing import Any, Literal, get_args, get_origin

from pydantic import SecretStr, ValidationError

from screens.settings.secret_input import masked
from simulator.settings import Settings, exported, kept_variables, variable_name

Source = Literal["environment", ".env", "usual"]

GROUPS = {
    "store": "Where experiments live",
    "user": "You and your models",
    "log_dir": "The log",
    "max_live_runs": "Runs and limits",
    "max_connections": "How models are asked",
    "cache": "Replies that are kept",
    "endpoints": "Files of your own",
}
"""Titles by the first setting of each group, in the order of `Settings`."""
ADDRESSES = ("store", "mongodb_uri", "db_cluster_url")
"""Settings that are addresses, which may hold a password."""
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


@dataclass(frozen=True, slots=True)
class Variable:
    """One setting."""

    name: str
    """Of its field; of the variable where it has none."""
    variable: str
    """As the environment and `.env` have it."""
    about: str
    is_secret: bool
    choices: tuple[str, ...]
    """Empty for free text."""
    usual: str
    """What holds when it is not set; empty for nothing."""
    value: str
    """As it is set; empty when it is not, and for secrets."""
    is_set: bool
    source: Source
    shown: str = ""
    """Of an address that may hold a password: as it is set, with that masked."""
    is_address: bool = False

    def fault(self, text: str) -> str | None:
        """What is wrong with a value; None when nothing is. An empty one unsets."""
        if not text.strip() or self.name not in Settings.model_fields:
            return None
        key = self.variable if self.variable.lower() == self.name else self.name
        try:
            Settings.model_validate({key: text})
        except ValidationError as error:
            message = error.errors()[0]["msg"].removeprefix("Value error, ")
            return f"{message[:1].upper()}{message[1:]}."
        return None


def variables() -> Iterator[tuple[str, list[Variable]]]:
    """The groups, each with its settings."""
    kept = kept_variables()
    in_environment = set(exported(variable_name(name) for name in Settings.model_fields))
    title, group = "", list[Variable]()
    for name in Settings.model_fields:
        if name in GROUPS:
            if group:
                yield title, group
            title, group = GROUPS[name], []
        group.append(_variable(name, kept, in_environment))
    yield title, group


def set_value(
    variable: str, kept: Mapping[str, str], in_environment: Container[str]
) -> tuple[Source, str]:
    """Where the value of a variable comes from, and the value; empty where it is not set.

    Args:
        variable: Its name.
        kept: Those of `.env`.
        in_environment: Names that the environment has, which goes first.
    """
    if variable in in_environment:
        return "environment", environ[variable]
    if text := kept.get(variable, ""):
        return ".env", text
    return "usual", ""


def _variable(name: str, kept: Mapping[str, str], in_environment: set[str]) -> Variable:
    field, variable = Settings.model_fields[name], variable_name(name)
    is_secret = SecretStr in _types(field.annotation)
    source, text = set_value(variable, kept, in_environment)
    choices: tuple[str, ...] = ()
    if bool in _types(field.annotation):
        choices = ("true", "false")
    elif name == "log_level":
        choices = LEVELS
    return Variable(
        name=name, variable=variable, about=_about(field.description or ""),
        is_secret=is_secret, choices=choices, usual=_written(field.default),
        value="" if is_secret else text, is_set=bool(text), source=source,
        shown=masked(text) if name in ADDRESSES else "", is_address=name in ADDRESSES,
    )  # fmt: skip


def _about(description: str) -> str:
    """What a setting does, in the names that users know."""

    def name(found: re.Match[str]) -> str:
        return variable_name(found[1]) if found[1] in Settings.model_fields else found[0]

    text = re.sub(r"`(\w+)`", name, " ".join(description.split()))
    return re.sub(r"\bNone\b", "unset", re.sub(r"(\A|[.] )None\b", r"\1Unset", text))


def _types(annotation: Any) -> set[Any]:
    arguments = get_args(annotation) if get_origin(annotation) is not None else ()
    found = {annotation}
    for argument in arguments:
        found |= _types(argument)
    return found


def _written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)
