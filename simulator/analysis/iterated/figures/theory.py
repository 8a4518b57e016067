"""The claims of theory as figures, from exact learners."""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.analysis.culture.figures.drawing import grid_of, look_at, name_lines, wrapped
from simulator.analysis.drawing import plain
from simulator.analysis.iterated.bayes.curves import Curve
from simulator.analysis.iterated.bayes.theory import Claim
from simulator.analysis.iterated.figures.drawing import by_generation, reference, whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DASHES = ("-", "--", "-.", ":")
_PANELS = {
    "convergence": (
        ("distance", "distance to the prior", ""),
        ("best", "P(h of the largest prior)", "largest prior"),
        ("bias_probability", "P(screen off)", "prior of the screen off"),
        ("entropy_of_chains", "entropy over chains", "entropy of the prior"),
    ),
    "weak likelihood": (("bias_probability", "P(screen off)", "prior of the screen off"),),
    "effective set": (("bias_probability", "P(screen off)", "prior of the screen off"),),
}
"""Of each claim: the number of a curve, the name of its panel, the level to compare with."""
_LINE = 0.16
"""Inches of a line of words above the panels."""
_APART = {"effective set": "first"}
"""What panels stand beside each other for."""


def claim_figure(claim: Claim) -> Figure:
    """A claim: colours tell learners apart, dashes what else varies.

    The statement stands above, and below it what the curves come to.

    Args:
        claim: Of `bayes.theory.claims`.
    """
    apart = _APART.get(claim.name, "")
    groups = list(dict.fromkeys(one.condition.get(apart, "") for one in claim.curves))
    rows = _PANELS[claim.name]
    columns = max(len(groups), min(2, len(rows)))
    count = len(groups) * len(rows)
    width = 3.7 if columns > 1 else 5.4
    texts = (claim.statement, claim.found)
    told = "\n".join(wrapped(plain(text, 1000), int(14 * width * columns)) for text in texts)
    down = -(-count // columns)
    height = 2.5 + (told.count("\n") + 1) * _LINE / down
    figure, panels = grid_of(down, columns, width=width, height=height)
    places = [(row, group) for row in rows for group in groups]
    for panel, ((name, title, level), group) in zip(panels.flat, places, strict=False):
        own = [one for one in claim.curves if one.condition.get(apart, "") == group]
        _draw(panel, claim, own, name, apart)
        if name.startswith("entropy"):
            by_generation(panel, "nats", high=log(len(claim.curves[0].prior)))
        else:
            by_generation(panel, "share", high=1.0)
        if level:
            reference(panel, claim.references[level], level)
        panel.set_title(f"{title}, {group} first data" if group else title, fontsize=8)
    for panel in panels.flat[count:]:
        panel.set_visible(False)
    figure.suptitle(told, fontsize=8)
    name_lines(figure, panels)
    return figure


def _draw(panel: Any, claim: Claim, curves: Sequence[Curve], name: str, apart: str) -> None:
    learners = list(dict.fromkeys(one.condition["learner"] for one in claim.curves))
    others = list(dict.fromkeys(_other(one, apart) for one in claim.curves))
    for one in curves:
        look = look_at(learners.index(one.condition["learner"]))
        values = one.shares[:, claim.best] if name == "best" else getattr(one, name)
        if values is None:
            continue
        told = _other(one, apart)
        panel.plot(
            np.arange(1, len(values) + 1), values, color=look.colour, marker=look.marker,
            markersize=3, markevery=max(1, len(values) // 8), linewidth=1.2,
            linestyle=_DASHES[others.index(told) % len(_DASHES)],
            label=whole(", ".join(filter(None, (one.condition["learner"], told)))),
        )  # fmt: skip


def _other(curve: Curve, apart: str) -> str:
    """What varies besides the learner, in words."""
    words = {"strong": "strong likelihood", "weak": "weak likelihood"}
    found = [
        words.get(value, value)
        for name, value in curve.condition.items()
        if name not in ("learner", apart)
    ]
    return ", ".join(found)
