from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.analysis.gathering import gathered, groupings, left_out
from simulator.analysis.grouping import STEP_GROUPINGS, in_order
from simulator.analysis.measures import MEASURES, Measure
from simulator.analysis.sheet import Sheet
from simulator.analysis.summary import Summary
from tests.analysis.journals import (
    GUARD,
    PRISONER,
    Journal,
    agent,
    batches,
    journals,
    run,
    said,
    sheet,
)

measures = st.sampled_from(list(MEASURES.values()))
ways = st.lists(
    st.sampled_from([*STEP_GROUPINGS, "run", "condition", "factor goal"]), max_size=2, unique=True
)


def sheets_of(batch: list[Journal]) -> list[Sheet]:
    return [journal.sheet() for journal in batch]


@given(batches(), measures, ways)
def test_sums_over_any_groups_are_the_sum_over_all(
    batch: list[Journal], measure: Measure, by: list[str]
) -> None:
    sheets = sheets_of(batch)
    whole = gathered(sheets, measure)
    parts = gathered(sheets, measure, by)
    total = sum(Summary.of(sample).total for sample in whole.samples.values())
    summed = sum(Summary.of(sample).total for sample in parts.samples.values())
    assert summed == pytest.approx(total)


@given(batches(), ways)
def test_totals_are_those_of_the_journals(batch: list[Journal], by: list[str]) -> None:
    def total(measure: str) -> float:
        samples = gathered(sheets_of(batch), MEASURES[measure], by).samples.values()
        return sum(float(sample.values.sum()) for sample in samples)

    steps = [step for journal in batch for step in journal.steps]
    used = [step.call.usage for step in steps if step.call is not None]
    assert total("messages") == sum(step.in_transcript for step in steps)
    assert total("tokens written") == sum(usage.completion_tokens for usage in used)
    assert total("tokens read") == sum(usage.prompt_tokens for usage in used)


@given(batches(), measures, ways)
def test_every_step_is_measured_or_counted_as_left_out(
    batch: list[Journal], measure: Measure, by: list[str]
) -> None:
    sheets = sheets_of(batch)
    found = gathered(sheets, measure, by)
    values = sum(len(sample.values) for sample in found.samples.values())
    kept = found.steps - sum(found.left_out.values())
    assert found.steps == sum(len(journal.steps) for journal in batch)
    assert values == kept if found.measure.per == "message" else values <= kept
    assert Counter(one.why for one in left_out(sheets, found.measure)) == found.left_out
    assert found.empty_runs == sum(not journal.steps for journal in batch)


@given(batches(), measures, st.sampled_from(["agent", "role", "day", "turn", "condition"]))
def test_names_of_agents_change_nothing(batch: list[Journal], measure: Measure, by: str) -> None:
    renamed = [
        journal.renamed(
            {one.name: f"Z{99 - place}" for place, one in enumerate(journal.run.agents)}
        )
        for journal in batch
    ]
    before = gathered(sheets_of(batch), measure, [by])
    after = gathered(sheets_of(renamed), measure, [by])
    assert list(before.samples) == list(after.samples)
    for key, sample in before.samples.items():
        assert Summary.of(sample) == Summary.of(after.samples[key])
    assert before.left_out == after.left_out


@given(batches(), measures, ways, st.randoms(use_true_random=False))
def test_the_order_of_runs_changes_nothing(
    batch: list[Journal], measure: Measure, by: list[str], random: Random
) -> None:
    shuffled = random.sample(batch, len(batch))
    before = gathered(sheets_of(batch), measure, by)
    after = gathered(sheets_of(shuffled), measure, by)
    assert list(before.samples) == list(after.samples)
    for key, sample in before.samples.items():
        one, other = Summary.of(sample), Summary.of(after.samples[key])
        assert (one.n, one.runs, one.median) == (other.n, other.runs, other.median)
        assert one.mean == pytest.approx(other.mean)


@given(journals(), st.integers(1, 4), measures)
def test_a_journal_may_be_added_piece_by_piece(
    journal: Journal, size: int, measure: Measure
) -> None:
    pieces = Sheet(journal.run, journal.condition)
    for start in range(0, len(journal.steps), size):
        pieces.add(journal.steps[start : start + size])
    whole = gathered([journal.sheet()], measure, ["turn"])
    again = gathered([pieces], measure, ["turn"])
    assert {key: sample.values.tolist() for key, sample in whole.samples.items()} == {
        key: sample.values.tolist() for key, sample in again.samples.items()
    }


def test_a_count_per_run_is_summed_over_each_run_and_group() -> None:
    first = sheet([said(0, "Researcher"), said(1, GUARD), said(2, GUARD)], run(1))
    second = sheet([said(0, "Researcher"), said(1, GUARD), said(2, PRISONER)], run(2))
    by_seat = gathered([first, second], MEASURES["messages"], ["agent"]).samples
    assert {key[0]: sample.values.tolist() for key, sample in by_seat.items()} == {
        "guard 1": [2.0, 1.0], "prisoner 1": [1.0], "researcher": [1.0, 1.0],
    }  # fmt: skip


def test_groups_are_counted_as_people_count_with_none_last() -> None:
    seats = [agent("guard", number) for number in (10, 2, 1)]
    steps = [said(place, one, day=None if place else 3) for place, one in enumerate(seats)]
    found = gathered([sheet(steps, run(agents=seats))], MEASURES["words"], ["agent"])
    assert [key[0] for key in found.samples] == ["guard 1", "guard 2", "guard 10"]
    days = gathered([sheet(steps, run(agents=seats))], MEASURES["words"], ["day"])
    assert [key[0] for key in days.samples] == [3, None]


def test_digits_of_any_script_and_length_sort_without_harm() -> None:
    names = ["a٣", "a" + "9" * 5000, "a²", "a10", "a9", "a010", ""]
    found = sorted([(name,) for name in names], key=in_order)
    assert found.index(("a9",)) < found.index(("a10",)) < found.index(("a" + "9" * 5000,))


def test_conditions_name_only_the_factors_that_vary() -> None:
    def one(number: int, goal: str) -> Sheet:
        return sheet([said(0, GUARD)], run(number), {"goal": goal, "risks": "no"})

    sheets = [one(1, "escape"), one(2, "yard time")]
    found = gathered(sheets, MEASURES["words"], ["condition"])
    assert [key[0] for key in found.samples] == ["goal=escape", "goal=yard time"]
    alone = gathered(sheets[:1], MEASURES["words"], ["condition"])
    assert [key[0] for key in alone.samples] == ["goal=escape, risks=no"]
    assert "condition" in groupings(sheets) and "condition" not in groupings(sheets[:1])
    assert not [name for name in groupings(sheets) if name.startswith("factor ")]


def test_single_factors_are_offered_where_several_vary() -> None:
    levels = [("escape", "no"), ("yard time", "yes")]
    sheets = [
        sheet([said(0, GUARD)], run(number), {"goal": goal, "risks": risks})
        for number, (goal, risks) in enumerate(levels)
    ]
    assert groupings(sheets)[-2:] == ["factor goal", "factor risks"]
    found = gathered(sheets, MEASURES["words"], ["factor risks"])
    assert [key[0] for key in found.samples] == ["no", "yes"]


def test_nothing_at_all_gives_no_groups() -> None:
    found = gathered([], MEASURES["words"], ["agent"])
    assert (dict(found.samples), found.steps) == ({}, 0)
