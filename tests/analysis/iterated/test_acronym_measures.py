"""What learners of the acronym game lean to, against numbers counted by hand."""

from __future__ import annotations

import pytest

from simulator.analysis.iterated.acronyms.measures import Leaning, leanings, leanings_of
from simulator.analysis.iterated.acronyms.ranks import ABSENT, rank_of
from simulator.analysis.iterated.records import Generation, Lineage
from simulator.analysis.iterated.worlds.base import Example

TIME, OAK = Example("to, in, me, eat", "time"), Example("of, all, kin", "oak")
ZIMBO, QUARL = Example("zoo, in, me, be, of", "zimbo"), Example("quit, up, all, red, lot", "quarl")
OTHER = Example("too, is, my, ear", "time")


def test_every_number_of_a_short_chain() -> None:
    first, second, third = leanings([(TIME, ZIMBO), (OAK, OTHER, OAK, QUARL), ()], [0, 1, 2])
    assert first == Leaning(
        0, 2, 0.5, 0.5, (rank_of("time") + ABSENT) / 2, rank_of("time"), 4.5, 1.0, 0.0
    )
    assert (second.generation, second.written) == (1, 4)
    assert second.easy_ratio == 3 / 4
    assert second.cumulative_ratio == 2 / 4
    listed = 2 * rank_of("oak") + rank_of("time")
    assert second.mean_rank == (listed + ABSENT) / 4
    assert second.mean_rank_of_easy == listed / 3
    assert second.mean_length == 15 / 4
    assert second.correct_share == 4 / 5
    assert second.repeated_share == 2 / 4
    assert third == Leaning(2, 0, None, 2 / 4, None, None, None, 0.0, None)


def test_a_learner_of_rare_words_only_has_no_rank_of_easy_ones() -> None:
    (only,) = leanings([(ZIMBO,)], [0])
    assert (only.mean_rank, only.mean_rank_of_easy, only.easy_ratio) == (ABSENT, None, 0.0)


def test_nothing_at_all_has_no_numbers() -> None:
    (only,) = leanings([()], [0])
    assert only == Leaning(0, 0, *[None] * 7)


def test_numbers_and_generations_must_go_together() -> None:
    with pytest.raises(ValueError, match="zip"):
        leanings([(TIME,)], [])


def test_a_lineage_is_measured_by_what_was_written_not_by_what_was_chosen() -> None:
    learner = Generation(
        1, "m", (TIME,), None, None, passed_on=(TIME,), produced=(QUARL, OAK), wrong=2
    )
    lineage = Lineage("r", "acronyms", None, None, (TIME,), (learner,), 1)
    assert leanings_of(lineage) == leanings([(TIME,), (QUARL, OAK)], [0, 2])


def test_what_a_filter_chose_is_nobodys_writing() -> None:
    silent = Generation(1, "m", (TIME,), None, None, passed_on=(TIME, OAK), wrong=1)
    lineage = Lineage("r", "acronyms", None, None, (TIME,), (silent,), 1)
    found = leanings_of(lineage)[1]
    assert (found.written, found.easy_ratio, found.mean_rank, found.mean_length) == (0, *[None] * 3)
    assert found.correct_share == 0
