"""The words for objects and a light, and what is read from learners' words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from simulator.analysis.iterated.worlds.base import Example, ReadData
from simulator.analysis.iterated.worlds.replies import (
    bare,
    braces,
    excerpt,
    listed,
    pairs,
    said_examples,
)

SYNONYMS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("on", "turned on", "turn on", "light on", "lit", "activated"), "on"),
        **dict.fromkeys(("off", "turned off", "turn off", "light off", "unlit"), "off"),
        **dict.fromkeys(
            (
                "und",
                "undecided",
                "undetermined",
                "undefined",
                "indeterminate",
                "uncertain",
                "unknown",
                "unclear",
                "unsure",
            ),
            "und",
        ),
    }
)
"""What learners call statuses, in small letters."""
_ASIDES = frozenset({"reason", "reasons", "reasoning", "explanation", "note", "comment"})
"""Keys beside objects that say nothing of them."""
_BETWEEN_OBJECTS = re.compile(r"[\s,;+&/|]+")
_NOT_NAMES = frozenset({"and", "the", "object", "objects", "only"})


def described(objects: Sequence[str]) -> str:
    """The rules of the game."""
    return (
        f"There is a light and there are {len(objects)} objects: {listed(objects)}. "
        "Every object has a hidden effect on the light, one of three. "
        'An object that is "on" switches the light on. '
        'An object that is "off" leaves the light off. '
        'An object that is "und" (undecided) leaves it open what the light does.\n'
        "When several objects are put together, the light is on if at least one of them is on. "
        "If none is on and at least one is undecided, the light is und. "
        "If all of them are off, the light is off.\n"
        "A rule says the effect of every object. An example says which objects were put together "
        "(input) and what the light did (output)."
    )


def rule_form(objects: Sequence[str]) -> str:
    """How to write a rule."""
    pattern = ", ".join(f'"{one}": STATUS' for one in objects)
    return (
        "Write the rule on one line and nothing else, in this form, where each STATUS is "
        f'"on", "off" or "und":\nRule: {{{pattern}}}'
    )


def data_form(objects: Sequence[str]) -> str:
    """How to write examples."""
    return (
        "Write each example on two lines and nothing else: the objects that are put together, "
        "from one to all of them, and then what the light does (on, off or und), as in\n"
        f"Input: {objects[0]}, {objects[-1]}\nOutput: STATUS"
    )


def read_statuses(text: str, objects: Sequence[str]) -> tuple[dict[str, str], str]:
    """The status of each object in the last rule of a reply, or why there is no rule.

    The last rule is the last pair of braces with an object of the world in it. Where there is
    none, what follows the last `Rule:` is read, or else the whole reply, line by line.
    """
    groups = [found for group in braces(text) if (found := _about_objects(group))]
    named = [group for group in groups if any(_object(key, objects) for key, _ in group)]
    if named or groups:
        return _statuses((named or groups)[-1], objects)
    loose = pairs(re.split(r"\brule\b\W{0,4}[:=]", text, flags=re.IGNORECASE)[-1])
    found = [(key, value) for key, value in loose if _object(key, objects)]
    if not found:
        return {}, "no rule in the reply"
    return _statuses(found, objects)


def read_examples(text: str, objects: Sequence[str]) -> ReadData:
    """The examples of a reply; a rule in braces among them is passed over."""
    data: list[Example] = []
    left_out: list[str] = []
    for given, output in said_examples(_without_rules(text, objects)):
        example = _example(given, output, objects)
        if isinstance(example, str):
            left_out.append(example)
        else:
            data.append(example)
    return ReadData(tuple(data), tuple(left_out))


def _about_objects(group: str) -> list[tuple[str, str]]:
    return [(key, value) for key, value in pairs(group) if key.casefold() not in _ASIDES]


def _object(said: str, objects: Sequence[str]) -> str | None:
    words = [word for word in said.casefold().split() if word not in _NOT_NAMES]
    return next((one for one in objects if words == [one.casefold()]), None)


def _status(said: str) -> str | None:
    """Of the whole text, or of its first word, as in `on (A is on)`."""
    words = said.casefold().split()
    first = bare(words[0]) if words else ""
    return SYNONYMS.get(" ".join(words)) or SYNONYMS.get(first)


def _statuses(
    found: Sequence[tuple[str, str]], objects: Sequence[str]
) -> tuple[dict[str, str], str]:
    statuses: dict[str, str] = {}
    for key, value in found:
        one = _object(key, objects)
        if one is None:
            return {}, f"`{excerpt(key)}` is no object of this world"
        if one in statuses:
            return {}, f"the rule names the object {one} twice"
        status = _status(value)
        if status is None:
            return {}, f"`{excerpt(value)}` is no status of the object {one}"
        statuses[one] = status
    missing = [one for one in objects if one not in statuses]
    if missing:
        return {}, f"the rule says nothing of {listed(missing)}"
    return statuses, ""


def _without_rules(text: str, objects: Sequence[str]) -> str:
    for group in braces(text):
        found = _about_objects(group)
        if found and all(_object(key, objects) and value for key, value in found):
            text = text.replace(group, " ", 1)
    return text


def _example(given: str, output: str, objects: Sequence[str]) -> Example | str:
    """Canonical, or why it is none."""
    words = [word for word in _BETWEEN_OBJECTS.split(given) if word]
    names = [name for word in words if (name := bare(word)) and name.casefold() not in _NOT_NAMES]
    if not names:
        return "an example without an input"
    known = {name: _object(name, objects) for name in names}
    for name, one in known.items():
        if one is None:
            return f"`{excerpt(name)}` is no object of this world"
    if not bare(output):
        return f"no output for the input {excerpt(given)}"
    status = _status(bare(output))
    if status is None:
        return f"`{excerpt(output)}` is nothing that the light does"
    return Example(", ".join(one for one in objects if one in known.values()), status)
