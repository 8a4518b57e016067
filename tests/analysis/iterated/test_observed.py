"""What runs say of the claims of theory: with runs that agree, that do not, and too few."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest

from simulator.analysis.iterated.bayes.learners import Choice, Learner, posterior
from simulator.analysis.iterated.bayes.priors import biased_prior
from simulator.analysis.iterated.bayes.tables import likelihood_matrix
from simulator.analysis.iterated.conditions import conditions_of
from simulator.analysis.iterated.figures.theory import claim_figure
from simulator.analysis.iterated.measured import MeasuredLineage
from simulator.analysis.iterated.observed import observed_claims
from simulator.analysis.iterated.worlds.base import Data
from tests.analysis.iterated.made_lineages import (
    ALTERNATIVE,
    FIRST,
    TRUTH,
    UNIFORM,
    WORLD,
    certain,
    learner,
    measured,
)

BIASED, FREE = ALTERNATIVE, TRUTH


def mixed(share: float) -> tuple[float, ...]:
    """P(h) between no knowledge and what the bias wants."""
    led = certain(BIASED)
    return tuple((1 - share) * one + share * other for one, other in zip(UNIFORM, led, strict=True))


def runs(
    shares: tuple[float, ...], kept: str, *, seeds: int = 3, first: Data = FIRST, **condition: str
) -> list[MeasuredLineage]:
    told = {"bias": "strong", "interaction": "none"} | condition
    control: dict[str, Any] = {"is_control": True} if told["bias"] == "none" else {}
    return [
        measured(
            [
                learner(number, kept, said=BIASED, probabilities=mixed(share + 0.001 * seed))
                for number, share in enumerate(shares, 1)
            ],
            run=f"r{seed}", seed=seed, condition=told, first=first, **control,
        )
        for seed in range(seeds)
    ]  # fmt: skip


RISING, FALLING = (0.1, 0.3, 0.6), (0.6, 0.4, 0.2)


def test_runs_that_agree() -> None:
    lineages = [
        *runs(RISING, BIASED), *runs(RISING, FREE, interaction="hypothesis_search"),
        *runs((0.2,) * 3, FREE, bias="none"),
    ]  # fmt: skip
    found = observed_claims(conditions_of(lineages), 0.95)
    assert [one.name for one in found] == ["convergence", "amplification", "effective set"]
    _, growth, blocked = found
    # Their first P(h) is exact, and hardly believes more in what the bias wants than data allow;
    # samplers with that prior would come nearer to it, and MAP learners to another rule.
    assert found[0].holds is False
    assert "distance 0.27 to 0.57 (exact samplers with that prior" in found[0].found
    assert growth.holds and "0.333 [0.333, 0.333]" in growth.found and "Seeds" in growth.found
    told = [one.condition["bias"] for one in growth.curves]
    assert told == ["strong bias", "no bias"], "without the runs that mend their rules"
    strong = growth.curves[0]
    # A third of all hypotheses are biased; what is led to the bias is so wholly.
    expected = [1 / 3 + 2 / 3 * (share + 0.001) for share in RISING]
    np.testing.assert_allclose(np.array(strong.bias_probability), expected)
    assert growth.references == {"all hypotheses alike": pytest.approx(1 / 3)}
    assert blocked.holds, "rules are those that were kept"
    by = {one.condition["interaction"]: one.bias_probability for one in blocked.curves}
    np.testing.assert_allclose(np.array(by["hypothesis search"]), [0] * 3)
    np.testing.assert_allclose(np.array(by["no interaction"]), [1] * 3)
    figure: Any = claim_figure(growth)
    assert growth.statement in " ".join(figure.get_suptitle().split())
    drawn = [line.get_ydata() for line in figure.axes[0].lines]
    np.testing.assert_allclose(drawn[0], expected)


def test_runs_that_do_not_agree_and_runs_that_do_not_tell() -> None:
    lineages = [*runs(FALLING, FREE), *runs(FALLING, BIASED, interaction="hypothesis_search")]
    _, growth, blocked = observed_claims(conditions_of(lineages), 0.95)
    assert growth.holds is False and blocked.holds is False
    searched = runs(RISING, FREE, seeds=1, interaction="hypothesis_search")
    alone = [*runs(RISING, BIASED, seeds=1), *searched]
    _, growth, blocked = observed_claims(conditions_of(alone), 0.95)
    assert growth.holds is None and blocked.holds is None, "one run says nothing of others"


@pytest.mark.parametrize(
    ("course", "holds"), [((0.3, 0.9), True), ((0.9, 0.3), False), ((0.9, 0.88), None)]
)
def test_chains_come_to_the_maximum_of_the_prior_or_leave_it(
    course: tuple[float, float], holds: bool | None
) -> None:
    (claim, _, _) = observed_claims(conditions_of(runs(course, BIASED, first=())), 0.95)
    (one,) = claim.curves
    assert claim.holds is holds and WORLD.hypotheses[int(one.prior.argmax())] == BIASED


def test_what_runs_are_missing_is_said_with_how_to_launch_them() -> None:
    found = observed_claims(conditions_of(runs(RISING, BIASED, bias="none")), 0.95)
    assert found[0].curves and found[1].curves == () == found[2].curves
    assert "bias.strength=none,strong" in found[1].found
    assert "interaction.kind=none,hypothesis_search" in found[2].found
    searched = runs(RISING, BIASED, interaction="hypothesis_search")
    assert "interaction.kind=none" in observed_claims(conditions_of(searched), 0.95)[0].found


def test_chains_are_as_far_from_the_prior_as_their_mean() -> None:
    (one,) = observed_claims(conditions_of(runs(RISING, BIASED)), 0.95)[0].curves
    rows = [np.mean([mixed(share + 0.001 * seed) for seed in range(3)], axis=0) for share in RISING]
    np.testing.assert_allclose(one.shares, rows)
    assert one.prior.sum() == pytest.approx(1) and one.distance[0] < one.distance[-1]


BIASED_ONES = np.array([one in WORLD.hypotheses[1::3] for one in WORLD.hypotheses])
PRIOR = biased_prior(BIASED_ONES, 0.8)


def exact_runs(
    kind: Choice, many: int, samples: int | None, seed: int, *, by_rules: bool = False
) -> list[MeasuredLineage]:
    """Of exact learners, with P(h) as models show it."""
    rng, draws = Random(seed), np.random.default_rng(seed)
    table, own = likelihood_matrix(WORLD, 0.05), Learner(kind)
    found = []
    for number in range(many):
        first = read = WORLD.drawn(rng.choice(WORLD.hypotheses), 2, rng, noise=0.05)
        learners = []
        for generation in range(1, 6):
            believed = posterior(table, PRIOR, read).probabilities
            told = draws.multinomial(samples, believed) / samples if samples else believed
            rule = WORLD.hypotheses[draws.choice(9, p=own.chances(believed))]
            made = WORLD.drawn(rule, 2, rng, noise=0.05)
            learners.append(
                learner(generation, rule, read=read, data=made, samples=samples,
                        probabilities=None if by_rules else tuple(told.tolist()))
            )  # fmt: skip
            read = made
        found.append(measured(learners, run=f"r{number}", seed=number, first=first,
                              condition={"bias": "strong", "interaction": "none"}))  # fmt: skip
    return found


@pytest.mark.parametrize(
    ("kind", "many", "samples"),
    [(kind, many, samples) for kind in ("sampler", "map") for many in (2, 8)
     for samples in (None, 20, 0)] + [("sampler", 40, None)],
)  # fmt: skip
def test_exact_learners_are_never_refuted(kind: Choice, many: int, samples: int | None) -> None:
    lineages = exact_runs(kind, many, samples or None, many, by_rules=samples == 0)
    (claim, _, _) = observed_claims(conditions_of(lineages), 0.95)
    assert claim.holds is not False and "exact samplers with that prior" in claim.found
    assert many < 40 or claim.holds, "many exact ones are seen to come"


@pytest.mark.parametrize("samples", [None, 20])
def test_runs_that_leave_their_prior_farther_than_exact_learners_are_refuted(
    samples: int | None,
) -> None:
    lineages = exact_runs("sampler", 24, samples, 1)
    away = certain(FREE)
    for place, one in enumerate(lineages):
        first, *later = one.lineage.generations
        gone = [replace(own, probabilities=away, kept=FREE, said=FREE) for own in later]
        lineages[place] = measured(
            [first, *gone], run=one.lineage.run, seed=place, first=one.lineage.first,
            condition=one.lineage.condition,
        )  # fmt: skip
    (claim, _, _) = observed_claims(conditions_of(lineages), 0.95)
    assert claim.holds is False
