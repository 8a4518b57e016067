"""Points of a search are sorted, and their repetitions summed up."""

from __future__ import annotations

import pytest

from simulator.analysis.debates.searching import Tried, ranked, score, share, spreads
from simulator.analysis.debates.summary import summarize
from tests.analysis.debates.talk import debated, finals, record


def tried(point: tuple[float, ...], *answers: str | None, seed: int = 0) -> Tried:
    return Tried(point, seed, f"R{point}", summarize(finals(*answers)))


def test_the_best_comes_first_and_of_equals_the_first() -> None:
    every = [tried((0.1,), "1", "2"), tried((0.2,), "1", "1"), tried((0.3,), "2", "1")]
    assert [one.point[0] for one in ranked(every, "final")] == [0.2, 0.1, 0.3]


def test_an_objective_says_whose_answers_count() -> None:
    # The final answer is wrong; the first round is right, both debaters are wrong in the last one.
    one = debated([["1", "2"], ["1", "2"]], final="2")
    found = summarize(record(one, debated([["1", "1"], ["1", "1"]], final="2", question="Q2")))
    assert share(found, "final") == 0.0
    assert share(found, "last_round") == share(found, "debate_rounds") == 0.5
    assert score(found, "all_rounds") is not None


def test_a_single_round_has_only_one_vote() -> None:
    found = summarize(finals("1", "2"))
    assert share(found, "debate_rounds") == share(found, "last_round") == 0.5
    assert share(summarize(finals()), "all_rounds") == 0.0


def test_repetitions_are_summed_up_by_point() -> None:
    every = [
        tried((0.1,), "1", "1"), tried((0.2,), "1", "1"),
        tried((0.1,), "2", "1", seed=1), tried((0.1,), "2", "2", seed=2),
    ]  # fmt: skip
    (found,) = spreads(every, "final")
    assert (found.point, found.runs, found.least, found.most) == ((0.1,), 3, 0.0, 1.0)
    assert found.mean == pytest.approx(0.5)
    assert found.deviation == pytest.approx(0.5)
