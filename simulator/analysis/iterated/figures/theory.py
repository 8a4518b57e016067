"""The claims of theory as figures, from exact learners or from runs of models."""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.analysis.culture.figures.drawing import grid_of, look_at, name_lines, wrapped
from simulator.analysis.drawing import plain
from simulator.analysis.iterated.bayes.curves import Curve
from simulator.analysis.iterated.bayes.tables import Floats
from simulator.analysis.iterated.bayes.theory import Claim
from simulator.analysis.iterated.figures.drawing import by_generation, reference, whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DASHES = ("-", "--", "-.", ":")
_CHANCE = "all hypotheses alike"
"""Level that runs without a bias are near to, so that it is named below them."""
_LOWEST = 0.1
"""Levels under that have no room below."""
_BIAS = ("bias_probability", "P(bias)", ("prior of the bias", _CHANCE))
_PANELS = {
    "convergence": (
        ("distance", "distance to the prior", ()),
        ("best", "P(h of the largest prior)", ("largest prior",)),
        _BIAS,
        ("entropy_of_chains", "entropy over chains", ("entropy of the prior",)),
    ),
    "amplification": (_BIAS,),
    "effective set": (_BIAS,),
}
"""Of each claim: the number of a curve, the name of its panel, the levels to compare with."""
_MOST_BANDS = 4
"""Curves of a panel whose bands can be told apart."""
_LINE = 0.16
"""Inches of a line of words above the panels."""
_WORDS = {
    "strong": "strong likelihood", "weak": "weak likelihood",
    "telling": "telling first data", "ambiguous": "ambiguous first data",
}  # fmt: skip
"""What short words of conditions are called in legends and above panels."""


def claim_figure(claim: Claim) -> Figure:
    """A claim: colours tell learners or biases apart, dashes what else varies.

    The statement stands above, and below it whether it holds and what the curves come to.

    Args:
        claim: Of exact learners or of runs, with curves.
    """
    groups = list(dict.fromkeys(one.condition.get(claim.apart, "") for one in claim.curves))
    rows = [row for row in _PANELS[claim.name] if any(_is_known(_values(one, row[0]))
            for one in claim.curves)]  # fmt: skip
    columns = max(len(groups), min(2, len(rows)))
    count = len(groups) * len(rows)
    width = {1: 5.4, 2: 3.7}.get(columns, 2.9)
    texts = (claim.statement, f"{claim.verdict} {claim.found}")
    told = "\n".join(wrapped(plain(text, 1000), int(14 * width * columns)) for text in texts)
    down = -(-count // columns)
    height = 2.5 + (told.count("\n") + 1) * _LINE / down
    figure, panels = grid_of(down, columns, width=width, height=height)
    places = [(row, group) for row in rows for group in groups]
    for panel, ((name, title, levels), group) in zip(panels.flat, places, strict=False):
        own = [one for one in claim.curves if one.condition.get(claim.apart, "") == group]
        _draw(panel, claim, own, name)
        if name.startswith("entropy"):
            by_generation(panel, "nats", high=log(len(claim.curves[0].prior)))
        else:
            by_generation(panel, "share", high=1.0)
        for level in levels:
            if level in claim.references:
                height = claim.references[level]
                below = level == _CHANCE and height > _LOWEST
                reference(panel, height, level, below=below)
        panel.set_title(": ".join(filter(None, (whole(_word(group), 40), title))), fontsize=8)
    for panel in panels.flat[count:]:
        panel.set_visible(False)
    figure.suptitle(told, fontsize=8)
    name_lines(figure, panels)
    return figure


def _draw(panel: Any, claim: Claim, curves: Sequence[Curve], name: str) -> None:
    told = [_told(one, claim.apart) for one in claim.curves]
    colours = list(dict.fromkeys(colour for colour, _ in told))
    dashes = list(dict.fromkeys(other for _, other in told))
    for one in curves:
        colour, other = _told(one, claim.apart)
        look = look_at(colours.index(colour))
        values = _values(one, name)
        if not _is_known(values):
            continue
        generations = np.arange(1, len(values) + 1)
        panel.plot(
            generations, values, color=look.colour, marker=look.marker,
            markersize=3, markevery=max(1, len(values) // 8), linewidth=1.2,
            linestyle=_DASHES[dashes.index(other) % len(_DASHES)],
            label=whole(", ".join(filter(None, (colour, other)))),
        )  # fmt: skip
        if name == "bias_probability" and one.label in claim.bands and len(curves) <= _MOST_BANDS:
            low, high = claim.bands[one.label]
            panel.fill_between(generations, low, high, color=look.colour, alpha=0.12, linewidth=0)


def _values(curve: Curve, name: str) -> Any:
    if name == "best":
        return curve.shares[:, int(curve.prior.argmax())]
    return getattr(curve, name)


def _is_known(values: Floats | None) -> bool:
    return values is not None and bool(np.isfinite(values).any())


def _told(curve: Curve, apart: str) -> tuple[str, str]:
    """What the colour says of a curve, and what its dashes say."""
    words = [_word(value) for name, value in curve.condition.items() if name != apart]
    return (words[0], ", ".join(filter(None, words[1:]))) if words else ("", "")


def _word(value: str) -> str:
    return _WORDS.get(value, value)
