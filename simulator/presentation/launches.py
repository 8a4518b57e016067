"""A launch as commands and as YAML, to be copied."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from simulator.domain.grids import Grid
from simulator.files.styles import dumped

PROGRAM = "python main.py"
COMMANDS_SHOWN = 200
"""Conditions whose commands are written out."""


@dataclass(frozen=True, slots=True)
class Launch:
    """What somebody is about to start."""

    experiment_id: str
    name: str
    """Of the experiment."""
    grid: Grid
    repeat: int
    seed: int | None
    """None draws one."""
    cost_usd: float | None = None
    """Dollars (US) that all runs may cost together; None does not limit."""
    tokens: int | None = None
    """Tokens that they may use together."""


def commands_text(launch: Launch) -> str:
    """A command for each condition; runs of the same seed differ in nothing but the condition."""
    lines = []
    for place in range(min(launch.grid.size, COMMANDS_SHOWN)):
        lines.append(_command(launch, launch.grid.cell(place).parameters))
    if launch.grid.size > COMMANDS_SHOWN:
        lines.append(f"# … and {launch.grid.size - COMMANDS_SHOWN:,} more conditions")
    if launch.seed is None and launch.grid.size > 1:
        lines.insert(0, "# Give all of them the same --seed to compare conditions run by run.")
    return "\n".join(lines) + "\n"


def yaml_text(launch: Launch) -> str:
    """The launch as a document: what varies, with what each value sets over the design."""
    document: dict[str, JsonValue] = {
        "experiment": launch.experiment_id,
        "name": launch.name,
        "repeat": launch.repeat,
    }
    for name, value in (
        ("seed", launch.seed), ("cost_limit_usd", launch.cost_usd), ("token_limit", launch.tokens),
    ):  # fmt: skip
        if value is not None:
            document[name] = value
    document["axes"] = {
        axis.name: {option.label: dict(option.parameters) for option in axis.options}
        for axis in launch.grid.axes
    }
    return dumped(document)


def _command(launch: Launch, parameters: Mapping[str, JsonValue]) -> str:
    words = ["run", launch.experiment_id, *option_words(parameters)]
    if launch.repeat > 1:
        words += ["--repeat", str(launch.repeat)]
    if launch.seed is not None:
        words += ["--seed", str(launch.seed)]
    if launch.cost_usd is not None:
        words += ["--cost-limit", f"{launch.cost_usd:.10g}"]
    if launch.tokens is not None:
        words += ["--token-limit", str(launch.tokens)]
    return f"{PROGRAM} {shlex.join(words)}"


def option_words(parameters: Mapping[str, JsonValue], within: str = "") -> Iterator[str]:
    """The options that set these parameters; the command line reads them back as the same.

    Args:
        parameters: Of a launch, as the kind's `resolve` takes them.
        within: Names of what they are parts of, each with a dot behind it.
    """
    for key, value in parameters.items():
        name = f"{within}{key}"
        if name in _SEPARATED:
            text = json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping) else value
            yield from ("--set", f"{name}={str(text).replace('|', _BAR)}")
        elif isinstance(value, Mapping):
            yield from option_words(value, f"{name}.")
        elif isinstance(value, list):
            yield from _list_words(name, value)
        elif name in _OPTIONS:
            option = name.removeprefix("sampling.").replace("_", "-")
            yield from (f"--{option}", _value(value))
        else:
            yield from ("--set", f"{name}={_value(value)}")


def _list_words(name: str, entries: list[JsonValue]) -> Iterator[str]:
    pairs = [_pair(entry) for entry in entries]
    if name not in _LISTS or not all(isinstance(entry, Mapping) for entry in entries):
        yield from ("--set", f"{name}={','.join(pairs)}")
        return
    option, joint = _LISTS[name]
    for pair in [joint.join(pairs)] if joint else pairs:
        yield from (f"--{option}", pair)


_OPTIONS = (
    "model", "messages", "days", "speaker", "memory", "sampling.temperature", "sampling.top_p",
    "sampling.top_k", "sampling.max_tokens", "sampling.context_length",
    "sampling.reasoning_effort",
)  # fmt: skip
"""Parameters that have options of their own; the others are for `--set`."""
_SEPARATED = ("bias.text", "bias.direction", "world.settings")
"""Texts of which several stand between bars, and documents."""
_BAR = "\\|"
"""One that belongs to a text."""
_LISTS = {"models": ("model", ""), "agents": ("agents", ","), "levels": ("factor", "")}


def _pair(entry: JsonValue) -> str:
    if not isinstance(entry, Mapping):
        return _value(entry)
    return "=".join(_value(value) for value in entry.values())


def _value(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.10g}" if isinstance(value, float) else str(value)
