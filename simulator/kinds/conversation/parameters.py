"""What a launch may set over a conversation's design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from simulator.domain.nearest import nearest
from simulator.domain.sampling import Sampling
from simulator.errors import DesignInvalidError
from simulator.kinds.conversation.design import (
    SHARED,
    SUMMARIZER,
    Change,
    Chosen,
    ConversationDesign,
    Memory,
    Role,
    Section,
    Speaker,
    SpeakerMethod,
)

SELECTOR = "selector"


class Assigned(BaseModel):
    """A value for a name that the user chose, such as a role's or a factor's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    value: str


class Counted(BaseModel):
    """How many agents play a role."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: str
    count: int = Field(ge=1, le=1000)


class ConversationParameters(BaseModel):
    """Each None leaves the design's value."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    model: str | None = None
    """`provider/model` for everybody, whatever the design says."""
    models: tuple[Assigned, ...] = ()
    """Model of a role, of `summarizer` or of `selector`; goes before `model`."""
    agents: tuple[Counted, ...] = ()
    levels: tuple[Assigned, ...] = ()
    """Level of a factor."""
    messages: int | None = Field(default=None, ge=1)
    """Messages of the agents, over all days."""
    days: int | None = Field(default=None, ge=1)
    """Days that the messages are shared out over."""
    speaker: SpeakerMethod | None = None
    """Who speaks next."""
    memory: Memory | None = None
    """What agents know of earlier days."""
    first_role: str | None = None
    """Role that comes first; the others follow in the design's order, and those before it last."""
    sampling: Sampling = Sampling()
    """Options over everybody's."""


def resolve(design: ConversationDesign, parameters: Mapping[str, JsonValue]) -> ConversationDesign:
    """The design of one run: parameters set, the factors' levels worked into the sections.

    Raises:
        DesignInvalidError: A parameter names what the design does not have, or is no good.
    """
    try:
        given = ConversationParameters.model_validate(parameters)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise DesignInvalidError(f"parameter {place}: {fault['msg']}") from error
    names = [role.name for role in design.roles]
    for counted in given.agents:
        _must_be_one_of(counted.role, names, "role")
    for assigned in given.models:
        _must_be_one_of(assigned.name, [*names, SUMMARIZER, SELECTOR], "role")
    if given.first_role is not None:
        _must_be_one_of(given.first_role, names, "role")
    first = names.index(given.first_role or names[0])
    design = _with_levels(design, given.levels)
    counts = {counted.role: counted.count for counted in given.agents}
    models = {assigned.name: assigned.value for assigned in given.models}

    def model_of(name: str, own: str | None) -> str:
        return models.get(name) or given.model or own or design.model

    roles = tuple(
        role.model_copy(
            update={
                "count": counts.get(role.name, role.count),
                "model": model_of(role.name, role.model),
                "sampling": role.sampling.updated(given.sampling),
            }
        )
        for role in (*design.roles[first:], *design.roles[:first])
    )
    update: dict[str, object] = {
        "roles": roles,
        "model": given.model or design.model,
        "selector": design.selector.model_copy(
            update={"model": model_of(SELECTOR, design.selector.model)}
        ),
    }
    if design.summarizer is not None:
        update["summarizer"] = design.summarizer.model_copy(
            update={
                "model": model_of(SUMMARIZER, design.summarizer.model),
                "sampling": design.summarizer.sampling.updated(given.sampling),
            }
        )
    if given.speaker is not None and given.speaker != design.speaker.method:
        update["speaker"] = Speaker(method=given.speaker)
    for name in ("messages", "days", "memory"):
        if getattr(given, name) is not None:
            update[name] = getattr(given, name)
    return design.model_copy(update=update)


def _with_levels(design: ConversationDesign, levels: Sequence[Assigned]) -> ConversationDesign:
    factors = {factor.name: factor for factor in design.factors}
    for assigned in levels:
        _must_be_one_of(assigned.name, list(factors), "factor")
    chosen = {assigned.name: assigned.value for assigned in levels}
    condition: list[Chosen] = list(design.condition)
    changes: list[Change] = []
    for factor in design.factors:
        names = [level.name for level in factor.levels]
        name = chosen.get(factor.name, names[0])
        _must_be_one_of(name, names, f"level of {factor.name}")
        condition.append(Chosen(factor=factor.name, level=name))
        changes += factor.levels[names.index(name)].changes
    for change in changes:
        design = _changed(design, change)
    return design.model_copy(
        update={
            "factors": (),
            "condition": tuple(condition),
            "section_order": _order_left(design),
        }
    )


def _order_left(design: ConversationDesign) -> tuple[str, ...]:
    """The order without the titles that only other levels have."""
    sections = [*design.shared_sections, *(s for role in design.roles for s in role.sections)]
    sections += design.summarizer.sections if design.summarizer else ()
    titles = {title_key(section.title) for section in sections}
    return tuple(title for title in design.section_order if title_key(title) in titles)


def _changed(design: ConversationDesign, change: Change) -> ConversationDesign:
    if change.target == SHARED:
        sections = _edited(design.shared_sections, change)
        return design.model_copy(update={"shared_sections": sections})
    if change.target == SUMMARIZER:
        assert design.summarizer is not None
        sections = _edited(design.summarizer.sections, change)
        summarizer = design.summarizer.model_copy(update={"sections": sections})
        return design.model_copy(update={"summarizer": summarizer})
    roles: list[Role] = []
    for role in design.roles:
        if role.name == change.target:
            role = role.model_copy(update={"sections": _edited(role.sections, change)})
        roles.append(role)
    return design.model_copy(update={"roles": tuple(roles)})


def _edited(sections: tuple[Section, ...], change: Change) -> tuple[Section, ...]:
    title = title_key(change.title)
    if change.content is None:
        return tuple(section for section in sections if title_key(section.title) != title)
    changed = Section(title=change.title, content=change.content)
    if any(title_key(section.title) == title for section in sections):
        return tuple(changed if title_key(s.title) == title else s for s in sections)
    return (*sections, changed)


@lru_cache(1024)
def title_key(title: str) -> str:
    """What titles are compared by: case, spaces and underscores do not count."""
    return " ".join(title.replace("_", " ").casefold().split())


def _must_be_one_of(name: str, names: Sequence[str], what: str) -> None:
    if name in names:
        return
    if not names:
        raise DesignInvalidError(f"The design has no {what} {name!r}; it has no {what}s at all.")
    meant = nearest(name, names)
    hint = f" Did you mean {meant!r}?" if meant else ""
    raise DesignInvalidError(
        f"The design has no {what} {name!r}.{hint}", remedy=f"It has {', '.join(names)}."
    )
