"""What becomes of hypotheses and data, generation after generation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, log

from simulator.analysis.iterated.parts import parts_of
from simulator.analysis.iterated.records import Generation, Lineage
from simulator.analysis.iterated.worlds.agreement import explained
from simulator.analysis.iterated.worlds.base import World
from simulator.analysis.iterated.worlds.language import Language

Number = float | None


@dataclass(frozen=True, slots=True)
class Moment:
    """A generation within its lineage, and the world that they are about."""

    lineage: Lineage
    world: World
    """Only measures of rules may ask it."""
    generation: Generation


@dataclass(frozen=True, slots=True)
class GenerationMeasure:
    """A number for every generation."""

    name: str
    meaning: str
    """In a sentence, for people."""
    of: Callable[[Moment], Number]
    """None where there is nothing to tell."""
    unit: str = ""
    low: float = 0.0
    """Least possible."""
    high: float | None = None
    """Greatest possible."""
    yes_or_no: bool = False
    """Whether it is 0 or 1, and its mean a share of runs."""
    of_rules: bool = True
    """Whether it is about hypotheses; else it is about data alone."""
    high_in: Callable[[Lineage, World], float] | None = None
    """Greatest possible in a lineage, where that depends on it."""


# ---------------------------------------------------------------- P(h)


def entropy(probabilities: Sequence[float]) -> float:
    """How uncertain a learner is of the hypothesis: - sum of p ln p.

    Shannon (1948), Bell Syst. Tech. J. 27:379. This deviates from the published numbers on
    purpose: the original sums over p that do not sum to 1, since it adds up log-probabilities of
    the statuses on one sampled path and puts -10 for those that are missing. Its sums are no
    entropies, and can go beyond ln H.

    Args:
        probabilities: Of all H hypotheses; divided by their sum.

    Returns:
        Nats, from 0, where one hypothesis is certain, to ln H, where all are equally probable.
    """
    total = fsum(probabilities)
    shares = [p / total for p in probabilities]
    return max(0.0, -fsum(share * log(share) for share in shares if share > 0))


def probability(moment: Moment, holds: Callable[[str], bool]) -> Number:
    """P of the hypotheses for which something holds; None where P(h) was not taken."""
    found = moment.generation.probabilities
    if found is None:
        return None
    pairs = zip(moment.world.hypotheses, found, strict=True)
    return min(1.0, fsum(p for hypothesis, p in pairs if holds(hypothesis)))


def is_biased(world: World, lineage: Lineage, hypothesis: str) -> bool:
    """Whether a hypothesis has all that a bias wants; False where it wants nothing."""
    wanted = lineage.wanted
    return bool(wanted) and wanted.items() <= parts_of(world, hypothesis).items()


def _entropy(moment: Moment) -> Number:
    found = moment.generation.probabilities
    return None if found is None else entropy(found)


def _bias_probability(moment: Moment) -> Number:
    world, lineage = moment.world, moment.lineage
    if not lineage.wanted:
        return None
    return probability(moment, lambda one: is_biased(world, lineage, one))


def _truth_probability(moment: Moment) -> Number:
    truth = moment.lineage.truth
    return None if truth is None else probability(moment, lambda one: one == truth)


# ---------------------------------------------------------------- the rule that is kept


def _biased(moment: Moment) -> Number:
    kept = moment.generation.kept
    if kept is None or not moment.lineage.wanted:
        return None
    return float(is_biased(moment.world, moment.lineage, kept))


def _correct(moment: Moment) -> Number:
    kept, truth = moment.generation.kept, moment.lineage.truth
    if kept is None or truth is None:
        return None
    own, true = parts_of(moment.world, kept), parts_of(moment.world, truth)
    names = list(dict.fromkeys((*true, *own)))
    return sum(own.get(name) == true.get(name) for name in names) / len(names)


def _exact(moment: Moment) -> Number:
    kept, truth = moment.generation.kept, moment.lineage.truth
    return None if kept is None or truth is None else float(kept == truth)


def _is_alternative(moment: Moment) -> Number:
    kept, alternative = moment.generation.kept, moment.lineage.alternative
    return None if kept is None or alternative is None else float(kept == alternative)


def _explained(moment: Moment) -> Number:
    kept = moment.generation.kept
    if kept is None or not moment.lineage.first:
        return None
    return float(explained(moment.world, kept, moment.lineage.first))


def _consistency(moment: Moment) -> Number:
    count = _explained(moment)
    return None if count is None else count / len(moment.lineage.first)


def _consistent_and_biased(moment: Moment) -> Number:
    share, biased = _consistency(moment), _biased(moment)
    return None if share is None or biased is None else float(share == 1 and biased == 1)


def _compositionality(moment: Moment) -> Number:
    kept, world = moment.generation.kept, moment.world
    if kept is None or not isinstance(world, Language):
        return None
    return world.compositionality(kept)


def _expressiveness(moment: Moment) -> Number:
    kept, world = moment.generation.kept, moment.world
    if kept is None or not isinstance(world, Language):
        return None
    return world.expressiveness(kept)


def _refined(moment: Moment) -> Number:
    said, kept = moment.generation.said, moment.generation.kept
    if said is None or kept is None or moment.lineage.condition.get("interaction") == "none":
        return None
    return float(said != kept)


def _unreadable(moment: Moment) -> Number:
    return float(moment.generation.said is None)


# ---------------------------------------------------------------- data


def _valid(moment: Moment) -> Number:
    kept, produced = moment.generation.kept, moment.generation.produced
    if kept is None or not produced:
        return None
    return explained(moment.world, kept, produced) / len(produced)


def _wrong(moment: Moment) -> Number:
    wrong, produced = moment.generation.wrong, len(moment.generation.produced)
    return wrong / (wrong + produced) if wrong + produced else None


def _asked_again(moment: Moment) -> Number:
    return float(moment.generation.asked_again)


def _distinct(moment: Moment) -> Number:
    """Of what is passed on; the last generation of rules passes nothing on."""
    passed_on = moment.generation.passed_on
    return float(len(set(passed_on))) if passed_on else None


MEASURES: Mapping[str, GenerationMeasure] = {
    one.name: one
    for one in (
        GenerationMeasure(
            "entropy", "Entropy of P(h), normalised.", _entropy, "nats",
            high_in=lambda _, world: log(max(1, len(world.hypotheses))),
        ),
        GenerationMeasure(
            "bias_probability", "P of the hypotheses with what the bias wants.",
            _bias_probability, high=1,
        ),
        GenerationMeasure("truth_probability", "P of the truth.", _truth_probability, high=1),
        GenerationMeasure(
            "biased", "Whether the rule has what the bias wants.", _biased, high=1, yes_or_no=True
        ),
        GenerationMeasure("correct", "Share of the rule's parts that are right.", _correct, high=1),
        GenerationMeasure(
            "exact", "Whether the rule is the truth.", _exact, high=1, yes_or_no=True
        ),
        GenerationMeasure(
            "alternative", "Whether the rule is the alternative.", _is_alternative, high=1,
            yes_or_no=True,
        ),
        GenerationMeasure(
            "explained", "How many of the first examples the rule explains.", _explained,
            "examples", high_in=lambda lineage, _: float(len(lineage.first)),
        ),
        GenerationMeasure(
            "consistency", "Share of the first examples that the rule explains.", _consistency,
            high=1,
        ),
        GenerationMeasure(
            "consistent_and_biased",
            "Whether the rule explains all first examples and has what the bias wants.",
            _consistent_and_biased, high=1, yes_or_no=True,
        ),
        GenerationMeasure(
            "compositionality", "How far meanings that are alike have words that are alike.",
            _compositionality, low=-1, high=1,
        ),
        GenerationMeasure(
            "expressiveness", "Different words of the language for each meaning.",
            _expressiveness, high=1,
        ),
        GenerationMeasure(
            "refined", "Whether the interaction changed the rule.", _refined, high=1,
            yes_or_no=True,
        ),
        GenerationMeasure(
            "unreadable", "Whether no rule was found in the reply.", _unreadable, high=1,
            yes_or_no=True,
        ),
        GenerationMeasure(
            "validity", "Share of the examples produced that follow from the rule.", _valid,
            high=1,
        ),
        GenerationMeasure(
            "wrong", "Share of the examples written that break the rules of the world.", _wrong,
            high=1, of_rules=False,
        ),
        GenerationMeasure(
            "asked_again", "Replies that were asked for again.", _asked_again, "replies",
            of_rules=False,
        ),
        GenerationMeasure(
            "distinct", "Distinct examples passed on.", _distinct, "examples", of_rules=False
        ),
    )
}  # fmt: skip
"""By name, in the order in which tables have them."""
OF_BIASES = frozenset(("bias_probability", "biased", "alternative", "consistent_and_biased"))
"""Those that say nothing where nothing is wanted."""
