"""A choice made by a model: scored where it can be, else asked for, else a fallback."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from simulator.domain.models import Completion, ModelBackend
from simulator.domain.prompts import ChatMessage, Prompt

_REMINDERS = (
    "That names none of them, or more than one. Answer with exactly one of: {options}.",
    "Give one of these names and not a word more: {options}.",
)


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen, and how."""

    option: str
    method: str
    """`scored`, `parsed` or `fallback`."""
    scores: tuple[float, ...] = ()
    """Log-probabilities of the options, in nats, where they were scored."""


_NUMBERED = re.compile(r"(?P<role>.*[^\W\d_])_(?P<number>\d+)", re.DOTALL)
"""An option such as Guard_117."""


def named_option(reply: str, options: Sequence[str]) -> str | None:
    """The one option that a reply names; None when it names none or several.

    Names are compared without case, as whole words, a space as good as an underscore; an option
    that is part of a longer option counts only where it stands alone. A reply without any name
    may give the part of a name before its number, or the number: `Guard` or `117` for Guard_117,
    as long as no other option shares it.
    """
    found = _mentioned(reply, {option: {option} for option in options})
    if not found:
        found = _mentioned(reply, _short_names(options))
    return found.pop() if len(found) == 1 else None


def _short_names(options: Sequence[str]) -> dict[str, set[str]]:
    """What else may be said for options, each with all of the options that it may mean."""
    meant: dict[str, set[str]] = {}
    for option in options:
        parts = _NUMBERED.fullmatch(option)
        for short in parts.groups() if parts is not None else ():
            meant.setdefault(short.casefold(), set()).add(option)
    return meant


def _mentioned(reply: str, names: Mapping[str, set[str]]) -> set[str]:
    """All options whose names stand in a reply, longer names first."""
    found: set[str] = set()
    rest = reply
    for name in sorted(names, key=len, reverse=True):
        words = re.escape(name).replace("_", "[ _]")
        rest, hits = re.subn(rf"(?<!\w){words}(?!\w)", "\n", rest, flags=re.IGNORECASE)
        if hits:
            found |= names[name]
    return found


async def choose_by_model(
    backend: ModelBackend,
    prompt: Prompt,
    options: Sequence[str],
    *,
    fallback: str,
    generate: Callable[[Prompt, int], Awaitable[Completion]],
) -> Choice:
    """Let the model choose.

    Args:
        backend: Asked for scores when it can give them.
        prompt: Ends with the question.
        options: At least one, all different.
        fallback: Taken when three replies name no single option.
        generate: Sends a prompt; the number is the attempt, from 0.
    """
    if "score" in backend.abilities:
        scores = await backend.score(prompt, options)
        best = max(range(len(options)), key=lambda place: (scores[place], -place))
        return Choice(options[best], "scored", scores=scores)
    for attempt in range(1 + len(_REMINDERS)):
        reply = await generate(prompt, attempt)
        option = named_option(reply.text, options)
        if option is not None:
            return Choice(option, "parsed")
        if attempt < len(_REMINDERS):
            reminder = _REMINDERS[attempt].format(options=", ".join(options))
            prompt = prompt.extended(
                ChatMessage("assistant", reply.text), ChatMessage("user", reminder)
            )
    return Choice(fallback, "fallback")
