"""What makes a debate's design one that can be run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from simulator.analysis.debates.grading import answer_of, is_right
from simulator.domain.designs import DesignProblem
from simulator.domain.legacy_numpy import SEEDS
from simulator.domain.nearest import nearest
from simulator.kinds.debate.arithmetic import FIRST_SEEDS
from simulator.kinds.debate.asked import has_enough_seeds, is_generated, question_count
from simulator.kinds.debate.casting import JUDGE
from simulator.kinds.debate.design import DebateDesign, Prompts
from simulator.kinds.debate.play import ASKER
from simulator.kinds.debate.prompts import QUESTION, SOLUTIONS
from simulator.kinds.debate.turns import (
    RANDOM_IN_WORDS,
    rounds_of,
    temperature,
    voters,
)

Place = tuple[str | int, ...]

HOTTEST_WORDS = RANDOM_IN_WORDS
"""Temperature above which servers draw no words."""
_HOLES = {"system": (), "initial": (QUESTION,), "debate": (QUESTION, SOLUTIONS),
          "judge": (QUESTION, SOLUTIONS)}  # fmt: skip
_BRACED = re.compile(r"(?<![\\\w{])\{\s*[a-z_]{3,20}\s*\}")


def problems(design: DebateDesign) -> tuple[DesignProblem, ...]:
    """Everything that is wrong, in reading order; empty when the design can be run."""
    return tuple(
        DesignProblem(place, message)
        for rule in (_data, _questions, _debaters, _temperatures, _finals, _partial, _prompts)
        for place, message in rule(design)
    )


def _data(design: DebateDesign) -> Iterator[tuple[Place, str]]:
    data = design.data
    if data.dataset == "records" and not data.path and not design.questions:
        yield ("data", "path"), "`records` need the path of a JSON lines or CSV file"
    if is_generated(design):
        if data.split not in FIRST_SEEDS:
            yield (
                ("data", "split"),
                f"sums have no split {data.split!r}; they have {' and '.join(FIRST_SEEDS)}",
            )
        elif not has_enough_seeds(design):
            yield ("data", "first"), f"sums have seeds up to {SEEDS - 1}, and no more"


def _questions(design: DebateDesign) -> Iterator[tuple[Place, str]]:
    grader = design.scores_by
    for number, question in enumerate(design.questions):
        answer = answer_of(f"Answer: {question.gold}", grader, options=question.options)
        if not is_right(answer, question.gold, grader):
            what = {"number": "number", "choice": "letter of an option"}.get(grader, "answer")
            yield ("questions", number, "gold"), f"{question.gold!r} is no {what}"


def _debaters(design: DebateDesign) -> Iterator[tuple[Place, str]]:
    seen: set[str] = set()
    for number, (name, debater) in enumerate(zip(design.names, design.debaters, strict=True)):
        if name in (JUDGE, ASKER):
            yield ("debaters", number, "name"), f"no debater may be called {name!r}"
        if name in seen:
            yield ("debaters", number, "name"), f"there are two debaters called {name!r}"
        seen.add(name)
        for place, read in enumerate(debater.reads or ()):
            if read == name:
                yield (
                    ("debaters", number, "reads", place),
                    "a debater always reads its own solution; name others only",
                )
            elif read not in design.names:
                yield (
                    ("debaters", number, "reads", place),
                    f"no debater is called {read!r}; they are {', '.join(design.names)}",
                )
        if debater.part == "misleading" and design.debates and question_count(design) == 1:
            yield (
                ("debaters", number, "part"),
                "`misleading` gives the solution of another question, and there is only one",
            )
    if not voters(design):
        yield ("debaters",), "nobody answers: at least one debater needs `part: answers`"


def _temperatures(design: DebateDesign) -> Iterator[tuple[Place, str]]:
    rounds = rounds_of(design)
    for number, debater in enumerate(design.debaters):
        given = debater.temperatures
        if debater.part in ("expert", "misleading") and given:
            where: Place = ("debaters", number, "temperatures")
            yield where, f"`{debater.part}` asks no model, so it has no temperature"
            continue
        if design.debates and len(given) > 1 and len(given) != rounds:
            yield (
                ("debaters", number, "temperatures"),
                f"{len(given)} temperatures for {rounds} rounds; give one, or one for each round",
            )
        asked = debater.part in ("answers", "random")
        for place, degrees in enumerate(given if asked else ()):
            fault = _degrees(design, degrees)
            if fault:
                yield ("debaters", number, "temperatures", place), fault
    rest = [p for p, d in enumerate(design.debaters) if d.part == "answers" and not d.temperatures]
    if rest:
        fault = _degrees(design, temperature(design, rest[0], 1))
        if fault:
            yield ("sampling", "temperature"), fault
    if any(d.part == "random" and not d.temperatures for d in design.debaters):
        fault = _degrees(design, design.random_temperature or HOTTEST_WORDS)
        if fault:
            yield ("random_temperature",), fault


def _degrees(design: DebateDesign, degrees: float) -> str:
    """What is wrong with a temperature; empty when nothing is."""
    if design.speaks_words:
        too_hot = degrees > HOTTEST_WORDS
        return f"words are drawn at temperatures of 0 to {HOTTEST_WORDS:g}" if too_hot else ""
    return "" if degrees > 0 else "vectors are mixed at temperatures above 0; 0 mixes nothing"


def _finals(design: DebateDesign) -> Iterator[tuple[Place, str]]:
    if design.consensus and design.debates and len(voters(design)) == 1:
        yield ("consensus",), "one debater who answers always agrees; a consensus needs two"


def _partial(design: DebateDesign) -> Iterator[tuple[Place, str]]:
    partly = design.partial
    if partly.criterion == "max_probability" and partly.threshold > 1:
        yield (
            ("partial", "threshold"),
            f"an uncertainty of 1 - max p is at most 1, and never above {partly.threshold:g}",
        )


def _prompts(design: DebateDesign) -> Iterator[tuple[Place, str]]:
    places: list[tuple[Place, object]] = [(("prompts",), design.prompts)]
    for number, debater in enumerate(design.debaters):
        places.append((("debaters", number, "prompts"), debater.prompts))
    for where, prompts in places:
        for name in Prompts.model_fields:
            text = getattr(prompts, name, "")
            if text:
                for fault in _holes(text, _HOLES[name]):
                    yield (*where, name), fault


def _holes(text: str, needed: tuple[str, ...]) -> Iterator[str]:
    for hole in needed:
        if hole not in text:
            yield f"{hole} is missing: without it debaters do not see that"
    known = [hole.strip("{}") for hole in (QUESTION, SOLUTIONS)]
    for match in _BRACED.finditer(text):
        word = match[0].strip("{} \t\n")
        meant = nearest(word, known)
        if match[0] in (QUESTION, SOLUTIONS):
            if match[0] not in needed:
                yield f"{match[0]} is not known here"
        elif meant:
            yield f"{match[0]} is not known; did you mean {{{meant}}}?"
