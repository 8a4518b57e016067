"""In which order the messages of a run are read, and what stands above and below them."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from simulator.analysis.debates.records import Said
from simulator.analysis.debates.standing import is_missing
from simulator.domain.journal import Step
from simulator.errors import DesignInvalidError
from simulator.kinds.debate.design import DebateDesign
from simulator.kinds.debate.following import Following, Standing
from simulator.kinds.debate.places import Place, place_of, reading_key
from simulator.presentation.chatrooms import Likenesses
from simulator.presentation.debates import accuracy_text
from simulator.presentation.safe_text import one_line, shortened
from simulator.presentation.wording import counted

RIGHT, WRONG = "✓", "✗"
LONGEST_ANSWER = 40
"""Characters of an answer in a heading or a note."""

Key = tuple[float, ...]


class Ordering:
    """The order in which messages were said, with their days; most kinds are read so."""

    def add(self, step: Step) -> int | None:
        """Take a step in; the number of the section whose heading is another now."""
        return None

    def key(self, step: Step) -> Key:
        """What messages are sorted by."""
        return (step.position,)

    def turn_key(self, scope: str, day: int | None) -> Key:
        """The same for a turn in progress."""
        return (float("inf"),)

    def section(self, scope: str, day: int | None) -> int | None:
        """The number of the section that a message belongs to; None where there are none."""
        return None

    def heading(self, scope: str, day: int | None, before: tuple[str, int | None] | None) -> str:
        """What stands above a message; empty for nothing.

        Args:
            scope: Of the message.
            day: Of the message.
            before: Scope and day of the message before it; None for the first one.
        """
        return f"Day {day}" if day is not None and (before is None or day != before[1]) else ""

    def where(self, scope: str, day: int | None) -> str:
        """Such as `day 2`, for a line that has no heading; empty for nowhere in particular."""
        return "" if day is None else f"day {day}"

    def notes(self, step: Step) -> tuple[str, ...]:
        """What is known of a message that does not stand in it."""
        return ()


class ChatroomOrdering(Ordering):
    """A chatroom as it was said, with how each message is like the ones before it."""

    def __init__(self) -> None:
        self._likenesses = Likenesses()

    def add(self, step: Step) -> int | None:
        """See `Ordering`."""
        self._likenesses.add(step)
        return None

    def notes(self, step: Step) -> tuple[str, ...]:
        """Which earlier message it is most like."""
        told = self._likenesses.of(step)
        return (told,) if told else ()


class PlacedOrdering(Ordering):
    """A debate by question, round and debater, where no more is known of it than its messages."""

    def __init__(self, *, by_time: bool = False) -> None:
        """Begin.

        Args:
            by_time: Whether messages are read as they were said, questions side by side.
        """
        self._by_time = by_time

    def key(self, step: Step) -> Key:
        """See `Ordering`."""
        return (step.position,) if self._by_time else reading_key(step)

    def turn_key(self, scope: str, day: int | None) -> Key:
        """See `Ordering`."""
        place = place_of(scope, day)
        last = float("inf")
        return (last,) if self._by_time or place is None else (*place, last)

    def section(self, scope: str, day: int | None) -> int | None:
        """The number of the question."""
        place = place_of(scope, day)
        return None if place is None else place.question

    def heading(self, scope: str, day: int | None, before: tuple[str, int | None] | None) -> str:
        """See `Ordering`."""
        place = place_of(scope, day)
        last = place_of(*before) if before is not None else None
        if place is None or (last is not None and last[:2] == place[:2]):
            return ""
        is_other = last is None or last.question != place.question
        parts = [self._question(place.question)] if is_other else []
        parts += [self._round(place)] if place.round else []
        return " · ".join(parts)

    def where(self, scope: str, day: int | None) -> str:
        """Such as `question 7, round 2`."""
        place = place_of(scope, day)
        if place is None:
            return super().where(scope, day)
        round_ = f", {self._round(place).lower()}" if place.round else ""
        return f"question {place.question}{round_}"

    def _question(self, number: int) -> str:
        return f"Question {number}"

    def _round(self, place: Place) -> str:
        return f"Round {place.round}"


class DebateOrdering(PlacedOrdering):
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

    def _question(self, number: int) -> str:
        standing = self.following.standing(number)
        parts = [f"Question {number} of {self.following.questions}"]
        if standing is not None and not self._by_time:
            parts.append(standing_text(standing))
        return " · ".join(parts)

    def _round(self, place: Place) -> str:
        if not self._design.debates:
            return "Samples" if self._design.mode == "majority" else "Answer"
        return super()._round(place)


def ordering_of(kind: str, design: Any, *, by_time: bool = False) -> Ordering:
    """How a run is read.

    Args:
        kind: Of the run.
        design: Resolved; None where it is not at hand, or cannot be read any more.
        by_time: Whether parts that were played side by side are read as they were said.
    """
    if kind == "chatroom":
        return ChatroomOrdering()
    if kind != "debate":
        return Ordering()
    if isinstance(design, DebateDesign):
        with suppress(DesignInvalidError):
            return DebateOrdering(design, by_time=by_time)
    return PlacedOrdering(by_time=by_time)


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
