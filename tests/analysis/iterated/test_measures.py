"""Measures of learners, and their means over runs."""

from __future__ import annotations

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.analysis.iterated.conditions import (
    conditions_of,
    means_of,
    status_shares,
    wishes_of,
)
from simulator.analysis.iterated.intervals import mean_of
from simulator.analysis.iterated.measured import ALL_MEASURES, measure_lineage
from simulator.analysis.iterated.measures import entropy, is_biased
from simulator.analysis.iterated.overview import counts_of, tops_of
from simulator.analysis.iterated.worlds.base import Example
from simulator.analysis.iterated.worlds.language import Language
from simulator.analysis.summary import student_t
from tests.analysis.iterated.made_lineages import (
    ALTERNATIVE,
    TRUTH,
    UNIFORM,
    WORLD,
    certain,
    drifting,
    learner,
    lineage,
    measured,
    rule,
)

WEIGHTS = st.lists(st.floats(0, 1e6), min_size=1, max_size=30).filter(lambda own: sum(own) > 1e-6)


@given(weights=WEIGHTS, factor=st.floats(1e-3, 1e3))
def test_entropy_is_of_normalised_probabilities(weights: list[float], factor: float) -> None:
    found = entropy(weights)
    assert 0 <= found <= log(len(weights)) + 1e-9
    assert entropy([weight * factor for weight in weights]) == pytest.approx(found, abs=1e-9)
    assert entropy([1 / len(weights)] * len(weights)) == pytest.approx(log(len(weights)))


def test_entropy_of_what_is_known() -> None:
    assert entropy([0.5, 0.25, 0.25]) == pytest.approx(1.5 * log(2))
    assert entropy(certain(TRUTH)) == 0
    assert entropy([1.0] * 243) == pytest.approx(5.493, abs=5e-4), "the line of the paper"


def test_measures_of_one_learner() -> None:
    kept = rule("off", "und")
    wrong = (Example("A", "on"), Example("screen", "und"), Example("screen", "und"))
    p = tuple(0.5 if one in (TRUTH, rule("off", "off")) else 0.0 for one in WORLD.hypotheses)
    own = learner(1, kept, said=ALTERNATIVE, data=wrong, probabilities=p, wrong=1, asked_again=2)
    values = {name: found[1] for name, found in measured([own]).values.items()}
    assert values == {
        "entropy": pytest.approx(log(2)), "bias_probability": 0.5, "truth_probability": 0.5,
        "biased": 0, "correct": 0.5, "exact": 0, "alternative": 0, "explained": 0,
        "consistency": 0, "consistent_and_biased": 0, "refined": 1, "unreadable": 0,
        "validity": pytest.approx(2 / 3), "wrong": 0.25, "asked_again": 2, "distinct": 2,
    }  # fmt: skip


def test_a_bias_wants_the_same_whatever_the_truth_is() -> None:
    own = lineage([])
    assert is_biased(WORLD, own, rule("und", "off")) and not is_biased(WORLD, own, TRUTH)
    values = measured([learner(1, ALTERNATIVE)]).values
    assert values["alternative"][1] == values["biased"][1] == 1
    assert values["consistent_and_biased"][1] == 1, "the alternative explains ambiguous data"
    there = measured(
        [learner(1, ALTERNATIVE, probabilities=UNIFORM)], truth=ALTERNATIVE, alternative=None
    ).values
    assert there["biased"][1] == there["exact"][1] == there["consistent_and_biased"][1] == 1
    assert there["bias_probability"][1] == pytest.approx(1 / 3)
    unbiased = measured([learner(1, TRUTH, probabilities=UNIFORM)], wanted={})
    assert not {"biased", "bias_probability"} & unbiased.values.keys()


def test_a_bias_that_nobody_has_is_told_beside_one_alone() -> None:
    control = measured([learner(1, TRUTH, probabilities=UNIFORM)], is_control=True)
    (alone,) = conditions_of([control])
    told = {one.measure for one in means_of([alone])}
    assert "entropy" in told and not told & {"biased", "bias_probability", "alternative"}
    assert not status_shares([alone]) and not wishes_of([alone])
    biased = measured([learner(1, TRUTH)], condition={"bias": "strong"})
    both = conditions_of([control, biased])
    assert [one.condition for one in means_of(both, ("biased",))] == [one.name for one in both]
    assert wishes_of(both) == dict.fromkeys((one.name for one in both), "screen off")
    other = measured([learner(1, TRUTH)], condition={"bias": "strong"}, wanted={"A": "on"})
    assert [*wishes_of(conditions_of([control, other])).values()] == ["A on"]


def test_what_is_not_there_has_no_number() -> None:
    values = measured([learner(1, None, data=()), learner(2, TRUTH, data=())]).values
    assert values["unreadable"] == {1: 1, 2: 0}
    assert values["exact"] == {2: 1} and "validity" not in values and "distinct" not in values
    assert "entropy" not in values, "P(h) was not taken"


def test_languages_are_compositional_and_expressive_or_not() -> None:
    world = Language()
    by_kind = {world.kind(one): one for one in world.hypotheses}
    truth, alternative = by_kind["compositional"], by_kind["degenerate"]
    own = lineage(
        [learner(1, truth, data=()), learner(2, alternative, data=())], world="language",
        truth=truth, alternative=alternative, wanted=world.words(alternative),
        first=(Example("red circle", "kaka"),),
    )  # fmt: skip
    values = measure_lineage(own, world).values
    assert values["compositionality"] == {1: 1}, "all words alike have none"
    assert values["expressiveness"] == {1: 1, 2: 0.25}
    assert values["correct"][1] == 1 and 0 < values["correct"][2] < 1, "by meaning"
    assert values["biased"] == {1: 0, 2: 1}


def test_acronyms_have_measures_of_data_from_the_first_data_on() -> None:
    first = (Example("can, any, take", "cat"), Example("x, q, j, z", "xqjz"))
    data = (Example("do, or, go", "dog"), Example("can, at, tea", "cat"))
    own = lineage(
        [learner(1, None, data=data, wrong=2)], world="acronyms", truth=None, alternative=None,
        first=first,
    )  # fmt: skip
    values = measure_lineage(own, None).values
    assert values["easy_ratio"] == {0: 0.5, 1: 1} and values["mean_length"] == {0: 3.5, 1: 3}
    assert values["correct_share"][1] == 0.5 and values["wrong"] == {1: 0.5}
    assert "unreadable" not in values, "there are no rules to read"


def test_means_have_intervals_over_runs() -> None:
    found = mean_of([1.0, 2.0, 3.0, None])
    assert (found.value, found.runs, found.missing) == (2, 3, 1)
    assert found.interval is not None and found.interval.high == pytest.approx(4.4841, abs=1e-3)
    cut = mean_of([0.0, 1.0], low=0, high=1).interval
    assert cut is not None and (cut.low, cut.high) == (0, 1)
    wilson = mean_of([1.0, 1.0, 1.0, 1.0], yes_or_no=True).interval
    assert wilson is not None and (round(wilson.low, 4), wilson.high) == (0.5101, 1)
    assert mean_of([1.0]).interval is None and mean_of([None]).value != mean_of([None]).value


@given(
    values=st.lists(st.sampled_from((0.0, 1.0)), min_size=2, max_size=6),
    copies=st.integers(2, 4), yes_or_no=st.booleans(),
)  # fmt: skip
def test_runs_of_one_seed_count_once(values: list[float], copies: int, yes_or_no: bool) -> None:
    once = mean_of(values, yes_or_no=yes_or_no)
    seeds = [*range(len(values))] * copies
    found = mean_of(values * copies, seeds=seeds, yes_or_no=yes_or_no)
    assert (found.value, found.interval, found.runs) == (once.value, once.interval, once.runs)
    assert found.repeated == len(values) * (copies - 1)


def test_runs_of_one_seed_that_disagree_count_by_their_mean() -> None:
    found = mean_of([1.0, 0.0, 1.0, None, None], seeds=[1, 1, 2, 2, 3], yes_or_no=True)
    assert (found.value, found.runs, found.missing, found.repeated) == (0.75, 2, 1, 2)
    assert found.interval is not None and found.interval.low < 0.75 < found.interval.high == 1


def test_a_condition_played_twice_is_no_surer() -> None:
    once, twice = conditions_of(drifting("none")), conditions_of(drifting("none") * 2)
    for of in (means_of, status_shares):
        first, second = ([one.mean for one in of(found)] for found in (once, twice))
        assert [one.runs for one in first] == [one.runs for one in second]
        assert [one.value for one in first] == pytest.approx([one.value for one in second])
        assert [one.interval is None for one in first] == [one.interval is None for one in second]
        for one, other in zip(first, second, strict=True):
            if one.interval is not None and other.interval is not None:
                assert other.interval.low == pytest.approx(one.interval.low, abs=1e-12)
        assert all(one.repeated == 3 for one in second)


def test_intervals_of_other_levels() -> None:
    assert [round(student_t(4, level), 3) for level in (0.8, 0.95)] == [1.533, 2.776]


@given(values=st.lists(st.floats(0, 1), min_size=2, max_size=8), level=st.floats(0.5, 0.99))
def test_an_interval_holds_its_mean(values: list[float], level: float) -> None:
    found = mean_of(values, level=level, low=0, high=1)
    assert found.interval is not None
    assert 0 <= found.interval.low <= found.value <= found.interval.high <= 1


def test_conditions_are_named_by_what_varies() -> None:
    conditions = conditions_of([*drifting("none"), *drifting("self_refine")])
    assert [one.name for one in conditions] == ["interaction none", "interaction self_refine"]
    assert [one.name for one in conditions_of(drifting("none"))] == ["all"]
    assert [len(one.lineages) for one in conditions] == [3, 3]
    strong, none = {"bias": "strong", "position": "end"}, {"bias": "none"}
    named = conditions_of([measured([], condition=one) for one in (strong, none)])
    assert [one.name for one in named] == ["bias strong", "bias none"], "a position says no more"
    apart = conditions_of([measured([], condition=one) for one in ({"position": "end"}, {})])
    assert [one.name for one in apart] == ["position end", "position –"]
    told = conditions_of([measured([], condition=one) for one in ({"passed on": "8"}, {})])
    assert [one.name for one in told] == ["passed on 8", "passed on usual"]


def test_means_of_generations() -> None:
    conditions = conditions_of(drifting("none"))
    found = {
        (one.measure, one.generation): one.mean
        for one in means_of(conditions, ("biased", "explained", "bias_probability"))
    }
    assert [round(found["biased", number].value, 3) for number in (1, 2, 3)] == [0, 0.667, 1]
    assert found["bias_probability", 1].value == pytest.approx(1 / 3)
    high = found["explained", 1].interval
    assert high is not None and high.high == 2, "no more than there are first examples"
    assert {one.measure for one in means_of(conditions)} <= ALL_MEASURES.keys()


def test_shares_of_statuses_begin_at_a_third() -> None:
    found = {
        (one.status, one.generation): one.mean.value
        for one in status_shares(conditions_of(drifting("none")))
    }
    assert [found[status, 0] for status in ("on", "off", "und")] == [pytest.approx(1 / 3)] * 3
    assert found["off", 3] == 1 and found["on", 3] == 0
    by_rules = conditions_of([measured([learner(1, ALTERNATIVE)]), measured([learner(1, TRUTH)])])
    shares = [one for one in status_shares(by_rules) if one.generation == 1]
    assert all(one.of_rules for one in shares)
    assert {one.status: one.mean.value for one in shares} == {"on": 0, "off": 0.5, "und": 0.5}


def test_what_there_is_and_what_is_most_probable() -> None:
    runs = drifting("none", 2)
    short = measured([learner(1, None, wrong=3)], expected=4, condition={"interaction": "none"})
    (counts,) = counts_of(conditions_of([*runs, short]))
    assert (counts.runs, counts.incomplete, counts.learners, counts.without_rule) == (3, 1, 9, 1)
    assert (counts.wrong, counts.measured) == (3, 8)
    tops = tops_of(conditions_of(runs))
    assert (tops[-1].hypothesis, tops[-1].probability) == (ALTERNATIVE, 1)
    assert tops[-1].of_truth == 0


def test_what_is_most_probable_counts_a_seed_once() -> None:
    own = [
        measured([learner(1, one, probabilities=certain(one))], run=f"r{place}", seed=seed)
        for place, (one, seed) in enumerate([(TRUTH, 1), (TRUTH, 1), (ALTERNATIVE, 2)])
    ]
    (top,) = tops_of(conditions_of(own))
    assert (top.probability, top.of_truth) == (0.5, 0.5)
