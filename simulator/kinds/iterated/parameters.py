"""What a launch may set over the design of a lineage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from simulator.domain.sampling import Sampling
from simulator.errors import DesignInvalidError
from simulator.kinds.iterated.design import (
    MOST_EXAMPLES,
    MOST_GENERATIONS,
    MOST_SAMPLES,
    Answers,
    Bias,
    Draws,
    Filter,
    Interaction,
    IteratedDesign,
    Measurement,
    Position,
    Strength,
    WorldName,
)
from simulator.kinds.iterated.rules import problems


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )


class WorldParameters(_Part):
    """Of the world; each None leaves the design's value."""

    name: WorldName | None = None
    """What there is to learn. Another world than the design's has its own usual settings."""
    truth: Annotated[int, Field(ge=0)] | Literal["drawn"] | None = None
    """Place of the rule that the first data come from, from 0, or `drawn`."""
    examples: int | None = Field(default=None, ge=1, le=MOST_EXAMPLES)
    """Of the first data."""
    noise: float | None = Field(default=None, ge=0.0, le=1.0)
    """Share of outputs of the first data that are any other one."""
    ambiguous: bool | None = None
    """Whether first data cannot tell truth and alternative apart."""
    draws: Draws | None = None
    """How truth and first data are drawn."""
    settings: dict[str, JsonValue] | None = None
    """Others of the world, by their names; they stand for all of the design's."""


class BiasParameters(_Part):
    """Of the bias; each None leaves the design's value."""

    strength: Strength | None = None
    """How plainly learners are led to one hypothesis."""
    position: Position | None = None
    """In the system prompt, or after the question for a rule."""
    direction: str | None = None
    """Where it leads."""
    text: str | None = None
    """Your own words instead of the usual ones for the strength; none where the strength is."""


class InteractionParameters(_Part):
    """Of the interaction; each None leaves the design's value."""

    kind: Interaction | None = None
    """What a learner does with its rule before it passes examples on."""
    classic: bool | None = None
    """As in the original."""


class ProbabilityParameters(_Part):
    """Of P(h); each None leaves the design's value."""

    by: Measurement | None = None
    """How P(h) is taken."""
    samples: int | None = Field(default=None, ge=1, le=MOST_SAMPLES)
    """How often a learner is asked where it is sampled."""


class AcronymParameters(_Part):
    """Of acronyms; each None leaves the design's value."""

    easy_share: float | None = Field(default=None, ge=0.0, le=1.0)
    """Of the first data, those whose acronym is a common word."""
    filter: Filter | None = None
    """What the next learner reads."""


class IteratedParameters(_Part):
    """Each None leaves the design's value."""

    generations: int | None = Field(default=None, ge=1, le=MOST_GENERATIONS)
    """Learners, one after another."""
    passed_on: int | None = Field(default=None, ge=1, le=MOST_EXAMPLES)
    """Examples that each learner makes for the next."""
    model: str | None = None
    """`provider/model` of all learners."""
    models: tuple[Annotated[str, Field(min_length=1)], ...] | None = Field(
        default=None, max_length=2
    )
    """Two that take turns; goes before `model`."""
    temperatures: tuple[Annotated[float, Field(ge=0.0, le=2.0)], ...] | None = Field(
        default=None, max_length=2
    )
    """Of two who take turns."""
    answers: Answers | None = None
    """Whether learners write, or answers are drawn from their probabilities."""
    attempts: int | None = Field(default=None, ge=1, le=100)
    """How often a reply of no use is asked for in all."""
    look_back: int | None = Field(default=None, ge=0, le=1000)
    """Latest questions that learners are shown with the replies."""
    world: WorldParameters = WorldParameters()
    bias: BiasParameters = BiasParameters()
    interaction: InteractionParameters = InteractionParameters()
    probabilities: ProbabilityParameters = ProbabilityParameters()
    acronyms: AcronymParameters = AcronymParameters()
    sampling: Sampling = Sampling()
    """Options over everybody's."""


_PLAIN = ("generations", "passed_on", "temperatures", "answers", "attempts", "look_back")
_PARTS = ("world", "bias", "interaction", "probabilities", "acronyms")
_OF_A_WORLD: Mapping[str, dict[str, object]] = {
    "world": {"settings": {}, "truth": "drawn", "draws": "seeded"},
    "bias": {"direction": ""},
}
"""What a design says of its world alone, and what stands for it in another."""
_OF_RULES: Mapping[str, dict[str, object]] = {
    "world": {"noise": 0.0, "ambiguous": False},
    "interaction": {"kind": "none"},
    "probabilities": {"by": "none"},
}
"""The same of rules, in a world without any."""
_DIRECTIONS: Mapping[WorldName, str] = {"lights-letters": "E off"}
"""Where biases lead in worlds without a usual direction, when a launch goes to them from another:
the last object stands in the place of the screen."""


def resolve(design: IteratedDesign, parameters: Mapping[str, JsonValue]) -> IteratedDesign:
    """The design of one run.

    Raises:
        DesignInvalidError: A parameter is unknown or no good, or does not fit the design.
    """
    try:
        given = IteratedParameters.model_validate(parameters)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise DesignInvalidError(f"parameter {place}: {fault['msg']}") from error
    update: dict[str, Any] = _given(given, _PLAIN)
    if given.model is not None:
        update |= {"model": given.model, "models": ()}
    if given.models is not None:
        update["models"] = given.models
    if given.world.name == "acronyms" and given.answers is None:
        update["answers"] = "written"
    if given.sampling.temperature is not None and given.temperatures is None:
        update["temperatures"] = ()
    for name in _PARTS:
        part = getattr(given, name)
        own = _given(part, tuple(type(part).model_fields))
        if given.world.name not in (None, design.world.name):
            without = _OF_RULES.get(name, {}) if given.world.name == "acronyms" else {}
            own = _OF_A_WORLD.get(name, {}) | without | own
        update[name] = getattr(design, name).model_copy(update=own)
    update["bias"] = _bias(given, update["bias"], is_ambiguous=update["world"].ambiguous)
    update["sampling"] = design.sampling.updated(given.sampling)
    resolved = design.model_copy(update=update)
    if parameters:
        for problem in problems(resolved):
            raise DesignInvalidError(
                f"With these parameters the design does not fit together: {problem}."
            )
    return resolved


def _bias(given: IteratedParameters, bias: Bias, *, is_ambiguous: bool) -> Bias:
    """The bias in the world that a launch chose, without what no bias has."""
    if given.bias.strength == "none":
        bias = bias.model_copy(update={"text": ""})
    direction = _DIRECTIONS.get(given.world.name or "lights")
    if direction and not bias.direction and (bias.strength != "none" or is_ambiguous):
        return bias.model_copy(update={"direction": direction})
    return bias


def _given(part: BaseModel, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(part, name)) is not None}
