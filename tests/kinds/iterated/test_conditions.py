"""What sets runs apart that are not of one condition."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.kinds.iterated.conditions import condition_of
from simulator.kinds.iterated.design import IteratedDesign
from tests.kinds.iterated.lineages import KIND, acronyms, lineage

BIASED: dict[str, Any] = {"strength": "strong"}
REFINED: dict[str, Any] = {"kind": "self_refine"}
VALUES: dict[str, Any] = {
    "world.name": ("lights", "acronyms"), "models": ("a/a,b/b", "b/b,a/a"),
    "temperatures": ("1, 0.5", "0.5, 1"), "model": ("a/a", "b/b"),
    "bias.direction": ("screen on", "A on"), "sampling.stop": ("x", "y"),
    "bias.text": ("Be nice.", "Be bold."), "world.truth": ("drawn", "2"),
    "world.settings": ("{}", '{"objects": ["A", "screen"]}'),
}  # fmt: skip


def launched(design: IteratedDesign, name: str, text: str) -> IteratedDesign:
    parameter = next(one for one in KIND.parameters(design) if one.name == name)
    (value,) = parameter.read(text) if "," not in text else (text,)
    resolved = KIND.resolve(design, parameter.setting(value))
    assert isinstance(resolved, IteratedDesign)
    return resolved


def told(design: IteratedDesign) -> tuple[str, dict[str, str]]:
    """What analyses tell conditions apart by."""
    return design.world.name, condition_of(design)


def base_of(name: str) -> IteratedDesign:
    if name.startswith("acronyms."):
        return acronyms()
    if name == "temperatures":
        return lineage(models=("a/a", "b/b"))
    by = "scores" if name == "answers" else "samples"
    return lineage(
        world={"truth": "drawn"}, bias=BIASED, probabilities={"by": by}, interaction=REFINED
    )  # fmt: skip


def test_every_parameter_of_a_launch_sets_conditions_apart() -> None:
    parameters = KIND.parameters(base_of(""))
    assert len(parameters) > 20
    pooled = []
    for one in parameters:
        numbers = ("1", "2") if one.type == "count" else ("1", "0.5")
        values = VALUES.get(one.name) or one.choices[-2:] or numbers
        base = base_of(one.name)
        first, second = (launched(base, one.name, value) for value in values)
        if told(first) == told(second):
            pooled.append(one.name)
    assert pooled == ["generations"]


@pytest.mark.parametrize(
    ("usual", "fields"),
    [
        ({"bias": BIASED}, {"bias": BIASED | {"text": "Leave the screen off."}}),
        ({"interaction": REFINED}, {"interaction": REFINED | {"classic": True}}),
        ({}, {"world": {"settings": {"objects": ["A", "screen"]}}}),
        ({}, {"sampling": {"temperature": 1.0, "max_tokens": 400}}),
        ({}, {"sampling": {"temperature": 1.0, "top_p": 1.0, "max_tokens": 400, "stop": ("x",)}}),
        ({}, {"bias": {"direction": "A on"}}),
    ],
)
def test_what_only_designs_say_sets_conditions_apart_too(
    usual: dict[str, Any], fields: dict[str, Any]
) -> None:
    assert condition_of(lineage(**fields)) != condition_of(lineage(**usual))


def test_what_has_no_effect_does_not() -> None:
    plain = condition_of(lineage())
    assert plain == condition_of(
        lineage(
            name="Other",
            note="A note",
            generations=9,
            passed_on=2,
            bias={"position": "end"},
            acronyms={"filter": "easy"},
            interaction={"classic": True},
            probabilities={"samples": 7},
        )
    )
    biased = condition_of(lineage(bias=BIASED | {"position": "end"}))
    assert biased["bias"] == "strong" and biased["position"] == "end"
    assert "position" not in plain and "filter" in condition_of(acronyms())
    assert plain.keys() == {
        "model", "temperature", "passed on", "bias", "truth", "examples", "noise", "look back",
        "interaction", "attempts", "ambiguous",
    }  # fmt: skip


def test_long_words_are_cut_and_still_told_apart() -> None:
    texts = [f"{'Leave the screen off. ' * 9}{end}" for end in ("", "Please.")]
    words = [condition_of(lineage(bias=BIASED | {"text": one}))["bias text"] for one in texts]
    assert words[0] != words[1] and all(len(word) <= 40 for word in words)
