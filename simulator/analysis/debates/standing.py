"""Which answers stand after which round, and what most of them say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from simulator.analysis.debates.classic import NOTHING
from simulator.analysis.debates.records import Answer, Debated, Said

Way = Literal["debate rounds", "all rounds", "last round"]
"""Whose answers vote: of all debaters in the rounds after the first, in all rounds, in the last."""
WAYS: tuple[Way, ...] = ("debate rounds", "all rounds", "last round")


def rounds_held(one: Debated) -> int:
    """Rounds until the debate of a question was over."""
    return max(
        (r + 1 for said in one.said for r, words in enumerate(said) if words is not None), default=0
    )


def standing(one: Debated, debater: int, round_: int) -> Said | None:
    """What stands for a debater after a round.

    Args:
        one: A question.
        debater: From 0.
        round_: From 0. After the last one held, as when an agreement ended the debate early, the
            debater's last words go on standing.

    Returns:
        None where the debater was not asked in that round.
    """
    said = one.said[debater] if debater < len(one.said) else ()
    if round_ < rounds_held(one):
        return said[round_] if round_ < len(said) else None
    return next((words for words in reversed(said) if words is not None), None)


def agree(first: Said, second: Said) -> bool:
    """Whether two gave the same answer; none at all is no answer."""
    return first.answer == second.answer and first.answer is not None


def is_missing(answer: Answer) -> bool:
    """Whether no answer was found; the original has words for that, as if they were answers."""
    return answer in (None, NOTHING, "-")


def voters(one: Debated, way: Way) -> list[Said]:
    """Those who vote, debater by debater.

    A debate that was over after its first round has no rounds of debate; its first one votes then.
    """
    held = rounds_held(one)
    first = {"debate rounds": min(1, held - 1), "all rounds": 0, "last round": held - 1}[way]
    return list(_said(one, range(max(0, first), held)))


def _said(one: Debated, rounds: Sequence[int]) -> Iterator[Said]:
    for said in one.said:
        for r in rounds:
            words = said[r] if r < len(said) else None
            if words is not None:
                yield words


@dataclass(frozen=True, slots=True)
class Ballot:
    """How a vote on one question came out."""

    winner: Said | None
    """Somebody who gave the answer with most votes; None for a tie, and where nobody answered."""
    is_tie: bool
    classic_winner: Said | None
    """As the original counts: words without an answer vote as well, for none, and of several
    answers with most votes the one wins that is met first from the end."""


def ballot(votes: Iterable[Said]) -> Ballot:
    """Count votes; words without an answer abstain."""
    every = list(votes)
    by_answer: dict[Answer, Said] = {words.answer: words for words in every}
    counts = Counter(words.answer for words in every if not is_missing(words.answer))
    top = [answer for answer, count in counts.items() if count == max(counts.values())]
    classic = Counter(words.answer for words in reversed(every)).most_common(1)
    return Ballot(
        winner=by_answer[top[0]] if len(top) == 1 else None,
        is_tie=len(top) > 1,
        classic_winner=by_answer[classic[0][0]] if classic else None,
    )
