"""What the next learner of the acronym game reads."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.analysis.iterated.acronyms.filters import FILTERS, FilterName, chosen
from simulator.analysis.iterated.acronyms.ranks import ABSENT, rank_of
from simulator.analysis.iterated.worlds.base import Data, Example

COMMON = ("time", "people", "way", "government", "lantern", "velvet", "oak")
RARE = ("zimbo", "quarl", "xentoria", "bafflewit")


def example(output: str, mark: str = "x") -> Example:
    return Example(", ".join(letter + mark for letter in output), output)


def outputs(data: Data) -> list[str]:
    return [one.output for one in data]


some_data = st.lists(
    st.sampled_from(COMMON + RARE).flatmap(
        lambda output: st.sampled_from("xy").map(lambda mark: example(output, mark))
    ),
    max_size=6,
).map(tuple)
chains = st.lists(some_data, min_size=1, max_size=4)
names = st.sampled_from(FILTERS)


@given(names, chains, st.integers(1, 8), st.integers(0, 3))
def test_every_filter_takes_as_many_as_there_are_and_none_twice(
    name: FilterName, chain: list[Data], size: int, seed: int
) -> None:
    found = chosen(name, chain, size, Random(seed))
    everything = [one for data in chain for one in data]
    there = set(outputs(chain[-1]) if name == "imitation" else outputs(tuple(everything)))
    if name in ("short", "long"):
        there -= set(RARE)
    assert len(set(outputs(found.data))) == len(found.data) == min(size, len(there))
    assert set(found.data) <= set(everything) and set(outputs(found.data)) <= there
    assert bool(found.reason) == (len(found.data) < size)
    assert found == chosen(name, chain, size, Random(seed))


@pytest.mark.parametrize(
    ("name", "taste"),
    [
        ("easy", rank_of),
        ("hard", lambda word: -rank_of(word)),
        ("short", len),
        ("long", lambda word: -len(word)),
    ],
)
@given(chain=chains, size=st.integers(1, 5))
def test_nothing_better_is_left_behind(
    name: FilterName, taste: object, chain: list[Data], size: int
) -> None:
    assert callable(taste)
    rng = Random(1)
    found = outputs(chosen(name, chain, size, rng).data)
    assert rng.getstate() == Random(1).getstate()
    left = {one for data in chain for one in outputs(data)} - set(found)
    if name in ("short", "long"):
        left -= set(RARE)
    assert found == sorted(found, key=taste)
    assert not found or all(taste(found[-1]) <= taste(one) for one in left)


def test_each_filter_by_an_example() -> None:
    chain = [
        (example("lantern"), example("zimbo"), example("time")),
        (example("quarl"), example("oak"), example("time", "y")),
    ]
    assert rank_of("time") < rank_of("oak") < rank_of("lantern") < rank_of("zimbo") == ABSENT
    takes = {name: outputs(chosen(name, chain, 3, Random(4)).data) for name in FILTERS}
    assert takes["imitation"] == ["quarl", "oak", "time"]
    assert takes["easy"] == ["time", "oak", "lantern"]
    assert takes["hard"] == ["quarl", "zimbo", "lantern"]
    assert takes["short"] == ["oak", "time", "lantern"]
    assert takes["long"] == ["lantern", "time", "oak"]
    assert set(takes["random"]) < {"lantern", "zimbo", "time", "quarl", "oak"}


def test_of_equals_the_latest_generation_comes_first_as_it_was_written() -> None:
    chain = [(example("zimbo"),), (example("quarl"), example("xentoria")), (example("bafflewit"),)]
    found = chosen("hard", chain, 4, Random(1))
    assert outputs(found.data) == ["bafflewit", "quarl", "xentoria", "zimbo"]


def test_random_draws_differ_by_seed_and_reach_all() -> None:
    chain = [tuple(example(output) for output in COMMON + RARE)]
    draws = [outputs(chosen("random", chain, 2, Random(seed)).data) for seed in range(60)]
    assert {one for draw in draws for one in draw} == set(COMMON + RARE)


@pytest.mark.parametrize(
    ("name", "chain", "reason"),
    [
        ("short", [(example("zimbo"),)], "Of the words in the list of ranks, the pool has no dif"),
        ("imitation", [(example("time"),), ()], "The last learner wrote no different outputs"),
        ("easy", [(), ()], "The pool has no different outputs, not 3."),
        ("random", [()], "The pool has no different outputs, not 3."),
        ("imitation", [(example("time"),) * 3], "The last learner wrote 1 different output, not 3"),
    ],
)
def test_too_few_are_told_with_a_reason(name: FilterName, chain: list[Data], reason: str) -> None:
    assert chosen(name, chain, 3, Random(1)).reason.startswith(reason)
