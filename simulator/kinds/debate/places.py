"""Where a message of a debate belongs: its question, its round, and who speaks."""

from __future__ import annotations

import re
from typing import NamedTuple

from simulator.domain.journal import Step

_SCOPE = re.compile(r"main/question-(\d+)(?:/(debater|sample|judge)(?:-(\d+))?)?\Z")
JUDGE_SPEAKER = 1_000_000
"""The judge's number, after any debater or sample."""


class Place(NamedTuple):
    """Sorts messages as people read them: by question, then by round, then by speaker."""

    question: int
    """From 1."""
    round: int
    """From 1; 0 is the question itself."""
    speaker: int
    """Number of the debater or the sample, from 1; 0 is the question, and the judge comes last."""

    @property
    def is_judge(self) -> bool:
        """Whether it is the judge's word."""
        return self.speaker == JUDGE_SPEAKER


def place_of(scope: str, day: int | None) -> Place | None:
    """The place of what is said in a scope; None outside of questions.

    Args:
        scope: Of the step.
        day: Of the step: the round.
    """
    match = _SCOPE.match(scope)
    if match is None:
        return None
    question, who, number = int(match[1]), match[2], int(match[3] or 0)
    if who is None:
        return Place(question, 0, 0)
    return Place(question, day or 1, JUDGE_SPEAKER if who == "judge" else number)


def in_reading_order(steps: list[Step]) -> list[Step]:
    """Steps by question, round and speaker, those outside of questions first."""
    return sorted(steps, key=reading_key)


def reading_key(step: Step) -> tuple[int, ...]:
    """What steps are sorted by to be read; those of one place, as they were committed."""
    place = place_of(step.scope, step.day)
    return (*(place or (0, 0, 0)), step.position)
