"""Figures of chains: what is in their panels, and why some are not drawn."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simulator.analysis.culture.attractors import attractors_of
from simulator.analysis.culture.figures.catalogue import FIGURES, Drawn, draw_figures
from simulator.analysis.culture.figures.density import density_of
from simulator.analysis.culture.figures.drawing import FigureOptions, look_at, series_of
from simulator.analysis.culture.figures.evolution import mean_and_error
from simulator.analysis.culture.figures.likeness import mean_similarity
from simulator.analysis.culture.records import Chain, MeasuredChains
from simulator.analysis.drawing import COLOURS, MARKERS, figure_file
from simulator.errors import NotFoundError
from tests.analysis.culture.measured import joined, measured_of

FEW = FigureOptions(resamples=40, early=3)


def drifting(seed: int, slope: float = 0.5, generations: int = 6, chains: int = 12) -> Any:
    """Values drawn to 0.4, shape (chains, generations + 1)."""
    rng = np.random.default_rng(seed)
    values = [np.linspace(-0.9, 0.9, chains)]
    for _ in range(generations):
        values.append(slope * values[-1] + (1 - slope) * 0.4 + rng.normal(0, 0.05, chains))
    return np.stack(values, axis=1)


@pytest.fixture(scope="module")
def measured() -> MeasuredChains:
    """Two models and two tasks, two measures; one model at two temperatures."""
    parts = [
        measured_of(drifting(place), texts=6, model=model, task=task, temperature=heat)
        for place, (model, heat) in enumerate((("M-Base", 0.5), ("M-it", 0.5), ("M-it", 1.0)))
        for task in ("retell", "go on")
    ]
    both = joined(*parts)
    words = ("red cat", "red dog", "a dog", "blue dog", "red sky", "a cat", "sky")
    chains = tuple(replace(chain, texts=words) for chain in both.chains)
    return MeasuredChains(chains, {**both.values, "length": 100 + 50 * both.values["positivity"]})


def drawn(measured: MeasuredChains, name: str, options: FigureOptions = FEW) -> list[Drawn]:
    return list(draw_figures(measured, [name], options))


def panels(one: Drawn) -> list[Any]:
    assert one.figure is not None, one.reason
    return one.figure.axes


def named_lines(panel: Any) -> dict[str, Any]:
    return {
        line.get_label(): line for line in panel.lines if not str(line.get_label()).startswith("_")
    }


def words_of(panel: Any) -> str:
    return " ".join(" ".join(text.get_text().split()) for text in panel.texts)


@pytest.mark.parametrize(
    ("name", "count", "axes"),
    [
        ("evolution", 7, 4),
        ("attractors", 1, 8),
        ("attractors_simple", 1, 4),
        ("attractors_predict", 1, 8),
        ("initial_final_distribution", 2, 2),
        ("metric_distributions", 2, 6),
        ("effect_of_temperature", 1, 4),
        ("effect_of_finetuning", 1, 4),
        ("ks", 1, 4),
        ("strength_differences", 1, 3),
        ("position_differences", 1, 4),
        ("similarity", 1, 7),
        ("convergence", 1, 6),
    ],
)
def test_every_figure_has_its_panels(
    measured: MeasuredChains, name: str, count: int, axes: int
) -> None:
    found = drawn(measured, name)
    assert len(found) == count
    assert all(len(panels(one)) == axes for one in found)


def test_figures_have_names_of_their_own(measured: MeasuredChains) -> None:
    renamed = [
        replace(chain, text={"text 0": "A/b", "text 1": "a:B"}.get(chain.text, "t"))
        for chain in measured.chains
    ]
    names = [
        one.name for one in drawn(MeasuredChains(tuple(renamed), measured.values), "evolution")
    ]
    assert names == ["evolution", "evolution_A-b", "evolution_a-B-2", "evolution_t"]


def test_curves_are_means_over_texts_or_over_the_chains_of_one(measured: MeasuredChains) -> None:
    every, *of_texts = drawn(measured, "evolution")
    base = measured.where(lambda chain: chain.model == "M-Base" and chain.task == "retell")
    line = named_lines(panels(every)[0])["M-Base"]
    assert line.get_ydata() == pytest.approx(base.values["positivity"].mean(axis=0))
    one = base.where(lambda chain: chain.text == "text 2")
    line = named_lines(panels(of_texts[2])[0])["M-Base"]
    assert line.get_ydata() == pytest.approx(one.values["positivity"].mean(axis=0))
    assert set(named_lines(panels(every)[0])) == {"M-Base", "M-it, T 0.5", "M-it, T 1"}


def test_errors_count_texts_where_chains_share_them() -> None:
    values = [[0.0, 0.0], [4.0, 4.0], [0.0, np.nan], [4.0, np.nan]]
    chains = measured_of(values, texts=2)
    mean, error = mean_and_error(chains, "positivity", by_text=True)
    assert mean == pytest.approx([2, 2])
    assert error == pytest.approx([2, 2])
    skewed = measured_of([[0.0], [4.0], [0.0], [4.0], [6.0], [4.0]], texts=2)
    mean, error = mean_and_error(skewed, "positivity", by_text=True)
    assert (float(mean[0]), float(error[0])) == pytest.approx((3, 1))
    _, of_chains = mean_and_error(chains, "positivity")
    assert of_chains == pytest.approx([np.sqrt(16 / 3) / 2, 2])
    alone, unknown = mean_and_error(measured_of([[1.0, 2.0]]), "positivity")
    assert alone == pytest.approx([1, 2])
    assert np.isnan(unknown).all()


def test_lines_and_bars_are_those_of_the_attractors(measured: MeasuredChains) -> None:
    axes = panels(drawn(measured, "attractors")[0])
    known = next(
        one
        for one in attractors_of(measured, resamples=0)
        if (one.model, one.task, one.measure) == ("M-Base", "retell", "positivity")
    )
    assert known.slope is not None and known.intercept is not None
    line = next(line for line in axes[0].lines if line.get_color() == COLOURS[0])
    x, y = line.get_xdata(), line.get_ydata()
    assert y == pytest.approx(known.intercept + known.slope * np.asarray(x))
    heights = [bar.get_height() for bar in axes[2].patches]
    assert heights[0] == pytest.approx(known.position)
    assert axes[3].patches[0].get_height() == pytest.approx(known.strength)
    assert len(heights) == 6


def test_predictions_are_of_the_early_generation(measured: MeasuredChains) -> None:
    axes = panels(drawn(measured, "attractors_predict")[0])
    known = attractors_of(measured, ("positivity",), generation=3, resamples=0)[0]
    assert axes[2].patches[0].get_height() == pytest.approx(known.position)
    ends = panels(drawn(measured, "initial_final_distribution")[0])[0]
    marks = [one.get_offsets()[0][0] for one in ends.collections if len(one.get_offsets()) == 1]
    assert any(place == pytest.approx(known.position) for place in marks)


def test_one_text_only_has_no_regression_and_says_so() -> None:
    found = drawn(measured_of(drifting(0), texts=1), "attractors")
    words = words_of(panels(found[0])[0])
    assert "no regression: one initial text only" in words


def test_equal_values_are_drawn_as_a_line() -> None:
    equal = measured_of(np.ones((6, 4)), texts=3)
    axes = panels(drawn(equal, "initial_final_distribution")[0])
    assert [list(line.get_xdata()) for line in axes[0].lines] == [[1, 1], [1, 1]]
    assert drawn(equal, "metric_distributions")[0].figure is not None


def test_ks_has_a_corrected_line_beside_each(measured: MeasuredChains) -> None:
    panel = panels(drawn(measured, "ks")[0])[0]
    solid = [line for line in panel.lines if line.get_linestyle() == "-"]
    dotted = [line for line in panel.lines if line.get_linestyle() == ":"]
    assert len(solid) == len(dotted) == 3
    for plain, corrected in zip(solid, dotted, strict=True):
        assert list(plain.get_xdata()) == [2, 3, 4, 5, 6]
        assert (np.asarray(corrected.get_ydata()) >= np.asarray(plain.get_ydata()) - 1e-12).all()
    classic = panels(drawn(measured, "ks", replace(FEW, classic=True))[0])[0]
    assert list(classic.lines[0].get_xdata()) == [2, 3, 4, 5]


def test_differences_are_written_both_ways_round(measured: MeasuredChains) -> None:
    panel = panels(drawn(measured, "strength_differences")[0])[1]
    there, back = (text.get_text().rstrip("*") for text in panel.texts)
    assert float(there) == pytest.approx(-float(back), rel=0.1)


def test_temperatures_and_pairs_are_on_their_places(measured: MeasuredChains) -> None:
    panel = panels(drawn(measured, "effect_of_temperature")[0])[0]
    assert list(named_lines(panel)["retell"].get_xdata()) == [0.5, 1.0]
    panel = panels(drawn(measured, "effect_of_finetuning")[0])[0]
    assert list(named_lines(panel)["M-Base: go on"].get_xdata()) == [0, 1]


def test_generations_are_as_alike_as_their_texts() -> None:
    chains = (
        Chain("m", "t", "x", 1, ("red cat", "blue dog", "red cat")),
        Chain("m", "t", "y", 1, ("red cat", "red cat")),
    )
    found, compared = mean_similarity(MeasuredChains(chains, {}))
    assert compared == 2 and found is not None
    assert found[0] == pytest.approx([1, 0.5, 1])


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("effect_of_temperature", "no model has chains of two temperatures that are known"),
        ("effect_of_finetuning", "there is no base model with the same model instructed"),
        ("attractors_predict", "no chain goes on after generation 3"),
        ("ks", "no chain has two generations after the initial text"),
        ("similarity", "the texts are not known"),
        ("convergence", "the texts are not known"),
        ("strength_differences", "the strengths of attractors: only 1 row with a value"),
    ],
)
def test_what_cannot_be_drawn_says_why(name: str, reason: str) -> None:
    (found,) = drawn(measured_of(drifting(1, generations=1)), name)
    assert found.figure is None
    assert found.reason.startswith(reason)


def test_nothing_at_all_has_reasons() -> None:
    found = list(draw_figures(MeasuredChains((), {})))
    assert all(one.figure is None and one.reason for one in found)
    assert {one.kind.name for one in found} == {
        kind.name for kind in FIGURES.values() if kind.each != "measure"
    }


def test_an_unknown_figure_names_the_nearest() -> None:
    with pytest.raises(NotFoundError, match="Did you mean 'attractors'"):
        list(draw_figures(MeasuredChains((), {}), ["atractors"]))


def test_without_matplotlib_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(NotFoundError) as caught:
        drawn(measured_of(drifting(1)), "evolution")
    assert "pip install -e '.[analysis]'" in str(caught.value.remedy)


def test_files_are_equal_and_names_are_no_formulas() -> None:
    odd = measured_of(drifting(1), model="$x^$ _a", task="_t")
    one, again = (drawn(odd, "evolution")[0].figure for _ in range(2))
    assert one is not None and again is not None
    assert figure_file(one, "svg") == figure_file(again, "svg")
    assert b"$x^$ _a" in figure_file(one, "svg")
    assert figure_file(one, "pdf").startswith(b"%PDF")


def test_looks_are_fixed_and_differ(measured: MeasuredChains) -> None:
    looks = [look_at(place) for place in range(len(COLOURS) * len(MARKERS))]
    assert len(set(looks)) == len(looks)
    assert [one.look for one in series_of(measured)] == looks[:3]


def test_density_is_highest_where_most_values_are() -> None:
    places = np.linspace(-1, 5, 61)
    heights = density_of(np.array([0.0, 0.1, -0.1, 0.0, 4.0, np.nan]), places)
    assert heights is not None
    assert places[int(heights.argmax())] == pytest.approx(0, abs=0.11)
    assert heights.max() == 1
    assert density_of(np.array([1.0, np.nan]), places) is None
