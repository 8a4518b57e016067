"""A debate while its steps come, in any order: what was answered, and how good that is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simulator.analysis.debates.proportions import Proportion, proportion
from simulator.analysis.debates.records import Debated, Said
from simulator.domain.journal import Step
from simulator.kinds.debate.asked import questions_asked
from simulator.kinds.debate.design import DebateDesign
from simulator.kinds.debate.finals import said_of
from simulator.kinds.debate.places import Place, place_of
from simulator.kinds.debate.questions import Question
from simulator.kinds.debate.results import PlacedSteps, debated
from simulator.kinds.debate.turns import rounds_of


@dataclass(slots=True)
class Standing:
    """One question so far."""

    question: Question
    debated: Debated | None = None
    """None until there is a final answer, or is known to be none."""
    has_changes: bool = False
    """Whether a debater gave another answer than in its round before."""


class Following:
    """Keeps count of the questions of one run."""

    def __init__(self, design: DebateDesign) -> None:
        """Begin without steps.

        Args:
            design: Resolved.

        Raises:
            DesignInvalidError: It has no questions.
        """
        self.design = design
        self._standings = [Standing(question) for question in questions_asked(design)]
        self._steps: dict[int, PlacedSteps] = {}
        self.done = 0
        """Questions that are over."""
        self.right = 0
        """Of these, with the right final answer."""

    @property
    def questions(self) -> int:
        """How many there are."""
        return len(self._standings)

    @property
    def accuracy(self) -> Proportion | None:
        """Right final answers among the questions that are over; None while none is."""
        return proportion(self.right, self.done)

    def standing(self, number: int) -> Standing | None:
        """A question by its number, from 1; None where there is no such question."""
        return self._standings[number - 1] if 0 < number <= len(self._standings) else None

    def numbers(self) -> Iterable[tuple[int, Standing]]:
        """All questions with their numbers."""
        return enumerate(self._standings, 1)

    def said(self, step: Step) -> Said | None:
        """The answer in a message, and whether it is right; None for questions."""
        place = place_of(step.scope, step.day)
        standing = self.standing(place.question) if place is not None else None
        if place is None or standing is None or not place.round:
            return None
        return said_of(self.design, standing.question, step.content)

    def add(self, step: Step) -> int | None:
        """Take a step in; the number of the question whose standing is another now."""
        place = place_of(step.scope, step.day)
        standing = self.standing(place.question) if place is not None else None
        if place is None or standing is None:
            return None
        steps = self._steps.setdefault(place.question, {})
        steps[place] = step
        before = standing.has_changes
        standing.has_changes = before or self._is_change(standing.question, steps, place)
        if standing.debated is None and self._may_be_over(steps):
            standing.debated = debated(self.design, standing.question, steps)
            if standing.debated is not None:
                self.done += 1
                self.right += standing.debated.is_right
                return place.question
        return None

    def _may_be_over(self, steps: PlacedSteps) -> bool:
        """A quick look, before messages are read again."""
        design = self.design
        if design.mode == "majority":
            return len(steps) >= design.samples
        last = rounds_of(design)
        return design.consensus or any(one.is_judge or one.round >= last for one in steps)

    def _is_change(self, question: Question, steps: PlacedSteps, place: Place) -> bool:
        """Whether the debater's answer differs from that of the round before, or after."""
        if place.round < 1 or place.is_judge:
            return False
        here = said_of(self.design, question, steps[place].content).answer
        beside = (steps.get(place._replace(round=place.round + by)) for by in (-1, 1))
        return any(
            said_of(self.design, question, step.content).answer != here
            for step in beside
            if step is not None
        )
