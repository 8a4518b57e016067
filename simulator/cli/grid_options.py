"""The options of `launch` that set and vary what the runs of a batch have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from simulator.cli.launch_options import MEMORIES, SPEAKERS
from simulator.domain.nearest import nearest
from simulator.errors import UsageError

if TYPE_CHECKING:
    from pydantic import JsonValue

    from simulator.domain.parameters import Parameter

_Command = TypeVar("_Command", bound=Callable[..., Any])

PLAIN: Mapping[str, str] = {
    "messages": "messages",
    "days": "days",
    "speaker": "speaker",
    "memory": "memory",
    "temperature": "sampling.temperature",
    "top_p": "sampling.top_p",
    "top_k": "sampling.top_k",
    "max_tokens": "sampling.max_tokens",
    "context_length": "sampling.context_length",
    "reasoning_effort": "sampling.reasoning_effort",
}
"""Parameter of each option that takes nothing but values."""
_LISTED = 40


def grid_options(command: _Command) -> _Command:
    """The options that set parameters over a design; several values are crossed."""
    options = [
        click.option(
            "--model", "-m", "models", multiple=True, metavar="[ROLE=]REF",
            help="Model of everybody, or of a role, `summarizer` or `selector`; several are "
            "crossed.",
        ),
        click.option(
            "--agents", "-a", multiple=True, metavar="ROLE=N,…",
            help="How many agents play each role, such as guard=1..3,prisoner=2.",
        ),
        click.option("--each-agents", is_flag=True,
                     help="Take these as the most: every combination from 1 agent a role up."),
        click.option("--messages", metavar="N,…", help="Messages of the agents, over all days."),
        click.option("--days", metavar="D,…", help="Days, such as 5, or 1..3, or 1,5."),
        click.option("--each-days", is_flag=True,
                     help="Take these as the most: every number of days from 1 up."),
        click.option("--speaker", metavar="METHOD,…",
                     help=f"Who speaks next: {', '.join(SPEAKERS)}."),
        click.option("--memory", metavar="MEMORY,…",
                     help=f"What agents know of earlier days: {', '.join(MEMORIES)}."),
        click.option("--factor", "-f", "factors", multiple=True, metavar="NAME[=LEVEL,…]",
                     help="Levels of a factor; without levels, all of them. Repeatable."),
        click.option("--temperature", metavar="T,…", help="Such as 0.2,0.7."),
        click.option("--top-p", metavar="P,…"),
        click.option("--top-k", metavar="K,…"),
        click.option("--max-tokens", metavar="N,…", help="Longest reply, in tokens."),
        click.option("--context-length", metavar="N,…",
                     help="Tokens of prompt and reply that a server should make room for."),
        click.option("--reasoning-effort", metavar="EFFORT,…",
                     help="How much a reasoning model thinks before it replies."),
        click.option(
            "--set", "sets", multiple=True, metavar="NAME=VALUE,…",
            help="Anything else that a launch can set, such as generations=4. Repeatable.",
        ),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def values_of(
    parameters: Sequence[Parameter], options: Mapping[str, Any]
) -> dict[str, tuple[JsonValue, ...]]:
    """What the options set, by the names of the design's parameters.

    Of a group of counts, such as the agents of each role, the others have the design's own values
    where one is set, so that a condition is called `2v1` although only one number was given.

    Args:
        parameters: What a launch of the design may set.
        options: Those of `grid_options`, by name.

    Raises:
        UsageError: A name is unknown, or a value no good.
    """
    known = {one.name: one for one in parameters}
    up = {name: bool(options.get(f"each_{name}")) for name in ("agents", "days")}
    found: dict[str, list[JsonValue]] = {}
    for option, name, text in _written(options, known):
        counting = up.get(name.partition(".")[0], False)
        _add(found, _parameter(known, option, name), option, text, counting)
    for each, is_wanted in up.items():
        if is_wanted:
            _count_up(found, parameters, each)
    for one in _left_alone(parameters, found):
        _add(found, one, "--agents", one.usual, up["agents"])
    return {name: tuple(dict.fromkeys(values)) for name, values in found.items()}


def _written(
    options: Mapping[str, Any], known: Mapping[str, Parameter]
) -> Iterator[tuple[str, str, str]]:
    """What was typed: the option as it stands, the parameter that it means, and the values."""
    for text in options.get("models", ()):
        role, equals, ref = text.partition("=")
        if not equals or "/" in role or "?" in role:
            role, ref = "", text
        yield f"--model {text}", f"models.{role.strip()}" if role else "model", ref
    for text in options.get("agents", ()):
        for role, counts in _counts(text):
            yield f"--agents {text}", f"agents.{role}" if role else "agents", counts
    for name, parameter in PLAIN.items():
        if (text := options.get(name)) is not None:
            yield f"--{name.replace('_', '-')} {text}", parameter, text
    for text in options.get("factors", ()):
        factor, equals, levels = text.partition("=")
        name = f"levels.{factor.strip()}"
        if not equals and name in known:
            levels = ",".join(known[name].choices)
        yield f"--factor {text}", name, levels
    for text in options.get("sets", ()):
        name, equals, values = text.partition("=")
        if not equals or not name.strip():
            raise UsageError(
                f"--set {text}: this is no name and value.", remedy="Write such as generations=4."
            )
        yield f"--set {text}", name.strip(), values


def _counts(text: str) -> Iterator[tuple[str, str]]:
    """Roles with their numbers; `guard=1,3,prisoner=2` has two numbers of guards."""
    role, numbers = "", list[str]()
    for part in text.split(","):
        name, equals, number = part.partition("=")
        if equals:
            if numbers:
                yield role, ",".join(numbers)
            role, numbers = name.strip(), []
        numbers.append(number if equals else name)
    yield role, ",".join(numbers)


def _parameter(known: Mapping[str, Parameter], option: str, name: str) -> Parameter:
    if name in known:
        return known[name]
    meant = nearest(name, list(known))
    hint = f"Did you mean `{meant}`? " if meant else ""
    listed = list(known)[:_LISTED]
    more = f" and {len(known) - _LISTED} more" if len(known) > _LISTED else ""
    raise UsageError(
        f"{option}: a launch of this design cannot set `{name}`.",
        remedy=f"{hint}It can set {', '.join(listed)}{more}.",
    )


def _add(
    found: dict[str, list[JsonValue]], parameter: Parameter, option: str, text: str, up: bool
) -> None:
    try:
        values = parameter.read(text.strip(), counting_up=up)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None
    if not values:
        raise UsageError(f"{option}: there is no value.", remedy="Write one after the =.")
    found.setdefault(parameter.name, []).extend(values)


def _count_up(
    found: dict[str, list[JsonValue]], parameters: Sequence[Parameter], each: str
) -> None:
    """Count from 1 to the design's own numbers, where none were given."""
    meant = [one for one in parameters if one.may_count_up and each in (one.group, one.name)]
    if not meant:
        raise UsageError(
            f"--each-{each}: a launch of this design cannot count {each} up.",
            remedy="Leave it out.",
        )
    for one in meant:
        if one.name not in found:
            _add(found, one, f"--each-{each}", one.usual, True)


def _left_alone(
    parameters: Sequence[Parameter], found: Mapping[str, Sequence[JsonValue]]
) -> Iterator[Parameter]:
    """The parameters that are not set, of groups of counts in which another one is."""
    counts = [one for one in parameters if one.may_count_up and one.group]
    groups = {one.group for one in counts if one.name in found}
    for one in counts:
        if one.group in groups and one.name not in found:
            yield one
