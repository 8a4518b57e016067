"""Debates by question and round, and what each question and each answer came to."""

from __future__ import annotations

from simulator.analysis.debates.records import Said
from simulator.analysis.debates.standing import is_missing
from simulator.domain.journal import Step
from simulator.kinds.debate.design import DebateDesign
from simulator.kinds.debate.following import Following, Standing
from simulator.kinds.debate.places import place_of
from simulator.presentation.debates import accuracy_text
from simulator.presentation.placed_ordering import PlacedOrdering, Spot
from simulator.presentation.safe_text import one_line, shortened
from simulator.presentation.wording import counted

RIGHT, WRONG = "✓", "✗"
LONGEST_ANSWER = 40
"""Characters of an answer in a heading or a note."""


class QuestionOrdering(PlacedOrdering):
    """A debate by question, round and debater, where its questions are not known."""

    part = "question"
    day_word = "round"

    def place(self, scope: str, day: int | None) -> Spot | None:
        """See `PlacedOrdering`."""
        return place_of(scope, day)


class DebateOrdering(QuestionOrdering):
    """The same with what each question and each answer came to."""

    def __init__(self, design: DebateDesign, *, by_time: bool = False) -> None:
        """Begin without steps.

        Args:
            design: Resolved.
            by_time: Whether messages are read as they were said, questions side by side.

        Raises:
            DesignInvalidError: The design has no questions.
        """
        super().__init__(by_time=by_time)
        self.following = Following(design)
        self.parts = self.following.questions
        self._design = design

    def add(self, step: Step) -> int | None:
        """See `Ordering`."""
        return self.following.add(step)

    def where(self, scope: str, day: int | None) -> str:
        """Such as `question 7, round 2`, and of the question itself `question 7: ✓ 12`."""
        where, place = super().where(scope, day), place_of(scope, day)
        standing = self.following.standing(place.question) if place and not place.round else None
        return where if standing is None or self._by_time else f"{where}: {standing_text(standing)}"

    def notes(self, step: Step) -> tuple[str, ...]:
        """The answer that was found, and whether it is right."""
        said, place = self.following.said(step), place_of(step.scope, step.day)
        if said is None or place is None:
            return ()
        sample = [f"sample {place.speaker}"] if self._design.mode == "majority" else []
        return (*sample, answer_text(said))

    def progress(self) -> str:
        """How many questions are over, and how many of them are answered rightly."""
        return progress_text(self.following)

    def sorts(self) -> dict[str, frozenset[int]]:
        """See `sorts_of_questions`."""
        return sorts_of_questions(self.following)

    def part_heading(self, number: int, day: int) -> str:
        """Such as `Question 7 of 20 · ✓ 12`."""
        standing = self.following.standing(number)
        parts = [f"Question {number} of {self.following.questions}"]
        if standing is not None and not self._by_time:
            parts.append(standing_text(standing))
        return " · ".join(parts)

    def day_heading(self, day: int) -> str:
        """Such as `Round 2`."""
        if not self._design.debates:
            return "Samples" if self._design.mode == "majority" else "Answer"
        return super().day_heading(day)


def answer_text(said: Said) -> str:
    """Such as `✓ 12`, `✗ 8` or `✗ no answer found`."""
    if is_missing(said.answer):
        return f"{WRONG} no answer found"
    return f"{RIGHT if said.is_right else WRONG} {_short(said.answer)}"


def standing_text(standing: Standing) -> str:
    """Such as `✓ 12`, `✗ 8, right is 12`, or `right is 12` while there is no final answer."""
    gold, debated = _short(standing.question.gold), standing.debated
    if debated is None:
        return f"right is {gold}"
    if debated.is_right:
        return f"{RIGHT} {_short(debated.final)}"
    final = "undecided" if is_missing(debated.final) else _short(debated.final)
    return f"{WRONG} {final}, right is {gold}"


def progress_text(following: Following) -> str:
    """Such as `12 of 20 questions · 58.3 % right [31.9, 80.7]`."""
    share = following.accuracy
    of = f"{following.done:,} of " if following.done < following.questions else ""
    told = f"{of}{counted(following.questions, 'question')}"
    if share is None:
        return told
    percent, _, interval = accuracy_text(share).partition(" [")
    return f"{told} · {share.count:,} right, {percent} [{interval}"


def sorts_of_questions(following: Following) -> dict[str, frozenset[int]]:
    """The numbers of the questions that are alike, by what they have in common."""
    sorts: dict[str, set[int]] = {
        name: set() for name in ("wrong", "right", "undecided", "answers changed", "not over yet")
    }
    for number, one in following.numbers():
        if one.debated is None:
            sorts["not over yet"].add(number)
        else:
            sorts["right" if one.debated.is_right else "wrong"].add(number)
            if is_missing(one.debated.final):
                sorts["undecided"].add(number)
        if one.has_changes:
            sorts["answers changed"].add(number)
    return {name: frozenset(numbers) for name, numbers in sorts.items()}


def _short(answer: str | None) -> str:
    return shortened(one_line(answer or ""), LONGEST_ANSWER)
