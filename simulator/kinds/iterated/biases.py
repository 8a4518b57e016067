"""The words that lead learners to one hypothesis, and which hypothesis that is."""

from __future__ import annotations

import re
from collections.abc import Mapping

from simulator.analysis.iterated.parts import Parts, parts_of
from simulator.analysis.iterated.worlds.base import World
from simulator.analysis.iterated.worlds.lights import SCREEN, Lights
from simulator.kinds.iterated.design import Bias, Strength

SHARES: Mapping[Strength, float] = {"weak": 0.45, "medium": 0.6, "strong": 0.8}
"""Prior that exact learners give to all hypotheses with what a bias wants, by its strength. They
are ours, as words have no number: all are above the third that chance gives to a screen that is
off, and none leaves the others without."""

PERSONAS: Mapping[str, Mapping[Strength, str]] = {
    "common": {
        "strong": "You use only words that everybody knows and says every day.",
        "medium": "You like words that most people know.",
        "weak": "Plain words are fine with you.",
    },
    "rare": {
        "strong": "You use only words that hardly anybody knows or says.",
        "medium": "You like words that few people know.",
        "weak": "Unusual words are fine with you.",
    },
    "long": {
        "strong": "You use only very long words, the longer the better.",
        "medium": "You like words of many letters.",
        "weak": "Long words are fine with you.",
    },
    "short": {
        "strong": "You use only very short words, the shorter the better.",
        "medium": "You like words of few letters.",
        "weak": "Short words are fine with you.",
    },
}
"""Of learners who make acronyms, by direction."""
_OBJECT: Mapping[Strength, str] = {
    "strong": "When the game is over, {plain}.",
    "medium": "When the game is over, somebody else is going to {plain}.",
    "weak": "When the game is over, somebody else is going to {other}.",
}
_DEEDS = {
    "off": ("switch {it} off", "shut {it}"),
    "on": ("switch {it} on", "open {it}"),
    "und": ("leave {it} undecided", "leave {it} as it is"),
}
_RULE: Mapping[Strength, str] = {
    "strong": "Prefer this rule wherever you can: {rule}",
    "medium": "Most people come to this rule: {rule}",
    "weak": "Somebody once thought of this rule: {rule}",
}
_OF_OBJECT = re.compile(r"(?P<object>\S.*?)\s+(?P<status>on|off|und)\Z")


def bias_text(bias: Bias, world: World | None) -> str:
    """What learners are told; empty without a bias.

    Args:
        bias: Of a design that can be run.
        world: None where there are no rules.

    Raises:
        ValueError: The direction is none of the world's, in a sentence without an end.
    """
    if bias.strength == "none":
        return ""
    if bias.text:
        return bias.text
    if world is None:
        return persona_of(bias.direction)[bias.strength]
    lean = _leaning(world, bias.direction)
    if isinstance(lean, str):
        return _RULE[bias.strength].format(rule=world.rule_text(lean))
    name, status = lean
    it = "the screen" if name == SCREEN else f"object {name}"
    plain, other = (deed.format(it=it) for deed in _DEEDS[status])
    return _OBJECT[bias.strength].format(plain=plain, other=other)


def persona_of(direction: str) -> Mapping[Strength, str]:
    """The words for a taste in words, `common` where none is named. Raises ValueError."""
    wanted = direction.strip() or "common"
    if wanted not in PERSONAS:
        raise ValueError(f"{wanted!r} is none of {', '.join(PERSONAS)}")
    return PERSONAS[wanted]


def alternative_to(truth: str, world: World, direction: str) -> str | None:
    """The hypothesis that a bias leads to from the truth; None where it is the truth itself.

    Args:
        truth: Canonical.
        world: Of the truth.
        direction: As designs write it; empty is the usual one, and where there is none, None.

    Raises:
        ValueError: The direction is none of the world's, in a sentence without an end.
    """
    if not direction.strip() and usual_direction(world) is None:
        return None
    lean = _leaning(world, direction)
    if not isinstance(lean, str):
        assert isinstance(world, Lights)
        name, status = lean
        lean = world.hypothesis({**world.statuses(truth), name: status})
    return None if lean == truth else lean


def wanted_by(direction: str, world: World | None) -> Parts:
    """What a bias wants of a hypothesis, by part, whatever the truth is.

    Args:
        direction: As `alternative_to`.
        world: None where there are no rules, of which nothing is wanted.

    Raises:
        ValueError: As `alternative_to`.
    """
    if world is None or (not direction.strip() and usual_direction(world) is None):
        return {}
    lean = _leaning(world, direction)
    return parts_of(world, lean) if isinstance(lean, str) else dict([lean])


def usual_direction(world: World) -> str | None:
    """Where biases lead if a design does not say; None where it has to."""
    if isinstance(world, Lights):
        return f"{SCREEN} off" if SCREEN in world.objects else None
    return world.hypotheses[0] if world.hypotheses else None


def _leaning(world: World, direction: str) -> str | tuple[str, str]:
    """A hypothesis, or an object and its status."""
    wanted = direction.strip() or usual_direction(world)
    if wanted is None:
        raise ValueError("it has no direction; name one, such as `E off`")
    if isinstance(world, Lights) and (match := _OF_OBJECT.match(wanted)) is not None:
        if match["object"] not in world.objects:
            raise ValueError(f"there is no object {match['object']!r} in {world.name}")
        return match["object"], match["status"]
    if wanted in world.hypotheses:
        return wanted
    found = world.read_rule(wanted)
    if found.hypothesis is None:
        why = found.reason.replace("the reply", "these words")
        such = usual_direction(world) or "E off"
        raise ValueError(f"{wanted!r} is no rule of {world.name}: {why}; write such as `{such}`")
    return found.hypothesis
