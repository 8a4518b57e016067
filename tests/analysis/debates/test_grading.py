"""Answers are found as people mean them, and as the original found them."""

from __future__ import annotations

import json
import time
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.analysis.debates.grading import (
    Grader,
    answer_of,
    classic_whole_number,
    is_right,
    most_frequent,
    plurality,
)
from simulator.analysis.debates.numbers import canonical, numbers_in

DATA = Path(__file__).parents[4] / "shared" / "data" / "debate"
SHORT = settings(max_examples=60, deadline=None)

GRADERS: tuple[Grader, ...] = ("number", "choice", "text")
fractions = st.fractions(max_denominator=10**6)
texts = st.text(st.sampled_from("Answer: 0123456789.,-+/$%{}()ABCDabcd\\ \n#=*^eé½−"), max_size=60)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("So she has 18.\nAnswer: 18", "18"),
        ("Answer: 7. No, wrong.\nAnswer: 9", "9"),
        ("Answer: 9\nThen write Answer: {number}", "9"),
        ("Answer: -12", "-12"),
        ("Answer = 12 after 3 days", "12"),
        ("Answer: −12", "-12"),
        ("Answer: - 12", "-12"),
        ("Answer: 1/2", "0.5"),
        ("Answer: -2/6", "-1/3"),
        ("Answer: 1 1/2", "1.5"),
        ("Answer: 2½ cups", "2.5"),
        ("Answer: .5", "0.5"),
        ("Answer: 42.", "42"),
        ("Answer: 18.00", "18"),
        ("Answer: $1,234,567.50", "1234567.5"),
        ("Answer: -$5", "-5"),
        ("Answer: $-5", "-5"),
        ("Answer: €3 each", "3"),
        ("Answer: 50%", "50"),
        ("Answer: 1.5e3", "1500"),
        ("Answer: 2.5 × 10^-2", "0.025"),
        (r"Answer: 3 \times 10^{4}", "30000"),
        ("Answer: 2*9 = 18 years", "18"),
        ("Answer: x = -4", "-4"),
        ("Answer: the total = 5", "5"),
        ("Answer: 42 (since 6*7 = 42)", "42"),
        ("**Answer:** 21", "21"),
        ("Final answer (in dollars): 21", "21"),
        ("ANSWER：２１", "21"),
        ("Answer:\n\n```\n21\n```", "21"),
        ("Answer: Ann has 21 apples left.", "21"),
        (r"Thus \boxed{\frac{-3}{4}} is it, which took 2 steps.", "-0.75"),
        (r"\boxed{\text{7 cm}}", "7"),
        (r"\boxed{1{,}000} because \frac12 is 0.5", "1000"),
        ("The answer is 3. It took 4 steps.", "3"),
        ("She sold 9.\n#### 18", "18"),
        ("6*8 is 48, so it is 53", "53"),
        ("first 10, then 10-5", "5"),
        ("It is 21." + " And so on." * 1000, "21"),
        ("It is 12345" + " " * 1998, "12345"),
        ("Answer: none", None),
        ("Answer: 1/0", None),
        ("Answer: " + "9" * 301, None),
        ("Answer: 1e999999999", None),
        ("I do not know.", None),
        ("", None),
    ],
)
def test_numbers(text: str, answer: str | None) -> None:
    assert answer_of(text, "number") == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Answer: 7 and later Answer: 9", "7"),
        ("Answer: 7 and later Answer: 9.5", "9.5"),
        ("Answer: 1/2", "1"),
        ("Answer: .5", "5"),
        ("Answer: -1,234", "-1234"),
        ("Answer:21 of 30", "30"),
        (r"\boxed{-7} in 3 steps", "7"),
        (r"\boxed{} after 3 steps", "-99999"),
        ("10-5", "-5"),
        ("No idea", "-99999"),
        ("", "-99999"),
        ("Answer: 0.10", "0.1"),
        ("Answer: " + "9" * 400, "inf"),
    ],
)
def test_numbers_as_the_original_finds_them(text: str, answer: str) -> None:
    assert answer_of(text, "number", classic=True) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The answer is: 3/4", "1"),
        ("The answer is: 1/2", "0"),
        ("The answer is: 2.5", "2"),
        ("The answer is: 7/0", "7"),
        ("The answer is: 7/00", None),
        ("The answer is: 1,234 then. The answer is: -8.", "-8"),
        ("The answer is: " + "9" * 400, None),
        ("The answer is: many", None),
        ("The answer is 3", None),
    ],
)
def test_numbers_as_the_original_finds_them_for_wizardmath(text: str, answer: str | None) -> None:
    assert classic_whole_number(text) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Answer: B", "B"),
        ("Answer: c", "C"),
        ("Answer: (B)", "B"),
        ("Answer: B. Paris", "B"),
        ('Answer: "B)"', "B"),
        ("**Answer: B**", "B"),
        ("Answer: **(b)**", "B"),
        ("Answer: option D", "D"),
        ("Answer: A\nNo.\nAnswer: D", "D"),
        ("Answer: B\nAnswer: E", "B"),
        ("Answer: I think it is (C).", "C"),
        ("Answer: a bird", None),
        ("Answer: Because", None),
        (r"\boxed{\text{C}}", "C"),
        ("So the correct answer is D, not A.", "D"),
        ("First A seems right.\n(B)", "B"),
        ("C) Paris", "C"),
        ("Paris", None),
        ("", None),
    ],
)
def test_letters(text: str, answer: str | None) -> None:
    assert answer_of(text, "choice", options="ABCD") == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Answer: c", "c"),
        ("Answer: (B)", ")"),
        ("Answer: B, or Answer: C", "B"),
        ("the answer is D", "D"),
        ("So b", "B"),
        ("", "-"),
    ],
)
def test_letters_as_the_original_finds_them(text: str, answer: str) -> None:
    assert answer_of(text, "choice", classic=True) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("It is in France.\nAnswer: The Eiffel   Tower.", "eiffel tower"),
        ("Answer: *paris*", "paris"),
        (r"\boxed{Paris}", "paris"),
        ("Hm.\nParis!\n```", "paris"),
        ("Answer: -3.5", "-3.5"),
        ("", None),
    ],
)
def test_words(text: str, answer: str | None) -> None:
    assert answer_of(text, "text") == answer
    assert answer_of(text, "text", classic=True) == answer


@pytest.mark.parametrize(
    ("answer", "gold", "grader", "right"),
    [
        ("0.5", "1/2", "number", True),
        ("1234", "$1,234.00", "number", True),
        ("9007199254740993", "9007199254740992", "number", False),
        ("0.3333333333333333", "1/3", "number", False),
        ("-99999", "21", "number", False),
        ("inf", "21", "number", False),
        (None, "21", "number", False),
        ("B", "b", "choice", True),
        ("c", "C", "choice", False),
        ("eiffel tower", "the Eiffel tower", "text", True),
        ("eiffel", "the Eiffel tower", "text", False),
        ("∀", "∀", "text", True),
    ],
)
def test_right_and_wrong(answer: str | None, gold: str, grader: Grader, right: bool) -> None:
    assert is_right(answer, gold, grader) is right


@SHORT
@given(fractions)
def test_a_number_is_read_back_as_it_is_written(number: Fraction) -> None:
    written = canonical(number)
    assert list(numbers_in(written)) == [number]
    assert answer_of(f"Answer: {written}", "number") == written
    assert is_right(written, f"{number.numerator}/{number.denominator}", "number")


@SHORT
@given(st.integers(-(10**12), 10**12), st.integers(0, 99))
def test_separators_and_currency_change_nothing(whole: int, cents: int) -> None:
    amount = f"{abs(whole)}.{cents:02}"
    for written in (f"{abs(whole):,}.{cents:02}", f"${abs(whole):,}.{cents:02}", f"{amount} %"):
        sign = "-" if whole < 0 else ""
        assert answer_of(f"Answer: {sign}{written}", "number") == canonical(
            Fraction(f"{sign}{amount}")
        )


@SHORT
@given(texts, st.sampled_from(GRADERS), st.booleans())
def test_an_answer_is_its_own_answer(text: str, grader: Grader, classic: bool) -> None:
    found = answer_of(text, grader, classic=classic)
    if found is not None and not classic:
        assert answer_of(f"Answer: {found}", grader) == found
        assert is_right(found, found, grader)


HOSTILE = (
    "1", "1 ", "1/", "1,111", "Answer: ", "answer (((", "Answer: 1e", "\\boxed{", "{1", "a ",
    "\\frac{", "-$", " ", "-1.", "Answer: 1 1", "(", "*_", "answer is ", "#### ", "=\n", "1e1",
)  # fmt: skip


@pytest.mark.parametrize("classic", [False, True])
def test_hostile_texts_take_time_in_proportion_to_their_length(classic: bool) -> None:
    for hostile in HOSTILE:
        text = hostile * (50_000 // len(hostile)) + "Answer"
        started = time.process_time()
        for grader in GRADERS:
            answer_of(text, grader, classic=classic)
        classic_whole_number("The answer is: " + text)
        assert time.process_time() - started < 2, hostile


def test_a_megabyte_is_read_in_no_time() -> None:
    text = "".join(hostile * (50_000 // len(hostile)) for hostile in HOSTILE)
    assert len(text) > 1_000_000
    started = time.process_time()
    assert answer_of(text, "number") == "1"
    answer_of(text, "number", classic=True)
    assert time.process_time() - started < 10


def test_the_most_frequent_in_three_ways() -> None:
    assert most_frequent(["3", "4", "4", "3"]) == "3", "the last of those tied"
    assert most_frequent(["3", "4"]) == "4"
    assert most_frequent(["4", "4", "3"]) == "4"
    assert most_frequent([]) is None
    assert plurality(["3", "4", "4"]) == "4"
    assert plurality(["3", "4"]) is None
    assert plurality(["3", None, None]) == "3", "who says nothing does not vote"
    assert plurality([None, None]) is None
    assert plurality(["3", "4", "5", "4", "3"], ["5", None, "4", "3"]) == "4"
    assert plurality(["3", "4"], ["9"]) is None


@pytest.mark.skipif(not DATA.is_dir(), reason="the published data is not here")
def test_published_answers_are_found_in_both_ways() -> None:
    lines = (DATA / "gsm8k" / "test_gsm8k_full.jsonl").read_text("utf-8").splitlines()
    for row in map(json.loads, lines):
        gold = row["answer"].rpartition("#### ")[2]
        assert is_right(answer_of(row["answer"], "number"), gold, "number")
        assert is_right(answer_of(row["answer"], "number", classic=True), gold, "number")
    (sample,) = json.loads((DATA / "output" / "sample.json").read_text("utf-8")).values()
    *debaters, gold = sample
    said = [text for rounds in debaters for text in rounds]
    for classic in (False, True):
        assert {answer_of(text, "number", classic=classic) for text in said} == {"21"}
        assert is_right("21", answer_of(gold, "number", classic=classic) or "", "number")
