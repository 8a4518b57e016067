"""What a launch may set over a debate's design, for forms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from pydantic import JsonValue

from simulator.domain.parameters import Parameter, parameters_of
from simulator.errors import DesignInvalidError
from simulator.kinds.debate.asked import question_count
from simulator.kinds.debate.casting import JUDGE
from simulator.kinds.debate.design import DebateDesign
from simulator.kinds.debate.parameters import DebateParameters, with_temperatures
from simulator.kinds.debate.turns import rounds_of, temperature, voters

_MEANING = (
    "Of those who answer, one after another, such as 0.2,0.8; or those of every round of the "
    "first debater, then of the second, and so on. One is for all of them."
)


def launchable(design: DebateDesign) -> tuple[Parameter, ...]:
    """What a launch may set, in the order of a form."""
    plain = {one.name: one for one in parameters_of(DebateParameters, _usual(design))}
    everybody = replace(
        plain.pop("model"), type="model", group="models", label="everybody", usual=design.model
    )
    del plain["sampling.seed"]  # a sampler that repeats itself; designs may ask for one
    del plain["sampling.temperature"]  # debaters have theirs
    sampling = [one for one in plain.values() if one.group == "sampling"]
    rules = [one for one in plain.values() if one.group != "sampling"]
    first = [one for one in rules if one.name in ("mode", "questions", "rounds")]
    rest = [one for one in rules if one not in first]
    return (*first, _temperatures(design), everybody, *_models(design), *sampling, *rest)


def _usual(design: DebateDesign) -> DebateParameters:
    return DebateParameters(
        mode=design.mode, questions=question_count(design) or design.data.count,
        rounds=design.rounds, model=design.model, samples=design.samples,
        final=design.final, tie=design.tie, topology=design.topology, memory=design.memory,
        order=design.order, last_round=design.last_round, sampling=design.sampling,
    )  # fmt: skip


def _models(design: DebateDesign) -> Iterator[Parameter]:
    own = dict(zip(design.names, (debater.model for debater in design.debaters), strict=True))
    for name, model in {**own, JUDGE: design.judge.model}.items():
        yield Parameter(
            f"models.{name}", name, "model", partial(_assigned, name), group="models",
            usual=model or "", meaning=f"The model of {name}; it goes before everybody's.",
        )  # fmt: skip


def _assigned(name: str, value: JsonValue) -> dict[str, JsonValue]:
    return {"models": [{"name": name, "value": value}]}


def _temperatures(design: DebateDesign) -> Parameter:
    rounds = rounds_of(design)
    own = [[temperature(design, place, r + 1) for r in range(rounds)] for place in voters(design)]
    same = all(len(set(one)) == 1 for one in own)
    usual = ",".join(f"{degrees:.10g}" for one in own for degrees in (one[:1] if same else one))
    return Parameter(
        "temperatures", "temperatures", "text", partial(_set_temperatures, design),
        partial(_checked, design), usual=usual, meaning=_MEANING,
    )  # fmt: skip


def _set_temperatures(design: DebateDesign, value: JsonValue) -> dict[str, JsonValue]:
    return {"temperatures": [list(one) for one in by_debater(design, str(value))]}


def _checked(design: DebateDesign, value: JsonValue) -> JsonValue:
    try:
        with_temperatures(design, by_debater(design, str(value)))
    except DesignInvalidError as error:
        raise ValueError(error.message.removeprefix("parameter temperatures: ")) from None
    return value


def by_debater(design: DebateDesign, text: str) -> list[list[float]]:
    """The temperatures that a text means.

    Args:
        design: Any.
        text: Numbers between commas: one for each who answers, or as many as rounds for the first,
            then for the second, and so on.

    Raises:
        ValueError: One is no number of 0 or more.
    """
    found: list[float] = []
    for piece in filter(None, (piece.strip() for piece in text.split(","))):
        try:
            found.append(float(piece))
        except ValueError:
            raise ValueError(f"{piece!r} is no number; write such as 0.2,0.8.") from None
        if not 0 <= found[-1] < float("inf"):
            raise ValueError(f"{piece!r} is no temperature; they are 0 or more.")
    rounds, answering = rounds_of(design), sum(d.part == "answers" for d in design.debaters)
    if rounds > 1 and len(found) == answering * rounds:
        return [found[start : start + rounds] for start in range(0, len(found), rounds)]
    return [[degrees] for degrees in found]
