"""What learners of the acronym game lean to, generation by generation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from simulator.analysis.iterated.acronyms.ranks import ABSENT, rank_of
from simulator.analysis.iterated.records import Lineage
from simulator.analysis.iterated.worlds.base import Data


@dataclass(frozen=True)
class Leaning:
    """Of the examples that one learner wrote, before any filter.

    Ratios and means are over correct examples, each as often as it was written, and None where
    there is none.
    """

    generation: int
    """0 for the first data."""
    written: int
    """Correct examples."""
    easy_ratio: float | None
    """Share of outputs that are in the list of ranks, 0 to 1."""
    cumulative_ratio: float | None
    """The same of all different outputs up to this generation, the first data among them."""
    mean_rank: float | None
    """Of outputs, 1 to `ABSENT`; words outside the list have `ABSENT`."""
    mean_rank_of_easy: float | None
    """Of outputs in the list."""
    mean_length: float | None
    """Letters of outputs."""
    correct_share: float | None
    """Of all examples that were written, 0 to 1; the others spell something else."""
    repeated_share: float | None
    """Of correct examples, those whose output stood before: in this generation or in an earlier
    one. 0 to 1."""


def leanings(generations: Sequence[Data], wrong: Sequence[int]) -> tuple[Leaning, ...]:
    """One for each generation, the first data among them.

    Args:
        generations: Correct examples as they were written, the first data first.
        wrong: As many numbers: of examples that were written and are not correct.

    Raises:
        ValueError: The two are not of one length.
    """
    found: list[Leaning] = []
    seen: set[str] = set()
    easy = 0
    for number, (data, failed) in enumerate(zip(generations, wrong, strict=True)):
        outputs = [example.output for example in data]
        ranks = [rank_of(output) for output in outputs]
        listed = [rank for rank in ranks if rank != ABSENT]
        before = len(seen)
        for output, rank in zip(outputs, ranks, strict=True):
            easy += output not in seen and rank != ABSENT
            seen.add(output)
        found.append(
            Leaning(
                generation=number,
                written=len(outputs),
                easy_ratio=_share(len(listed), len(outputs)),
                cumulative_ratio=_share(easy, len(seen)),
                mean_rank=_mean(ranks),
                mean_rank_of_easy=_mean(listed),
                mean_length=_mean([len(output) for output in outputs]),
                correct_share=_share(len(outputs), len(outputs) + failed),
                repeated_share=_share(len(outputs) - (len(seen) - before), len(outputs)),
            )
        )
    return tuple(found)


def leanings_of(lineage: Lineage) -> tuple[Leaning, ...]:
    """Those of one run of the acronym game, the first data first."""
    return leanings(
        (lineage.first, *(one.produced for one in lineage.generations)),
        (0, *(one.wrong for one in lineage.generations)),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(values: Sequence[int]) -> float | None:
    return fmean(values) if values else None
