"""What sets runs apart that are not of one condition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from json import dumps

from pydantic import JsonValue

from simulator.domain.designs import Design
from simulator.kinds.iterated.design import IteratedDesign

_ELSEWHERE = frozenset((*Design.model_fields, "generations"))
"""Of a design, what says nothing of how a learner plays."""
_TOLD = frozenset(("model", "models", "temperatures", "sampling.temperature", "passed_on"))
"""What is told in words of its own."""
_NAMES: Mapping[str, str] = {
    "bias.strength": "bias", "bias.position": "position", "bias.direction": "direction",
    "world.truth": "truth", "world.examples": "examples", "world.noise": "noise",
    "world.ambiguous": "ambiguous", "world.draws": "draws", "world.settings": "settings",
    "interaction.kind": "interaction", "interaction.classic": "classic",
    "acronyms.easy_share": "easy share", "acronyms.filter": "filter",
    "probabilities.by": "P(h) by",
}  # fmt: skip
"""Of options; others are called as in designs."""
_ALWAYS = frozenset(
    ("bias.strength", "bias.position", "world.truth", "world.examples", "world.noise",
     "world.ambiguous", "look_back",
     "interaction.kind", "acronyms.easy_share", "acronyms.filter")
)  # fmt: skip
"""Options that are told even where they are the usual ones."""
_LONGEST = 40
"""Characters of a word; of longer ones the beginning is told, and a digest."""


def condition_of(design: IteratedDesign) -> dict[str, str]:
    """All that a run's learners do depends on but its seed, each with a short word.

    Options that are the usual ones are left out but for the most common ones, and so are those
    without any effect, such as the position of no bias.

    Args:
        design: Resolved.
    """
    heats = design.temperatures or (design.sampling.temperature,)
    known = {
        "model": "+".join(design.all_models),
        "temperature": "+".join("–" if heat is None else _word(heat) for heat in heats),
    }
    if design.made != design.world.examples:
        known["passed on"] = str(design.made)
    usual = dict(_options(IteratedDesign(name="usual")))
    idle = _without_effect(design)
    for place, value in _options(design):
        if place in _TOLD or place in idle or place.partition(".")[0] in idle:
            continue
        if place in _ALWAYS or value != usual[place]:
            known[_NAMES.get(place, place.replace("_", " ").replace(".", " "))] = _word(value)
    return known


def _without_effect(design: IteratedDesign) -> set[str]:
    """Options, and groups of them, that change nothing in such a design.

    The direction of no bias does: it leads to the alternative that rules are compared with.
    """
    found = {"world.name"}
    if design.has_rules:
        found.add("acronyms")
    else:
        found |= {"interaction", "probabilities"}
    if design.bias.strength == "none":
        found |= {"bias.position", "bias.text"}
        if not design.has_rules:
            found.add("bias.direction")
    if design.interaction.kind == "none":
        found.add("interaction.classic")
    if design.probabilities.by == "none":
        found.add("probabilities.samples")
    return found


def _options(design: IteratedDesign) -> Iterator[tuple[str, JsonValue]]:
    """All options by their places, such as `bias.strength`."""
    for name, value in design.model_dump(mode="json", exclude=set(_ELSEWHERE)).items():
        if isinstance(value, dict):
            yield from ((f"{name}.{part}", own) for part, own in value.items())
        else:
            yield name, value


def _word(value: JsonValue) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.15g}"
    word = value if isinstance(value, str) else dumps(value, ensure_ascii=False, sort_keys=True)
    if len(word) <= _LONGEST:
        return word or "–"
    return f"{word[: _LONGEST - 10]}… {sha256(word.encode()).hexdigest()[:8]}"
