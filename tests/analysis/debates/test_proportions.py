from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.analysis.debates.proportions import Pairs, Proportion, holm, proportion

LEVELS = st.sampled_from((0.5, 0.8, 0.9, 0.95, 0.99))
COUNTS = st.integers(0, 300)


@st.composite
def proportions(draw: st.DrawFn) -> Proportion:
    of = draw(st.integers(1, 2000))
    return Proportion(draw(st.integers(0, of)), of)


pairs = st.builds(Pairs, COUNTS, COUNTS, COUNTS, COUNTS)


@pytest.mark.parametrize(
    ("count", "of", "level", "low", "high"),
    [
        # statsmodels 0.15, proportion_confint(count, of, method="wilson")
        (0, 10, 0.95, 0.0, 0.27753279986288926),
        (10, 10, 0.95, 0.7224672001371106, 1.0),
        (27, 50, 0.95, 0.40398871399157477, 0.6703034780777566),
        (1, 1, 0.95, 0.2065493143772374, 1.0),
        (120, 200, 0.9, 0.5420516811157511, 0.6552788867532938),
        (3, 7, 0.9, 0.186443190363956, 0.7105229089864071),
    ],
)
def test_wilson_intervals_are_those_of_statsmodels(
    count: int, of: int, level: float, low: float, high: float
) -> None:
    found = Proportion(count, of).interval(level)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)


@given(proportions(), LEVELS)
def test_an_interval_holds_the_share_and_stays_within_bounds(one: Proportion, level: float) -> None:
    found = one.interval(level)
    assert 0.0 <= found.low <= one.share <= found.high <= 1.0
    assert found.low < found.high


@given(proportions(), LEVELS)
def test_wrong_answers_have_the_mirrored_interval(one: Proportion, level: float) -> None:
    right, wrong = one.interval(level), Proportion(one.of - one.count, one.of).interval(level)
    assert (wrong.low, wrong.high) == pytest.approx((1 - right.high, 1 - right.low))


@given(proportions(), st.integers(2, 5))
def test_more_questions_narrow_the_interval(one: Proportion, times: int) -> None:
    few, many = one.interval(), Proportion(one.count * times, one.of * times).interval()
    assert many.high - many.low < few.high - few.low


def test_nothing_of_nothing_is_no_share() -> None:
    assert proportion(0, 0) is None
    assert Pairs(0, 0, 0, 0).difference_interval() is None
    assert Pairs(0, 0, 0, 0).first is None
    assert Pairs(0, 0, 0, 0).difference == 0.0


@pytest.mark.parametrize(
    ("only_first", "only_second", "exact", "mid_p"),
    [
        # statsmodels 0.15, mcnemar(exact=True), and scipy's binom for mid-p; the first is also in
        # Fagerland, Lydersen and Laake (2013).
        (1, 7, 0.0703125, 0.0390625),
        (0, 5, 0.0625, 0.03125),
        (10, 10, 1.0, 1.0),
        (12, 2, 0.012939453125, 0.00738525390625),
        (25, 40, 0.08168153394154003, 0.06401750413722561),
        (150, 200, 0.008720036530555947, 0.007524139788171171),
        (0, 0, 1.0, 1.0),
    ],
)
def test_mcnemars_test_is_that_of_statsmodels(
    only_first: int, only_second: int, exact: float, mid_p: float
) -> None:
    found = Pairs(3, only_first, only_second, 4)
    assert found.mcnemar() == pytest.approx(exact, rel=1e-9)
    assert found.mcnemar(mid_p=True) == pytest.approx(mid_p, rel=1e-9)


def test_thousands_of_pairs_are_no_trouble() -> None:
    assert Pairs(0, 5000, 5000, 0).mcnemar() == 1.0
    assert 0.0 < Pairs(0, 4900, 5100, 0).mcnemar() < 0.06


@pytest.mark.parametrize(
    ("table", "low", "high"),
    [
        # Newcombe's own and Fagerland, Lydersen and Laake's (2014, Stat. Med. 33:2850) examples.
        (Pairs(36, 2, 12, 0), 0.0569, 0.3404),
        (Pairs(1, 7, 1, 12), -0.507, -0.026),
    ],
)
def test_intervals_of_differences_are_the_published_ones(
    table: Pairs, low: float, high: float
) -> None:
    found = table.difference_interval()
    assert found is not None
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-4)


@given(pairs, LEVELS)
def test_a_difference_lies_in_its_interval_and_turns_with_the_pairs(
    one: Pairs, level: float
) -> None:
    turned = Pairs(one.both, one.only_second, one.only_first, one.neither)
    found, mirrored = one.difference_interval(level), turned.difference_interval(level)
    if found is None or mirrored is None:
        assert one.n == 0
        return
    assert -1.0 <= found.low <= one.difference <= found.high <= 1.0
    assert (mirrored.low, mirrored.high) == pytest.approx((-found.high, -found.low), abs=1e-12)


@given(pairs)
def test_p_values_ignore_order_and_what_both_did(one: Pairs) -> None:
    exact, mid_p = one.mcnemar(), one.mcnemar(mid_p=True)
    assert 0.0 < mid_p <= exact <= 1.0
    assert Pairs(0, one.only_second, one.only_first, 9).mcnemar() == exact


def test_holms_adjustment_is_that_of_statsmodels() -> None:
    # multipletests(..., method="holm")
    adjusted = holm([0.01, 0.04, 0.03, 0.005, 0.5])
    assert adjusted == pytest.approx([0.04, 0.09, 0.09, 0.025, 0.5])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), max_size=8))
def test_adjusted_p_values_keep_their_order_and_never_shrink(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    assert all(p <= q <= 1.0 for p, q in zip(p_values, adjusted, strict=True))
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    assert [adjusted[i] for i in order] == sorted(adjusted)
