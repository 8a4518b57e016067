"""Answers found again in the words of a record, by another grader."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from simulator.analysis.debates.grading import Grader, answer_of, classic_whole_number, is_right
from simulator.analysis.debates.records import Answer, Debated, DebateRecord, Said
from simulator.analysis.debates.standing import ballot, rounds_held, voters

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
    said: Sequence[Sequence[Said | None]],
    rule: FinalRule,
    temperatures: Sequence[Sequence[float]],
) -> Said | None:
    """Whose words count in the end.

    Args:
        said: By debater, then by round.
        rule: By which it is decided.
        temperatures: By debater, then by round. The first round tells who has the lowest, as in
            the original; of several the first debater, and so where none are known.

    Returns:
        None for a tie, and where nobody said anything in the last round.
    """
    one = Debated("", "", tuple(map(tuple, said)), None, False)
    last = voters(one, "last round")
    if rule == "majority":
        return ballot(last).winner
    held = rounds_held(one)
    spoke = [d for d, rounds in enumerate(said) if len(rounds) >= held > 0 and rounds[held - 1]]
    if not spoke:
        return None
    return said[min(spoke, key=lambda d: temperatures[d][0] if temperatures else 0.0)][held - 1]


def regraded(record: DebateRecord, grading: Grading, final: FinalRule | None) -> DebateRecord:
    """A record with the answers that another grader finds.

    Args:
        record: Any.
        grading: How answers are found. The letters that may be chosen are those of the options
            which the words of a question list.
        final: Whose answer counts; None keeps the final answers and judges only whether they are
            right.
    """
    return replace(
        record,
        debated=tuple(_again(one, grading, final, record.temperatures) for one in record.debated),
    )


def _again(
    one: Debated,
    grading: Grading,
    final: FinalRule | None,
    temperatures: Sequence[Sequence[float]],
) -> Debated:
    gold, options = grading.gold(one.gold), options_of(one.question)
    said = tuple(
        tuple(words and grading.said(words.text, gold, options) for words in rounds)
        for rounds in one.said
    )
    if final is None:
        right = is_right(one.final, gold, grading.grader)
        return replace(one, gold=gold, said=said, is_right=right)
    chosen = settled(said, final, temperatures)
    return replace(
        one,
        gold=gold,
        said=said,
        final=chosen.answer if chosen else None,
        is_right=chosen is not None and chosen.is_right,
    )
