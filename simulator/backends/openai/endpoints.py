"""Servers that speak OpenAI's API: where they are, and in what they differ from it."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    field_validator,
    model_validator,
)

from simulator.backends.options import Connections
from simulator.domain.nearest import nearest
from simulator.errors import UsageError
from simulator.redaction import Redactor

SHIPPED = Path(__file__).with_name("endpoints.toml")
TAKEN = frozenset({"azure", "hf", "ollama", "pocket", "scripted"})
"""Providers that no table may be named after."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPTIONS = frozenset(
    {"temperature", "top_p", "top_k", "max_tokens", "seed", "stop", "reasoning_effort"}
)
"""What can be sent. No server of this kind takes `context_length`."""


class Endpoint(BaseModel):
    """One table of `endpoints.toml`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    base_url: str
    """What `/chat/completions` is added to."""
    base_url_variables: tuple[str, ...] = ()
    """Variables that put another address in its place, the first that is set. One without a path
    gets the path of `base_url`."""
    key_variables: tuple[str, ...] = ()
    """Variables that may hold the key, the first that is set."""
    key_required: bool = True
    """Whether it answers nobody without a key; of no effect where no variable holds one."""
    is_local: bool = False
    """Whether it runs on the user's own machines, so that its models cost nothing."""
    start: str = ""
    """The command that starts it."""
    start_connections: int = Field(default=8, ge=1)
    """Requests at a time to begin with."""
    most_connections: int = Field(default=200, ge=1)
    """Requests at a time that it is never given more than."""

    options: frozenset[str] = frozenset({"temperature", "top_p", "max_tokens", "seed", "stop"})
    """Sampling options that have their effect. `stop` always has it: what the server does not
    take is applied to its reply."""
    follows_model_families: bool = False
    """Whether OpenAI's rules for its model families hold here."""
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    seed_field: Literal["seed", "random_seed"] = "seed"
    seed_bits: int = Field(default=31, ge=1, le=63)
    """Seeds are sent modulo 2 to this power."""
    stop_limit: int | None = Field(default=4, ge=0)
    """How many stop strings it takes; None is any number."""
    takes_blank_stops: bool = True
    """Whether stop strings may be white space alone."""
    top_logprobs: int = Field(default=0, ge=0)
    """How many of the likeliest first tokens it tells at most; 0 where it tells none."""
    choices: Literal["none", "json_schema", "structured_outputs", "grammar"] = "none"
    """How a reply is held to one of several texts: by a JSON schema as OpenAI has it, by vLLM's
    list of choices, or by llama.cpp's grammar."""
    usage_on_request: bool = True
    """Whether it counts the tokens of a stream only when `stream_options` asks it to."""
    tells_cost: bool = False
    """Whether `usage.cost` is what the call cost in dollars (US)."""
    also_sent: dict[str, JsonValue] = Field(default_factory=dict)
    """Fields of every request, as they are."""
    owner: str = ""
    """Whom its list of models says they belong to, where that tells it from other servers."""
    models_path: str = "/models"
    """Where its models are listed: after `base_url`, or after its host where it begins with
    `//`."""
    checks_names: bool = False
    """Whether it has the models that it lists and no others."""
    ignores_names: bool = False
    """Whether the one model that it has answers to any name."""
    not_for_chat: str = ""
    """A regular expression for names of listed models that do not chat."""

    @field_validator("options")
    @classmethod
    def _known(cls, options: frozenset[str]) -> frozenset[str]:
        if unknown := sorted(options - _OPTIONS):
            raise ValueError(f"{unknown[0]!r} is none of {', '.join(sorted(_OPTIONS))}")
        return options | {"stop"}

    @field_validator("base_url_variables", "key_variables")
    @classmethod
    def _named(cls, variables: tuple[str, ...]) -> tuple[str, ...]:
        for name in variables:
            # It may be the key itself: it is not repeated, nor is what it may look like.
            if not _VARIABLE.fullmatch(name) or Redactor(())(name) != name:
                raise ValueError(
                    "something in it is no name of a variable, of A-Z, 0-9 and _; where it is a "
                    "key, set it as a variable in .env and name that one here"
                )
        return variables

    @field_validator("not_for_chat")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"no regular expression: {error}") from error
        return pattern

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.start_connections > self.most_connections:
            raise ValueError("start_connections is more than most_connections")
        return self

    @property
    def connections(self) -> Connections:
        """How many requests it may be given at a time."""
        return Connections(self.start_connections, self.most_connections)


def load_endpoints(own: Path | None = None) -> Mapping[str, Endpoint]:
    """The shipped endpoints and the user's own, by name.

    A table of the user's that has a shipped name changes what it sets and leaves the rest; `like`
    names a shipped endpoint that a new one begins from.

    Raises:
        UsageError: The user's file cannot be read, or something in it cannot be used.
    """
    if own is None:
        return _shipped()
    try:
        text = own.read_text(encoding="utf-8")
        tables = tomllib.loads(text)
    except OSError as error:
        raise UsageError(f"{own} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise UsageError(f"{own} is no TOML: {error}.") from error
    shipped = _shipped()
    found: dict[str, Endpoint] = {}
    faults: list[str] = []
    for name, table in tables.items():
        try:
            found[name] = _own(name, table, shipped)
        except _Faults as told:
            faults += [_placed(own, text, fault) for fault in told.faults]
    if faults:
        raise EndpointsError(own, tuple(faults))
    return {**shipped, **found}


class EndpointsError(UsageError):
    """The user's file has faults; `problems` has a line for each."""

    def __init__(self, path: Path, problems: tuple[str, ...]) -> None:
        one = len(problems) == 1
        super().__init__(
            f"{problems[0]}." if one else f"{path} has {len(problems)} faults.",
            remedy="docs/models.md lists what an endpoint can be given.",
        )
        self.problems = () if one else problems


@functools.cache
def _shipped() -> Mapping[str, Endpoint]:
    tables = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    return {name: Endpoint.model_validate(table) for name, table in tables.items()}


class _Fault(NamedTuple):
    table: str
    key: str
    problem: str


class _Faults(Exception):
    """What is wrong with one table."""

    def __init__(self, *faults: _Fault) -> None:
        super().__init__()
        self.faults = faults


def _own(name: str, table: object, shipped: Mapping[str, Endpoint]) -> Endpoint:
    if not isinstance(table, dict):
        raise _Faults(_Fault("", name, "every endpoint is a table of its own, as [NAME]"))
    if name in TAKEN:
        raise _Faults(_Fault(name, "", "the name is taken by a provider that is built in"))
    if not _NAME.fullmatch(name):
        raise _Faults(_Fault(name, "", "a name is of a-z, 0-9, - and _ alone"))
    given: dict[str, Any] = dict(table)
    like = str(given.pop("like", name))
    if like in shipped:
        if like != name and given.keys().isdisjoint(("base_url", "base_url_variables")):
            raise _Faults(_Fault(name, "", "it has no base_url: where the server is"))
        given = shipped[like].model_dump(exclude_unset=True) | _addressed(name, like, given)
    elif like != name:
        known = nearest(like, shipped) or ", ".join(shipped)
        raise _Faults(_Fault(name, "like", f"no shipped endpoint {like!r}; try {known}"))
    try:
        return Endpoint.model_validate(given)
    except ValidationError as error:
        raise _Faults(*(_fault(name, dict(told)) for told in error.errors())) from None


def _fault(name: str, told: Mapping[str, Any]) -> _Fault:
    key = str(told["loc"][0]) if told["loc"] else ""
    problem = str(told["msg"]).removeprefix("Value error, ")
    if told["type"] == "extra_forbidden" and (meant := nearest(key, Endpoint.model_fields)):
        problem = f"no such key; did you mean {meant}?"
    return _Fault(name, key, problem)


def _addressed(name: str, like: str, given: dict[str, Any]) -> dict[str, Any]:
    """Another server than the one it is like is not reached by that one's variables."""
    if name == like:
        return given
    return {"base_url_variables": (), "key_variables": ()} | given


def _placed(path: Path, text: str, fault: _Fault) -> str:
    line = _line(text, fault.table, fault.key)
    place = f"{path}, line {line}" if line else str(path)
    named = ".".join(part for part in (fault.table, fault.key) if part)
    return f"{place}: {named}: {fault.problem}"


def _line(text: str, table: str, key: str) -> int | None:
    """The line of a key, or of its table's head where the key is not found; from 1."""
    found: int | None = None
    inside = not table
    for number, line in enumerate(text.splitlines(), 1):
        head = re.match(r"\s*\[\s*[\"']?([^\]\"']+?)[\"']?\s*\]", line)
        if head:
            inside = head[1] == table
            found = number if inside else found
        elif inside and key and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
            return number
    return found
