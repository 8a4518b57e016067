"""What goes wrong in lineages: an outcome that is defined, and a reason in the transcript."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest

from simulator.backends.scripted import ScriptedBackend
from simulator.domain.prompts import Prompt
from simulator.kinds.iterated.following import Following
from tests.kinds.iterated.lineages import DATA, KIND, RIGHT, by_role, learner, lineage
from tests.lab import MODEL, Lab


async def played(lab: Lab, made: Any, model: ScriptedBackend) -> tuple[list[Any], Any]:
    lab.kind = KIND
    lab.pool.backends[MODEL] = model
    run, design = await lab.queue(made, seed=1)
    done = await lab.play(run, design)
    assert done.problem is None, done.problem
    return await lab.store.steps(run.id), done.run.outcome


def scripted(rule: str, data: str = DATA) -> ScriptedBackend:
    return ScriptedBackend(learner(rule, data)[0], model=MODEL)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("I would rather not.", "no rule in the reply"),
        ("Rule: [1, 2", "no rule in the reply"),
        (RIGHT.replace('"screen"', '"moon"'), "`moon` is no object of this world"),
        (RIGHT.replace('"und"', '"dim"'), "`dim` is no status of the object C"),
        ('Rule: {"A": "on"}', "the rule says nothing of B, C, D and screen"),
    ],
)
async def test_a_reply_that_is_no_rule_ends_with_its_reason(
    lab: Lab, reply: str, reason: str
) -> None:
    steps, outcome = await played(lab, lineage(), scripted(reply))
    assert outcome.reason == "no_rule" and outcome.values["asked_again"] == 1
    assert by_role(steps, "note")[-1].content == (
        f"Asked 2 times in vain: {reason}. There is none before it."
    )


async def test_examples_of_unknown_objects_end_with_their_reason(lab: Lab) -> None:
    steps, outcome = await played(lab, lineage(), scripted(RIGHT, "Input: moon\nOutput: on"))
    assert outcome.reason == "no_data"
    assert any("`moon`" in note.content for note in by_role(steps, "note"))


class Sure(ScriptedBackend):
    """Finds rules impossible, all or one."""

    abilities = frozenset({"seed", "score"})
    impossible: tuple[str, ...] = ()

    async def score(self, prompt: Prompt, options: Sequence[str]) -> tuple[float, ...]:
        wrong = self.impossible or options
        return tuple(-math.inf if one in wrong else -1.0 for one in options)


@pytest.mark.parametrize(
    ("impossible", "told", "probability"),
    [
        ((RIGHT,), "gives the truth a probability of 0: no examples can lead to it.", 0.0),
        ((), "gives every rule a probability of 0: P(h) is not known.", None),
        (("another",), "", 1 / 243),
    ],
)
async def test_a_truth_that_is_impossible_for_a_model_is_told_once(
    lab: Lab, impossible: tuple[str, ...], told: str, probability: float | None
) -> None:
    model = Sure(learner()[0], model=MODEL)
    model.impossible = impossible
    made = lineage(probabilities={"by": "scores"})
    steps, outcome = await played(lab, made, model)
    assert outcome.reason == "generations"
    assert [step.content for step in by_role(steps, "note")] == ([f"{MODEL} {told}"] * bool(told))
    following = Following(made)
    for step in steps:
        following.add(step)
    found = following.probabilities(1)
    place = following.world.hypotheses.index(following.truth or "") if following.world else 0
    assert (found and found[place]) == (probability and pytest.approx(probability))
