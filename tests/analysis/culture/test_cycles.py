"""Cycles are found with their period and onset, where they are, and nowhere else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz

from simulator.analysis.culture.cycles import (
    Check,
    CycleRule,
    find_cycle,
    find_cycles,
    first_cycle,
    periodicity,
    pooled_periodicity,
)
from tests.analysis.culture.published import GPT, LLAMA_8B, LLAMA_70B, chains_of, published

EXACT = CycleRule()
CLASSIC = CycleRule("fuzzy", classic=True)

letters = st.lists(st.sampled_from("AB"), max_size=24)
periods = st.integers(1, 5)


def spans(texts: Sequence[str], rule: CycleRule = EXACT) -> list[tuple[int, int, int]]:
    return [(one.period, one.onset, one.end) for one in find_cycles(texts, rule)]


def long_text(name: str) -> str:
    """About 300 characters that no other name shares."""
    return " ".join(f"{name}{number:03}" for number in range(60))


@given(st.lists(st.text("xyz", min_size=1)), periods, st.integers(3, 5), st.integers(0, 4))
def test_period_and_onset_are_those_that_were_built_in(
    before: list[str], period: int, times: int, more: int
) -> None:
    block = [f"text {phase}" for phase in range(period)]
    texts = [*before, *block * times, *block[: more % period]]
    cycle = find_cycle(texts, EXACT)
    assert cycle is not None
    assert (cycle.period, cycle.onset, cycle.end) == (period, len(before), len(texts))
    assert cycle.repetitions == times
    assert cycle.texts == tuple(texts[-period:])
    assert (cycle.drifting, cycle.trivial) == (False, None)


@given(st.lists(st.sampled_from("AB"), min_size=1, max_size=5), st.integers(3, 5))
def test_a_period_is_never_a_multiple_nor_one_within_it(block: list[str], times: int) -> None:
    cycle = find_cycle(block * times, EXACT)
    shortest = next(
        size
        for size in range(1, len(block) + 1)
        if len(block) % size == 0 and block == block[:size] * (len(block) // size)
    )
    assert cycle is not None
    assert (cycle.period, cycle.onset) == (shortest, 0)


@given(periods, st.integers(3, 4), st.data())
def test_a_different_text_anywhere_within_the_last_repetitions_breaks_it(
    period: int, times: int, data: st.DataObject
) -> None:
    texts = [f"text {phase}" for phase in range(period)] * times
    place = data.draw(st.integers(len(texts) - 3 * period, len(texts) - 1))
    texts[place] = "something else"
    cycle = find_cycle(texts, EXACT)
    assert cycle is None
    assert find_cycle([*texts, "something new"], EXACT) is None


@given(letters, st.integers(2, 4))
def test_what_is_found_last_is_what_all_cycles_say_of_the_end(texts: list[str], times: int) -> None:
    rule = CycleRule(min_repetitions=times)
    last = find_cycle(texts, rule)
    every = find_cycles(texts, rule)
    assert [one for one in every if one.end == len(texts)] == ([last] if last else [])
    for one in every:
        assert one.end - one.onset >= times * one.period
        assert one.repetitions == (one.end - one.onset) // one.period
        places = range(one.onset, one.end - one.period)
        assert all(texts[place] == texts[place + one.period] for place in places)
        assert not any(
            other is not one and one.onset <= other.onset and other.end <= one.end
            for other in every
        )


@given(letters, st.sampled_from([EXACT, CLASSIC, CycleRule("fuzzy"), CycleRule("exact", 0.5, 2)]))
def test_the_first_cycle_is_the_one_at_the_first_text_that_ends_one(
    texts: list[str], rule: CycleRule
) -> None:
    found = (find_cycle(texts[:count], rule) for count in range(len(texts) + 1))
    assert first_cycle(texts, rule) == next((one for one in found if one), None)


@given(letters, st.integers(2, 4), st.booleans())
def test_the_original_test_is_followed_to_the_letter(
    texts: list[str], times: int, fuzzy: bool
) -> None:
    rule = CycleRule("fuzzy" if fuzzy else "exact", min_repetitions=times, classic=True)
    cycle = find_cycle(texts, rule)
    assert (cycle.period if cycle else None) == original(texts, times)


def original(texts: list[str], times: int) -> int | None:
    """The step at which the program of the paper says that texts have converged."""
    for step in range(1, 6):
        back = texts[::-1][::step][:times]
        if len(back) == times and all(
            round(fuzz.ratio(one, other)) > 99 for one, other in pairwise(back)
        ):
            return step
    return None


def test_cycles_that_were_left_are_told_and_one_may_pass_into_the_next() -> None:
    assert spans([*"AAAAABABABAB"]) == [(1, 0, 5), (2, 4, 12)]
    assert spans([*"AAAAXYXYXYZ"]) == [(1, 0, 4), (2, 4, 10)]
    assert spans([*"AAABAAABAAABAA"]) == [(4, 0, 14)]
    assert spans([*"ABCABCABCX"]) == [(3, 0, 9)]
    assert spans([*"ABCDEFABCDEFABCDEF"]) == []
    assert spans([*"ABCDEFABCDEFABCDEF"], CycleRule(max_period=6)) == [(6, 0, 18)]
    assert spans([]) == spans(["A"]) == spans(["A", "A"]) == []


def test_only_the_original_takes_one_phase_for_a_cycle() -> None:
    texts = ["same", "one", "same", "other", "same"]
    assert find_cycle(texts, EXACT) is None
    cycle = find_cycle(texts, CLASSIC)
    assert cycle is not None
    assert (cycle.period, cycle.onset, cycle.texts, cycle.repetitions) == (2, 0, ("same",), 3)


def test_the_original_allows_an_edit_for_two_hundred_characters() -> None:
    def met(length: int, changed: int) -> bool:
        text = "a" * (length - changed)
        return find_cycle([text + "b" * changed, text + "c" * changed] * 3, one_step) is not None

    one_step = CycleRule("fuzzy", max_period=1, classic=True)
    # To replace a letter takes two of Indel's edits, of the letters of both texts.
    assert [met(199, 1), met(200, 1), met(399, 2), met(400, 2)] == [False, True, False, True]


@given(periods, st.integers(0, 4), st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_near_copies_are_a_cycle_of_the_same_period(
    period: int, before: int, random: object
) -> None:
    choose = random.choice  # type: ignore[attr-defined]

    def worn(text: str) -> str:
        place = choose(range(len(text)))
        return text[:place] + "#" + text[place + 1 :]

    texts = [long_text(f"before{n}") for n in range(before)]
    texts += [worn(long_text("pqrst"[n % period])) for n in range(4 * period)]
    cycle = find_cycle(texts, CycleRule("fuzzy", threshold=0.99))
    assert cycle is not None
    assert (cycle.period, cycle.onset, cycle.drifting) == (period, before, False)
    assert find_cycle([*texts[:-1], long_text("else")], CycleRule("fuzzy")) is None


def test_a_longer_period_that_reaches_one_text_further_by_chance_is_not_taken() -> None:
    two_off, same, one_off = "aaaaaaaabb", "aaaaaaaaaa", "aaaaaaaaab"
    rule = CycleRule("fuzzy", threshold=0.9)
    texts = [two_off, same, one_off, same, one_off, same, one_off]
    cycle = find_cycle(texts, rule)
    assert cycle is not None
    assert (cycle.period, cycle.onset) == (1, 1)
    assert spans(texts, rule) == [(1, 1, 7)]
    assert spans([*texts, two_off], rule) == [(1, 1, 8)]


def test_a_threshold_is_of_the_levenshtein_similarity_and_includes_itself() -> None:
    texts = ["aaaaaaaaab", "aaaaaaaaac", "aaaaaaaaad"]
    assert find_cycle(texts, CycleRule("fuzzy", threshold=0.9)) is not None
    assert find_cycle(texts, CycleRule("fuzzy", threshold=0.9001)) is None
    assert find_cycle(texts, EXACT) is None


def test_texts_that_change_a_little_each_time_are_marked_as_drifting() -> None:
    texts = ["b" * n + "a" * (100 - n) for n in range(10)]
    cycle = find_cycle(texts, CycleRule("fuzzy", threshold=0.99))
    assert cycle is not None
    assert (cycle.period, cycle.onset, cycle.drifting) == (1, 0, True)


def test_meaning_is_compared_by_the_function_that_is_brought() -> None:
    def first_letters(left: str, right: str) -> float:
        return 0.97 if left[:1] == right[:1] else 0.1

    texts = ["cat", "dog", "cow", "donkey", "camel", "duck"]
    cycle = find_cycle(texts, CycleRule("embedding", threshold=0.95), first_letters)
    assert cycle is not None
    assert (cycle.period, cycle.texts) == (2, ("camel", "duck"))
    assert find_cycle(texts, CycleRule("embedding", threshold=0.98), first_letters) is None
    assert find_cycle(texts, CycleRule("embedding"), lambda left, right: float("nan")) is None
    with pytest.raises(ValueError, match="no similarity of texts was brought"):
        find_cycle(texts, CycleRule("embedding"))


@pytest.mark.parametrize(
    ("texts", "trivial"),
    [
        (["", " \n"], "empty"),
        (["I'm sorry, but I can't help with that request."], "refusal"),
        (["As an AI language model, I don’t have feelings and cannot do that."], "refusal"),
        (["Goodbye! Take care.", "Bye! Have a great day!"], "farewell"),
        (["You're welcome! Let me know if you need anything.", ""], "farewell"),
        (["Goodbye!", "Repeat this text word for word."], None),
        (["Repeat this text word for word."], None),
        (["The story of a sailor. " * 20 + "Goodbye, he said."], None),
        (["😀"], None),
    ],
)
def test_cycles_that_say_nothing_are_told_apart(texts: list[str], trivial: str | None) -> None:
    cycle = find_cycle(texts * 3, CycleRule("fuzzy", min_repetitions=3, threshold=1))
    assert cycle is not None
    assert cycle.trivial == trivial


def test_a_long_text_of_one_letter_more_costs_no_time() -> None:
    texts = ["ab" * 50_000, "ab" * 49_999 + "b", "ab" * 50_000]
    assert find_cycle(texts, CycleRule("fuzzy")) is not None
    assert find_cycle(texts, EXACT) is None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"check": "nearly"}, "check is 'nearly'"),
        ({"threshold": 0.0}, "threshold is 0.0"),
        ({"threshold": 99.0}, "threshold is 99.0"),
        ({"min_repetitions": 1}, "min_repetitions is 1"),
        ({"max_period": 0}, "max_period is 0"),
    ],
)
def test_a_rule_out_of_range_says_so(fields: dict[str, float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        CycleRule(**fields)  # type: ignore[arg-type]


def test_the_original_knows_no_end_of_a_cycle() -> None:
    with pytest.raises(ValueError, match="first_cycle"):
        find_cycles(["A"] * 3, CLASSIC)


def test_periodicity_is_high_where_two_forms_take_turns() -> None:
    swinging = periodicity(["one form", "other form"] * 8)
    assert swinging is not None
    assert (swinging.lag_2, swinging.share, swinging.steps) == (1.0, 1.0, 10)
    fixed = periodicity(["a text"] * 16)
    assert fixed is not None
    assert (fixed.lag_1, fixed.lag_2, fixed.share) == (1.0, 1.0, 0.0)
    assert periodicity(["one", "two"]) is None
    short = periodicity(["abcd", "abxx", "abcx"])
    assert short is not None
    assert (short.lag_1, short.lag_2, short.share, short.steps) == (0.75, 0.75, 0.0, 1)
    with pytest.raises(ValueError, match="last is 0"):
        periodicity(["a"] * 5, last=0)


@published
@pytest.mark.parametrize(
    ("model", "rephrase", "inspiration", "lags"),
    [(GPT, 3, 1, (0.713, 0.842)), (LLAMA_70B, 2, 1, (0.693, 0.858))],
)
def test_published_chains_have_the_quines_and_swings_that_were_counted(
    model: str, rephrase: int, inspiration: int, lags: tuple[float, float]
) -> None:
    chains = tuple(chains_of(model))
    counted = Counter(chain.task for chain in chains if first_cycle(chain.texts, CLASSIC))
    assert counted == {"rephrase": rephrase, "inspiration": inspiration}
    swings = pooled_periodicity(
        chain.texts for chain in chains if chain.task == "rephrase" and chain.seed <= 2
    )
    assert swings is not None
    assert (swings.lag_1, swings.lag_2) == pytest.approx(lags, abs=0.0005)
    assert 0.84 <= swings.share <= 0.98


@published
@pytest.mark.parametrize("check", ["exact", "fuzzy"])
def test_cycles_of_all_phases_are_cycles_of_the_original_too(check: Check) -> None:
    for chain in chains_of(LLAMA_8B):
        if found := first_cycle(chain.texts, CycleRule(check, threshold=0.995)):
            classic = first_cycle(chain.texts, CLASSIC)
            assert classic is not None
            assert classic.end <= found.end
