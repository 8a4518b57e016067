"""What theory says of chains of learners, in the world of lights, by exact learners.

The three claims of "Bias Amplification in Language Model Evolution" (arXiv 2404.04286) about its
proposition 1; the first one after Griffiths & Kalish (2007) and Kirby, Dowman & Griffiths (2007).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

import numpy as np

from simulator.analysis.iterated.bayes.chains import (
    Transition,
    held_transition,
    kept_share,
    long_run,
)
from simulator.analysis.iterated.bayes.curves import Curve, curve_of, mean_curve
from simulator.analysis.iterated.bayes.learners import Learner, entropy
from simulator.analysis.iterated.bayes.priors import biased_prior, uniform_prior
from simulator.analysis.iterated.bayes.tables import (
    Flags,
    Floats,
    LikelihoodTable,
    likelihood_matrix,
)
from simulator.analysis.iterated.worlds.base import Data, Example
from simulator.analysis.iterated.worlds.lights import SCREEN, Lights

LEARNERS: Mapping[str, Learner] = {
    "sampler": Learner("sampler"), "soft-MAP": Learner("soft-map", 3.0), "MAP": Learner("map"),
}  # fmt: skip
"""By what figures call them; soft-MAP takes the posterior to the power of 3."""


@dataclass(frozen=True, slots=True)
class TheorySettings:
    """What the claims are shown with."""

    objects: tuple[str, ...] = ("A", "B", "C", "D", SCREEN)
    """Of the world of lights; the screen is one of them."""
    strong: int = 0
    """Place among the feasible hypotheses: all on, whose light tells much."""
    weak: int = 33
    """One whose light tells little: on, off, undecided, off, undecided."""
    examples: int = 4
    """That a learner passes on."""
    first: int = 8
    """That the first learner reads."""
    generations: int = 20
    share: float = 0.6
    """Prior of hypotheses with the screen off; 1/3 is no bias."""
    noise: float = 0.0
    draws: int = 12
    """First data drawn for each curve that is a mean over first data."""
    seed: int = 1


@dataclass(frozen=True, eq=False, slots=True)
class Claim:
    """A claim with the curves that show it."""

    name: str
    """`convergence`, `weak likelihood` or `effective set`."""
    statement: str
    """What is claimed, in a sentence."""
    found: str
    """What the curves say of it, with numbers, in a sentence."""
    holds: bool
    """Whether they agree with it."""
    curves: tuple[Curve, ...]
    table: LikelihoodTable
    references: Mapping[str, float] = field(default_factory=dict)
    """Levels to draw as lines, by what they are."""
    best: int | None = None
    """The place of the prior's only maximum; None where it has several."""


def claims(settings: TheorySettings | None = None) -> tuple[Claim, Claim, Claim]:
    """All three."""
    known = _Setting(settings or TheorySettings())
    return convergence(known), weak_likelihood(known), effective_set(known)


class _Setting:
    """The world of the settings, and first data in it."""

    def __init__(self, settings: TheorySettings) -> None:
        self.settings = settings
        self.world = Lights(objects=settings.objects)
        self.table = likelihood_matrix(self.world, settings.noise)
        self.bias: Flags = self.table.predicting(Example(SCREEN, "off"))
        self.prior = biased_prior(self.bias, settings.share)
        self.truths = {
            "strong": self.world.feasible[settings.strong],
            "weak": self.world.feasible[settings.weak],
        }

    def alternative(self, truth: str) -> str:
        """The same with the screen off."""
        found = self.world.alternative(truth)
        assert found is not None
        return found

    def ambiguous(self, truth: str) -> Iterator[Data]:
        """First data that do not tell a truth from its alternative."""
        known = self.world.ambiguous(truth, self.alternative(truth))
        rng = Random(self.settings.seed)
        for _ in range(self.settings.draws):
            yield tuple(rng.sample(known, min(self.settings.first, len(known))))

    def telling(self, truth: str) -> Iterator[Data]:
        """First data of which one says that the screen alone is not off."""
        said = Example(SCREEN, self.world.predict(truth, SCREEN))
        others = [one for one in self.world.ambiguous(truth, truth) if one != said]
        rng = Random(self.settings.seed)
        for _ in range(self.settings.draws):
            many = min(self.settings.first - 1, len(others))
            yield (said, *rng.sample(others, many))


def convergence(known: _Setting) -> Claim:
    """Samplers end at the prior whatever the first data, MAP learners at its maximum."""
    settings, table = known.settings, known.table
    best = table.place(known.alternative(known.truths["weak"]))
    prior = 0.9 * known.prior
    prior[best] += 0.1
    curves, ends = [], {}
    for name, learner in LEARNERS.items():
        transition = held_transition(table, prior, learner, settings.examples)
        ends[name] = long_run(transition, uniform_prior(len(prior)))
        for kind, truth in known.truths.items():
            curves.append(
                curve_of(
                    table, prior, learner, first=next(known.telling(truth)),
                    examples=settings.examples, generations=settings.generations,
                    label=f"{name}, first data of the {kind} one", bias=known.bias, truth=truth,
                    condition={"learner": name, "truth": kind}, transition=transition,
                )
            )  # fmt: skip
    far = max(float(one.distance[-1]) for one in curves if one.condition["learner"] == "sampler")
    near = min(float(one.shares[-1, best]) for one in curves if one.condition["learner"] == "MAP")
    off = float(np.abs(ends["sampler"] - prior).sum()) / 2
    return Claim(
        name="convergence",
        statement="Samplers come to hold hypotheses as often as the prior says, and MAP learners "
        "the one of the largest prior, whatever the first data.",
        found=f"After {settings.generations} generations samplers are at most {far:.2g} from the "
        f"prior (total variation), and MAP learners hold its maximum with probability {near:.3f} "
        f"or more; the prior of the maximum is {prior[best]:.3f}. In the long run samplers are "
        f"{off:.1g} from the prior, and MAP learners hold its maximum with probability "
        f"{ends['MAP'][best]:.3f}.",
        holds=_falls(curves, "sampler") and off < 1e-9 and float(ends["MAP"][best]) > 0.5,
        curves=tuple(curves),
        table=table,
        references={
            "entropy of the prior": float(entropy(prior)),
            "prior of the screen off": float(prior @ known.bias),
            "largest prior": float(prior[best]),
        },
        best=best,
    )


def weak_likelihood(known: _Setting) -> Claim:
    """A bias shows sooner where data say little against it.

    The likelihood is weak where first data tell little, and where learners pass on few examples.
    """
    settings, table = known.settings, known.table
    kept = {
        many: kept_share(held_transition(table, known.prior, LEARNERS["sampler"], many))
        for many in sorted({1, 2, settings.examples})
    }
    forgetting = ", ".join(f"{share:.2f} with {many}" for many, share in kept.items())
    curves = []
    for name, learner in LEARNERS.items():
        if name == "MAP":
            continue
        transition = held_transition(table, known.prior, learner, settings.examples)
        for kind, truth in known.truths.items():
            curves.append(
                _mean_over(
                    known, truth, known.ambiguous(truth), learner, f"{name}, {kind} likelihood",
                    {"learner": name, "truth": kind}, transition=transition,
                )
            )  # fmt: skip
    by = {(one.condition["learner"], one.condition["truth"]): _bias(one) for one in curves}
    strong, weak = by["sampler", "strong"], by["sampler", "weak"]
    early = slice(0, max(1, settings.generations // 4))
    return Claim(
        name="weak likelihood",
        statement="A bias grows sooner where the likelihood is weak.",
        found=f"In generation 1 samplers hold a hypothesis with the screen off with probability "
        f"{weak[0]:.3f} where the likelihood is weak and {strong[0]:.3f} where it is strong, and "
        f"in generation {settings.generations} with {weak[-1]:.3f} and {strong[-1]:.3f}: the "
        f"prior, {settings.share:g}, is the end of both. Of what first data say, each generation "
        f"keeps the less, the fewer examples are passed on: at most {forgetting}.",
        holds=all(
            bool((by[name, "weak"][early] > by[name, "strong"][early]).all())
            for name in ("sampler", "soft-MAP")
        )
        and all(fewer < more for fewer, more in pairwise(kept.values())),
        curves=tuple(curves),
        table=table,
        references={"prior of the screen off": settings.share},
    )


def effective_set(known: _Setting) -> Claim:
    """Hypotheses that first data rule out stay out where they are kept from learners."""
    table, curves = known.table, []
    truth = known.truths["weak"]
    for name in ("sampler", "MAP"):
        learner = LEARNERS[name]
        whole = held_transition(table, known.prior, learner, known.settings.examples)
        for kind, drawn in (("telling", known.telling), ("ambiguous", known.ambiguous)):
            for within in (False, True):
                what = "effective set" if within else "imitation"
                curves.append(
                    _mean_over(
                        known, truth, drawn(truth), learner, f"{name}, {what}, {kind} first data",
                        {"learner": name, "hypotheses": what, "first": kind},
                        transition=None if within else whole, within=within,
                    )
                )  # fmt: skip
    by = {
        (one.condition["learner"], one.condition["hypotheses"], one.condition["first"]): one
        for one in curves
    }
    free, held = by["sampler", "imitation", "telling"], by["sampler", "effective set", "telling"]
    fooled = by["sampler", "effective set", "ambiguous"]
    return Claim(
        name="effective set",
        statement="Learners who hold only hypotheses that explain the first data are kept from a "
        "bias that these data rule out.",
        found=f"From first data that rule the bias out, samplers end with it with probability "
        f"{_bias(free)[-1]:.3f}, and with {_bias(held)[-1]:.3f} within the effective set; where "
        f"first data do not rule it out, the set does not help: {_bias(fooled)[-1]:.3f}.",
        holds=all(
            float(_bias(by[name, "effective set", "telling"]).max()) == 0
            and float(_bias(by[name, "imitation", "telling"])[-1]) > 0
            for name in ("sampler", "MAP")
        ),
        curves=tuple(curves),
        table=table,
        references={"prior of the screen off": known.settings.share},
    )


def _mean_over(
    known: _Setting,
    truth: str,
    all_first: Iterator[Data],
    learner: Learner,
    label: str,
    condition: Mapping[str, str],
    *,
    transition: Transition | None,
    within: bool = False,
) -> Curve:
    table, settings = known.table, known.settings
    return mean_curve(
        [
            curve_of(
                table, known.prior, learner, first=first, examples=settings.examples,
                generations=settings.generations, label=label, bias=known.bias, truth=truth,
                effective=table.consistent(first) if within else None, condition=condition,
                transition=transition,
            )
            for first in all_first
        ]
    )  # fmt: skip


def _bias(curve: Curve) -> Floats:
    assert curve.bias_probability is not None
    return curve.bias_probability


def _falls(curves: list[Curve], learner: str) -> bool:
    """Whether the distance from the prior never grows: T brings distributions nearer."""
    own = [one.distance for one in curves if one.condition["learner"] == learner]
    return all(bool((np.diff(one) <= 1e-12).all()) and one[-1] < one[0] for one in own)
