"""What a debate would have come to by another grader."""

from __future__ import annotations

from dataclasses import replace

from simulator.analysis.debates.answers import options_of
from simulator.analysis.debates.grading import Grader, is_right
from simulator.analysis.debates.records import Debated, DebateRecord
from simulator.analysis.debates.standing import rounds_held
from simulator.kinds.debate.casting import has_judge
from simulator.kinds.debate.design import DebateDesign
from simulator.kinds.debate.finals import elected, final_answer, said_of
from simulator.kinds.debate.questions import Question
from simulator.kinds.debate.turns import voters


def regraded(
    record: DebateRecord,
    design: DebateDesign,
    *,
    grader: Grader | None = None,
    classic: bool | None = None,
) -> DebateRecord:
    """A record with the answers that another grader finds in the same words.

    Rounds that were held because debaters did not agree, or were not because they did, stay as
    they are. So does the answer of a judge, whose words a record does not have; whether it is
    right is judged anew.

    Args:
        record: Of a run.
        design: The run's, resolved.
        grader: What answers are; None keeps the design's.
        classic: Whether they are found and counted as in the original; None keeps the design's.
    """
    as_asked = {
        "grader": grader or design.scores_by,
        "classic": design.classic if classic is None else classic,
    }
    judging = design.model_copy(update=as_asked)
    options = {question.text: question.options for question in design.questions}
    return replace(
        record,
        debated=tuple(
            _again(judging, one, options.get(one.question) or options_of(one.question))
            for one in record.debated
        ),
    )


def _again(design: DebateDesign, one: Debated, options: tuple[str, ...]) -> Debated:
    question = Question(text=one.question, gold=one.gold, options=options)
    said = tuple(
        tuple(words and said_of(design, question, words.text) for words in rounds)
        for rounds in one.said
    )
    held = rounds_held(one)
    if design.mode == "majority":
        answers = [words.answer for rounds in said for words in rounds if words is not None]
        final = elected(design, answers)
    elif has_judge(design):
        final = one.final
    else:
        places = range(len(design.debaters)) if design.debates else voters(design)
        last = {place: rounds[held - 1] for place, rounds in zip(places, said, strict=True)}
        spoke = {place: words for place, words in last.items() if words is not None}
        final = final_answer(design, spoke, held)
    return replace(
        one, said=said, final=final, is_right=is_right(final, one.gold, design.scores_by)
    )
