"""System prompts as the original program rendered them, its faults included.

It replaces the tags that an experiment has on record and no others, wherever they stand. A verb
stays in the capitals of its tag and takes an s for several agents. Private sections stand before
shared ones.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.kinds.conversation.grammar import number_word

Combination = Sequence[tuple[str, int]]
"""Each role with the number of its agents."""

_STARTERS = ("NOUN", "POSS", "NUM")
_EVERYBODY = ("<AGENTS_NUM>", "<ROLES_NUM>")


class UnrenderableError(ValueError):
    """A prompt that the original could not have rendered, and why."""


@dataclass(frozen=True, slots=True)
class Prompts:
    """The system prompts of one conversation."""

    roles: Mapping[str, str]
    """By the role's name as the experiment has it."""
    summarizer: str
    """Empty when there is none."""


def rendered_prompts(experiment: Mapping[str, Any], combination: Combination) -> Prompts:
    """What every agent of a conversation was told, which the original does not keep.

    Args:
        experiment: Its document, of a sound shape.
        combination: Of the conversation.

    Raises:
        UnrenderableError: A role or a tag means nothing to the original.
    """
    roles = {role["name"]: role for role in experiment["roles"]}
    for name, _ in combination:
        if name not in roles:
            raise UnrenderableError(f"the experiment has no role {name!r}")
    values = _values(experiment, roles, combination)
    shared = experiment.get("shared_sections") or []
    texts = {}
    for name, _ in combination:
        private = roles[name].get("sections") or []
        ordered = [(section, 0) for section in private] + [(section, 1) for section in shared]
        texts[name] = "\n".join(_filled(ordered, values))
    summarizing = [(section, 0) for section in experiment.get("summarizer_sections") or []]
    return Prompts(texts, "\n\n".join(_filled(summarizing, values)))


def _filled(
    sections: Iterable[tuple[Mapping[str, Any], int]], values: Mapping[str, str]
) -> list[str]:
    """The sections' texts: the starting prompt, then by whose they are, then by index."""
    ordered = sorted(sections, key=lambda s: (s[0]["index"] != 0, s[1], s[0]["index"]))
    texts = []
    for section, _ in ordered:
        text = f"{section['content']}\n"
        if section["index"] != 0:
            text = f"## {section['title']}\n\n{text}"
        for tag, value in values.items():
            text = text.replace(tag, value)
        texts.append(text)
    return texts


def _values(
    experiment: Mapping[str, Any], roles: Mapping[str, Mapping[str, Any]], combination: Combination
) -> dict[str, str]:
    """What each tag stands for."""
    values: dict[str, str] = {}
    for name, count in combination:
        starters = [f"<{name.upper()}_{part}>" for part in _STARTERS]
        for tag in _tags(roles[name].get("placeholders"), starters):
            values[tag] = _value(tag, count)
    totals = {"agents": sum(count for _, count in combination), "roles": len(combination)}
    for tag in _tags(experiment.get("placeholders"), _EVERYBODY):
        scope = tag[1:-1].partition("_")[0].lower()
        if scope not in totals:
            raise UnrenderableError(f"the tag {tag} stands for no number of the experiment")
        values[tag] = _value(tag, totals[scope])
    return values


def _tags(recorded: Any, otherwise: Iterable[str]) -> list[str]:
    return [str(tag) for tag in (recorded if isinstance(recorded, list) else otherwise)]


def _value(tag: str, count: int) -> str:
    noun, *rest = tag[1:-1].split("_")
    noun = noun.lower()
    match rest:
        case ["NUM"]:
            return str(count)
        case ["NUMBER", "WORD"]:
            return number_word(count)
        case ["NOUN"] if noun:
            return _counted(noun, count)
        case ["POSS"] if noun:
            owner = _counted(noun, count)
            return f"{owner}'" if owner.endswith("s") else f"{owner}'s"
        case ["PRON"]:
            return "he/she" if count == 1 else "they"
        case ["POSSPRON"]:
            return "his/her" if count == 1 else "their"
        case ["VERB", verb] if verb:
            return _counted(verb, count)
    raise UnrenderableError(f"the tag {tag} means nothing to the original program")


def _counted(word: str, count: int) -> str:
    return word if count == 1 else _plural(word)


@functools.cache
def _plural(word: str) -> str:
    """As `inflect` forms it, of verbs as well: what our own grammar mends is not mended here."""
    import inflect

    return str(inflect.engine().plural(word))
