"""The three claims hold in a small world, and a claim that is made false is found out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simulator.analysis.iterated.bayes.theory import STATEMENTS, Claim, TheorySettings, claims

SMALL = TheorySettings(
    objects=("A", "B", "screen"),
    weak=9,
    examples=2,
    first=3,
    generations=40,
    draws=4,
    fewest=1,
    most=2,
)


@pytest.fixture(scope="module")
def found() -> tuple[Claim, Claim, Claim]:
    heard: list[float] = []
    made = claims(SMALL, heard.append)
    assert heard == [1 / 3, 2 / 3, 1]
    return made


def test_all_three_hold(found: tuple[Claim, Claim, Claim]) -> None:
    assert [one.name for one in found] == list(STATEMENTS)
    for one in found:
        assert one.holds and one.statement and one.found and one.curves
        for curve in one.curves:
            assert curve.shares.shape == (40, 27)
            np.testing.assert_allclose(curve.shares.sum(axis=1), 1, rtol=0, atol=1e-9)
            assert all(len(values) == 40 for values in curve.by_measure.values())
            assert curve.notes == ()


def test_the_docs_say_the_claims_in_the_same_words() -> None:
    page = Path(__file__).parents[4] / "docs" / "iterated.md"
    told = " ".join(page.read_text("utf-8").split())
    assert all(statement in told for statement in STATEMENTS.values())


def test_samplers_end_at_the_prior_and_map_learners_at_its_maximum(
    found: tuple[Claim, Claim, Claim],
) -> None:
    convergence = found[0]
    for curve in convergence.curves:
        last = curve.shares[-1]
        if curve.condition["learner"] == "sampler":
            np.testing.assert_allclose(last, curve.prior, atol=2e-3)
            ends = convergence.references["entropy of the prior"]
            assert curve.entropy_of_chains[-1] == pytest.approx(ends, abs=0.01)
        elif curve.condition["learner"] == "MAP":
            best = int(curve.prior.argmax())
            assert last[best] > 0.9 > curve.shares[0, best]


def test_a_bias_grows_beyond_its_prior_and_sooner_where_data_say_less(
    found: tuple[Claim, Claim, Claim],
) -> None:
    by = {
        (one.condition["learner"], one.condition["examples"], one.condition["truth"]):
        one.bias_probability for one in found[1].curves
    }  # fmt: skip
    for (learner, examples, truth), values in by.items():
        assert values is not None and values[0] == 0, "first data rule it out"
        assert values[2] > values[1] > 0
        few = by[learner, "1 example", truth]
        assert examples == "1 example" or (few is not None and few[1] > values[1] + 0.05)
        assert values[-1] == pytest.approx(
            {"sampler": 0.5, "soft-MAP": 0.8, "MAP": 1}[learner], abs=0.01
        )


def test_an_effective_set_blocks_the_bias_only_where_first_data_do(
    found: tuple[Claim, Claim, Claim],
) -> None:
    for one in found[2].curves:
        assert one.bias_probability is not None
        held = one.condition["hypotheses"] == "effective set"
        if held:
            np.testing.assert_allclose(one.consistent, 1)
        if one.condition["first"] == "telling":
            assert one.bias_probability[0] == 0
            assert bool(one.bias_probability.any()) is not held
        else:
            assert one.bias_probability.min() > 0.45


def test_a_claim_that_does_not_hold_says_so() -> None:
    swapped = replace(SMALL, strong=SMALL.weak, weak=SMALL.strong, generations=10)
    assert not claims(swapped)[1].holds
    assert not claims(replace(SMALL, share=0.1, generations=10))[1].holds, "no bias to amplify"
