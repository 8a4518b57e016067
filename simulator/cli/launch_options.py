"""The options of a launch, and the parameters that they mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import click

from simulator.errors import UsageError

SPEAKERS = (
    "round_robin", "random", "weighted", "role_alternating", "addressed", "auto", "manual",
)  # fmt: skip
MEMORIES = ("summaries", "full", "none")
EFFORTS = ("none", "minimal", "low", "medium", "high")
LARGEST_SEED = 2**63 - 1

_Command = TypeVar("_Command", bound=Callable[..., Any])


pace_option = click.option(
    "--pace", type=click.FloatRange(0, 60), default=0.0, metavar="SECONDS",
    help="Wait so long before each message of a single run, to read along.",
)  # fmt: skip


def launch_options(command: _Command) -> _Command:
    """The options that set parameters over a design."""
    options = [
        click.option(
            "--model", "-m", "models", multiple=True, metavar="[ROLE=]REF",
            help="Model of everybody, or of a role, `summarizer` or `selector`; repeatable.",
        ),
        click.option(
            "--agents", "-a", multiple=True, metavar="ROLE=N,…",
            help="How many agents play each role, such as guard=2,prisoner=1.",
        ),
        click.option("--messages", type=click.IntRange(min=1), metavar="N",
                     help="Messages of the agents, over all days."),
        click.option("--days", type=click.IntRange(min=1), metavar="D", help="Days."),
        click.option("--speaker", type=click.Choice(SPEAKERS), help="Who speaks next."),
        click.option("--memory", type=click.Choice(MEMORIES),
                     help="What agents know of earlier days."),
        click.option("--factor", "-f", "factors", multiple=True, metavar="NAME=LEVEL",
                     help="Level of a factor; repeatable."),
        click.option("--temperature", type=click.FloatRange(0, 2), metavar="T"),
        click.option("--top-p", type=click.FloatRange(0, 1, min_open=True), metavar="P"),
        click.option("--top-k", type=click.IntRange(min=1), metavar="K"),
        click.option("--max-tokens", type=click.IntRange(min=1), metavar="N",
                     help="Longest reply, in tokens."),
        click.option("--context-length", type=click.IntRange(min=1), metavar="N",
                     help="Tokens of prompt and reply that a server should make room for."),
        click.option("--reasoning-effort", type=click.Choice(EFFORTS),
                     help="How much a reasoning model thinks before it replies."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def launch_parameters(
    *,
    models: Sequence[str] = (),
    agents: Sequence[str] = (),
    messages: int | None = None,
    days: int | None = None,
    speaker: str | None = None,
    memory: str | None = None,
    factors: Sequence[str] = (),
    temperature: float | None = None,
    top_p: float | None = None,
    top_k: int | None = None,
    max_tokens: int | None = None,
    context_length: int | None = None,
    reasoning_effort: str | None = None,
) -> dict[str, Any]:
    """The parameters of a launch, as `Services.launch` takes them.

    Raises:
        UsageError: An option has no usable value.
    """
    sampling = {
        "temperature": temperature, "top_p": top_p, "top_k": top_k, "max_tokens": max_tokens,
        "context_length": context_length, "reasoning_effort": reasoning_effort,
    }  # fmt: skip
    by_role = [_split_model(model) for model in models]
    everybody = [ref for role, ref in by_role if role is None]
    if len(everybody) > 1:
        raise UsageError(
            f"--model is given for everybody twice: {everybody[0]} and {everybody[1]}.",
            remedy="Name roles for the others, such as --model guard=REF.",
        )
    counts = [part for text in agents for part in text.split(",") if part.strip()]
    parameters: dict[str, Any] = {
        "model": everybody[0] if everybody else None,
        "models": [{"name": role, "value": ref} for role, ref in by_role if role is not None],
        "agents": [_count(part) for part in counts],
        "levels": [_level(text) for text in factors],
        "messages": messages,
        "days": days,
        "speaker": speaker,
        "memory": memory,
        "sampling": {name: value for name, value in sampling.items() if value is not None},
    }
    _once("--model", (entry["name"] for entry in parameters["models"]))
    _once("--agents", (entry["role"] for entry in parameters["agents"]))
    _once("--factor", (entry["name"] for entry in parameters["levels"]))
    return {name: value for name, value in parameters.items() if value not in (None, [], {})}


def _split_model(text: str) -> tuple[str | None, str]:
    role, equals, ref = text.partition("=")
    if not equals or "/" in role or "?" in role:
        role, ref = "", text
    if not ref.strip() or (equals and not role.strip() and ref != text):
        raise UsageError(f"--model {text}: there is no model.", remedy="Write ROLE=REF or REF.")
    return role.strip() or None, ref.strip()


def _count(text: str) -> dict[str, Any]:
    role, equals, count = text.partition("=")
    if not equals or not role.strip() or not count.strip().isdecimal() or int(count) < 1:
        raise UsageError(
            f"--agents {text.strip()}: this is no role and number.",
            remedy="Write a role and a number from 1, such as guard=2,prisoner=1.",
        )
    return {"role": role.strip(), "count": int(count)}


def _level(text: str) -> dict[str, Any]:
    name, equals, level = text.partition("=")
    if not equals or not name.strip() or not level.strip():
        raise UsageError(
            f"--factor {text}: this is no factor and level.",
            remedy="Write NAME=LEVEL, such as goal=escape.",
        )
    return {"name": name.strip(), "value": level.strip()}


def _once(option: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise UsageError(f"{option} is given for {name!r} twice.", remedy="Give it once.")
        seen.add(name)
