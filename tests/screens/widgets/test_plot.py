from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from screens.widgets.charts import MOST_SERIES, SMALLEST, Chart, Series, draw
from screens.widgets.plot import EXPORT_SIZE, Plot
from tests.screens.conftest import settled

COLOURS = [(87, 165, 226), (255, 196, 115)]
HOSTILE = "[/foo] [bold red]x[/] \x1b[31m \u202e日本語"
BARS = Chart(
    "bars", "messages · total", "agent", ("guard 1", "prisoner 1"),
    (Series("day 1", (3.0, 4.0)), Series("day 2", (5.0, None))),
)  # fmt: skip
LINES = Chart(
    "lines", "words · mean", "turn", tuple(map(str, range(1, 31))),
    (Series("guard", tuple(float(n % 7) for n in range(30))),
     Series("prisoner", tuple(None if n % 5 else 9.0 for n in range(30)))),
)  # fmt: skip


class Page(App[None]):
    def compose(self) -> ComposeResult:
        yield Plot()


@asynccontextmanager
async def shown(
    chart: Chart | None, size: tuple[int, int] = (60, 15)
) -> AsyncIterator[Pilot[None]]:
    async with Page().run_test(size=size) as pilot:
        pilot.app.query_one(Plot).show(chart)
        await settled(pilot)  # type: ignore[arg-type]
        yield pilot


def lines_of(text: Text) -> list[Text]:
    return list(text.split("\n", allow_blank=True))


texts = st.text(st.characters(exclude_categories=()), max_size=12)
values = st.none() | st.floats(-1e12, 1e12)


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    places = draw(st.lists(texts, max_size=40))
    row = st.lists(values, min_size=len(places), max_size=len(places)).map(tuple)
    series = draw(st.lists(st.builds(Series, name=texts, values=row), max_size=9))
    return Chart(
        draw(st.sampled_from(["bars", "lines"])), draw(texts), draw(texts), tuple(places),
        tuple(series),
    )  # fmt: skip


@given(charts(), st.integers(1, 100), st.integers(1, 30))
def test_any_chart_fills_any_size_exactly(chart: Chart, width: int, height: int) -> None:
    drawn = draw(chart, width, height, COLOURS)
    lines = lines_of(drawn)
    assert len(lines) == height
    assert all(line.cell_len <= width for line in lines)
    assert "\x1b" not in drawn.plain and "\u202e" not in drawn.plain


def test_values_that_do_not_fit_leave_an_empty_plot() -> None:
    nothing = Series("", (None,))
    chart = Chart("bars", "", "", ("",), (*[nothing] * 6, Series("", (0.0,))))
    assert len(lines_of(draw(chart, 28, 7, COLOURS))) == 7


@pytest.mark.parametrize("chart", [BARS, LINES])
def test_series_are_told_apart_without_colours(chart: Chart) -> None:
    _, legend, *body = draw(chart, 60, 15, COLOURS).plain.split("\n")
    marks = [part.split()[0] for part in legend.split("   ") if part.strip()]
    assert len(set(marks)) == 2
    assert all(mark in "".join(body) for mark in marks)


def test_no_mark_is_drawn_that_nothing_names() -> None:
    names = [f"a series with a long name, {number}" for number in range(8)]
    many = Chart(
        "lines", "words", "turn", ("1", "2"), tuple(Series(name, (1.0, 2.0)) for name in names)
    )
    text = str(draw(many, 50, 8, COLOURS))
    assert "of 8 series" in text and names[0] in text
    named = sum(name in text for name in names)
    assert f"{named} of 8 series" in text


def test_series_take_the_colours_in_turn() -> None:
    styles = {str(span.style) for span in draw(BARS, 60, 15, COLOURS).spans}
    assert any("87,165,226" in style for style in styles)
    assert any("255,196,115" in style for style in styles)


def test_bars_begin_at_zero_and_are_as_high_as_their_values() -> None:
    chart = Chart("bars", "t", "p", ("a", "b"), (Series("", (10.0, 20.0)),))
    lines = draw(chart, 60, 24, COLOURS).plain.split("\n")
    low = sum(line[10:30].count("█") > 5 for line in lines)
    high = sum(line[35:55].count("█") > 5 for line in lines)
    assert high == pytest.approx(2 * low, abs=2)
    assert any(line.startswith(" 0┤") for line in lines)


def test_a_tiny_plot_lists_the_numbers() -> None:
    plain = draw(BARS, SMALLEST[0] - 1, 6, COLOURS).plain
    assert "3 guard 1 day 1" in plain and "┤" not in plain
    assert "… " in draw(BARS, 20, 2, COLOURS).plain


def test_what_has_no_room_is_said() -> None:
    places = tuple(f"guard {number}" for number in range(100))
    many = tuple(Series(f"day {day}", (1.0,) * 100) for day in range(MOST_SERIES + 2))
    title = draw(Chart("bars", "messages", "agent", places, many), 60, 15, COLOURS).plain
    assert "of 100 groups" in title and f"{MOST_SERIES} of {MOST_SERIES + 2} series" in title


def test_nothing_to_plot_is_said() -> None:
    empty = Chart("lines", "t", "p", ("a",), (Series("", (None,)),))
    assert "Nothing to plot." in draw(empty, 40, 10, COLOURS).plain


async def test_the_plot_fills_its_widget_and_follows_its_size() -> None:
    async with shown(BARS) as pilot:
        plot = pilot.app.query_one(Plot)
        assert "guard 1" in plot.drawn and len(plot.drawn.split("\n")) == 15
        await pilot.resize_terminal(40, 10)
        await settled(pilot)  # type: ignore[arg-type]
        assert len(plot.drawn.split("\n")) == 10
        await pilot.resize_terminal(20, 5)
        await settled(pilot)  # type: ignore[arg-type]
        assert "┤" not in plot.drawn and "3 guard 1" in plot.drawn


async def test_the_plot_takes_the_colours_of_another_theme() -> None:
    async with shown(BARS) as pilot:
        before = pilot.app.export_screenshot()
        pilot.app.theme = "textual-light"
        await settled(pilot)  # type: ignore[arg-type]
        plot = pilot.app.query_one(Plot)
        light = {str(span.style) for span in plot._drawn.spans}
        red, green, blue = plot._colours()[0]
        assert any(f"rgb({red},{green},{blue})" in style for style in light)
        assert pilot.app.export_screenshot() != before


async def test_a_plot_can_be_cleared() -> None:
    async with shown(BARS) as pilot:
        pilot.app.query_one(Plot).show(None)
        await settled(pilot)  # type: ignore[arg-type]
        assert pilot.app.query_one(Plot).drawn == ""


async def test_names_are_shown_literally() -> None:
    chart = Chart("bars", HOSTILE, HOSTILE, (HOSTILE,), (Series(HOSTILE, (1.0,)),))
    async with shown(chart, (120, 20)) as pilot:
        drawn = pilot.app.query_one(Plot).drawn
        assert "[/foo] [bold red]x[/] ␛[31m \\u202e日本語" in drawn


async def test_a_plot_is_written_as_text_and_as_a_picture() -> None:
    async with shown(BARS, (20, 5)) as pilot:
        plot = pilot.app.query_one(Plot)
        text = plot.as_text()
        assert "┤" in text and len(text.splitlines()) == EXPORT_SIZE[1]
        picture = plot.as_svg()
        ElementTree.fromstring(picture)
        assert "prisoner" in picture
