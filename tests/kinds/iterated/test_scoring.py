"""P(h) by scores, a generation in one batch; and answers that are drawn from probabilities."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

import pytest

from simulator.backends.scripted import ScriptedBackend
from simulator.domain.prompts import Prompt
from simulator.kinds.iterated.drawing import drawn_place
from simulator.kinds.iterated.games import world_of
from simulator.kinds.iterated.results import lineage_of
from tests.kinds.iterated.lineages import (
    BIASED,
    KIND,
    RIGHT,
    WRONG,
    by_role,
    cut,
    learner,
    lineage,
    played,
    said,
)
from tests.lab import MODEL, Lab


class Batches(ScriptedBackend):
    """Keeps what it is asked to score; likes rules the more, the later they stand."""

    abilities = frozenset({"seed", "score"})

    def __init__(self) -> None:
        super().__init__(learner()[0], model=MODEL)
        self.batches: list[tuple[str, ...]] = []

    async def score(self, prompt: Prompt, options: Sequence[str]) -> tuple[float, ...]:
        self.batches.append(tuple(options))
        return tuple(place / 10 - 900 for place in range(len(options)))


@pytest.mark.parametrize("answers", ["written", "drawn"])
async def test_the_243_hypotheses_of_a_generation_are_one_batch(lab: Lab, answers: str) -> None:
    lab.kind = KIND
    model = lab.pool.backends[MODEL] = Batches()
    made = lineage(probabilities={"by": "scores"}, answers=answers, generations=2)
    run, design = await lab.queue(made, seed=1)
    await lab.play(run, design)
    world = world_of(made)
    assert world is not None
    rules, outputs = tuple(map(world.rule_text, world.hypotheses)), tuple(world.outputs)
    # Where answers are drawn, outputs of examples are scored as well, all of an input together.
    assert [one for one in model.batches if one != outputs] == [rules] * 2
    assert (outputs in model.batches) is (answers == "drawn")
    found = lineage_of(run, design, await lab.store.steps(run.id))
    assert len(found.generations) == 2
    for generation in found.generations:
        shares = generation.probabilities
        assert shares is not None and len(shares) == 243
        assert math.fsum(shares) == pytest.approx(1, abs=1e-12)
        assert shares[7] / shares[6] == pytest.approx(math.exp(0.1), rel=1e-9)


class Scoring(ScriptedBackend):
    """Finds rules with the screen off more probable."""

    abilities = frozenset({"seed", "score"})

    async def score(self, prompt: Prompt, options: Sequence[str]) -> tuple[float, ...]:
        self.asked = (prompt, tuple(options))
        return tuple(-1.0 if '"screen": "off"' in one else -2.0 for one in options)


async def test_all_rules_are_scored_at_once_before_one_is_said(lab: Lab) -> None:
    script, seen = learner()
    model = Scoring(script, model=MODEL)
    lab.kind = KIND
    lab.pool.backends[MODEL] = model
    steps = await lab.run(lineage(probabilities={"by": "scores"}))
    scores = by_role(steps, "scores")
    assert [step.day for step in scores] == [1, 2, 3] and not any(s.in_transcript for s in scores)
    assert all(len(step.scores) == len(step.options) == 243 for step in scores)
    prompt, options = model.asked
    assert prompt.hash == seen[-1].prompt.hash, "the same question as for the rule"
    world = world_of(lineage())
    assert world is not None and options == tuple(map(world.rule_text, world.hypotheses))


async def test_a_model_that_cannot_score_is_sampled(lab: Lab) -> None:
    answers = [RIGHT, "Hm.", WRONG, RIGHT]
    script, seen = learner(lambda request: answers[len(seen) % 4])
    made = lineage(probabilities={"by": "scores", "samples": 3}, generations=2)
    steps, _ = await played(lab, made, script)
    (score,) = by_role(steps, "scores")
    assert score.scores == () and len(by_role(steps, "sample")) == 6
    assert not any(step.in_transcript for step in by_role(steps, "sample"))
    notes = [step.content for step in by_role(steps, "note")]
    assert notes[0].startswith("scripted/test cannot say how probable rules are")
    assert notes[1] == "Samples without a rule: 1 of 3." and len(notes) == 2


@pytest.mark.parametrize("temperature", [0.0, 1.0])
async def test_answers_are_drawn_from_probabilities(lab: Lab, temperature: float) -> None:
    class Sure(Scoring):
        async def score(self, prompt: Prompt, options: Sequence[str]) -> tuple[float, ...]:
            liked = BIASED if "Mend it" in prompt.last.content else WRONG
            return tuple(-float(one not in (liked, "und")) * 40 for one in options)

    script, seen = learner()
    lab.kind = KIND
    lab.pool.backends[MODEL] = Sure(script, model=MODEL)
    made = lineage(
        answers="drawn", interaction={"kind": "self_refine"}, generations=2,
        sampling={"temperature": temperature}, passed_on=5,
    )  # fmt: skip
    steps = await lab.run(made)
    assert not seen, "nothing is written"
    roles = [(step.role, step.content) for step in steps if step.role in ("rule", "refinement")]
    assert roles == [("rule", WRONG), ("refinement", BIASED)] * 2
    (data,) = by_role(steps, "data")
    world = world_of(made)
    assert world is not None and {one.output for one in world.read_data(data.content).data} == {
        "und"
    }
    assert data.speaker == "Learner 1" and data.content.count("Input") == 5
    assert len(by_role(steps, "scores")) == 2


async def test_drawn_answers_are_the_same_again_and_are_looked_back_on(lab: Lab) -> None:
    lab.kind = KIND
    model = Scoring(learner()[0], model=MODEL)
    lab.pool.backends[MODEL] = model
    made = lineage(answers="drawn", look_back=2, generations=2)
    steps = await lab.run(made, seed=4)
    assert said(await lab.run(made, seed=4)) == said(steps)
    assert said(await lab.run(made, seed=5)) != said(steps)
    run, design = await lab.queue(made, seed=4)
    await cut(lab, run, design, 6)
    await lab.play(await lab.store.run(run.id), design)
    assert said(await lab.store.steps(run.id)) == said(steps)
    asked = [entry.content for entry in model.asked[0] if entry.role == "assistant"]
    assert asked == [step.content for step in steps if step.role in ("rule", "data")][:2]


async def test_a_model_that_cannot_score_writes(lab: Lab) -> None:
    script, seen = learner()
    steps, outcome = await played(lab, lineage(answers="drawn"), script)
    assert outcome.values["is_truth"] and len(seen) == 5
    (note,) = by_role(steps, "note")
    assert note.content.endswith("how probable rules are; it writes its answers itself.")


def test_draws_follow_the_scores() -> None:
    rng = Random(1)
    scores = [math.log(0.7), math.log(0.3), -math.inf]
    drawn = [drawn_place(scores, 1.0, rng) for _ in range(4000)]
    assert drawn.count(0) / 4000 == pytest.approx(0.7, abs=0.03) and 2 not in drawn
    colder = [drawn_place(scores, 0.5, rng) for _ in range(4000)]
    assert colder.count(0) / 4000 == pytest.approx(0.49 / 0.58, abs=0.03)
    assert drawn_place(scores, 0.0, rng) == 0 == drawn_place(scores, 1e-308, rng)
    assert {drawn_place([-math.inf] * 2, 1.0, rng) for _ in range(50)} == {0, 1}
