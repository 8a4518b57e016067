"""What a record comes to: accuracy, agreement, changes of mind, votes and cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from simulator.analysis.debates.proportions import Proportion, proportion
from simulator.analysis.debates.records import Debated, DebateRecord, Said
from simulator.analysis.debates.standing import (
    WAYS,
    Way,
    agree,
    ballot,
    is_missing,
    rounds_held,
    standing,
    voters,
)


@dataclass(frozen=True, slots=True)
class Spent:
    """What models took."""

    tokens: float
    """Of prompts and replies together; 0 where unknown."""
    model_s: float
    """Seconds spent waiting for models; 0 where unknown."""
    cost_usd: float

    def per(self, number: float) -> Spent:
        """The part of one, of so many."""
        return Spent(self.tokens / number, self.model_s / number, self.cost_usd / number)

    def less(self, other: Spent) -> Spent:
        """How much more it is than another."""
        return Spent(
            self.tokens - other.tokens,
            self.model_s - other.model_s,
            self.cost_usd - other.cost_usd,
        )


def spent(debated: Iterable[Debated]) -> Spent:
    """What the questions took together."""
    every = list(debated)
    return Spent(
        sum(one.tokens for one in every),
        sum(one.model_s for one in every),
        sum(one.cost_usd for one in every),
    )


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of a debater's answers between two rounds."""

    before: int
    """Round, from 0."""
    after: int
    changed: Proportion | None
    """Other answers than before, of the questions asked in both; None of none."""
    to_right: int
    """Wrong before, right after."""
    to_wrong: int
    """Right before, wrong after."""


@dataclass(frozen=True, slots=True)
class DebaterSummary:
    """A debater, or a sample of a majority vote."""

    name: str
    temperatures: tuple[float, ...]
    """By round; empty where unknown."""
    right: tuple[Proportion | None, ...]
    """By round, of the questions asked in it; None of none."""
    not_found: tuple[int, ...]
    """By round, words in which no answer was found; they count as wrong."""
    changes: tuple[Changes, ...]
    """From each round to the next."""
    overall: Changes | None
    """From the first round to the last; None of a single round."""


@dataclass(frozen=True, slots=True)
class Vote:
    """How often what most say is right, of all questions."""

    right: Proportion
    """A tie is no answer, and words without an answer abstain."""
    ties: int
    """Questions on which several answers had most votes."""
    silent: int
    """Questions on which no answer was found at all."""
    classic: Proportion
    """As the original counts: a tie goes to whoever of them voted last."""


@dataclass(frozen=True, slots=True)
class RoundSummary:
    """All debaters in one round."""

    agreement: Proportion | None
    """Questions on which all gave the same answer, of those that two or more were asked."""
    pairs: dict[tuple[int, int], Proportion]
    """The same for each two debaters that were both asked."""
    best: Proportion | None
    """Of the debater with the highest accuracy."""
    vote: Vote
    over: int
    """Questions whose debate had ended before; what was said last stands."""

    @property
    def pairwise(self) -> Proportion | None:
        """Pairs of answers that are the same, of all pairs."""
        every = self.pairs.values()
        return proportion(sum(one.count for one in every), sum(one.of for one in every))


@dataclass(frozen=True, slots=True)
class DebateSummary:
    """What a record comes to."""

    name: str
    mode: str
    questions: int
    missing: int
    """Questions of the design without an answer yet; nothing here counts them."""
    final: Proportion | None
    """Right final answers, of all questions; None of no questions."""
    undecided: int
    """Questions without a final answer: a tie, or none was found. They count as wrong."""
    debaters: tuple[DebaterSummary, ...]
    rounds: tuple[RoundSummary, ...]
    votes: dict[Way, Vote]
    """Where there is only one round, of the last round alone."""
    spent: Spent

    @property
    def right(self) -> int:
        """Questions whose final answer is right."""
        return self.final.count if self.final else 0


def summarize(record: DebateRecord) -> DebateSummary:
    """What a record comes to."""
    debated, debaters = record.debated, range(len(record.debaters))
    rounds = range(record.rounds)
    people = tuple(_debater(record, d) for d in debaters)
    ways = WAYS if record.rounds > 1 else WAYS[-1:]
    return DebateSummary(
        name=record.name,
        mode=record.mode,
        questions=len(debated),
        missing=record.missing,
        final=proportion(sum(one.is_right for one in debated), len(debated)),
        undecided=sum(is_missing(one.final) for one in debated),
        debaters=people,
        rounds=tuple(_round(record, r, people) for r in rounds),
        votes={way: _vote(voters(one, way) for one in debated) for way in ways if debated},
        spent=spent(debated),
    )


def _debater(record: DebateRecord, debater: int) -> DebaterSummary:
    rounds = [[standing(one, debater, r) for one in record.debated] for r in range(record.rounds)]
    asked = [[words for words in column if words is not None] for column in rounds]
    last = len(rounds) - 1
    return DebaterSummary(
        name=record.debaters[debater],
        temperatures=record.temperatures[debater] if record.temperatures else (),
        right=tuple(
            proportion(sum(words.is_right for words in column), len(column)) for column in asked
        ),
        not_found=tuple(sum(is_missing(words.answer) for words in column) for column in asked),
        changes=tuple(_changes(rounds, r, after) for r, after in pairwise(range(len(rounds)))),
        overall=_changes(rounds, 0, last) if last > 0 else None,
    )


def _changes(rounds: Sequence[Sequence[Said | None]], before: int, after: int) -> Changes:
    both = [
        (first, second)
        for first, second in zip(rounds[before], rounds[after], strict=True)
        if first is not None and second is not None
    ]
    return Changes(
        before=before,
        after=after,
        changed=proportion(sum(one.answer != two.answer for one, two in both), len(both)),
        to_right=sum(not one.is_right and two.is_right for one, two in both),
        to_wrong=sum(one.is_right and not two.is_right for one, two in both),
    )


def _round(record: DebateRecord, round_: int, people: Sequence[DebaterSummary]) -> RoundSummary:
    debaters = range(len(people))
    stands = [
        {d: words for d in debaters if (words := standing(one, d, round_)) is not None}
        for one in record.debated
    ]
    several = [list(words.values()) for words in stands if len(words) > 1]
    agreeing = sum(all(agree(words[0], other) for other in words[1:]) for words in several)
    pairs: dict[tuple[int, int], Proportion] = {}
    for first, second in combinations(debaters, 2):
        both = [(one[first], one[second]) for one in stands if first in one and second in one]
        if both:
            same = sum(agree(one, two) for one, two in both)
            pairs[first, second] = Proportion(same, len(both))
    shares = [one for person in people if (one := person.right[round_]) is not None]
    return RoundSummary(
        agreement=proportion(agreeing, len(several)),
        pairs=pairs,
        best=max(shares, key=lambda one: (one.share, one.of), default=None),
        vote=_vote(words.values() for words in stands),
        over=sum(rounds_held(one) <= round_ for one in record.debated),
    )


def _vote(questions: Iterable[Iterable[Said]]) -> Vote:
    ballots = [ballot(votes) for votes in questions]
    winners = [one.winner for one in ballots]
    classic = [one.classic_winner for one in ballots]
    ties = sum(one.is_tie for one in ballots)
    return Vote(
        right=Proportion(_right(winners), len(ballots)),
        ties=ties,
        silent=sum(words is None for words in winners) - ties,
        classic=Proportion(_right(classic), len(ballots)),
    )


def _right(winners: Sequence[Said | None]) -> int:
    return sum(words is not None and words.is_right for words in winners)
