"""Lineages of a small world, made by hand: two objects, nine hypotheses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simulator.analysis.iterated.measured import MeasuredLineage, measure_lineage
from simulator.analysis.iterated.records import Generation, Lineage
from simulator.analysis.iterated.worlds.base import Example
from simulator.analysis.iterated.worlds.lights import Lights

WORLD = Lights(objects=("A", "screen"))
UNIFORM = (1 / 9,) * 9
FIRST = (Example("A", "on"), Example("A, screen", "on"))


def rule(a: str, screen: str) -> str:
    return WORLD.hypothesis({"A": a, "screen": screen})


TRUTH, ALTERNATIVE = rule("on", "und"), rule("on", "off")


def certain(hypothesis: str) -> tuple[float, ...]:
    return tuple(float(one == hypothesis) for one in WORLD.hypotheses)


def learner(number: int, kept: str | None, **fields: Any) -> Generation:
    data = fields.pop("data", (Example("A", "on"), Example("screen", "off")))
    whole: dict[str, Any] = {
        "model": "scripted/a", "read": FIRST, "said": kept, "passed_on": data, "produced": data,
        "probabilities": None,
    }  # fmt: skip
    return Generation(number=number, kept=kept, **whole | fields)


def lineage(learners: Sequence[Generation], **fields: Any) -> Lineage:
    whole: dict[str, Any] = {
        "run": "r1", "world": "lights", "truth": TRUTH, "alternative": ALTERNATIVE, "first": FIRST,
        "seed": 1, "expected": len(learners), "wanted": {"screen": "off"},
    }  # fmt: skip
    return Lineage(generations=tuple(learners), **whole | fields)


def measured(learners: Sequence[Generation], **fields: Any) -> MeasuredLineage:
    return measure_lineage(lineage(learners, **fields), WORLD)


def drifting(interaction: str, seeds: int = 3) -> list[MeasuredLineage]:
    """Learners who begin with the truth and end with the bias, one seed a generation later."""
    return [
        measured(
            [
                learner(
                    number, ALTERNATIVE if number > 1 + seed % 2 else TRUTH,
                    probabilities=certain(ALTERNATIVE) if number > 2 else UNIFORM,
                )
                for number in range(1, 5)
            ],
            run=f"{interaction}{seed}", seed=seed, condition={"interaction": interaction},
        )
        for seed in range(seeds)
    ]  # fmt: skip
