"""P(h) by scores: all hypotheses of a generation in one batch, normalised when they are read."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from simulator.backends.scripted import ScriptedBackend
from simulator.domain.prompts import Prompt
from simulator.kinds.iterated.games import world_of
from simulator.kinds.iterated.results import lineage_of
from tests.kinds.iterated.lineages import KIND, learner, lineage
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
