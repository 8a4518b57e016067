"""What tables of chains tell of how far they can be trusted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.analysis.culture.attractors import Attractor
from simulator.analysis.culture.cycles import Periodicity
from simulator.analysis.culture.distributions import Drift, Unit
from simulator.analysis.culture.overview import ChainCounts, CycleCounts
from simulator.analysis.summary import Interval
from simulator.presentation.chains import (
    attractor_table,
    deviation_table,
    ks_table,
    overview_table,
    swing_table,
)

FOUND = Attractor(
    "m", "t", None, "length", generation=5, chains=15, texts=3, slope=0.6, intercept=1.0,
    position=2.5, strength=0.4, p=0.38, attracted_share=0.9996,
    position_interval=Interval(2, 3), strength_interval=Interval(0.31, 0.59),
)  # fmt: skip


def test_the_share_of_draws_with_an_attractor_is_told_where_some_have_none() -> None:
    table = attractor_table([FOUND], "Attractors", 0.95)
    assert table.headings[-2:] == ("P", "ATTR.")
    assert table.rows[0][-1] == "99 %"
    assert "only 3 initial texts" in table.note
    assert "The last generation is 5." in table.note
    sure = replace(FOUND, attracted_share=1.0, texts=8, generation=6)
    table = attractor_table([sure], "Attractors", 0.95)
    assert table.headings[-1] == "P"
    assert "initial texts:" not in table.note
    both = attractor_table([FOUND, sure], "Attractors", 0.95)
    assert [row[-2:] for row in both.rows] == [("99 %", "5"), ("100 %", "6")]


def test_nothing_is_said_of_0_chains() -> None:
    table = attractor_table([Attractor("m", "t", reason="no chain")], "Attractors", 0.95)
    assert "0 chains" not in table.note


def test_lengths_that_are_mixed_are_named() -> None:
    mixed = ChainCounts("m", "t", None, 9, 3, 8, 0, 0, compared=1, short=0, lengths=(1, 3, 8))
    table = overview_table([mixed])
    assert table.headings[-4:] == ("GEN.", "AT", "INC.", "EMPTY")
    assert table.rows[0][-4:] == ("8", "1", "0", "0")
    assert "chains of 1, 3 and 8 generations" in table.note
    whole = overview_table([replace(mixed, compared=8, lengths=(8,))])
    assert ("AT" in whole.headings, whole.note) == (False, "")
    assert "1 chain stopped before" in overview_table([replace(mixed, short=1)]).note


@pytest.mark.parametrize(
    ("unit", "said"),
    [("texts", "permutation"), ("chains", "as independent"), ("text means", "mean")],
)
def test_the_unit_of_the_test_is_told_and_what_it_cannot_find(unit: Unit, said: str) -> None:
    drift = Drift("m", "t", None, "length", unit=unit, generations=(2, 3), chances=(0.3, 0.2),
                  holm=(0.4, 0.4), benjamini_hochberg=(0.3, 0.3), least=0.0625)  # fmt: skip
    note = ks_table([drift]).note
    assert said in note
    assert "cannot be less than 0.062" in note
    assert "cannot find a single" in ks_table([replace(drift, least=0.03)]).note
    assert "cannot" not in ks_table([replace(drift, least=0.001)]).note
    assert "one before" in ks_table([replace(drift, against="previous")]).title


def test_swinging_has_its_columns() -> None:
    counts = CycleCounts("m", "t", None, 5, 0, 0, (), 0.0, Periodicity(0.7, 0.87, 0.97, 50))
    table = swing_table([counts, replace(counts, swing=None)])
    assert [row[-4:] for row in table.rows] == [("0.70", "0.87", "0.97", "50"), ("–",) * 4]


def test_published_numbers_are_of_the_classic_way() -> None:
    row = {"model": "m", "task": "t", "measure": "length", "generation": 5, "position": 1.0,
           "position_deviation": 9.0, "strength": 1.0, "strength_deviation": 0.0}  # fmt: skip
    assert "--classic" in deviation_table([row], classic=False).note
    assert "--classic" not in deviation_table([row], classic=True).note
