"""What the points of a temperature search came to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Literal

from simulator.analysis.debates.proportions import Proportion
from simulator.analysis.debates.standing import Way
from simulator.analysis.debates.summary import DebateSummary

Objective = Literal["final", "last_round", "debate_rounds", "all_rounds"]
"""What is to be high: how often the final answer is right, or what most say in the last round, in
all rounds but the first, or in all."""

_WAYS: dict[Objective, Way] = {
    "last_round": "last round",
    "debate_rounds": "debate rounds",
    "all_rounds": "all rounds",
}


@dataclass(frozen=True, slots=True)
class Tried:
    """One run of a search."""

    point: tuple[float, ...]
    """Temperatures, dimensionless, by debater."""
    seed: int
    """Of the run."""
    run_id: str
    summary: DebateSummary


@dataclass(frozen=True, slots=True)
class Spread:
    """What a point came to with several seeds."""

    point: tuple[float, ...]
    runs: int
    """At least 2."""
    mean: float
    """Of the runs' shares, from 0 to 1."""
    deviation: float
    """Their standard deviation, with n - 1."""
    least: float
    most: float


def score(summary: DebateSummary, objective: Objective) -> Proportion | None:
    """How many questions are right by an objective; None of no questions.

    Where there is only one round, all votes are that of the last one.
    """
    if objective == "final" or not summary.votes:
        return summary.final
    vote = summary.votes.get(_WAYS[objective]) or summary.votes["last round"]
    return vote.right


def share(summary: DebateSummary, objective: Objective) -> float:
    """The same from 0 to 1; 0 of no questions."""
    found = score(summary, objective)
    return found.share if found is not None else 0.0


def ranked(tried: Iterable[Tried], objective: Objective) -> list[Tried]:
    """The best first; of equals, the one that was tried first."""
    return sorted(tried, key=lambda one: -share(one.summary, objective))


def spreads(tried: Sequence[Tried], objective: Objective) -> Iterator[Spread]:
    """Every point that was tried several times, the best mean first."""
    by_point: dict[tuple[float, ...], list[float]] = {}
    for one in tried:
        by_point.setdefault(one.point, []).append(share(one.summary, objective))
    several = [(point, shares) for point, shares in by_point.items() if len(shares) > 1]
    for point, shares in sorted(several, key=lambda pair: -fmean(pair[1])):
        yield Spread(point, len(shares), fmean(shares), stdev(shares), min(shares), max(shares))
