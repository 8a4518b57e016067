"""Lineages read from journals."""

from __future__ import annotations

from math import log
from typing import Any

import pytest

from simulator.analysis.iterated.measured import measure_lineage
from simulator.analysis.iterated.parts import parts_of
from simulator.analysis.iterated.worlds.language import Language
from simulator.analysis.iterated.worlds.registry import world_named
from simulator.kinds.iterated.biases import alternative_to, wanted_by
from simulator.kinds.iterated.games import world_of
from simulator.kinds.iterated.places import SAMPLE, SCORES
from simulator.kinds.iterated.results import lineage_of
from tests.kinds.iterated.lineages import (
    ACRONYMS,
    BIASED,
    DATA,
    KIND,
    RIGHT,
    WRONG,
    acronyms,
    learner,
    lineage,
    wants_data,
)
from tests.lab import Lab


async def journal(lab: Lab, made: Any, script: Any) -> tuple[Any, Any, list[Any]]:
    lab.kind = KIND
    lab.pool.script(script)
    run, design = await lab.queue(made, seed=1)
    await lab.play(run, design)
    return run, design, list(await lab.store.steps(run.id))


def hypothesis(text: str) -> str:
    world = world_of(lineage())
    assert world is not None
    found = world.read_rule(text).hypothesis
    assert found is not None
    return found


async def test_a_lineage_is_what_was_played(lab: Lab) -> None:
    rules = iter((RIGHT, BIASED, BIASED))
    script, _ = learner(lambda request: next(rules), f"{DATA}\nInput: Z\nOutput: on")
    run, design, steps = await journal(lab, lineage(), script)
    found = lineage_of(run, design, reversed(steps))
    assert (found.truth, found.alternative) == (hypothesis(RIGHT), hypothesis(BIASED))
    assert found.wanted == {"screen": "off"} and found.is_control
    assert [one.number for one in found.generations] == [1, 2, 3] and found.expected == 3
    assert [one.kept for one in found.generations] == [hypothesis(RIGHT), *[hypothesis(BIASED)] * 2]
    first, second, third = found.generations
    assert first.read == found.first and second.read == first.passed_on != ()
    assert third.passed_on == () and len(first.passed_on) == 2
    assert first.model == design.model and first.probabilities is None
    assert first.wrong == 1 and any("Z" in reason for reason in first.reasons)


@pytest.mark.parametrize(("classic", "kept"), [(False, RIGHT), (True, BIASED)])
async def test_what_is_kept_after_a_hypothesis_search(lab: Lab, classic: bool, kept: str) -> None:
    """In classic mode a rule that explains the first data stands, whatever is replied."""
    start = BIASED if classic else WRONG
    rules = iter((start, RIGHT) * 3)
    script, _ = learner(lambda request: next(rules))
    made = lineage(
        generations=1, interaction={"kind": "hypothesis_search", "classic": classic},
        world={"ambiguous": True, "examples": 20},
    )  # fmt: skip
    run, design, steps = await journal(lab, made, script)
    (one,) = lineage_of(run, design, steps).generations
    assert (one.said, one.kept) == (hypothesis(start), hypothesis(kept))


async def test_a_learner_without_a_rule_keeps_the_one_before(lab: Lab) -> None:
    rules = iter((RIGHT, "no", "no", BIASED))
    script, _ = learner(lambda request: next(rules))
    run, design, steps = await journal(lab, lineage(), script)
    second = lineage_of(run, design, steps).generations[1]
    assert (second.said, second.kept) == (None, hypothesis(RIGHT))
    assert second.asked_again == 1 and second.reasons


async def test_probabilities_of_samples_and_of_scores(lab: Lab) -> None:
    script, _ = learner()
    made = lineage(generations=1, probabilities={"by": "samples", "samples": 3})
    run, design, steps = await journal(lab, made, script)
    (one,) = lineage_of(run, design, steps).generations
    assert one.probabilities is not None and len(one.probabilities) == 243
    assert max(one.probabilities) == 1, "all samples are the same rule"
    assert one.samples == 3
    sample = next(step for step in steps if step.role == SAMPLE)
    scores = (-1e9, *[-700.0] * 241, -700.0 + log(3))
    scored = sample.model_copy(update={"role": SCORES, "scores": scores, "call": None})
    (one,) = lineage_of(run, design, [*steps, scored]).generations
    assert one.probabilities is not None and one.probabilities[0] == 0
    assert one.probabilities[-1] == pytest.approx(3 / 244) == 3 * one.probabilities[1]


async def test_what_a_bias_wants_does_not_depend_on_the_truth(lab: Lab) -> None:
    made = lineage(generations=1, bias={"strength": "strong", "direction": "A on"})
    run, design, steps = await journal(lab, made, learner()[0])
    found = lineage_of(run, design, steps)
    assert (found.wanted, found.alternative, found.is_control) == ({"A": "on"}, None, False)
    assert measure_lineage(found, world_of(design)).values["biased"] == {1: 1}


@pytest.mark.parametrize(
    ("name", "direction", "wanted"),
    [
        ("lights", "", {"screen": "off"}),
        ("lights", "A on", {"A": "on"}),
        ("lights", RIGHT, dict(zip("ABCD", ("on", "off", "und", "off"), strict=True))),
        ("lights-letters", "E und", {"E": "und"}),
        ("lights-letters", "", {}),
        ("numbers", "", {"": world_named("numbers").hypotheses[0]}),
        ("language", "", Language().words(Language().hypotheses[0])),
    ],
)
def test_whatever_the_truth_its_alternative_has_what_the_bias_wants(
    name: str, direction: str, wanted: dict[str, str]
) -> None:
    world = world_named(name)
    found = wanted_by(direction, world)
    assert found == wanted | ({"screen": "und"} if direction == RIGHT else {})
    for truth in world.hypotheses[::7]:
        other = alternative_to(truth, world, direction) or truth
        assert found.items() <= parts_of(world, other).items()
    assert wanted_by(direction, None) == {}


async def test_any_beginning_of_a_journal_can_be_read(lab: Lab) -> None:
    script, _ = learner()
    run, design, steps = await journal(lab, lineage(), script)
    counts = [
        len(lineage_of(run, design, steps[:length]).generations) for length in range(len(steps) + 1)
    ]
    assert counts == sorted(counts) and counts[0] == 0 and counts[-1] == 3
    assert lineage_of(run, design, []).first == ()


async def test_acronyms_have_data_and_no_rules(lab: Lab) -> None:
    def reply(request: Any) -> str:
        assert wants_data(request)
        return ACRONYMS

    run, design, steps = await journal(lab, acronyms(), reply)
    found = lineage_of(run, design, steps)
    assert found.truth is None and len(found.first) == 4 and len(found.generations) == 3
    assert [one.output for one in found.generations[0].produced] == ["cat", "dog"]
