"""How alike texts are: along chains, and between chains at the start and at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.analysis.culture.convergence import pairs_of_chains
from simulator.analysis.culture.figures.drawing import (
    FigureOptions,
    NoFigure,
    finish,
    grid_of,
    head,
    name_lines,
    say,
    series_of,
)
from simulator.analysis.culture.groups import last_generation
from simulator.analysis.culture.records import Floats, MeasuredChains
from simulator.analysis.culture.similarity import Way, similarity_matrix
from simulator.analysis.drawing import GREY, plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WITHIN, _BETWEEN = "#D55E00", "#0072B2"
_MOST_CHAINS = 12
"""Whose texts are compared, of a panel; the time grows with the square of the generations."""
_MOST_PAIRS = 2500
"""That are drawn of a panel."""
_WAYS: Mapping[Way, str] = {"tfidf": "TF-IDF", "edit": "edits", "embedding": "embeddings"}
_TEXTS_MISSING = "the texts are not known"


def convergence_figure(
    measured: MeasuredChains, _: str, options: FigureOptions
) -> Figure | NoFigure:
    """Similarity of the last texts of two chains by that of their first, a point for each pair.

    Points above the dashed line have come closer. Pairs from one initial text begin at 1.

    Args:
        measured: Of any tasks (rows) and models (columns).
        options: Say how texts are compared.
    """
    if reason := _nothing(measured):
        return NoFigure(reason)
    lines, tasks = series_of(measured), measured.tasks
    least = -1 if options.similarity == "embedding" else 0
    figure, panels = grid_of(len(tasks), len(lines), sharex=True, sharey=True, height=2.0)
    for row, task in enumerate(tasks):
        for column, one in enumerate(lines):
            panel = panels[row, column]
            finish(panel, grid="both")
            panel.set_xlim(least - 0.05, 1.08)
            panel.set_ylim(least - 0.05, 1.05)
            panel.set_xticks(np.linspace(least, 1, 5))
            _draw_pairs(panel, one.of(measured, task), options.similarity)
            if not row:
                head(panel, one.name)
        panels[row, 0].set_ylabel(f"{plain(task)}\nlast texts")
    for panel in panels[-1]:
        panel.set_xlabel(f"initial texts ({_WAYS[options.similarity]})")
    name_lines(figure, panels)
    return figure


def similarity_figure(
    measured: MeasuredChains, _: str, options: FigureOptions
) -> Figure | NoFigure:
    """Mean similarity of each two generations of a chain, over chains.

    Args:
        measured: Of any tasks (rows) and models (columns); at most 12 chains of each are compared,
            evenly taken.
        options: Say how texts are compared.
    """
    if reason := _nothing(measured):
        return NoFigure(reason)
    lines, tasks = series_of(measured), measured.tasks
    figure, panels = grid_of(len(tasks), len(lines), height=2.0)
    picture = None
    for row, task in enumerate(tasks):
        for column, one in enumerate(lines):
            panel = panels[row, column]
            panel.tick_params(labelsize=7)
            head(panel, one.name if not row else "")
            found, compared = mean_similarity(one.of(measured, task), options.similarity)
            if found is None:
                say(panel, "no chains")
                panel.set_axis_off()
                continue
            picture = panel.imshow(found, cmap="viridis", vmin=0, vmax=1, origin="lower")
            panel.set_xlabel(f"generation ({compared} chains)", fontsize=7)
        panels[row, 0].set_ylabel(f"{plain(task)}\ngeneration", fontsize=8)
    if picture is not None:
        bar = figure.colorbar(picture, ax=panels, shrink=0.6)
        bar.set_label(f"similarity ({_WAYS[options.similarity]})", fontsize=8)
        bar.ax.tick_params(labelsize=7)
    return figure


def mean_similarity(measured: MeasuredChains, way: Way = "tfidf") -> tuple[Floats | None, int]:
    """Mean similarity of each two generations, shape (generations + 1, generations + 1).

    Args:
        measured: At most 12 chains of them are compared, evenly taken.
        way: How texts are compared.

    Returns:
        None where there is no chain with two texts; and how many chains were compared.
    """
    chains = [chain for chain in measured.chains if len(chain.texts) > 1]
    if not chains:
        return None, 0
    places = np.unique(np.linspace(0, len(chains) - 1, _MOST_CHAINS).round().astype(int))
    size = max(len(chains[place].texts) for place in places)
    sums, counts = np.zeros((size, size)), np.zeros((size, size))
    for place in places:
        texts = chains[place].texts
        sums[: len(texts), : len(texts)] += similarity_matrix(texts, way)
        counts[: len(texts), : len(texts)] += 1
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan), len(places)


def _nothing(measured: MeasuredChains) -> str:
    if not last_generation(measured):
        return "no chain has a generation after the initial text"
    has_words = any(text.strip() for chain in measured.chains for text in chain.texts)
    return "" if has_words else _TEXTS_MISSING


def _draw_pairs(panel: Any, measured: MeasuredChains, way: Way) -> None:
    pairs = None
    if len(measured.chains) > 1:
        pairs = pairs_of_chains(measured.chains, way, generation="shared")
    if pairs is None or not pairs.initial.size:
        say(panel, "fewer than two chains that go on")
        return
    between, within = ~pairs.same_text, pairs.same_text
    panel.plot([-1, 1], [-1, 1], color=GREY, linestyle="--", linewidth=0.8)
    for kept, colour, marker, name in (
        (between, _BETWEEN, "o", "different initial texts"),
        (within, _WITHIN, "s", "same initial text"),
    ):  # fmt: skip
        places = np.flatnonzero(kept)
        if not places.size:
            continue
        places = places[np.unique(np.linspace(0, places.size - 1, _MOST_PAIRS).astype(int))]
        panel.scatter(
            pairs.initial[places], pairs.final[places], s=3, color=colour, marker=marker,
            alpha=0.25, linewidths=0, rasterized=True, label=name,
        )  # fmt: skip
    x, y = pairs.initial[between], pairs.final[between]
    if x.size > 2 and np.ptp(x) > 1e-9:
        slope, intercept = np.polyfit(x, y, 1)
        ends = np.array([x.min(), x.max()])
        panel.plot(ends, intercept + slope * ends, color="#000000", linewidth=1.2)
    elif not x.size:
        panel.text(
            0.05, 0.95, "one text only: no regression", transform=panel.transAxes, va="top",
            fontsize=6, color=GREY,
        )  # fmt: skip
