"""Tests of later generations against the first: published shares, rules, bad input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.analysis.culture.distributions import Unit, drift_of, drifts_of
from simulator.analysis.culture.many_tests import benjamini_hochberg, holm, significant_share
from simulator.analysis.culture.records import Floats
from tests.analysis.culture.measured import joined, measured_of, published_measures
from tests.analysis.culture.published import GPT, LLAMA_8B, LLAMA_70B, published

PUBLISHED_SHARES = {
    ("positivity", "inspiration"): {GPT: 0.98, LLAMA_8B: 0.21, LLAMA_70B: 0.625},
    ("difficulty", "rephrase"): {GPT: 0.92, LLAMA_8B: 1.0, LLAMA_70B: 1.0},
    ("length", "rephrase"): {GPT: 0.96, LLAMA_8B: 0.90, LLAMA_70B: 0.0},
}


@published
def test_published_shares_of_generations_that_differ() -> None:
    found = {
        (one.measure, one.task, one.model): one.share() or 0.0
        for one in drifts_of(
            published_measures().where(lambda chain: chain.task != "continue"), classic=True
        )
    }
    for (measure, task), shares in PUBLISHED_SHARES.items():
        for model, share in shares.items():
            assert found[measure, task, model] == pytest.approx(share, abs=0.0055)
    for model in (GPT, LLAMA_8B, LLAMA_70B):
        assert found["positivity", "rephrase", model] <= 0.042
        assert found["difficulty", "inspiration", model] >= 0.979
    toxic = [found["toxicity", "rephrase", model] for model in (GPT, LLAMA_8B, LLAMA_70B)]
    assert min(toxic) == 0
    assert max(toxic) == pytest.approx(0.60, abs=0.005)


@published
def test_published_shares_of_continued_texts_and_the_last_generation() -> None:
    measured = published_measures().where(lambda chain: chain.task == "continue")
    classic = drifts_of(measured, ("positivity",), classic=True)
    assert all(0.955 <= (one.share() or 0.0) <= 1 for one in classic)
    assert {one.generations for one in classic} == {tuple(range(2, 50))}
    right = drift_of(measured.values["positivity"][:100])
    assert right.generations == tuple(range(2, 51))
    assert right.chances[:-1] == classic[0].chances


CHANCES = st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=20)


@given(chances=CHANCES)
def test_corrections_only_raise_chances_and_keep_their_order(chances: list[float | None]) -> None:
    both = (holm(chances), benjamini_hochberg(chances))
    for adjusted in both:
        assert [one is None for one in adjusted] == [one is None for one in chances]
    made = [
        (raw, strict, mild)
        for raw, strict, mild in zip(chances, *both, strict=True)
        if raw is not None and strict is not None and mild is not None
    ]
    assert all(
        raw <= mild + 1e-12 and mild <= strict + 1e-12 <= 1 + 1e-9 for raw, strict, mild in made
    )
    made.sort()
    for place in (1, 2):
        those = [row[place] for row in made]
        assert those == sorted(those)


def test_benjamini_and_hochberg_by_hand() -> None:
    adjusted = benjamini_hochberg([0.01, 0.04, None, 0.03, 0.005])
    assert adjusted == pytest.approx((0.02, 0.04, None, 0.04, 0.02))
    assert benjamini_hochberg([None]) == (None,)


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, None, 0.03, 0.005]) == pytest.approx((0.03, 0.06, None, 0.06, 0.02))
    assert significant_share([0.01, None, 0.5]) == 0.5
    assert significant_share([None]) is None


def _chains(seed: int, shift: float, texts: int = 10, copies: int = 5) -> Floats:
    rng = np.random.default_rng(seed)
    own = np.tile(rng.normal(0, 1, texts), copies)[:, None]
    values = own + rng.normal(0, 0.3, (texts * copies, 5))
    values[:, 3:] += shift
    return values


@pytest.mark.parametrize("unit", ["chains", "text means", "texts"])
def test_a_shift_is_found_where_it_is(unit: Unit) -> None:
    measured = measured_of(_chains(1, 4.0), texts=10)
    (drift,) = drifts_of(measured, unit=unit)
    assert drift.generations == (2, 3, 4)
    assert [chance < 0.05 for chance in drift.chances if chance is not None] == [False, True, True]
    (steps,) = drifts_of(measured, unit=unit, successive=True)
    assert [chance < 0.05 for chance in steps.chances if chance is not None] == [False, True, False]
    assert steps.against == "previous"


def test_chains_that_share_texts_are_not_that_many_chains() -> None:
    """What is called different by chance: where a text moves, all its chains move together."""
    units: tuple[Unit, ...] = ("chains", "text means", "texts")
    false = dict.fromkeys(units, 0)
    for seed in range(60):
        rng = np.random.default_rng(seed)
        texts = np.repeat(np.arange(12), 8)
        values = rng.normal(0, 1, (12, 3))[texts] + rng.normal(0, 0.1, (96, 3))
        for unit in units:
            drift = drift_of(values, texts, unit=unit, permutations=199, seed=seed)
            false[unit] += (drift.chances[0] or 0) < 0.05
    assert false["chains"] > 15
    assert false["texts"] <= 8
    assert false["text means"] <= 8


@given(
    order=st.permutations(range(12)),
    scale=st.floats(0.5, 5),
    unit=st.sampled_from(["chains", "texts"]),
)
@settings(max_examples=15)
def test_neither_order_nor_unit_of_measure_matters(
    order: list[int], scale: float, unit: Unit
) -> None:
    values = np.random.default_rng(8).normal(0, 1, (12, 4)).round(2)
    texts = np.repeat(np.arange(4), 3)
    one = drift_of(values, texts, unit=unit, permutations=49)
    other = drift_of(scale * values[order] + 3, texts[order], unit=unit, permutations=49)
    assert other.statistics == pytest.approx(one.statistics)
    if unit == "chains":
        assert other.chances == pytest.approx(one.chances)


def test_the_statistic_of_exchanged_texts_is_that_of_the_test() -> None:
    values = np.random.default_rng(9).normal(0, 1, (20, 4)).round(1)
    texts = np.arange(20)
    assert drift_of(values, texts, unit="texts", permutations=9).statistics == pytest.approx(
        drift_of(values, texts).statistics
    )


def test_chains_that_stop_half_way_are_counted() -> None:
    values = np.random.default_rng(10).random((6, 5))
    values[:2, 3:] = np.nan
    values[2:5, 4] = np.inf
    drift = drift_of(values)
    assert drift.dropped == (0, 2, 5)
    assert drift.sizes == (6, 4, 1)
    assert drift.chances[2] is None
    assert drift.holm[2] is None
    assert drift.share() == 0


@pytest.mark.parametrize(
    ("values", "unit", "reason"),
    [
        (np.zeros((0, 5)), "chains", "fewer than 2 chains"),
        (np.zeros((3, 2)), "chains", "fewer than two generations"),
        (np.full((3, 5), np.nan), "texts", "fewer than 2 texts"),
    ],
)
def test_what_cannot_be_tested_says_why(values: Floats, unit: Unit, reason: str) -> None:
    drift = drift_of(values, unit=unit)
    assert reason in drift.reason
    assert drift.share() is None


def test_one_text_has_chains_to_compare_but_no_texts() -> None:
    measured = measured_of(np.random.default_rng(11).random((6, 4)), texts=1)
    assert drifts_of(measured)[0].reason == ""
    assert "fewer than 2 texts" in drifts_of(measured, unit="texts")[0].reason
    assert "fewer than 2 texts" in drifts_of(measured, unit="text means")[0].reason


@pytest.mark.parametrize("unit", ["chains", "text means", "texts"])
def test_equal_values_do_not_differ(unit: Unit) -> None:
    assert drift_of(np.ones((6, 4)), unit=unit).chances == (1.0, 1.0)


def test_groups_are_tested_apart() -> None:
    values = np.random.default_rng(12).random((6, 4))
    found = drifts_of(joined(measured_of(values, task="a"), measured_of(values, task="b")))
    assert [one.task for one in found] == ["a", "b"]
    assert found[0].chances == found[1].chances


def test_shapes_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="Not one text for each chain"):
        drift_of(np.zeros((3, 4)), np.zeros(4, dtype=np.int64))


@pytest.mark.parametrize(
    ("texts", "unit", "least"),
    [
        (3, "text means", 0.1), (4, "text means", 2 / 70), (5, "texts", 1 / 16),
        (6, "texts", 1 / 32), (20, "texts", 1 / 200), (3, "chains", 2 / 924),
    ],
)  # fmt: skip
def test_so_few_texts_can_have_no_smaller_p(texts: int, unit: Unit, least: float) -> None:
    values = np.zeros((2 * texts, 4))
    values[:, 2:] = 1
    drift = drift_of(values, np.repeat(np.arange(texts), 2), unit=unit, permutations=199)
    assert drift.least == pytest.approx(least)
    assert min(one for one in drift.chances if one is not None) >= 0.6 * least
    assert drift.can_reject() == (least < 0.05)
    assert drift.can_reject_corrected() == (2 * least < 0.05)
