"""What the points of a temperature search came to, as tables and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from simulator.analysis.debates.proportions import LEVEL
from simulator.analysis.debates.searching import Objective, Tried, ranked, score, spreads
from simulator.presentation.debates import NONE, Table, accuracy_text, spent_cells
from simulator.presentation.notices import short_id

OVERSTATED = (
    "The best of several points on the same questions looks better than it is: part of its lead is "
    "luck. Play it once more on questions that had no part in the choice."
)
"""To be said wherever a best point is."""

_ACCURACY: dict[Objective, str] = {
    "final": "of the final answer",
    "last_round": "of the majority of the last round",
    "debate_rounds": "of the majority of all rounds but the first",
    "all_rounds": "of the majority of all rounds",
}


def point_cell(point: Sequence[float]) -> str:
    """Such as `0.2/0.8`."""
    return "/".join(f"{degrees:g}" for degrees in point)


def search_tables(
    tried: Sequence[Tried], objective: Objective = "final", *, level: float = LEVEL
) -> Iterator[Table]:
    """All points, the best first, and the spread of those that were played several times.

    Args:
        tried: In the order in which they were.
        objective: By what they are sorted.
        level: Of the intervals.
    """
    rows = []
    for place, one in enumerate(ranked(tried, objective), 1):
        found = score(one.summary, objective)
        right = NONE if found is None else f"{found.count:,}"
        rows.append(
            (
                str(place), point_cell(one.point), accuracy_text(found, level), right,
                f"{one.summary.questions:,}", short_id(one.run_id), str(one.seed),
                *spent_cells(one.summary.spent, one.summary.questions),
            )
        )  # fmt: skip
    yield Table(
        "Temperatures, the best first",
        ("", "T", "ACCURACY", "RIGHT", "OF", "RUN", "SEED", "TOKENS/QUESTION", "TIME", "COST"),
        tuple(rows),
        words=2,
        note=f"Accuracy {_ACCURACY[objective]}; in brackets: the {100 * level:g} % score interval "
        "of Wilson.",
    )
    yield from repetition_table(tried, objective)


def repetition_table(tried: Sequence[Tried], objective: Objective = "final") -> Iterator[Table]:
    """The spread of points that were played several times; no table where there are none."""
    rows = tuple(
        (
            point_cell(one.point), f"{one.runs:,}", f"{100 * one.mean:.1f} %",
            f"{100 * one.deviation:.1f}", f"{100 * one.least:.1f}", f"{100 * one.most:.1f}",
        )
        for one in spreads(tried, objective)
    )  # fmt: skip
    if rows:
        yield Table(
            "Repetitions",
            ("T", "RUNS", "MEAN", "DEVIATION", "LEAST", "MOST"),
            rows,
            note="Deviation: the standard deviation between runs, in percentage points. All runs "
            "have the same questions, so it does not say how others would go.",
        )


def search_document(
    tried: Sequence[Tried], objective: Objective, *, level: float = LEVEL
) -> dict[str, Any]:
    """The same as JSON; shares are from 0 to 1."""
    points = []
    for one in ranked(tried, objective):
        found = score(one.summary, objective)
        interval = None if found is None else found.interval(level)
        spent = one.summary.spent
        points.append(
            {
                "temperatures": list(one.point),
                "seed": one.seed,
                "run_id": one.run_id,
                "right": found.count if found else 0,
                "questions": one.summary.questions,
                "share": found.share if found else None,
                "low": interval.low if interval else None,
                "high": interval.high if interval else None,
                "tokens": spent.tokens,
                "model_s": spent.model_s,
                "cost_usd": spent.cost_usd,
            }
        )
    return {"objective": objective, "level": level, "points": points, "remark": OVERSTATED}
