"""What becomes of texts that models pass on, on the screen of analysis."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import Select, Static

from screens.analysis import following
from screens.analysis.chain_measuring import KeptMeasures
from screens.analysis.chain_tables import ChainTables
from screens.analysis.chain_views import chain_view
from screens.analysis.chains import ChainPane
from screens.analysis.screen import AnalysisScreen
from screens.analysis.summary_table import SummaryTable
from screens.laboratory import Laboratory
from screens.widgets.charts import Chart, Series, draw
from screens.widgets.drawings import Drawing
from screens.widgets.plot import Plot
from screens.widgets.scatter import ATTRACTOR, Cloud, Scatter, draw_scatter
from simulator.analysis.culture.records import Chain
from tests import kept_chains as kept
from tests.screens.conftest import WIDE, OpenScreen, Snap, settled
from tests.waiting import until

COLOURS = [(255, 0, 0), (0, 255, 0)]


def pane(pilot: Pilot[int]) -> ChainPane:
    return pilot.app.screen.query_one(ChainPane)


def chart(pilot: Pilot[int]) -> Drawing | None:
    return pane(pilot).query_one(Plot).chart


def chain(model: str, text: str, lengths: list[int]) -> Chain:
    return Chain(model, "t", text, 1, tuple("a" * length for length in lengths))


def test_curves_have_the_means_and_errors_of_groups() -> None:
    chains = [
        chain("m", "x", [10, 20]), chain("m", "y", [30, 60]), chain("n", "x", [10, 10, 40])
    ]  # fmt: skip
    shown = chain_view(chains, "length", "evolution", KeptMeasures()).chart
    assert isinstance(shown, Chart)
    assert shown.places == ("0", "1", "2")
    assert shown.series[0].values == (20, 40, None)
    assert shown.series[0].spread == pytest.approx((10, 20, None))
    assert shown.series[1] == Series("n", (10, 10, 40), (None, None, None))


def test_ends_have_the_line_and_the_attractor() -> None:
    chains = [chain("m", f"{n}", [n, kept.length_at(n, 1)]) for n in kept.LENGTHS]
    shown = chain_view(chains, "length", "attractors", KeptMeasures()).chart
    assert isinstance(shown, Scatter)
    (cloud,) = shown.clouds
    assert cloud.points == ((20, 60), (40, 70), (80, 90), (160, 130))
    assert cloud.line == pytest.approx((0.5, 50))
    assert cloud.attractor == pytest.approx(100)


@pytest.mark.parametrize("size", [(80, 20), (30, 8), (20, 5), (1, 1)])
def test_points_are_drawn_in_any_size(size: tuple[int, int]) -> None:
    cloud = Cloud("m", ((0.0, 5.0), (10.0, 7.0)), (0.2, 5.0), 6.25)
    drawn = draw_scatter(Scatter("Length", "start", (cloud,)), *size, COLOURS)
    lines = drawn.plain.split("\n")
    assert len(lines) == size[1] and all(line.cell_len <= size[0] for line in drawn.split("\n"))
    assert (ATTRACTOR in drawn.plain) == (size[0] >= 30)


def test_points_all_at_one_place_and_none_are_drawn() -> None:
    one = Cloud("", ((3.0, 3.0),), (-1e9, 3.0), 1e12)
    assert "●" in draw_scatter(Scatter("x", "start", (one,)), 60, 12, COLOURS).plain
    assert "Nothing" in draw_scatter(Scatter("x", "s", ()), 60, 12, COLOURS).plain


def test_spread_is_drawn_around_lines_and_fits() -> None:
    line = Series("", (1.0, 2.0, 3.0), (2.0, None, 4.0))
    drawn = draw(Chart("lines", "x", "generation", ("0", "1", "2"), (line,)), 60, 14, COLOURS)
    assert drawn.plain.count("│") > 4
    assert "8" in drawn.plain and "-2" in drawn.plain, "the axis holds the ends"


async def test_a_game_is_told_in_a_plot_and_tables(
    laboratory: Laboratory, open_screen: OpenScreen, snap: Snap
) -> None:
    await kept.stored(laboratory.services.store, 3)
    async with open_screen(AnalysisScreen(laboratory), WIDE) as pilot:
        assert isinstance(chart(pilot), Chart)
        await until(lambda: pane(pilot).query_one("#chain-measure").has_focus)
        assert "Attractors" in pane(pilot).query_one(ChainTables).text
        await pilot.press("p")
        await settled(pilot)
        assert isinstance(chart(pilot), Scatter)
        snap(pilot)
        await pilot.press("c")
        await settled(pilot)
        table = pilot.app.screen.query_one(SummaryTable)
        assert table.display and table.row_count and not pane(pilot).display
        await pilot.press("c")
        await settled(pilot)
        assert pane(pilot).display and not table.display


async def test_curves_grow_while_a_run_goes_on(
    laboratory: Laboratory, open_screen: OpenScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "FOLLOW_S", 0.01)
    store = laboratory.services.store
    made = kept.design()
    await kept.stored(store, 1, made)
    async with open_screen(AnalysisScreen(laboratory)) as pilot:
        shown = chart(pilot)
        assert isinstance(shown, Chart) and len(shown.places) == 2
        for step in kept.journal(made, 2)[8:]:
            await store.commit(step)

        def grown() -> bool:
            later = chart(pilot)
            return isinstance(later, Chart) and len(later.places) == 3

        await until(grown)


async def test_what_is_missing_is_told_in_place_of_the_plot(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await kept.stored(laboratory.services.store, 0)
    async with open_screen(AnalysisScreen(laboratory)) as pilot:
        note = pane(pilot).query_one("#chain-note", Static)
        assert "No text has been passed on yet." in str(note.content) and note.display
        pane(pilot).query_one("#chain-plot", Select).value = "attractors"
        await settled(pilot)
        assert note.display


async def test_tables_stand_where_they_are_seen_whole(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await kept.stored(laboratory.services.store, 3)
    async with open_screen(AnalysisScreen(laboratory), (150, 36)) as pilot:
        chart(pilot)
        await settled(pilot)
        tables, plot = pane(pilot).query_one(ChainTables), pane(pilot).query_one(Plot)
        assert "STRENGTH" in tables.text

        def stand_below() -> bool:
            return tables.region.y > plot.region.y

        assert not stand_below()
        for width in (150, 110, 80):
            await pilot.resize_terminal(width, 36)
            await settled(pilot)
            assert stand_below() == (width < 150)
            widest = max(map(len, tables.text.splitlines()))
            assert widest <= tables.scrollable_content_region.width
            assert plot.region.width >= 58 and tables.region.height >= 5
