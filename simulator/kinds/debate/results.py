"""What a stored debate came to, as analyses read it."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.analysis.debates.grading import is_right
from simulator.analysis.debates.records import Answer, Debated, DebateRecord, Said
from simulator.domain.journal import Step, Usage
from simulator.domain.records import Run
from simulator.kinds.debate.asked import questions_asked
from simulator.kinds.debate.casting import has_judge
from simulator.kinds.debate.design import DebateDesign
from simulator.kinds.debate.finals import elected, final_answer, is_over, said_of
from simulator.kinds.debate.places import JUDGE_SPEAKER, Place, place_of
from simulator.kinds.debate.questions import Question
from simulator.kinds.debate.turns import is_asked, rounds_of, speakers, temperature, voters

PlacedSteps = dict[Place, Step]
"""The steps of one question."""


def record_of(run: Run, design: DebateDesign, steps: Iterable[Step]) -> DebateRecord:
    """What a run came to, as far as it was played.

    Args:
        run: Finished or not.
        design: Resolved.
        steps: The journal, in any order.

    Raises:
        DesignInvalidError: The design has no questions.
    """
    placed: dict[int, PlacedSteps] = {}
    for step in steps:
        place = place_of(step.scope, step.day)
        if place is not None:
            placed.setdefault(place.question, {})[place] = step
    questions = questions_asked(design)
    found = [
        debated(design, question, placed.get(number, {}))
        for number, question in enumerate(questions, 1)
    ]
    answered = tuple(one for one in found if one is not None)
    return DebateRecord(
        name=_name(run), mode=design.mode, debaters=_names(design),
        temperatures=_temperatures(design), debated=answered,
        missing=len(questions) - len(answered),
    )  # fmt: skip


def _name(run: Run) -> str:
    """The run's id with what its launch set."""
    plain = {k: v for k, v in run.parameters.items() if isinstance(v, str | int | float)}
    return " ".join([run.id, *(f"{name}={value}" for name, value in plain.items())])


def _names(design: DebateDesign) -> tuple[str, ...]:
    if design.mode == "majority":
        return tuple(f"Sample {number}" for number in range(1, design.samples + 1))
    return design.names if design.debates else (design.names[voters(design)[0]],)


def _temperatures(design: DebateDesign) -> tuple[tuple[float, ...], ...]:
    if not design.debates:
        one = (temperature(design, voters(design)[0], 1),)
        return (one,) * (design.samples if design.mode == "majority" else 1)
    rounds = range(1, rounds_of(design) + 1)
    return tuple(
        tuple(temperature(design, place, r) for r in rounds) if is_asked(design, place) else ()
        for place in range(len(design.debaters))
    )


def debated(design: DebateDesign, question: Question, steps: PlacedSteps) -> Debated | None:
    """A question that is answered; None while it is not.

    Args:
        design: Resolved.
        question: As it stands in the design.
        steps: Those of the question, by their places.
    """
    number = next(iter(steps)).question if steps else 0
    asked = steps.get(Place(number, 0, 0))
    ended = _sampled(design, question, number, steps) if design.mode == "majority" else None
    if design.mode != "majority":
        ended = _held(design, question, number, steps)
    if ended is None:
        return None
    said, final = ended
    usage = Usage.total(step.call.usage for step in steps.values() if step.call is not None)
    return Debated(
        question=asked.content if asked is not None else question.text, gold=question.gold,
        said=said, final=final, is_right=is_right(final, question.gold, design.scores_by),
        tokens=usage.prompt_tokens + usage.completion_tokens, model_s=usage.model_s,
        cost_usd=usage.cost_usd,
    )  # fmt: skip


_Ended = tuple[tuple[tuple[Said | None, ...], ...], Answer]


def _sampled(
    design: DebateDesign, question: Question, number: int, steps: PlacedSteps
) -> _Ended | None:
    samples: list[Said] = []
    for sample in range(1, design.samples + 1):
        step = steps.get(Place(number, 1, sample))
        if step is None:
            return None
        samples.append(said_of(design, question, step.content))
    final = elected(design, [said.answer for said in samples])
    return tuple((said,) for said in samples), final


def _held(
    design: DebateDesign, question: Question, number: int, steps: PlacedSteps
) -> _Ended | None:
    rounds: list[dict[int, Said]] = []
    for round_ in range(1, rounds_of(design) + 1):
        said: dict[int, Said] = {}
        for place in speakers(design, round_):
            step = steps.get(Place(number, round_, place + 1))
            if step is None:
                return None
            said[place] = said_of(design, question, step.content)
        rounds.append(said)
        if is_over(design, said, round_):
            break
    if has_judge(design):
        judged = steps.get(Place(number, len(rounds), JUDGE_SPEAKER))
        if judged is None:
            return None
        final = said_of(design, question, judged.content).answer
    else:
        final = final_answer(design, rounds[-1], len(rounds))
    shown = range(len(design.debaters)) if design.debates else voters(design)
    return tuple(tuple(said.get(place) for said in rounds) for place in shown), final
