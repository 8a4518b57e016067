"""The number game."""

from __future__ import annotations

import math

import pytest

from simulator.analysis.iterated.worlds.agreement import consistent
from simulator.analysis.iterated.worlds.base import Data, Example
from simulator.analysis.iterated.worlds.numbers import Numbers

NUMBERS = Numbers()


def said(*numbers: int) -> Data:
    return tuple(Example("", str(number)) for number in numbers)


@pytest.mark.parametrize(
    ("concept", "members"),
    [
        ("square numbers", {1, 4, 9, 16, 25, 36, 49, 64, 81, 100}),
        ("cube numbers", {1, 8, 27, 64}),
        ("powers of 3", {3, 9, 27, 81}),
        ("multiples of 12", {12, 24, 36, 48, 60, 72, 84, 96}),
        ("numbers from 16 to 20", {16, 17, 18, 19, 20}),
        ("multiples of 10", {10, 20, 30, 40, 50, 60, 70, 80, 90, 100}),
        ("all numbers", {*range(1, 101)}),
    ],
)
def test_concepts_have_their_members(concept: str, members: set[int]) -> None:
    assert NUMBERS.members(concept) == members


def test_there_are_25_primes_and_no_two_concepts_alike() -> None:
    assert len(NUMBERS.members("prime numbers")) == 25
    assert len({NUMBERS.members(one) for one in NUMBERS.hypotheses}) == 363


def test_small_concepts_say_more() -> None:
    data = said(2, 8, 64)
    powers, even = (NUMBERS.log_likelihood(one, data, 0) for one in ("powers of 2", "even numbers"))
    assert math.isclose(powers, -3 * math.log(6))
    assert math.isclose(even, -3 * math.log(50))
    assert NUMBERS.log_likelihood("odd numbers", data, 0) == -math.inf
    assert math.isclose(NUMBERS.log_likelihood("odd numbers", data, 0.1), 3 * math.log(0.1 / 50))


def test_all_numbers_have_no_noise() -> None:
    assert math.isclose(NUMBERS.log_likelihood("all numbers", said(7), 0.4), -math.log(100))


def test_more_examples_sharpen_the_generalisation() -> None:
    prior = NUMBERS.prior()
    one = NUMBERS.generalisation(said(16), prior)
    four = NUMBERS.generalisation(said(16, 8, 2, 64), prior)
    assert one[16] == four[16] == pytest.approx(1)
    assert four[32] > 0.99 > one[32]
    assert 0 < four[10] < 0.01 < one[10]
    near = NUMBERS.generalisation(said(16, 23, 19, 20), prior)
    assert near[21] > near[32] > near[64]


def test_a_generalisation_is_the_sum_over_concepts() -> None:
    prior = NUMBERS.prior(0.5)
    assert math.fsum(prior) == pytest.approx(1)
    data = said(9)
    left = [(one, prior[NUMBERS.hypotheses.index(one)]) for one in consistent(NUMBERS, data)]
    weights = {one: chance / len(NUMBERS.members(one)) for one, chance in left}
    with_3 = sum(weight for one, weight in weights.items() if 3 in NUMBERS.members(one))
    assert NUMBERS.generalisation(data, prior)[3] == pytest.approx(with_3 / sum(weights.values()))


def test_data_that_the_prior_rules_out_generalise_to_nothing() -> None:
    nothing = [float(one == "even numbers") for one in NUMBERS.hypotheses]
    assert NUMBERS.generalisation(said(3), nothing) == {}


def test_without_intervals_all_the_prior_is_mathematical() -> None:
    assert math.fsum(Numbers(widths=()).prior(0.2)) == pytest.approx(1)


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("Rule: Multiples of 2", "even numbers"),
        (
            "It could be primes.\n**Rule:** perfect squares.\nBecause 9 is no prime.",
            "square numbers",
        ),
        ("either odd numbers or numbers between 10 and 19", "numbers from 10 to 19"),
        ("Rule: 10 - 19", "numbers from 10 to 19"),
        ("Rule:\nnumbers that end in the digit 0", "multiples of 10"),
        ("all are divisible by 7", "multiples of 7"),
        ("They aren't the squares, so odd numbers, not even numbers.", "odd numbers"),
        ("I am not sure, but they look like primes", "prime numbers"),
        ("Rule: every number", "all numbers"),
    ],
)
def test_concepts_are_read_in_other_words(text: str, concept: str) -> None:
    assert NUMBERS.read_rule(text).hypothesis == concept


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Rule: odd squares", "`odd squares` names several concepts"),
        ("Rule: powers of 1", "`powers of 1` is no concept of this world"),
        ("Rule: numbers from 20 to 3", "`20 to 3` is no concept of this world"),
        ("Rule: multiples of 0", "`multiples of 0` is no concept of this world"),
        ("Rule:", "no rule in the reply"),
        ("Rule: not even numbers", "`not even numbers` is no concept of this world"),
        ("Rule: all numbers except 7", "`all numbers except 7` is no concept of this world"),
        (
            "Rule: numbers that don\u2019t end in 5",
            "`numbers that don\u2019t end in 5` is no concept of this world",
        ),
        ("They are not the even numbers.", "`not even` is no concept of this world"),
    ],
)
def test_what_is_no_concept_is_told(text: str, reason: str) -> None:
    read = NUMBERS.read_rule(text)
    assert (read.hypothesis, read.reason) == (None, reason)


def test_numbers_are_read_from_lines_of_numbers_only() -> None:
    text = "Here are 4 numbers:\n1. 16\n2) 8\n- 2.\nNumbers: 64, 32; 4\nOf course 7 is none."
    assert NUMBERS.read_data(text).data == said(16, 8, 2, 64, 32, 4)


def test_numbers_out_of_range_are_left_out() -> None:
    read = NUMBERS.read_data("3.5\n-5\n0\n101\n100\n99999999999")
    assert read.data == said(100)
    assert (len(read.left_out), read.wrong) == (5, 5)
    assert read.left_out[0] == "`3.5` is no number from 1 to 100"
