"""The figures of a report: which are wanted, and how they come into the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isnan

from simulator.analysis.culture.figures.catalogue import (
    FIGURES,
    Drawn,
    check_figures,
    draw_figures,
)
from simulator.analysis.culture.figures.drawing import FigureOptions
from simulator.analysis.culture.prediction import early_of
from simulator.analysis.culture.records import MeasuredChains
from simulator.analysis.drawing import figure_file
from simulator.errors import NotFoundError, UsageError
from simulator.files.reports.drawings import Drawing, embedded_svg

FIRST_FIGURES = ("evolution", "attractors")
"""Figures that are drawn unless others are named, or none."""
_TITLES = {
    "attractors_simple": "Attractors as bars",
    "attractors_predict": "Predicted attractors",
    "initial_final_distribution": "Initial and final distribution",
    "metric_distributions": "Distribution by generation",
    "effect_of_finetuning": "Effect of fine-tuning",
    "ks": "Kolmogorov-Smirnov tests",
}
"""Of figures whose names, which are those of published files, make no good one."""


def figures_named(names: Sequence[str]) -> tuple[str, ...] | None:
    """Names of figures as a user gives them: `all` stands for every one, `none` for none.

    Returns:
        What `figures_for_report` takes.

    Raises:
        NotFoundError: There is no such figure.
    """
    if not names:
        return None
    if "none" in names:
        if len(set(names)) > 1:
            raise UsageError(
                "Figures were named beside `none`.", remedy="Leave one of the two out."
            )
        return ()
    listed = tuple(FIGURES) if "all" in names else tuple(names)
    check_figures(listed)
    return listed


def figures_for_report(
    measured: MeasuredChains,
    names: Sequence[str] | None = None,
    hear: Callable[[float], None] = lambda share: None,
) -> tuple[list[Drawing], list[str]]:
    """The figures of a report; those that can be of one text are of all.

    Args:
        measured: May be none.
        names: Of `FIGURES`; None takes `FIRST_FIGURES`, as far as they can be drawn.
        hear: Is told the share that is done.

    Returns:
        The figures, and sentences on what is missing.

    Raises:
        NotFoundError: A figure that was named is not known, or needs what is not installed.
    """
    if not measured.chains or (names is not None and not names):
        return [], []
    drawings: list[Drawing] = []
    remarks: list[str] = []
    missing: dict[str, list[str]] = {}
    options = FigureOptions(early=early_of(measured.chains))
    wanted = tuple(dict.fromkeys(_first(measured) if names is None else names))
    for place, name in enumerate(wanted):
        hear(place / len(wanted))
        try:
            shown = _begun(measured) if name.startswith("attractors") else measured
            for one in draw_figures(shown, [name], options, each_text=False):
                if one.figure is None:
                    if names is not None:
                        remarks.append(f"No figure {one.name}: {one.reason}.")
                    continue
                title = _title(one)
                svg = embedded_svg(
                    figure_file(one.figure, "svg"), title, f"figure{len(drawings) + 1}"
                )
                drawings.append(Drawing(one.name, title, one.kind.meaning, svg))
        except NotFoundError as error:
            if names is not None:
                raise
            why = " ".join(filter(None, (error.message, error.remedy)))
            missing.setdefault(why, []).append(name)
    remarks += [f"Without figures of {', '.join(of)}: {why}" for why, of in missing.items()]
    return drawings, remarks


def _first(measured: MeasuredChains) -> tuple[str, ...]:
    """Without attractors where all chains begin alike: no line has one point."""
    texts = {chain.text for chain in measured.chains}
    return FIRST_FIGURES if len(texts) > 1 else FIRST_FIGURES[:1]


def _begun(measured: MeasuredChains) -> MeasuredChains:
    """Without measures that no initial text has, such as the similarity to it."""
    return MeasuredChains(
        measured.chains,
        {
            name: table
            for name, table in measured.values.items()
            if not all(map(isnan, table[:, 0]))
        },
    )


def _title(drawn: Drawn) -> str:
    name = drawn.kind.name
    title = _TITLES.get(name) or name.replace("_", " ").capitalize()
    measure = drawn.kind.each == "measure"
    subject = drawn.subject.replace("_", " ") if measure else drawn.subject
    shown = "".join(sign if sign.isprintable() else " " for sign in subject)
    return f"{title}: {shown}" if subject else title
