"""What becomes of the rules that models learn, on the screen of analysis."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import Select, Static

from screens.analysis import following, learner_fits
from screens.analysis.learner_fits import Fits
from screens.analysis.learner_views import STATUSES, learner_view, usual
from screens.analysis.learners import LearnerPane, LearnerTables
from screens.analysis.screen import AnalysisScreen
from screens.analysis.summary_table import SummaryTable
from screens.laboratory import Laboratory
from screens.widgets.charts import Chart
from screens.widgets.drawings import Drawing, Words
from screens.widgets.plot import Plot
from tests import kept_lineages as kept
from tests.analysis.iterated.made_lineages import TRUTH, drifting, learner, measured
from tests.screens.conftest import OpenScreen, settled
from tests.waiting import until


def pane(pilot: Pilot[int]) -> LearnerPane:
    return pilot.app.screen.query_one(LearnerPane)


def chart(pilot: Pilot[int]) -> Drawing | None:
    return pane(pilot).query_one(Plot).chart


def test_a_line_for_each_condition() -> None:
    shown = learner_view([*drifting("none", 2), *drifting("self_refine", 2)], "biased")
    assert isinstance(shown.chart, Chart)
    assert shown.chart.places == ("1", "2", "3", "4") and shown.chart.limits == (0, 1)
    assert [one.name for one in shown.chart.series] == [
        "interaction none",
        "interaction self_refine",
    ]
    assert shown.chart.series[0].values == (0, 0.5, 1, 1)
    assert shown.chart.series[0].spread == pytest.approx((0, 0.5, 0, 0))
    assert shown.tables[0].title == "Lineages"


def test_statuses_of_what_the_bias_is_about() -> None:
    shown = learner_view(drifting("none", 1), STATUSES).chart
    assert isinstance(shown, Chart) and "by P(h)" in shown.title
    assert [one.name for one in shown.series] == ["screen on", "screen off", "screen und"]
    assert shown.series[1].values == pytest.approx((1 / 3, 1 / 3, 1 / 3, 1, 1))


def test_runs_beside_the_exact_learners_fitted_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    known, lineages = Fits(), [*drifting("none", 2), *drifting("hypothesis_search", 2)]
    shown = learner_view(lineages, "fit_bias_probability", known)
    assert isinstance(shown.chart, Chart) and "exact learners" in shown.chart.title
    assert [one.name.split(": ")[1] for one in shown.chart.series] == ["runs", "exact"] * 2
    runs, exact, _, searched = (one.values for one in shown.chart.series)
    assert runs == pytest.approx((1 / 3, 1 / 3, 1, 1)) and exact[0] is not None
    assert exact[1] is not None and searched[1] is not None and exact[1] != searched[1]
    three = learner_view([*lineages, *drifting("self_refine", 2)], "fit_entropy").chart
    assert isinstance(three, Chart) and "2 of 3 conditions" in three.title
    assert len(three.series) == 4
    titles = [table.title for table in shown.tables]
    assert titles[0] == "Beside exact Bayesian learners" and "Lineages" in titles

    def again(*_: object) -> None:
        raise AssertionError("fitted again")

    monkeypatch.setattr(learner_fits, "fits_of", again)
    assert isinstance(learner_view(lineages, "fit_entropy", known).chart, Chart)
    with pytest.raises(AssertionError, match="again"):
        learner_view(lineages[:-1], "fit_entropy", known)


def test_what_there_is_is_shown_first_and_what_there_is_not_is_said() -> None:
    bare = [measured([learner(1, TRUTH)], is_control=True)]
    assert usual(bare) == "consistency" and usual(drifting("none")) == "entropy"
    for name in ("entropy", STATUSES):
        shown = learner_view(bare, name).chart
        assert isinstance(shown, Words) and "Nothing to plot" in shown.text


async def test_lines_grow_while_a_run_goes_on(
    laboratory: Laboratory, open_screen: OpenScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "FOLLOW_S", 0.01)
    store, steps = laboratory.services.store, kept.journal()
    await kept.stored(store, steps[:3])
    async with open_screen(AnalysisScreen(laboratory)) as pilot:
        note = pane(pilot).query_one("#learner-note", Static)
        assert "No learner has concluded anything yet." in str(note.content) and note.display
        for step in steps[3:]:
            await store.commit(step)

        def grown() -> bool:
            later = chart(pilot)
            return isinstance(later, Chart) and len(later.places) == 3

        await until(grown)
        assert not note.display and "Lineages" in pane(pilot).query_one(LearnerTables).text
        await pilot.press("p")
        await settled(pilot)
        assert pane(pilot).query_one("#learner-measure", Select).value == "bias_probability"
        await pilot.press("c")
        await settled(pilot)
        assert not pane(pilot).display and pilot.app.screen.query_one(SummaryTable).display
