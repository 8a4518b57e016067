from __future__ import annotations

import pytest
from hypothesis import given

from simulator.analysis.debates.comparison import compare, compare_all
from simulator.analysis.debates.proportions import Pairs
from simulator.analysis.debates.records import DebateRecord
from tests.analysis.debates.talk import debated, finals, record, records


def test_questions_are_paired_by_their_words() -> None:
    first = record(
        debated([["1"]], final="1", question="One  and\none?"),
        debated([["2"]], final="2", question="B"),
        debated([["1"]], final="1", question="C"),
    )
    second = record(
        debated([["1"]], final="1", question="B"),
        debated([["1"]], final="1", question="One and one?"),
        debated([["1"]], final="1", question="D"),
        debated([["1"]], final="1", question="E"),
    )
    found = compare(first, second)
    assert found.pairs == Pairs(1, 0, 1, 0)
    assert (found.unshared_first, found.unshared_second, found.disputed) == (1, 2, 0)


def test_questions_with_other_right_answers_are_left_out() -> None:
    first = record(debated([["1"]], final="1", question="A"))
    second = record(debated([["7"]], final="7", question="A", gold="7"))
    found = compare(first, second)
    assert (found.pairs.n, found.disputed, found.unshared_first) == (0, 1, 0)
    assert found.interval is None
    assert found.p_value == 1.0


def test_a_question_asked_twice_is_two_questions() -> None:
    first = record(debated([["1"]], final="1"), debated([["2"]], final="2"))
    second = record(debated([["1"]], final="1"), debated([["1"]], final="1"))
    assert compare(first, second).pairs == Pairs(1, 0, 1, 0)
    once = record(debated([["1"]], final="1"))
    assert compare(first, once).unshared_first == 1


def test_the_price_of_a_point() -> None:
    cheap = finals(*["1"] * 5, *["2"] * 5, tokens=100)
    dear = finals(*["1"] * 7, *["2"] * 3, tokens=400)
    found = compare(cheap, dear)
    assert found.extra.tokens == 300
    assert found.per_point is not None
    # 20 points for 300 tokens a question.
    assert found.per_point.tokens == pytest.approx(15)
    assert compare(dear, cheap).per_point is None


def test_several_comparisons_are_adjusted() -> None:
    worst = finals(*["2"] * 12, name="worst")
    best = finals(*["1"] * 12, name="best")
    same = finals(*["1"] * 12, name="same")
    found = compare_all([worst, best, same])
    assert [(one.first, one.second) for one in found] == [
        ("worst", "best"), ("worst", "same"), ("best", "same"),
    ]  # fmt: skip
    assert found[0].p_value == pytest.approx(2 / 2**12)
    assert [one.adjusted_p for one in found] == pytest.approx([6 / 2**12, 6 / 2**12, 1.0])
    assert compare_all([worst]) == []
    elsewhere = record(debated([["1"]], question="Z"))
    assert compare_all([worst, best, elsewhere])[0].adjusted_p == found[0].p_value
    over_worst = compare_all([worst, best, same], baseline_only=True)
    assert [(one.first, one.second) for one in over_worst] == [
        ("worst", "best"), ("worst", "same"),
    ]  # fmt: skip


@given(records(), records())
def test_turning_a_comparison_round_changes_only_signs(
    one: DebateRecord, two: DebateRecord
) -> None:
    there, back = compare(one, two), compare(two, one)
    assert there.pairs.difference == -back.pairs.difference
    assert there.p_value == back.p_value
    assert (there.unshared_first, there.unshared_second) == (
        back.unshared_second, back.unshared_first,
    )  # fmt: skip
    assert there.pairs.n + there.disputed + there.unshared_first == len(one.debated)


@given(records())
def test_a_record_is_as_good_as_itself(one: DebateRecord) -> None:
    found = compare(one, one)
    assert found.pairs.difference == 0.0
    assert found.p_value == 1.0
    assert found.pairs.n == len(one.debated)
