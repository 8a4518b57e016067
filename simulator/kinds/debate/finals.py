"""What a debate of one question came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulator.analysis.debates.grading import answer_of, is_right, most_frequent, plurality
from simulator.analysis.debates.records import Answer, Said
from simulator.kinds.debate.design import DebateDesign
from simulator.kinds.debate.questions import Question
from simulator.kinds.debate.turns import lowest, rounds_of, voters


def said_of(design: DebateDesign, question: Question, text: str) -> Said:
    """A message with the answer that is found in it."""
    grader = design.scores_by
    answer = answer_of(text, grader, classic=design.classic, options=question.options)
    return Said(text, answer, is_right(answer, question.gold, grader))


def is_over(design: DebateDesign, said: Mapping[int, Said], round_: int) -> bool:
    """Whether a round was the last one: of all, or as all who answer gave the same answer.

    Args:
        design: Any.
        said: What was said in the round, by place.
        round_: From 1.
    """
    if round_ >= rounds_of(design):
        return True
    answers = {said[place].answer for place in voters(design)} if design.consensus else set()
    return len(answers) == 1 and None not in answers


def final_answer(design: DebateDesign, said: Mapping[int, Said], round_: int) -> Answer:
    """The answer that counts, when no judge gives it; None for none, or for a tie.

    Args:
        design: Any.
        said: What those said whom the answer needs, by place.
        round_: The last one that was held, from 1.
    """
    preferred = said[lowest(design, round_)].answer
    if design.final != "majority":
        return preferred
    breaker = [preferred] if design.tie == "lowest_temperature" else []
    return elected(design, [said[place].answer for place in voters(design)], breaker)


def elected(
    design: DebateDesign, answers: Sequence[Answer], breaker: Sequence[Answer] = ()
) -> Answer:
    """The answer that was given most often; None for a tie that nothing breaks.

    With `classic` as in the original: of several the one that is met first from the end.

    Args:
        design: Any.
        answers: One each; None is no vote.
        breaker: Wins where it is among the tied.
    """
    return most_frequent(answers) if design.classic else plurality(answers, breaker)
