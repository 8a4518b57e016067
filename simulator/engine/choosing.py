"""A choice made by a model: scored where it can be, else asked for, else a fallback."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from simulator.domain.models import Completion, TokenLogprob
from simulator.domain.prompts import ChatMessage, Prompt
from simulator.engine.asking import Asking

LETTERS = ascii_uppercase
LETTER_ATTEMPT = 3
"""Comes after the attempts of asking, so that their seeds do not depend on this one."""
TOP_LOGPROBS = 20
"""As many as the common servers report."""
LEAST_LETTER_MASS = 0.5
REASONING_TOKENS = 4096
"""For a choice by a model that thinks before it names an option."""
_REMINDERS = (
    "That names none of them, or more than one. Answer with exactly one of: {options}.",
    "Give one of these names and not a word more: {options}.",
)


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen, and how."""

    option: str
    method: str
    """`scored`, `logprobs`, `constrained`, `parsed` or `fallback`."""
    scores: tuple[float, ...] = ()
    """Log-probabilities of the options, in nats, where the model gave any."""


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
    asking: Asking, prompt: Prompt, options: Sequence[str], *, fallback: str
) -> Choice:
    """Let the model choose, in the surest way that it is able to.

    With exact probabilities of the options where it has them; with those of letters that stand
    for the options, the first token of a reply; held to the options by its server; or by asking,
    with two reminders. A way that turns out not to work is followed by the next one. A model that
    has used up its limit of tokens before it said a word, as by reasoning, gets a longer one.

    Args:
        asking: Sends what is asked.
        prompt: Ends with the question.
        options: At least one, all different.
        fallback: Taken when none of the replies names a single option.
    """
    backend = asking.backend
    if "score" in backend.abilities:
        scores = await backend.score(prompt, options)
        return Choice(_likeliest(options, scores), "scored", scores)
    if "logprobs" in backend.abilities and len(options) <= len(LETTERS):
        reply = await asking.reply(
            lettered(prompt, options), LETTER_ATTEMPT, top_logprobs=TOP_LOGPROBS, max_tokens=1
        )
        scores = letter_scores(reply.first_token, len(options))
        if scores:
            return Choice(_likeliest(options, scores), "logprobs", scores)
    if "choices" in backend.abilities:
        reply = await asking.reply(prompt, 0, choices=tuple(options))
        if _ran_out(reply):
            reply = await asking.reply(
                prompt, 0, choices=tuple(options), max_tokens=REASONING_TOKENS
            )
        option = named_option(reply.text, options)
        if option is not None:
            return Choice(option, "constrained" if reply.text == option else "parsed")
        prompt = _reminded(prompt, reply.text, _REMINDERS[0], options)
    for attempt in range(1 + len(_REMINDERS)):
        reply = await asking.reply(prompt, attempt)
        if _ran_out(reply):
            reply = await asking.reply(prompt, attempt, max_tokens=REASONING_TOKENS)
        option = named_option(reply.text, options)
        if option is not None:
            return Choice(option, "parsed")
        if attempt < len(_REMINDERS):
            prompt = _reminded(prompt, reply.text, _REMINDERS[attempt], options)
    return Choice(fallback, "fallback")


def lettered(prompt: Prompt, options: Sequence[str]) -> Prompt:
    """The question again, with a letter for each option to be answered with."""
    listed = "\n".join(
        f"{letter}: {option}" for letter, option in zip(LETTERS, options, strict=False)
    )
    return prompt.extended(
        ChatMessage("user", f"{listed}\nAnswer with the letter of your choice alone.")
    )


def letter_scores(first_token: Sequence[TokenLogprob], options: int) -> tuple[float, ...]:
    """Log-probability of each letter among the letters, in nats; empty when they say little.

    Tokens that are a letter but for blanks and case count for it. Together the letters must hold
    half of the probability, or the model did not understand the question; a letter that is not
    among the tokens reported is taken to be as probable as the least probable of those.
    """
    floor = min((token.logprob for token in first_token), default=0.0)
    mass = dict.fromkeys(LETTERS[:options], 0.0)
    for token in first_token:
        letter = token.token.strip().upper()
        if letter in mass:
            mass[letter] += math.exp(token.logprob)
    total = sum(mass.values())
    if total < LEAST_LETTER_MASS:
        return ()
    return tuple(
        round((math.log(part) if part else floor) - math.log(total), 6) for part in mass.values()
    )


def _ran_out(reply: Completion) -> bool:
    return reply.stop_reason == "length" and not reply.text.strip()


def _likeliest(options: Sequence[str], scores: Sequence[float]) -> str:
    return options[max(range(len(options)), key=lambda place: (scores[place], -place))]


def _reminded(prompt: Prompt, reply: str, reminder: str, options: Sequence[str]) -> Prompt:
    return prompt.extended(
        ChatMessage("assistant", reply),
        ChatMessage("user", reminder.format(options=", ".join(options))),
    )
