"""The words for objects and a light, and what is read from learners' words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from simulator.analysis.iterated.worlds.assignments import Assignments
from simulator.analysis.iterated.worlds.base import Example, ReadData
from simulator.analysis.iterated.worlds.replies import Left, bare, excerpt, listed, read_examples

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
_FILLERS = frozenset(
    {
        *("the", "a", "light", "it", "will", "be", "is", "was", "becomes", "goes", "comes"),
        *("stays", "remains", "turn", "turns", "turned", "switch", "switches", "switched"),
    }
)
"""Words around a status that say nothing of it, as in `the light is on`."""
_BETWEEN_OBJECTS = re.compile(r"[\s,;+&/|]+")
NOT_NAMES = frozenset({"and", "the", "object", "objects", "only"})
"""Words among objects that name none."""


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
    """The status of each object in the last rule of a reply, or why there is no rule."""
    return _rules(objects).read(text)


def read_lights(text: str, objects: Sequence[str]) -> ReadData:
    """The examples of a reply; a rule in braces among them is passed over."""
    said = _rules(objects).without_rules(text)
    return read_examples(said, lambda given, output: _example(given, output, objects))


def _rules(objects: Sequence[str]) -> Assignments:
    return Assignments(objects, lambda said: _object(said, objects), _status)


def _object(said: str, objects: Sequence[str]) -> str | None:
    words = [word for word in said.casefold().split() if word not in NOT_NAMES]
    return next((one for one in objects if words == [one.casefold()]), None)


def _status(said: str) -> str | None:
    """Of the whole text, or of its first word, as in `on (A is on)` or `the light is on`."""
    words = said.casefold().split()
    telling = (word for one in words if (word := bare(one)) not in _FILLERS)
    first = next(telling, "")
    return SYNONYMS.get(" ".join(words)) or SYNONYMS.get(first)


def _example(given: str, output: str, objects: Sequence[str]) -> Example | Left:
    words = map(bare, _BETWEEN_OBJECTS.split(given))
    names = [name for name in words if name and name.casefold() not in NOT_NAMES]
    if not names:
        return Left("an example without an input")
    known = {name: _object(name, objects) for name in names}
    for name, one in known.items():
        if one is None:
            return Left(f"`{excerpt(name)}` is no object of this world", wrong=True)
    if not bare(output):
        return Left(f"no output for the input {excerpt(bare(given))}")
    status = _status(bare(output))
    if status is None:
        return Left(f"`{excerpt(bare(output))}` is nothing that the light does", wrong=True)
    return Example(", ".join(one for one in objects if one in known.values()), status)
