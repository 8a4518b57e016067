from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import pytest

from simulator.analysis.debates.comparison import compare
from simulator.analysis.debates.figures import records_figure, rounds_figure
from simulator.analysis.debates.summary import summarize
from simulator.analysis.drawing import FORMATS
from simulator.errors import NotFoundError
from tests.analysis.debates.talk import debated, finals, record

DEBATE = replace(
    record(
        debated([["1", "1"], ["2", "1"]], final="1", question="A"),
        debated([["2", "1"], ["2", "not asked"]], final="1", question="B"),
        name="_one $of$ many, <b>with</b> a name that is longer than there is room for",
    ),
    debaters=("_hidden", "$x$"),
    temperatures=((0.2, 0.2), (0.8, 0.9)),
)
SIGNS = {"pdf": b"%PDF", "svg": b"<?xml", "png": b"\x89PNG"}


@pytest.fixture
def matplotlib() -> Any:
    return pytest.importorskip("matplotlib", reason="the extra `analysis` is not installed")


def test_figures_can_be_files_of_each_format(matplotlib: Any) -> None:
    one, other = summarize(DEBATE), summarize(finals("1", "2"))
    for format_ in FORMATS:
        drawn = records_figure([one, other], [compare(DEBATE, DEBATE)], format_)
        assert drawn.startswith(SIGNS[format_])


def test_names_are_drawn_as_they_are(matplotlib: Any) -> None:
    drawn = rounds_figure([summarize(DEBATE)], "svg").decode()
    assert "_one $of$ many, &lt;b&gt;with&lt;/b&gt; a name…" in drawn
    assert "_hidden (T 0.2)" in drawn
    assert "$x$ (T 0.8, 0.9)" in drawn
    assert "majority vote" in drawn


def test_equal_figures_are_equal_files(matplotlib: Any) -> None:
    first = records_figure([summarize(DEBATE)], [], "svg")
    assert records_figure([summarize(DEBATE)], [], "svg") == first


def test_records_of_one_round_have_no_figure_of_rounds(matplotlib: Any) -> None:
    with pytest.raises(ValueError, match="several rounds"):
        rounds_figure([summarize(finals("1"))], "png")


def test_without_matplotlib_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(NotFoundError) as caught:
        records_figure([summarize(DEBATE)], [], "pdf")
    assert "pip install" in (caught.value.remedy or "")
