"""Sums are those of the original for the same seeds."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.kinds.debate.arithmetic import FIRST_SEEDS, arithmetic_questions, operands

PUBLISHED = Path(__file__).parents[4] / "shared" / "data" / "debate" / "arithmetic"

published = pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published sums are not here")


def rows(name: str) -> list[tuple[str, str]]:
    lines = (PUBLISHED / name).read_text("utf-8").splitlines()
    return [(row["question"], row["answer"]) for row in map(json.loads, lines)]


@published
def test_the_published_validation_file_is_generated() -> None:
    made = [(one.text, one.gold) for one in arithmetic_questions(FIRST_SEEDS["validation"], 200)]
    assert made == rows("arithmetic_valid200ques.jsonl")


@published
def test_the_published_test_file_is_an_ordered_part_of_what_is_generated() -> None:
    made = iter((one.text, one.gold) for one in arithmetic_questions(FIRST_SEEDS["test"], 299))
    assert all(row in made for row in rows("arithmetic_test200ques.jsonl"))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0, 1, 8, 9, 15, 16, 29, 31, 999, 2**32 - 2]))
def test_numbers_are_those_of_numpy(seed: int, largest: int) -> None:
    drawn = np.random.RandomState(seed).randint(0, largest + 1, 6, dtype=np.int64)
    assert operands(seed, largest) == tuple(drawn.tolist())


def test_numbers_are_those_of_six_single_draws() -> None:
    for seed in (0, 23, 2024, 2**32 - 1):
        source = np.random.RandomState(seed)
        assert operands(seed) == tuple(int(source.randint(0, 30)) for _ in range(6))


def test_solutions_are_worked_in_steps_that_are_right() -> None:
    for one in arithmetic_questions(5, 40):
        steps, last = one.solution.split("\n")
        terms = steps.split(" = ")
        assert terms[0] in one.text
        assert {_value(term) for term in terms} == {int(one.gold)}
        assert last == f"Answer: {one.gold}"


def _value(term: str) -> int:
    total = 0
    for sign, product in re.findall(r"([+-]?)([\d*]+)", term):
        factors = [int(factor) for factor in product.split("*")]
        total += (-1 if sign == "-" else 1) * int(np.prod(factors))
    return total


def test_first_seed_and_count_slide_along_one_sequence() -> None:
    assert arithmetic_questions(30, 5) == arithmetic_questions(28, 9)[2:7]
    assert arithmetic_questions(7, 0) == ()


@pytest.mark.parametrize(
    ("first", "count", "largest"), [(-1, 1, 29), (2**32 - 1, 2, 29), (0, 1, -1)]
)
def test_what_numpy_would_not_take_is_refused(first: int, count: int, largest: int) -> None:
    with pytest.raises(ValueError, match="0 to"):
        arithmetic_questions(first, count, largest)
