"""Figures of debates, for papers: accuracy by round, and records beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

from simulator.analysis.debates.comparison import Comparison
from simulator.analysis.debates.proportions import LEVEL, Proportion
from simulator.analysis.debates.summary import DebateSummary
from simulator.analysis.drawing import (
    COLOURS,
    GREY,
    MARKERS,
    FigureFormat,
    figure_file,
    figure_of,
    plain,
)

_LONGEST = 36
"""Characters of a name."""


def rounds_figure(
    summaries: Sequence[DebateSummary], format_: FigureFormat, *, level: float = LEVEL
) -> bytes:
    """Accuracy of each debater by round with intervals, a panel for each record.

    Args:
        summaries: Of debates of two rounds or more; others are left out.
        format_: Of the file.
        level: Of the intervals of Wilson.

    Returns:
        The file.

    Raises:
        NotFoundError: matplotlib is not installed.
        ValueError: There is no record to draw.
    """
    shown = [summary for summary in summaries if len(summary.rounds) > 1]
    if not shown:
        raise ValueError("no record has several rounds")
    columns = min(2, len(shown))
    rows = ceil(len(shown) / columns)
    figure = figure_of(4.2 * columns, 3.4 * rows)
    panels = figure.subplots(rows, columns, squeeze=False, sharey=True).flat
    for place, panel in enumerate(panels):
        if place < len(shown):
            _draw_rounds(panel, shown[place], level)
            panel.set_ylabel("" if place % columns else "Accuracy (%)")
        else:
            panel.set_axis_off()
    return figure_file(figure, format_)


def records_figure(
    summaries: Sequence[DebateSummary],
    comparisons: Sequence[Comparison],
    format_: FigureFormat,
    *,
    level: float = LEVEL,
) -> bytes:
    """Final accuracy of each record, and what each gains over the first, with intervals.

    Args:
        summaries: Of the records, in order.
        comparisons: Of the first record with each other one, in their order; none draws no gains.
        format_: Of the file.
        level: Of the intervals: Wilson's of accuracies, and that of the comparisons of gains.

    Returns:
        The file.

    Raises:
        NotFoundError: matplotlib is not installed.
    """
    count = len(summaries)
    figure = figure_of(8.4 if comparisons else 5.6, 1.3 + 0.34 * count)
    panels = figure.subplots(
        1,
        2 if comparisons else 1,
        squeeze=False,
        sharey=True,
        width_ratios=[1.0, 1.0][: 1 + bool(comparisons)],
    )[0]
    left = panels[0]
    for place, summary in enumerate(summaries):
        if summary.final is not None:
            _bar(left, place, summary.final, level)
    left.set_yticks(range(count), [_named(summary) for summary in summaries])
    left.set_ylim(count - 0.5, -0.5)
    left.set_xlim(-2, 102)
    left.set_xlabel("Accuracy of final answers (%)")
    if comparisons:
        _draw_gains(panels[1], comparisons, plain(summaries[0].name))
    for panel in panels:
        panel.tick_params(axis="y", length=0)
        _plain(panel, "x")
    return figure_file(figure, format_)


def _draw_rounds(panel: Any, summary: DebateSummary, level: float) -> None:
    rounds = range(1, len(summary.rounds) + 1)
    count, drawn = len(summary.debaters), []
    for place, debater in enumerate(summary.debaters):
        # Beside each other, so that intervals do not hide each other.
        shift = min(0.08, 0.5 / count) * (place - (count - 1) / 2)
        known = [(r, share) for r, share in zip(rounds, debater.right, strict=True) if share]
        heat = sorted(set(debater.temperatures))
        label = debater.name + (f" (T {', '.join(f'{t:g}' for t in heat)})" if heat else "")
        lines = panel.errorbar(
            [r + shift for r, _ in known],
            [100 * share.share for _, share in known],
            yerr=_arms([share for _, share in known], level),
            color=COLOURS[place % len(COLOURS)],
            marker=MARKERS[place % len(MARKERS)],
            markersize=4.5, linewidth=1.4, elinewidth=0.9, capsize=2, label=plain(label),
        )  # fmt: skip
        drawn.append(lines)
    if count > 1:
        votes = [100 * together.vote.right.share for together in summary.rounds]
        drawn += panel.plot(
            rounds, votes, color=GREY, linestyle="--", linewidth=1.1, label="majority vote"
        )
    panel.set_title(_named(summary), fontsize=9)
    panel.set_xlabel("Round")
    panel.set_xticks(list(rounds))
    panel.set_xlim(0.6, len(summary.rounds) + 0.4)
    panel.set_ylim(-3, 103)
    panel.legend(
        handles=drawn, frameon=False, fontsize=7.5, ncols=2, loc="upper center",
        bbox_to_anchor=(0.5, -0.17),
    )  # fmt: skip
    _plain(panel, "y")


def _draw_gains(panel: Any, comparisons: Sequence[Comparison], baseline: str) -> None:
    panel.axvline(0, color=GREY, linewidth=1.0)
    for place, one in enumerate(comparisons, 1):
        if one.interval is None:
            continue
        middle = 100 * one.pairs.difference
        arms = [[middle - 100 * one.interval.low], [100 * one.interval.high - middle]]
        panel.errorbar(
            [middle], [place], xerr=arms, color=COLOURS[1], marker="s", markersize=5,
            elinewidth=1.2, capsize=2.5,
        )  # fmt: skip
    panel.set_xlabel(f"Points gained over {baseline}")


def _bar(panel: Any, place: int, share: Proportion, level: float) -> None:
    panel.errorbar(
        [100 * share.share], [place], xerr=_arms([share], level), color=COLOURS[0], marker="o",
        markersize=5, elinewidth=1.2, capsize=2.5,
    )  # fmt: skip


def _plain(panel: Any, axis: str) -> None:
    """Take away what says nothing."""
    panel.spines[["top", "right"]].set_visible(False)
    panel.grid(axis=axis, color="#dddddd", linewidth=0.6)
    panel.set_axisbelow(True)
    panel.tick_params(labelsize=8)
    for label in (panel.xaxis.label, panel.yaxis.label):
        label.set_fontsize(9)


def _arms(shares: Sequence[Proportion], level: float) -> list[list[float]]:
    """How far the intervals reach below and above, in percentage points."""
    found = [share.interval(level) for share in shares]
    return [
        [100 * (share.share - one.low) for share, one in zip(shares, found, strict=True)],
        [100 * (one.high - share.share) for share, one in zip(shares, found, strict=True)],
    ]


def _named(summary: DebateSummary) -> str:
    return plain(summary.name, _LONGEST)
