"""Which questions a debate is asked."""

from __future__ import annotations

from functools import lru_cache

from simulator.domain.legacy_numpy import SEEDS
from simulator.errors import DesignInvalidError
from simulator.kinds.debate.arithmetic import FIRST_SEEDS, arithmetic_questions
from simulator.kinds.debate.design import DebateDesign
from simulator.kinds.debate.questions import Question

USUAL_COUNT = 50
"""Sums that are generated where the design does not say how many."""


def is_generated(design: DebateDesign) -> bool:
    """Whether the questions are sums that need no file."""
    return not design.questions and design.data.dataset == "arithmetic" and not design.data.path


def question_count(design: DebateDesign) -> int | None:
    """How many questions are asked; None while they are not read."""
    count = design.data.count
    if design.questions:
        return len(design.questions) if count is None else min(count, len(design.questions))
    return count or USUAL_COUNT if is_generated(design) else None


def questions_asked(design: DebateDesign) -> tuple[Question, ...]:
    """The questions in the order of their numbers.

    Raises:
        DesignInvalidError: They stand in a file or on the hub, and are not read yet.
    """
    count = question_count(design)
    if count is None:
        data = design.data
        where = data.path or ("the hub" if data.dataset != "records" else "a file")
        raise DesignInvalidError(
            f"The debate has no questions yet: those of {data.dataset} stand in {where}.",
            remedy="Read them in first, or write them under `questions`.",
        )
    if design.questions:
        return design.questions[:count]
    data = design.data
    return _generated(FIRST_SEEDS[data.split] + data.first, count, data.largest)


def has_enough_seeds(design: DebateDesign) -> bool:
    """Whether each sum to be generated has a seed."""
    first = FIRST_SEEDS[design.data.split] + design.data.first
    return first + (design.data.count or USUAL_COUNT) <= SEEDS


@lru_cache(maxsize=8)
def _generated(first_seed: int, count: int, largest: int) -> tuple[Question, ...]:
    return arithmetic_questions(first_seed, count, largest)
