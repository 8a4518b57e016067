"""The analysis of chains on machines that lack packages."""

from __future__ import annotations

import pytest

from screens.analysis.chain_measuring import KeptMeasures
from screens.analysis.chain_views import chain_view
from screens.widgets.charts import Chart
from simulator.analysis.culture.records import Chain
from simulator.errors import NotFoundError
from tests.lacking import CORE, lack

CHAINS = [Chain("m", "t", f"text-{n}", 1, ("a" * n, "b" * (n + 9), "c" * 30)) for n in range(1, 6)]


def test_a_plot_is_drawn_and_the_table_that_lacks_a_package_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = [table.title for table in chain_view(CHAINS, "length", "ks", KeptMeasures()).tables]
    lack(monkeypatch, *CORE)
    view = chain_view(CHAINS, "length", "evolution", KeptMeasures())
    titles = [table.title for table in view.tables]
    assert isinstance(view.chart, Chart)
    assert "Attractors" in whole and "Attractors" not in titles
    (means,) = [table for table in view.tables if table.title == "Means"]
    assert "Without attractors: The statistics of chains are computed by SciPy" in means.note
    assert "pip install -e '.[analysis]'" in means.note


def test_plots_of_several_measures_leave_out_those_that_lack_a_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lack(monkeypatch, "nltk", "textstat")
    view = chain_view(CHAINS, "length", "strength_differences", KeptMeasures())
    assert any("Without positivity: " in table.note for table in view.tables)
    with pytest.raises(NotFoundError, match="nltk"):
        chain_view(CHAINS, "positivity", "evolution", KeptMeasures())
