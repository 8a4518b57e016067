"""The shipped lists, and the published pools where they are at hand."""

from __future__ import annotations

import csv
from importlib.resources import files
from pathlib import Path
from random import Random

import pytest

from simulator.analysis.iterated.acronyms.pools import (
    PoolName,
    first_data,
    pooled,
    shipped,
    without_repeats,
)
from simulator.analysis.iterated.acronyms.ranks import ABSENT, LISTED, is_listed, rank_of
from simulator.analysis.iterated.acronyms.world import Acronyms
from simulator.analysis.iterated.worlds.base import Example

PUBLISHED = Path(__file__).resolve().parents[4] / "shared" / "data" / "iterated"
POOLS: tuple[PoolName, ...] = ("easy", "hard")


@pytest.mark.parametrize("name", POOLS)
def test_every_example_of_a_pool_is_right_and_none_comes_twice(name: PoolName) -> None:
    pool = shipped(name)
    assert len(pool) == 240
    assert Acronyms().read_data(Acronyms().data_text(pool)).data == pool
    assert len({one.output for one in pool}) == 240
    for one in pool:
        words = one.input.split(", ")
        assert 5 <= len(one.output) <= 7 and len(set(words)) == len(words)
        assert one.output not in words
        assert all(4 <= len(word) <= 9 and rank_of(word) <= 7000 for word in words)


def test_outputs_of_one_pool_are_listed_and_of_the_other_are_not() -> None:
    assert all(is_listed(one.output) for one in shipped("easy"))
    assert not any(is_listed(one.output) for one in shipped("hard"))


@pytest.mark.parametrize("name", POOLS)
def test_ranks_in_the_files_rise_and_are_those_of_the_list(name: PoolName) -> None:
    text = files("simulator.analysis.iterated.acronyms").joinpath("lists", f"{name}.csv")
    rows = list(csv.DictReader(text.read_text("ascii").splitlines()))
    ranks = [int(row["rank"]) if row["rank"] else ABSENT for row in rows]
    assert ranks == [rank_of(row["output"]) for row in rows] == sorted(ranks)


def test_ranks_run_from_the_commonest_word_to_one_beyond_the_last() -> None:
    assert rank_of("the") == rank_of("THE") == 1
    assert rank_of("to") < rank_of("company") < rank_of("lantern") < ABSENT
    assert rank_of("zzyzzx") == ABSENT == LISTED + 1


@pytest.mark.parametrize("easy", [2, 4, 6, 8, 10])
def test_first_data_have_as_many_common_words_as_wanted(easy: int) -> None:
    drawn = first_data(20, easy, Random(easy))
    assert len(drawn) == len({one.output for one in drawn}) == 20
    assert sum(is_listed(one.output) for one in drawn) == easy
    assert first_data(20, easy, Random(easy)) == drawn != first_data(20, easy, Random(99))


def test_first_data_mix_the_two_pools() -> None:
    starts = [first_data(20, 10, Random(seed)) for seed in range(20)]
    first_are_easy = [is_listed(one[0].output) for one in starts]
    assert True in first_are_easy and False in first_are_easy


@pytest.mark.parametrize(("size", "easy"), [(20, 21), (20, -1), (241, 0), (300, 241)])
def test_first_data_that_pools_do_not_hold_are_refused(size: int, easy: int) -> None:
    with pytest.raises(ValueError, match="pool; it has 0 to 240"):
        first_data(size, easy, Random(1))


def test_a_pool_keeps_each_output_as_it_came_first() -> None:
    cat, dog = Example("call, are, ten", "cat"), Example("day, one, go", "dog")
    again = Example("cut, as, told", "cat")
    found = pooled([(cat,), (dog, again), (dog,)])
    assert found == ((cat, 0, 0), (dog, 1, 0))
    assert without_repeats((cat, dog, again)) == (cat, dog)


@pytest.mark.parametrize("name", POOLS)
def test_the_published_examples_are_read_as_right(name: str) -> None:
    path = PUBLISHED / f"{name}.csv"
    if not path.exists():
        pytest.skip("the published pools are not at hand")
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    text = "\n".join(f"{row['Output_upper']}: {row['Input']}" for row in rows)
    found = Acronyms().read_data(text)
    assert found.left_out == ()
    assert [one.output for one in found.data] == [row["Output_lower"] for row in rows]
    assert len(rows) == {"easy": 859, "hard": 927}[name]
