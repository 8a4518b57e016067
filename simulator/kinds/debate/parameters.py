"""What a launch may set over a debate's design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from simulator.domain.nearest import nearest
from simulator.domain.sampling import Sampling
from simulator.errors import DesignInvalidError
from simulator.kinds.debate.asked import question_count
from simulator.kinds.debate.casting import JUDGE
from simulator.kinds.debate.design import (
    DebateDesign,
    Debater,
    Final,
    LastRound,
    Memory,
    Mode,
    Order,
    Tie,
    Topology,
)
from simulator.kinds.debate.questions import MOST_QUESTIONS
from simulator.kinds.debate.turns import rounds_of

Degrees = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]


class Assigned(BaseModel):
    """The model of a debater or of the judge."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    value: str


class DebateParameters(BaseModel):
    """Each None leaves the design's value."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    mode: Mode | None = None
    """How answers are found: a debate in words or in vectors, a vote of samples, or one answer."""
    questions: int | None = Field(default=None, ge=1, le=MOST_QUESTIONS)
    """How many questions are asked, the first ones."""
    rounds: int | None = Field(default=None, ge=1, le=50)
    """The first answers, and each time that debaters answer again."""
    temperatures: tuple[tuple[Degrees, ...] | Degrees, ...] = ()
    """Of those who answer, one after another: for all rounds, or a list of one for each round."""
    model: str | None = None
    """`provider/model` for everybody, whatever the design says."""
    models: tuple[Assigned, ...] = ()
    """Model of a debater or of `Judge`; goes before `model`."""
    samples: int | None = Field(default=None, ge=1, le=1000)
    """Of a vote of samples."""
    final: Final | None = None
    """Whose answer counts after the last round."""
    tie: Tie | None = None
    """What a tie of a majority is."""
    topology: Topology | None = None
    """Whose solutions debaters read."""
    memory: Memory | None = None
    """Whether they read the solutions of the last round, or of all rounds."""
    order: Order | None = None
    """Where a debater's own solution stands among those that it reads."""
    last_round: LastRound | None = None
    """Who is asked in the last round."""
    sampling: Sampling = Sampling()
    """Options over everybody's."""


def resolve(design: DebateDesign, parameters: Mapping[str, JsonValue]) -> DebateDesign:
    """The design of one run.

    Raises:
        DesignInvalidError: A parameter names what the design does not have, or is no good.
    """
    try:
        given = DebateParameters.model_validate(parameters)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise DesignInvalidError(f"parameter {place}: {fault['msg']}") from error
    update: dict[str, object] = {
        name: value
        for name in (
            "mode", "rounds", "samples", "final", "tie", "topology", "memory", "order",
            "last_round", "model",
        )
        if (value := getattr(given, name)) is not None
    }  # fmt: skip
    update["sampling"] = design.sampling.updated(given.sampling)
    design = _with_models(design, given).model_copy(update=update)
    if given.temperatures:
        design = with_temperatures(design, given.temperatures)
    return design if given.questions is None else _of_so_many(design, given.questions)


def _with_models(design: DebateDesign, given: DebateParameters) -> DebateDesign:
    names = [*design.names, JUDGE]
    models = {one.name: one.value for one in given.models}
    for name in models:
        if name not in names:
            meant = nearest(name, names)
            hint = f" Did you mean {meant!r}?" if meant else ""
            raise DesignInvalidError(
                f"The design has no debater {name!r}.{hint}", remedy=f"It has {', '.join(names)}."
            )

    def model_of(name: str, own: str | None) -> str | None:
        return models.get(name) or given.model or own

    debaters = tuple(
        debater.model_copy(update={"model": model_of(name, debater.model)})
        for name, debater in zip(design.names, design.debaters, strict=True)
    )
    judge = design.judge.model_copy(update={"model": model_of(JUDGE, design.judge.model)})
    return design.model_copy(update={"debaters": debaters, "judge": judge})


def with_temperatures(
    design: DebateDesign, temperatures: Sequence[Sequence[float] | float]
) -> DebateDesign:
    """The design with other temperatures.

    Args:
        design: Any.
        temperatures: Of those whose part is `answers`, in their order: a number, or one for each
            round. A single entry is for all of them. Where no debate is held, only the first one
            is asked, and one entry will do.

    Raises:
        DesignInvalidError: There are more or fewer than debaters or rounds.
    """
    given = [(one,) if isinstance(one, float | int) else tuple(one) for one in temperatures]
    answering = [debater for debater in design.debaters if debater.part == "answers"]
    if len(given) == 1:
        given *= len(answering)
    if len(given) != len(answering):
        raise DesignInvalidError(
            f"parameter temperatures: {len(given)} are given for {len(answering)} debaters who "
            "answer.",
            remedy="Give one for each of them, or lists of one for each round.",
        )
    rounds = rounds_of(design)
    for one in given:
        if len(one) not in (1, rounds):
            raise DesignInvalidError(
                f"parameter temperatures: {len(one)} are given to a debater for {rounds} rounds.",
                remedy="Give each debater one temperature, or one for each round.",
            )
    rest = iter(given)
    debaters = tuple(_with(debater, next(rest)) if debater.part == "answers" else debater
                     for debater in design.debaters)  # fmt: skip
    return design.model_copy(update={"debaters": debaters})


def _with(debater: Debater, temperatures: tuple[float, ...]) -> Debater:
    return debater.model_copy(update={"temperatures": temperatures})


def _of_so_many(design: DebateDesign, count: int) -> DebateDesign:
    if design.questions and count > len(design.questions):
        raise DesignInvalidError(
            f"parameter questions: the design has {len(design.questions)}, not {count}.",
            remedy="Ask fewer, or read more of them in.",
        )
    data = design.data.model_copy(update={"count": count})
    design = design.model_copy(update={"data": data})
    if not design.questions:
        return design
    return design.model_copy(update={"questions": design.questions[: question_count(design)]})
