"""The plots of chains, one by one, and which chains they are of."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest
from textual.pilot import Pilot
from textual.widgets import Select, Static

from screens.analysis import chains as pane_module
from screens.analysis.chain_measuring import KeptMeasures, Progress, Stopped, kept_on_disk
from screens.analysis.chain_plots.asked import MESSAGES
from screens.analysis.chain_plots.catalogue import PLOTS, next_plot
from screens.analysis.chain_sieve import Sieve, shown_text
from screens.analysis.chain_views import ChainView, chain_view
from screens.analysis.chains import ChainPane
from screens.analysis.screen import AnalysisScreen
from screens.laboratory import Laboratory
from screens.widgets.charts import BAND, Chart
from screens.widgets.drawings import Stack, Words, draw_any
from screens.widgets.forest import Forest, Row, Section
from screens.widgets.heat import Heat
from screens.widgets.plot import Plot
from screens.widgets.scatter import Scatter
from simulator.analysis.culture.figures.catalogue import FIGURES
from simulator.analysis.culture.measuring import measure_chains
from simulator.analysis.culture.records import Chain
from simulator.analysis.texts.registry import TEXT_MEASURES
from simulator.kinds.chatroom.design import ChatroomDesign
from tests import kept_chains as kept
from tests.screens.conftest import OpenScreen, settled
from tests.waiting import until

COLOURS = [(255, 0, 0), (0, 255, 0)]
SIZES = [(72, 20), (120, 40), (30, 9), (20, 4), (1, 1)]


def game(model: str = "m", task: str = "t", heat: float | None = None) -> list[Chain]:
    more, word = round(20 * (heat or 0)), f"{model}{task[0]} "
    return [
        Chain(
            model, task, f"text-{first}", seed,
            tuple(word * (kept.length_at(first, n) + more + seed) for n in range(5)),
            temperature=heat,
        )
        for first in kept.LENGTHS
        for seed in (1, 2)
    ]  # fmt: skip


def shown(chains: list[Chain], plot: str, measure: str = "length") -> ChainView:
    return chain_view(chains, measure, plot, KeptMeasures())


def test_there_is_a_plot_for_every_figure() -> None:
    assert [name for name in PLOTS if name in FIGURES] == list(FIGURES)
    assert next_plot(next(iter(PLOTS)), -1) == list(PLOTS)[-1]


@pytest.mark.parametrize("plot", PLOTS)
def test_every_plot_is_drawn_in_every_size(plot: str) -> None:
    chains = [
        *game("big-base", "t", 0.4), *game("big-instruct", "t", 0.4),
        *game("big-instruct", "u", 0.4), *game("big-instruct", "t", 1.0),
    ]  # fmt: skip
    chart = shown(chains, plot).chart
    assert not isinstance(chart, Words)
    for width, height in SIZES:
        lines = draw_any(chart, width, height, COLOURS).split("\n", allow_blank=True)
        assert len(lines) == height and all(line.cell_len <= width for line in lines)


@pytest.mark.parametrize("plot", PLOTS)
def test_every_plot_does_with_one_chain_that_has_hardly_begun(plot: str) -> None:
    chart = shown([Chain("m", "t", "x", 1, ("", "🙂"), expected=9)], plot, "positivity").chart
    assert draw_any(chart, 60, 12, COLOURS).plain.strip()


def test_what_cannot_be_plotted_says_why() -> None:
    chart = shown(game(), "effect_of_temperature").chart
    assert isinstance(chart, Words) and "two temperatures" in chart.text


def test_spread_by_generation_has_its_most_where_values_are() -> None:
    chart = shown([Chain("m", "t", "x", 1, ("a" * 10, "a" * 90))], "metric_distributions").chart
    assert isinstance(chart, Heat)
    peaks = [
        chart.y_labels[max(range(len(chart.rows)), key=lambda n: chart.rows[n][place] or 0)]
        for place in (0, 1)
    ]
    assert [abs(float(peak) - value) <= 5 for peak, value in zip(peaks, (10, 90), strict=True)]


def test_tests_stand_over_their_grey_band() -> None:
    chart = shown(game(), "ks").chart
    assert isinstance(chart, Chart) and chart.band == (0, 0.05) and chart.places == ("2", "3", "4")
    last = [line for line in draw_any(chart, 60, 14, COLOURS).plain.split("\n") if BAND in line]
    assert len(last) == 1 and last[0].lstrip().startswith("0┤")


def test_forests_show_estimates_within_their_intervals_and_cut_long_ones() -> None:
    rows = (Row("a", 1.0, 0.5, 1.5), Row("b", 2.0, -90.0, 90.0), Row("c", None, note="no line"))
    drawn = draw_any(Forest("x", (Section("y", rows),)), 80, 12, COLOURS).plain.split("\n")
    assert drawn[2].index("├") < drawn[2].index("●") < drawn[2].index("┤")
    assert "←" in drawn[3] and "→" in drawn[3] and "[-90, 90]" in drawn[3]
    assert "no line" in drawn[4]


def test_parts_without_room_are_counted() -> None:
    heat = Heat("x", "n", ("0", "1"), ("0",), ((0.0, 1.0),))
    drawn = draw_any(Stack((heat,) * 5), 60, 22, COLOURS).plain
    assert "3 of 5" in drawn


def test_an_early_generation_is_held_against_the_last() -> None:
    found = shown(game(), "attractors_predict")
    assert isinstance(found.chart, Scatter) and "generation 2" in found.chart.title
    assert found.tables[0].title == "Prediction"


def test_a_chatroom_has_messages_and_no_generations() -> None:
    talk = [Chain("m", "chatroom", "Hello", 1, ("a", "b", "a", "b"))]
    for plot in PLOTS:
        view = chain_view(talk, "length", plot, KeptMeasures(), passing=MESSAGES)
        told = draw_any(view.chart, 100, 30, COLOURS).plain + str(view.tables)
        assert "enerat" not in told and "GEN" not in told
    assert "messages 0 to 3" in shown_text(talk, 1, "message")


def test_likeness_does_not_depend_on_what_is_shown() -> None:
    chains = [
        Chain("m", "t", "x", 1, ("a red fox runs", "a red fox sleeps")),
        Chain("m", "t", "y", 1, ("a red sky falls", "a red sea rises")),
    ]
    measure = "similarity_to_initial"
    part = chain_view(
        chains, measure, "evolution", KeptMeasures(), sieve=Sieve(text="x")
    ).chart  # fmt: skip
    assert isinstance(part, Chart)
    whole = measure_chains(chains, (measure,)).values[measure]
    assert part.series[0].values[1] == pytest.approx(whole[0, 1])


def test_values_are_measured_once_and_kept_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def of_texts(texts: Sequence[str]) -> list[float]:
        seen.extend(texts)
        return [float(len(text)) for text in texts]

    monkeypatch.setitem(
        TEXT_MEASURES, "length", replace(TEXT_MEASURES["length"], of_texts=of_texts)
    )  # fmt: skip
    chains = [Chain("m", "t", "x", 1, ("a", "ab"))]
    memory = KeptMeasures()
    for kept_in, texts in ((memory, 2), (memory, 2), (KeptMeasures(), 2)):
        with kept_on_disk(kept_in, pytest.fail) as cache:
            chain_view(chains, "length", "evolution", cache)
        assert len(seen) == texts
    longer = [replace(chains[0], texts=("a", "ab", "abc"))]
    with kept_on_disk(memory, pytest.fail) as cache:
        chain_view(longer, "length", "evolution", cache)
    assert seen == ["a", "ab", "abc"]


def test_measuring_stops_between_texts() -> None:
    progress = Progress()
    measure = TEXT_MEASURES["length"]

    def of_texts(texts: Sequence[str]) -> list[float]:
        progress.stop()
        return [0.0] * len(texts)

    through = progress.through(replace(measure, of_texts=of_texts))
    with pytest.raises(Stopped):
        through.of_texts([str(n) for n in range(100)])  # type: ignore[union-attr]
    assert progress.texts == 20


def said(pilot: Pilot[int], name: str) -> str:
    return str(pilot.app.screen.query_one(name, Static).content)


async def test_chains_are_filtered_with_keys(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await kept.stored(laboratory.services.store, 3)
    async with open_screen(AnalysisScreen(laboratory)) as pilot:
        pane = pilot.app.screen.query_one(ChainPane)
        assert said(pilot, "#chain-shown").startswith("4 chains · pocket · rephrase · 4 texts")
        await pilot.press("f", "down", "enter")
        await settled(pilot)
        assert said(pilot, "#chain-shown").startswith("1 of 4 chains")
        assert pane.filters.sieve == Sieve(text="text-20")
        await pilot.press("P")
        await settled(pilot)
        assert pilot.app.screen.query_one("#chain-plot", Select).value == list(PLOTS)[-1]
        await pilot.press("a")
        await settled(pilot)
        assert said(pilot, "#chain-shown").startswith("4 chains")


async def test_measuring_goes_on_beside_the_app_and_is_stopped_by_esc(
    laboratory: Laboratory, open_screen: OpenScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pane_module, "TELL_S", 0.01)
    go_on = threading.Event()

    def slowly(texts: Sequence[str]) -> list[float]:
        if "a" * kept.LENGTHS[0] not in texts:
            go_on.wait(10)
        return [1.0] * len(texts)

    slow = replace(TEXT_MEASURES["entropy"], of_texts=slowly, version="slow")
    monkeypatch.setitem(TEXT_MEASURES, "entropy", slow)
    monkeypatch.setattr("screens.analysis.chain_measuring._AT_ONCE", 1)
    await kept.stored(laboratory.services.store, 3)
    async with open_screen(AnalysisScreen(laboratory)) as pilot:
        pilot.app.screen.query_one("#chain-measure", Select).value = "entropy"
        await until(lambda: "esc stops" in said(pilot, "#chain-shown"))
        await pilot.press("escape")
        assert "stopped" in said(pilot, "#chain-shown") and pilot.app.screen.is_current
        go_on.set()
        await pilot.press("r")
        await until(lambda: said(pilot, "#chain-shown").startswith("4 chains"))


async def test_a_talk_is_told_by_message(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    design = ChatroomDesign.model_validate(
        {"name": "Talk", "models": ["scripted/echo"] * 2, "max_iterations": 3}
    )
    runs = await laboratory.services.launch(design, {}, seed=1)
    await laboratory.live.start(runs)
    await until(lambda: laboratory.live.unfinished == 0)
    async with open_screen(AnalysisScreen(laboratory)) as pilot:
        chart = pilot.app.screen.query_one(ChainPane).query_one(Plot).chart
        assert isinstance(chart, Chart) and chart.place_name == "message"
        assert "messages 0 to" in said(pilot, "#chain-shown")
