"""How answers are found in what was said to a question, and which of them counts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from simulator.analysis.debates.grading import Grader, answer_of, classic_whole_number, is_right
from simulator.analysis.debates.records import Answer, Debated, Said
from simulator.analysis.debates.standing import ballot, rounds_held, standing, voters

FinalRule = Literal["lowest_temperature", "majority"]
"""Whose answer counts in the end: that of the debater with the lowest temperature, or that of
most in the last round, where a tie is no answer."""

_OPTION = re.compile(r"^\s*\(?([A-Z])[.):]\s", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Grading:
    """How answers are found."""

    grader: Grader
    classic: bool = False
    """Whether as the original finds them, its faults included."""
    whole_numbers: bool = False
    """Whether the classic way is that of WizardMath's replies."""

    def answer(self, text: str, options: Sequence[str] = ()) -> Answer:
        """The answer in a text; None for none."""
        if self.classic and self.whole_numbers:
            return classic_whole_number(text)
        return answer_of(text, self.grader, classic=self.classic, options=options)

    def gold(self, text: str) -> str:
        """The right answer as it is compared, of a bare one or a worked solution."""
        return answer_of(text, self.grader, classic=self.classic) or text.strip()

    def said(self, text: str, gold: str, options: Sequence[str] = ()) -> Said:
        """A message with its answer."""
        answer = self.answer(text, options)
        return Said(text, answer, is_right(answer, gold, self.grader))


def options_of(question: str) -> tuple[str, ...]:
    """The letters of the options that a question lists, A first; none where it lists none."""
    letters = _OPTION.findall(question)
    for start in (place for place, letter in enumerate(letters) if letter == "A"):
        run = [letter for n, letter in enumerate(letters[start:]) if letter == chr(ord("A") + n)]
        if len(run) > 1:
            return tuple(run)
    return ()


def settled(
    said: Sequence[Sequence[Said | None]], rule: FinalRule, temperatures: Sequence[float] = ()
) -> Said | None:
    """Whose words count in the end.

    Args:
        said: By debater, then by round.
        rule: By which it is decided.
        temperatures: One for each debater; of several that are the lowest, the first debater's
            counts, and so where none are known.

    Returns:
        None for a tie, and where nobody said anything in the last round.
    """
    one = Debated("", "", tuple(map(tuple, said)), None, False)
    if rule == "majority":
        return ballot(voters(one, "last round")).winner
    last = rounds_held(one) - 1
    spoke = [d for d in range(len(said)) if last >= 0 and standing(one, d, last) is not None]
    if not spoke:
        return None
    return standing(one, min(spoke, key=lambda d: temperatures[d] if temperatures else 0.0), last)
