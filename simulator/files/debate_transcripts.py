"""What transcripts of debates have in files beyond those of other kinds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from simulator.analysis.debates.standing import is_missing
from simulator.domain.journal import Step
from simulator.domain.records import Experiment, Run
from simulator.files.placed_transcripts import Cell, PlacedTranscript
from simulator.kinds.debate.following import Following, Standing
from simulator.kinds.debate.kind import DebateKind
from simulator.kinds.debate.places import place_of, reading_key

_WHOLE = re.compile(r"-?[0-9]{1,15}\Z")
COLUMNS = ("question", "answer", "is_right", "gold", "final_answer", "final_is_right")
"""Of a message: its question's number, the answer found in it, and how the question ended."""


class DebateTranscript(PlacedTranscript[Following]):
    """The messages of a debate by question and round, with what was found in them."""

    columns = COLUMNS

    def __init__(self, run: Run, experiment: Experiment, steps: Iterable[Step]) -> None:
        """See `PlacedTranscript`."""
        super().__init__(
            run, experiment, steps, kind=DebateKind(), follow=Following, order=reading_key,
        )  # fmt: skip

    def headings(self, step: Step, before: Step | None) -> Iterator[tuple[int, str]]:
        """Levels and words of what stands above a message: its question and round, if new."""
        place = place_of(step.scope, step.day)
        last = place_of(before.scope, before.day) if before is not None else None
        if place is None:
            return
        if last is None or last.question != place.question:
            yield 3, f"Question {place.question}"
        if place.round and (last is None or last[:2] != place[:2]):
            yield 4, f"Round {place.round}"

    def answers(self, step: Step) -> str:
        """The answer of a message, or how its question ended; empty where nothing is known."""
        following, place = self._following, place_of(step.scope, step.day)
        if following is None or place is None:
            return ""
        said, standing = following.said(step), following.standing(place.question)
        if said is not None:
            answer = "no answer found" if is_missing(said.answer) else f"answer {said.answer}"
            return f"{answer}, {_word(said.is_right)}"
        return "" if standing is None else _ended(standing)

    def notes(self, step: Step) -> str:
        """What a reader should know of a message: see `answers`."""
        return self.answers(step)

    def cells(self, step: Step) -> list[Cell]:
        """What stands in `COLUMNS`."""
        following, place = self._following, place_of(step.scope, step.day)
        if place is None:
            return [None] * len(COLUMNS)
        said = following.said(step) if following is not None else None
        standing = following.standing(place.question) if following is not None else None
        debated = standing.debated if standing is not None else None
        return [
            place.question,
            _cell(said.answer) if said is not None else None,
            str(said.is_right).lower() if said is not None else None,
            _cell(standing.question.gold) if standing is not None else None,
            _cell(debated.final) if debated is not None else None,
            str(debated.is_right).lower() if debated is not None else None,
        ]


def _cell(answer: str | None) -> str | int | None:
    """An answer; whole numbers as such, so that no spreadsheet takes a minus for a formula."""
    return int(answer) if answer is not None and _WHOLE.match(answer) else answer


def _word(is_right: bool) -> str:
    return "right" if is_right else "wrong"


def _ended(standing: Standing) -> str:
    debated, gold = standing.debated, f"the right answer is {standing.question.gold}"
    if debated is None:
        return f"no final answer yet, {gold}"
    if is_missing(debated.final):
        return f"no final answer, {gold}"
    return f"final answer {debated.final}, {_word(debated.is_right)}" + (
        "" if debated.is_right else f", {gold}"
    )
