from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from screens.analysis.viewing import MOST_BINS, MOST_POINTS, Choice, Shape, view
from screens.widgets.charts import draw
from simulator.analysis.measures import MEASURES
from simulator.analysis.sheet import Sheet
from tests.analysis.journals import (
    GUARD,
    PRISONER,
    Journal,
    batches,
    call,
    run,
    said,
    sheet,
    usage,
)

COLOURS = [(87, 165, 226)]


def words(count: int) -> str:
    return " ".join(["word"] * count)


def talk(turns: int, number: int = 1) -> Sheet:
    speakers = (GUARD, PRISONER)
    steps = [said(turn, speakers[turn % 2], words(turn + 1)) for turn in range(turns)]
    return sheet(steps, run(number))


def choice(measure: str, *by: str, shape: Shape = "bars") -> Choice:
    return Choice(MEASURES[measure], by, shape)


def test_bars_show_the_mean_of_each_group_and_the_second_grouping_as_series() -> None:
    steps = [said(0, GUARD), said(1, GUARD, day=2), said(2, GUARD, day=2), said(3, PRISONER)]
    chart = view([sheet(steps)], choice("messages", "agent", "day")).chart
    assert chart.places == ("guard 1", "prisoner 1")
    assert [(one.name, one.values) for one in chart.series] == [
        ("day 1", (1.0, 1.0)), ("day 2", (2.0, None)),
    ]  # fmt: skip


def test_lines_show_each_group_over_the_turns_of_all_runs() -> None:
    chart = view([talk(4, 1), talk(4, 2)], choice("words", "agent", shape="turns")).chart
    assert chart.places == ("1", "2", "3", "4")
    assert {one.name: one.values for one in chart.series} == {
        "guard 1": (1.0, None, 3.0, None), "prisoner 1": (None, 2.0, None, 4.0),
    }  # fmt: skip


def test_many_turns_are_put_together_until_lines_can_be_drawn() -> None:
    chart = view([talk(950)], choice("words", shape="turns")).chart
    assert len(chart.places) <= MOST_POINTS
    assert chart.places[0] == "1–10"
    assert chart.series[0].values[0] == 5.5


def test_a_distribution_counts_every_value_once() -> None:
    shown = view([talk(60)], choice("words", "agent", shape="spread"))
    counts = {one.name: sum(filter(None, one.values)) for one in shown.chart.series}
    assert counts == {"guard 1": 30, "prisoner 1": 30}
    assert shown.chart.places[0] == "0"


@given(
    st.lists(st.floats(0.0, 1e12) | st.integers(0, 50).map(float), min_size=1, max_size=30),
)
def test_any_values_fall_into_bins_between_round_numbers(times: list[float]) -> None:
    steps = [said(place, GUARD, call=call(usage(model_s=time))) for place, time in enumerate(times)]
    chart = view([sheet(steps)], choice("latency", shape="spread")).chart
    assert sum(filter(None, chart.series[0].values)) == len(times)
    assert len(chart.places) <= MOST_BINS + 2


@given(
    batches(),
    st.sampled_from(list(MEASURES)),
    st.lists(
        st.sampled_from(["agent", "day", "turn", "condition", "run"]), max_size=2, unique=True
    ),
    st.sampled_from(["bars", "turns", "spread"]),
)
def test_whatever_is_chosen_can_be_drawn(
    batch: list[Journal], measure: str, by: list[str], shape: Shape
) -> None:
    sheets = [journal.sheet() for journal in batch]
    chart = view(sheets, choice(measure, *by, shape=shape)).chart
    assert all(len(one.values) == len(chart.places) for one in chart.series)
    assert len(draw(chart, 78, 9, COLOURS).split("\n", allow_blank=True)) == 9
