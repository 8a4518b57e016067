"""How probable hypotheses are, generation by generation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulator.analysis.culture.figures.drawing import (
    Look,
    NoFigure,
    finish,
    grid_of,
    head,
    look_at,
    name_lines,
)
from simulator.analysis.drawing import MARKERS, plain
from simulator.analysis.iterated.conditions import Condition, status_shares
from simulator.analysis.iterated.figures.drawing import (
    STATUS_COLOURS,
    FigureOptions,
    Line,
    by_generation,
    draw_line,
    whole,
)
from simulator.analysis.iterated.intervals import column_means
from simulator.analysis.iterated.measured import MeasuredLineage
from simulator.analysis.iterated.parts import WHOLE, parts_of
from simulator.analysis.iterated.worlds.agreement import explained

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FLOOR = 1e-6
"""Smaller probabilities are drawn as this."""
_Colours = dict[str, tuple[str, list[int]]]
"""Colour and places of bars by what they are called."""
MOST_GENERATIONS = 8
"""Panels of bars: the first generations and the last one."""


def statuses_figure(conditions: Sequence[Condition], options: FigureOptions) -> Figure | NoFigure:
    """P of each status of the part that a bias is about, such as the screen's, by generation.

    Generation 0 is before any data. Bands are intervals over runs.
    """
    shares = status_shares(conditions, level=options.level)
    if not shares:
        return NoFigure("no run has P(h) or rules with parts that a bias wants")
    names = list(dict.fromkeys((one.condition, one.part) for one in shares))
    columns = min(3, len(names))
    figure, panels = grid_of(-(-len(names) // columns), columns, width=2.8, height=2.2, sharey=True)
    for place, panel in enumerate(panels.flat):
        if place >= len(names):
            panel.set_visible(False)
            continue
        condition, part = names[place]
        own = [one for one in shares if (one.condition, one.part) == names[place]]
        for number, status in enumerate(dict.fromkeys(one.status for one in own)):
            means = tuple((one.generation, one.mean) for one in own if one.status == status)
            colour = STATUS_COLOURS.get(status, look_at(number).colour)
            draw_line(panel, Line(status, Look(colour, MARKERS[number % len(MARKERS)]), means))
        by_generation(panel, f"P({plain(part)})" if place % columns == 0 else "", high=1.0)
        words = "share of rules" if own[0].of_rules else ""
        head(panel, "\n".join(filter(None, (whole(condition, 40), words))))
    name_lines(figure, panels)
    return figure


def hypotheses_figure(
    conditions: Sequence[Condition],
    subject: str,
    options: FigureOptions,
    *,
    by_explained: bool = False,
) -> Figure | NoFigure:
    """P(h) of all hypotheses as bars in their order, a panel for each generation.

    The mean over the runs that began alike: with the same truth and, where these colour the bars,
    the same first data. A star stands over the truth, a plus over
    the alternative. The axis is logarithmic.

    Args:
        conditions: Any.
        subject: Name of the condition.
        options: None of them matters here.
        by_explained: Colours by how many of the first examples a hypothesis explains; else by the
            status of the part that the bias is about.
    """
    lineages = [
        one
        for condition in conditions
        if condition.name == subject
        for one in condition.lineages
        if any(own.probabilities is not None for own in one.lineage.generations)
    ]
    if not lineages:
        return NoFigure("P(h) was not taken in any run")
    first = lineages[0]
    alike = first.lineage.truth, first.lineage.first if by_explained else ()
    same = [
        one
        for one in lineages
        if (one.lineage.truth, one.lineage.first if by_explained else ()) == alike
    ]
    by_number = _means(same)
    colours = _by_explained(first) if by_explained else _by_status(first)
    numbers = sorted(by_number)
    if len(numbers) > MOST_GENERATIONS:
        numbers = [*numbers[: MOST_GENERATIONS - 1], numbers[-1]]
    columns = min(2, len(numbers))
    figure, panels = grid_of(
        -(-len(numbers) // columns), columns, width=3.6, height=1.7, sharex=True, sharey=True
    )
    for place, panel in enumerate(panels.flat):
        if place >= len(numbers):
            panel.set_visible(False)
            continue
        _bars(panel, first, by_number[numbers[place]], colours)
        head(panel, f"generation {numbers[place]}")
        if place % columns == 0:
            panel.set_ylabel("P(h)")
        if place + columns >= len(numbers):
            panel.set_xlabel("hypothesis")
            panel.tick_params(labelbottom=True)
    others = len(lineages) - len(same)
    told = f"{len(same)} of {len(lineages)} runs: those that began alike" if others else ""
    figure.suptitle("\n".join(filter(None, (whole(subject, 60), told))), fontsize=8)
    name_lines(figure, panels)
    return figure


def _means(lineages: Sequence[MeasuredLineage]) -> dict[int, list[float]]:
    """By generation; runs of one seed count once."""
    found: dict[int, list[tuple[float, ...]]] = {}
    seeds: dict[int, list[int]] = {}
    for one in lineages:
        for generation in one.lineage.generations:
            if generation.probabilities is not None:
                found.setdefault(generation.number, []).append(generation.probabilities)
                seeds.setdefault(generation.number, []).append(one.lineage.seed)
    return {number: column_means(own, seeds[number]) for number, own in found.items()}


def _by_status(one: MeasuredLineage) -> _Colours:
    world = one.world
    assert world is not None
    part = next(iter(one.lineage.wanted), WHOLE)
    words = [parts_of(world, own).get(part, "") if part else "" for own in world.hypotheses]
    found: _Colours = {}
    for number, word in enumerate(dict.fromkeys(words)):
        colour = STATUS_COLOURS.get(word, look_at(number).colour)
        places = [place for place, own in enumerate(words) if own == word]
        found[plain(f"{part} {word}" if part else "hypotheses")] = colour, places
    return found


def _by_explained(one: MeasuredLineage) -> _Colours:
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    world, first = one.world, one.lineage.first
    assert world is not None
    counts = [explained(world, own, first) for own in world.hypotheses]
    shades, most = colormaps["viridis_r"], max(1, len(first))
    return {
        f"explains {count} of {len(first)}": (
            to_hex(shades(0.1 + 0.9 * count / most)),
            [place for place, own in enumerate(counts) if own == count],
        )
        for count in sorted(set(counts))
    }


def _bars(panel: Any, one: MeasuredLineage, values: Sequence[float], colours: _Colours) -> None:
    world, lineage = one.world, one.lineage
    assert world is not None
    for name, (colour, places) in colours.items():
        panel.bar(
            places, [max(values[place], FLOOR) - FLOOR for place in places], bottom=FLOOR, width=1,
            color=colour, linewidth=0, label=name,
        )  # fmt: skip
    for hypothesis, mark, name in (
        (lineage.truth, "*", "truth"), (lineage.alternative, "P", "alternative")
    ):  # fmt: skip
        if hypothesis in world.hypotheses:
            place = world.hypotheses.index(hypothesis)
            panel.plot(
                [place], [max(values[place], FLOOR) * 2], marker=mark, color="black", markersize=5,
                linestyle="", label=name, clip_on=False, markeredgewidth=0,
            )  # fmt: skip
    panel.set_yscale("log")
    panel.set_ylim(FLOOR, 3)
    panel.set_xlim(-1, len(values))
    finish(panel)
