"""What a launch may set over the design of a game of telephone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from simulator.domain.nearest import nearest
from simulator.domain.sampling import Sampling
from simulator.errors import DesignInvalidError
from simulator.kinds.telephone.design import MOST_AGENTS, MOST_CHAINS, TelephoneDesign
from simulator.kinds.telephone.naming import whole_names
from simulator.kinds.telephone.networks import Structure
from simulator.kinds.telephone.rules import problems
from simulator.kinds.telephone.tasks import PromptStyle, Task


class TelephoneParameters(BaseModel):
    """Each None leaves the design's value."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )

    task: Task | None = None
    """What agents do with a text."""
    chains: int | None = Field(default=None, ge=1, le=MOST_CHAINS)
    """Of each text."""
    generations: int | None = Field(default=None, ge=1, le=100_000)
    """After the initial text."""
    model: str | None = None
    """`provider/model` of everybody."""
    models: tuple[Annotated[str, Field(min_length=1)], ...] | None = None
    """Those that take turns; goes before `model`."""
    texts: tuple[str, ...] | None = None
    """Names of the initial texts that are played; all without them."""
    prompt_style: PromptStyle | None = None
    """`base` is for models without instructions."""
    personality: str | None = None
    """System prompt of everybody, instead of the design's."""
    structure: Structure | None = None
    """Who reads whom."""
    agents: int | None = Field(default=None, ge=2, le=MOST_AGENTS)
    """Of networks other than the chain."""
    cliques: int | None = Field(default=None, ge=1)
    """Of `caveman`."""
    edges: int | None = Field(default=None, ge=0)
    """Of `random`."""
    sampling: Sampling = Sampling()
    """Options over everybody's."""


def resolve(design: TelephoneDesign, parameters: Mapping[str, JsonValue]) -> TelephoneDesign:
    """The design of one run.

    Raises:
        DesignInvalidError: A parameter is unknown or no good, or does not fit the design.
    """
    try:
        given = TelephoneParameters.model_validate(parameters)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise DesignInvalidError(f"parameter {place}: {fault['msg']}") from error
    update: dict[str, object] = {
        name: value
        for name in ("task", "chains", "generations", "prompt_style")
        if (value := getattr(given, name)) is not None
    }
    if given.model is not None:
        update |= {"model": given.model, "models": ()}
    if given.models is not None:
        update["models"] = given.models
    if given.personality is not None:
        update["personalities"] = (given.personality,)
    if given.task not in (None, "own"):
        update["prompts"] = type(design.prompts)()
    if given.texts is not None:
        update |= _chosen(design, given.texts)
    network = {
        name: value
        for name in ("structure", "agents", "cliques", "edges")
        if (value := getattr(given, name)) is not None
    }
    if given.structure not in (None, "own"):
        network["own"] = ()
    update["network"] = design.network.model_copy(update=network)
    update["sampling"] = design.sampling.updated(given.sampling)
    resolved = design.model_copy(update=update)
    if parameters:
        for problem in problems(resolved):
            raise DesignInvalidError(
                f"With these parameters the design does not fit together: {problem}."
            )
    return resolved


def _chosen(design: TelephoneDesign, names: tuple[str, ...]) -> dict[str, object]:
    """The texts of these names, in their order; while none are read, those to be read."""
    if not design.texts:
        return {"data": design.data.model_copy(update={"names": names})}
    known = {text.name: text for text in design.texts}
    names = whole_names(names, known)
    for name in names:
        if name not in known:
            meant = nearest(name, known)
            hint = f" Did you mean {meant!r}?" if meant else ""
            raise DesignInvalidError(
                f"parameter texts: the design has no text {name!r}.{hint}",
                remedy=f"There are {len(known)}, such as {next(iter(known))!r}.",
            )
    return {"texts": tuple(known[name] for name in dict.fromkeys(names))}
