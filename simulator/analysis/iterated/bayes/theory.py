"""What theory says of chains of learners, in the world of lights, by exact learners.

Three claims of "Bias Amplification in Language Model Evolution" (arXiv 2404.04286), whose
proposition 1 is about learners who prefer the most probable hypothesis. What samplers do instead is
after Griffiths & Kalish (2007), what MAP learners do after Kirby, Dowman & Griffiths (2007).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Literal

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
    likelihood_matrix,
)
from simulator.analysis.iterated.worlds.base import Data, Example
from simulator.analysis.iterated.worlds.lights import SCREEN, Lights

LEARNERS: Mapping[str, Learner] = {
    "sampler": Learner("sampler"), "soft-MAP": Learner("soft-map", 3.0), "MAP": Learner("map"),
}  # fmt: skip
"""By what figures call them; soft-MAP takes the posterior to the power of 3."""
_NEAR = 0.95
"""Of its last value: a curve that came so far has grown; samplers may swing a little after."""


STATEMENTS: Mapping[str, str] = {
    "convergence": "Whatever the first data were, chains come to what learners expect: those of "
    "samplers to the prior, those of MAP learners to its maximum.",
    "amplification": "A bias grows from generation to generation, sooner where data say less: "
    "samplers let it grow to its prior, soft-MAP and MAP learners beyond.",
    "effective set": "Learners who keep only hypotheses that explain the first data are spared a "
    "bias that these data rule out.",
}  # fmt: skip
"""The claims by name, each in a sentence."""


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
    fewest: int = 2
    """That a learner passes on where data say little, to show how bias grows."""
    most: int = 8
    """That it passes on where they say much."""
    first: int = 8
    """That the first learner reads."""
    generations: int = 20
    share: float = 0.5
    """Prior of hypotheses with the screen off; 1/3 is no bias."""
    noise: float = 0.0
    draws: int = 12
    """First data drawn for each curve that is a mean over first data."""
    seed: int = 1


@dataclass(frozen=True, eq=False, slots=True)
class Claim:
    """A claim with the curves that show it."""

    name: str
    """Of `STATEMENTS`."""
    found: str
    """What the curves say of it, with numbers, in sentences."""
    holds: bool | None
    """Whether they agree with it; None where they do not tell."""
    curves: tuple[Curve, ...]
    apart: str = ""
    """By what of their conditions curves have panels of their own; empty for all in one."""
    references: Mapping[str, float] = field(default_factory=dict)
    """Levels to draw as lines, by what they are."""
    of: Literal["curves", "runs"] = "curves"
    """What they are: curves of exact learners, or runs of models."""
    bands: Mapping[str, tuple[Floats, Floats]] = field(default_factory=dict)
    """By label of curves of runs: shape (G,), where their `bias_probability` may lie."""

    @property
    def statement(self) -> str:
        """What is claimed, in a sentence."""
        return STATEMENTS[self.name]

    @property
    def verdict(self) -> str:
        """Whether curves or runs agree with it, in a sentence."""
        words = {True: "agree", False: "do NOT agree", None: "do not tell"}
        return f"The {self.of} {words[self.holds]}."


def claims(
    settings: TheorySettings | None = None, hear: Callable[[float], None] = lambda share: None
) -> tuple[Claim, Claim, Claim]:
    """All three.

    Args:
        settings: What they are shown with; None for what is usual.
        hear: Is told the share that is done.
    """
    known = _Setting(settings or TheorySettings())
    converging = convergence(known)
    hear(1 / 3)
    growing = amplification(known)
    hear(2 / 3)
    spared = effective_set(known)
    hear(1.0)
    return converging, growing, spared


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
        self._transitions: dict[tuple[str, int], Transition] = {}

    def transition(self, name: str, examples: int) -> Transition:
        """Of learners by their name, who pass so many examples on."""
        if (name, examples) not in self._transitions:
            self._transitions[name, examples] = held_transition(
                self.table, self.prior, LEARNERS[name], examples
            )
        return self._transitions[name, examples]

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
                    label=f"{name}, {kind} likelihood", bias=known.bias, truth=truth,
                    condition={"learner": name, "truth": kind}, transition=transition,
                )
            )  # fmt: skip
    far = max(float(one.distance[-1]) for one in curves if one.condition["learner"] == "sampler")
    near = min(float(one.shares[-1, best]) for one in curves if one.condition["learner"] == "MAP")
    off = float(np.abs(ends["sampler"] - prior).sum()) / 2
    return Claim(
        name="convergence",
        found=f"After {settings.generations} generations samplers are at most {far:.2g} from the "
        f"prior (total variation), and MAP learners hold its maximum with probability {near:.3f} "
        f"or more; the prior of the maximum is {prior[best]:.3f}. In the long run samplers are "
        f"{off:.1g} from the prior, and MAP learners hold its maximum with probability "
        f"{ends['MAP'][best]:.3f}.",
        holds=_falls(curves, "sampler") and off < 1e-9 and float(ends["MAP"][best]) > 0.5,
        curves=tuple(curves),
        references={
            "entropy of the prior": float(entropy(prior)),
            "prior of the bias": float(prior @ known.bias),
            "largest prior": float(prior[best]),
        },
    )


def amplification(known: _Setting) -> Claim:
    """A bias that first data rule out comes back, and grows.

    Data say less where fewer examples are passed on, and of a truth whose light tells little.
    """
    settings = known.settings
    bottlenecks = sorted({settings.fewest, settings.most})
    curves = []
    for name, learner in LEARNERS.items():
        for size in bottlenecks:
            for kind, truth in known.truths.items():
                curves.append(
                    _mean_over(
                        known, truth, known.telling(truth), learner,
                        f"{name}, {_examples(size)}, {kind} likelihood",
                        {"examples": _examples(size), "truth": kind, "learner": name},
                        transition=known.transition(name, size), examples=size,
                    )
                )  # fmt: skip
    by = {
        (one.condition["learner"], one.condition["examples"], one.condition["truth"]): _bias(one)
        for one in curves
    }
    few, many = map(_examples, (bottlenecks[0], bottlenecks[-1]))
    ends = {name: float(by[name, many, "weak"][-1]) for name in LEARNERS}
    early = slice(1, max(2, settings.generations // 4))
    kept = [kept_share(known.transition("sampler", one)) for one in bottlenecks]
    forgetting = ", ".join(
        f"{share:.2f} with {_examples(one)}" for one, share in zip(bottlenecks, kept, strict=True)
    )
    second = {one: float(by["sampler", one, "weak"][1]) for one in (few, many)}
    return Claim(
        name="amplification",
        found=f"First data rule the bias out. In generation 2 samplers hold a hypothesis with it "
        f"with probability {second[few]:.2f} where they read {few}, and {second[many]:.2f} with "
        f"{many}; in generation {settings.generations} with {ends['sampler']:.2f}, soft-MAP "
        f"learners with {ends['soft-MAP']:.2f} and MAP learners with {ends['MAP']:.2f}, where its "
        f"prior is {settings.share:g}. Of what first data say, a generation of samplers keeps at "
        f"most {forgetting}.",
        holds=all(map(_grows, by.values()))
        and all(
            by[name, few, kind][1] > by[name, many, kind][1]
            for name in LEARNERS for kind in known.truths
        )
        and all(
            by[name, many, "weak"][early].mean() > by[name, many, "strong"][early].mean()
            for name in ("sampler", "soft-MAP")
        )
        and settings.share - 0.05 < ends["sampler"] < ends["soft-MAP"] < ends["MAP"],
        curves=tuple(curves),
        apart="learner",
        references={"prior of the bias": settings.share},
    )  # fmt: skip


def effective_set(known: _Setting) -> Claim:
    """Hypotheses that first data rule out stay out where they are kept from learners."""
    curves = []
    truth = known.truths["weak"]
    for name in ("sampler", "MAP"):
        learner = LEARNERS[name]
        whole = known.transition(name, known.settings.examples)
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
        found=f"From first data that rule the bias out, samplers end with it with probability "
        f"{_bias(free)[-1]:.3f}, and with {_bias(held)[-1]:.3f} within the effective set; where "
        f"first data do not rule it out, the set does not help: {_bias(fooled)[-1]:.3f}.",
        holds=all(
            float(_bias(by[name, "effective set", "telling"]).max()) == 0
            and float(_bias(by[name, "imitation", "telling"])[-1]) > 0
            for name in ("sampler", "MAP")
        ),
        curves=tuple(curves),
        apart="first",
        references={"prior of the bias": known.settings.share},
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
    examples: int | None = None,
) -> Curve:
    table, settings = known.table, known.settings
    return mean_curve(
        [
            curve_of(
                table, known.prior, learner, first=first,
                examples=settings.examples if examples is None else examples,
                generations=settings.generations, label=label, bias=known.bias, truth=truth,
                effective=table.consistent(first) if within else None, condition=condition,
                transition=transition,
            )
            for first in all_first
        ]
    )  # fmt: skip


def _examples(many: int) -> str:
    return "1 example" if many == 1 else f"{many} examples"


def _bias(curve: Curve) -> Floats:
    assert curve.bias_probability is not None
    return curve.bias_probability


def _grows(values: Floats) -> bool:
    """Whether it grows in every generation until it is near its last value."""
    there = int((values >= _NEAR * values[-1]).argmax())
    return there > 0 and bool((np.diff(values[: there + 1]) > 0).all())


def _falls(curves: list[Curve], learner: str) -> bool:
    """Whether the distance from the prior never grows: T brings distributions nearer."""
    own = [one.distance for one in curves if one.condition["learner"] == learner]
    return all(bool((np.diff(one) <= 1e-12).all()) and one[-1] < one[0] for one in own)
