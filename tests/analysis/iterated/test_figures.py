"""Figures of iterated learning: what is in their panels, and why some are not drawn."""

from __future__ import annotations

import sys
from math import log
from typing import Any

import numpy as np
import pytest

from simulator.analysis.iterated.bayes.curves import Curve
from simulator.analysis.iterated.bayes.theory import STATEMENTS, Claim
from simulator.analysis.iterated.conditions import Condition, conditions_of
from simulator.analysis.iterated.figures.catalogue import FIGURES, Drawn, draw_figures
from simulator.analysis.iterated.figures.exact import curves_figure, overlay_figure
from simulator.analysis.iterated.figures.theory import claim_figure
from simulator.analysis.iterated.fits import Fit, fits_of
from simulator.analysis.iterated.measured import MeasuredLineage, measure_lineage
from simulator.analysis.iterated.worlds.base import Example
from simulator.errors import NotFoundError
from tests.analysis.iterated.made_lineages import (
    ALTERNATIVE,
    TRUTH,
    WORLD,
    certain,
    drifting,
    learner,
    lineage,
    measured,
)


@pytest.fixture(scope="module")
def conditions() -> tuple[Condition, ...]:
    return conditions_of([*drifting("none"), *drifting("hypothesis_search")])


def drawn(conditions: Any, name: str) -> list[Drawn]:
    return list(draw_figures(conditions, (name,)))


def panels_of(figure: Any) -> list[Any]:
    return [panel for panel in figure.axes if panel.get_visible()]


def legend_of(figure: Any) -> list[str]:
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def test_entropy_falls_below_the_line_of_no_knowledge(conditions: tuple[Condition, ...]) -> None:
    (one,) = drawn(conditions, "entropy")
    assert one.figure is not None
    (panel,) = panels_of(one.figure)
    lines = {line.get_label(): list(line.get_ydata()) for line in panel.lines}
    assert lines["interaction none"] == [pytest.approx(log(9)), pytest.approx(log(9)), 0, 0]
    assert any(list(line.get_ydata()) == [log(9)] * 2 for line in panel.lines), "uniform over 9"
    assert legend_of(one.figure) == ["interaction none", "interaction hypothesis_search"]


def test_statuses_are_those_of_the_screen(conditions: tuple[Condition, ...]) -> None:
    (one,) = drawn(conditions, "statuses")
    assert one.figure is not None and legend_of(one.figure) == ["on", "off", "und"]
    left, right = panels_of(one.figure)
    off = next(line for line in left.lines if line.get_label() == "off")
    assert list(off.get_xdata()) == [0, 1, 2, 3, 4] and off.get_ydata()[-1] == 1
    assert (left.get_ylabel(), right.get_ylabel()) == ("P(screen)", "")


def test_long_names_of_conditions_stay_apart() -> None:
    long = "a long way of mending rules that goes on and on "
    many = conditions_of([*drifting(f"{long}once", 1), *drifting(f"{long}twice", 1)])
    for name in ("entropy", "endings", "consistency", "measures"):
        (one,) = drawn(many, name)
        told = [" ".join(words.split("\n")) for words in legend_of(one.figure)]
        assert told == [f"interaction {long}once", f"interaction {long}twice"], name
        assert all(len(line) <= 48 for words in legend_of(one.figure) for line in words.split("\n"))
    crowd = conditions_of([one for n in range(8) for one in drifting(f"{long}{n}", 1)])
    (few,), (eight,) = drawn(many, "entropy"), drawn(crowd, "entropy")
    assert few.figure is not None and eight.figure is not None
    assert eight.figure.get_figheight() > few.figure.get_figheight() + 1, "panels keep their room"
    (one,) = drawn(many, "statuses")
    titles = [" ".join(panel.get_title().split("\n")) for panel in panels_of(one.figure)]
    assert titles == [f"interaction {long}once", f"interaction {long}twice"]


@pytest.mark.parametrize("name", ["hypotheses", "hypotheses_explained"])
def test_bars_of_all_hypotheses(conditions: tuple[Condition, ...], name: str) -> None:
    found = drawn(conditions, name)
    assert [one.name for one in found] == [
        f"{name}_interaction-none", f"{name}_interaction-hypothesis_search"
    ]  # fmt: skip
    figure = found[0].figure
    assert figure is not None
    panels = panels_of(figure)
    assert [panel.get_title() for panel in panels] == [f"generation {n}" for n in (1, 2, 3, 4)]
    for panel in panels:
        assert panel.get_yscale() == "log" and len(panel.patches) == 9
        marks = {line.get_label(): list(line.get_xdata()) for line in panel.lines}
        assert marks == {
            "truth": [WORLD.hypotheses.index(TRUTH)],
            "alternative": [WORLD.hypotheses.index(ALTERNATIVE)],
        }
    tops = [bar.get_y() + bar.get_height() for bar in panels[-1].patches]
    assert max(tops) == pytest.approx(1) and sum(top > 0.5 for top in tops) == 1
    told = legend_of(figure)
    assert "screen off" in told if name == "hypotheses" else "explains 2 of 2" in told


def test_bars_count_runs_of_one_seed_once() -> None:
    def run(seed: int, hypothesis: str) -> MeasuredLineage:
        return measured([learner(1, TRUTH, probabilities=certain(hypothesis))], seed=seed)

    many = conditions_of([run(1, ALTERNATIVE), run(1, ALTERNATIVE), run(2, TRUTH)])
    (one,) = drawn(many, "hypotheses")
    assert one.figure is not None
    bars = [bar.get_y() + bar.get_height() for bar in panels_of(one.figure)[0].patches]
    assert sorted(bars)[-2:] == pytest.approx([0.5, 0.5])


def test_bars_of_the_last_generation(conditions: tuple[Condition, ...]) -> None:
    (one,) = drawn(conditions, "endings")
    assert one.figure is not None
    bars = {panel.get_title(): [bar.get_height() for bar in panel.patches]
            for panel in panels_of(one.figure)}  # fmt: skip
    assert bars["biased"] == [1, 1] and bars["exact"] == [0, 0] and bars["consistency"] == [1, 1]


def test_acronyms_have_figures_of_their_own() -> None:
    first = (Example("can, any, take", "cat"), Example("x, q, j, z", "xqjz"))
    own = lineage(
        [learner(1, None, data=first[:1])], world="acronyms", truth=None, alternative=None,
        first=first,
    )  # fmt: skip
    (one,) = draw_figures(conditions_of([measure_lineage(own, None)]))
    assert one.name == "acronyms" and one.figure is not None
    ratio = panels_of(one.figure)[0].lines[0]
    assert list(ratio.get_ydata()) == [0.5, 1] and list(ratio.get_xdata()) == [0, 1]


def test_one_generation_stands_in_the_middle_of_its_axis(
    conditions: tuple[Condition, ...],
) -> None:
    alone = conditions_of([measured([learner(1, TRUTH)], seed=seed) for seed in (1, 2)])
    for some, numbers in ((alone, [1]), (conditions, [1, 2, 3, 4])):
        (one,) = drawn(some, "consistency")
        assert one.figure is not None
        (panel,) = panels_of(one.figure)
        low, high = panel.get_xlim()
        ticks = [tick for tick in panel.get_xticks() if low <= tick <= high]
        assert (low <= 0.5 and high >= 1.5) == (some is alone) and ticks == numbers


@pytest.mark.parametrize(("count", "has_bands"), [(2, True), (6, False)])
def test_intervals_of_many_conditions_stand_side_by_side(count: int, has_bands: bool) -> None:
    many = conditions_of([one for n in range(count) for one in drifting(f"way {n}", 2)])
    (one,) = drawn(many, "consistency")
    assert one.figure is not None
    (panel,) = panels_of(one.figure)
    lines = [list(line.get_xdata()) for line in panel.lines[:count]]
    kinds = {type(one).__name__.endswith("PolyCollection") for one in panel.collections}
    assert kinds == {has_bands}
    for places in zip(*lines, strict=True):
        assert len(set(places)) == (1 if has_bands else count)
        assert {round(place) for place in places} == {round(sum(places) / count)}
    assert [tick for tick in panel.get_xticks() if 1 <= tick <= 4] == [1, 2, 3, 4]


def test_figures_that_have_nothing_to_show() -> None:
    bare = conditions_of([measured([learner(1, None)], alternative=None)])
    reasons = {one.name: one.reason for one in draw_figures(bare)}
    assert set(reasons) == FIGURES.keys() - {"acronyms"}
    for name in ("entropy", "statuses", "hypotheses", "consistency", "endings"):
        assert reasons[name] and not reasons[name].endswith(".")
    with pytest.raises(NotFoundError, match=r"'entropi'.*'entropy'"):
        drawn(bare, "entropi")


def test_figures_without_matplotlib(
    conditions: tuple[Condition, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(NotFoundError) as caught:
        drawn(conditions, "entropy")
    assert "analysis" in str(caught.value.remedy)


def curve(label: str, **condition: str) -> Curve:
    flat, rising = np.full(3, 0.5), np.linspace(0.2, 0.8, 3)
    return Curve(
        label, np.full(9, 1 / 9), np.full((3, 9), 1 / 9), np.zeros(3), flat, flat, flat, flat,
        rising, rising, condition=condition,
    )  # fmt: skip


def test_runs_over_the_exact_learners_fitted_to_them(conditions: tuple[Condition, ...]) -> None:
    fits = fits_of(conditions[:1])
    (fit,) = fits
    assert fit.curve is not None and fit.fitted is not None and fit.fitted.answers == 3
    far = {one.measure: one for one in fit.deviations()}
    assert far["bias_probability"].of_runs == 1 and far["bias_probability"].generation == 4
    assert far["bias_probability"].error > 0.1, "runs that are sure are no samplers"
    figure: Any = overlay_figure(fits)
    assert legend_of(figure) == ["exact learners, prior fitted", "runs"]
    titles = [panel.get_title() for panel in panels_of(figure)]
    assert titles == ["entropy", "bias probability", "consistency", "exact"]
    two: Any = overlay_figure([*fits, *fits])
    assert [panel.get_title() for panel in panels_of(two)] == [*titles, *[""] * 4]
    nothing: Any = overlay_figure([Fit("x", (), None, None, "its game has no rules")])
    assert nothing.reason == "its game has no rules"


def test_curves_and_claims() -> None:
    figure: Any = curves_figure([curve("one"), curve("two")], "What is shown.")
    assert len(panels_of(figure)) == 4 and legend_of(figure) == ["one", "two"]
    claim = Claim(
        "effective set", "It is 1.", True,
        tuple(
            curve(what, learner="MAP", hypotheses=what, first=first)
            for what in ("imitation", "effective set") for first in ("telling", "ambiguous")
        ),
        "first", {"prior of the bias": 0.6},
    )  # fmt: skip
    figure = claim_figure(claim)
    assert legend_of(figure) == ["MAP, imitation", "MAP, effective set"]
    left, right = panels_of(figure)
    assert "telling" in left.get_title() and "ambiguous" in right.get_title()
    told = " ".join(figure.get_suptitle().split())
    assert STATEMENTS["effective set"] in told and "It is 1." in told
    styles = [line.get_linestyle() for line in left.lines[:2]]
    assert styles == ["-", "--"]
