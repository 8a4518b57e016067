"""What a researcher writes to describe a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from simulator.domain.designs import Design, Prose
from simulator.domain.records import Interjections
from simulator.domain.sampling import Sampling
from simulator.kinds.conversation.grammar import Pronouns

SpeakerMethod = Literal[
    "round_robin", "random", "weighted", "role_alternating", "addressed", "auto", "manual"
]
Memory = Literal["summaries", "full", "none"]
ReplyProfile = Literal["standard", "classic", "none"]

SHARED = "shared"
SUMMARIZER = "summarizer"
RESERVED_ROLES = (SHARED, SUMMARIZER, "researcher", "selector")


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )


class Section(_Part):
    """A titled piece of a system prompt."""

    title: str = Field(min_length=1, pattern=r"\S")
    """Heads the section in the prompt, and names it for `section_order` and factors."""
    content: Prose = Field(min_length=1, pattern=r"\S")
    """The text; it may hold placeholders."""


def _titled(value: object) -> object:
    """Read `{Goal: text}` as `[{title: Goal, content: text}]`."""
    if isinstance(value, Mapping):
        return [{"title": title, "content": content} for title, content in value.items()]
    return value


Sections = Annotated[tuple[Section, ...], BeforeValidator(_titled)]


class Role(_Part):
    """A kind of participant."""

    name: str = Field(min_length=1, pattern=r"^[A-Za-z][A-Za-z0-9 _-]*$")
    """Its noun; tags such as `<GUARD_NUM>` and names such as `Guard_117` are made of it."""
    count: int = Field(default=1, ge=1, le=1000)
    """How many agents play it unless the launch says otherwise."""
    starting_prompt: Prose = Field(min_length=1, pattern=r"\S")
    """Opens the system prompt, without a title."""
    sections: Sections = ()
    """Private sections."""
    pronouns: Pronouns = "he/she"
    """What `<GUARD_PRON>` and its like say of one agent."""
    model: str | None = None
    """`provider/model`; None takes the design's."""
    sampling: Sampling = Sampling()
    """Options over the design's."""


class Summarizer(_Part):
    """Who carries a day into the next."""

    starting_prompt: Prose = Field(min_length=1, pattern=r"\S")
    sections: Sections = ()
    model: str | None = None
    sampling: Sampling = Sampling()


class Selector(_Part):
    """The model that chooses the next speaker when `speaker` is `auto`."""

    model: str | None = None
    sampling: Sampling = Sampling(temperature=0.0, max_tokens=20)


class Weight(_Part):
    """How often a role speaks, relative to the others."""

    role: str
    weight: float = Field(gt=0.0)
    """Against 1 for roles without a weight."""


def _weights(value: object) -> object:
    if isinstance(value, Mapping):
        return [{"role": role, "weight": weight} for role, weight in value.items()]
    return value


class Speaker(_Part):
    """How the next speaker is found."""

    method: SpeakerMethod = "role_alternating"
    """See the page on conversations."""
    weights: Annotated[tuple[Weight, ...], BeforeValidator(_weights)] = ()
    """For `weighted`: a weight for each agent of a role; roles not named weigh 1."""

    @model_validator(mode="after")
    def _weights_are_used(self) -> Speaker:
        if self.weights and self.method != "weighted":
            raise ValueError("weights need `method: weighted`")
        return self


class StopCondition(_Part):
    """Ends the conversation when everything it names has come true."""

    messages: int | None = Field(default=None, ge=1)
    """So many agent messages were spoken."""
    days: int | None = Field(default=None, ge=1)
    """So many days are over."""
    phrase: str | None = Field(default=None, min_length=1)
    """An agent's last message contains this, in any case."""
    tokens: int | None = Field(default=None, ge=1)
    """So many tokens, of prompts and replies, were used."""
    time_s: float | None = Field(default=None, gt=0.0)
    """Models took so many seconds; pauses do not count."""
    loop: int | None = Field(default=None, ge=2)
    """The talk repeats itself so many times in a row, nearly word for word."""

    @model_validator(mode="after")
    def _names_something(self) -> StopCondition:
        if all(value is None for _, value in self):
            raise ValueError("an empty stop condition never ends anything")
        return self


class Change(_Part):
    """What a level of a factor does to one section."""

    target: str
    """A role's name, `shared` or `summarizer`."""
    title: str
    content: Prose | None
    """The section's text; None removes the section."""


class Level(_Part):
    """One value of a factor."""

    name: str = Field(min_length=1)
    changes: tuple[Change, ...] = ()


class Factor(_Part):
    """What varies between runs; the first level is the default."""

    name: str = Field(min_length=1)
    levels: tuple[Level, ...] = Field(min_length=1)


def _changes(target: str, sections: object) -> list[dict[str, object]]:
    if not isinstance(sections, Mapping):
        raise ValueError(f"{target!r} must map section titles to texts")
    return [{"target": target, "title": t, "content": c} for t, c in sections.items()]


def _levels(levels: object) -> object:
    if not isinstance(levels, Mapping):
        return levels
    return [{"name": name, "changes": _all_changes(targets)} for name, targets in levels.items()]


def _all_changes(targets: object) -> list[dict[str, object]]:
    if targets is None:
        return []
    if not isinstance(targets, Mapping):
        raise ValueError("a level must map roles, `shared` or `summarizer` to sections")
    return [change for target, sections in targets.items() for change in _changes(target, sections)]


def _factors(value: object) -> object:
    """Read factor → level → target → section title → text."""
    if isinstance(value, Mapping):
        return [{"name": name, "levels": _levels(levels)} for name, levels in value.items()]
    return value


class Chosen(_Part):
    """The level of a factor that a run has."""

    factor: str
    level: str


class ConversationDesign(Design):
    """Roles that talk over days."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )

    kind: Literal["conversation"] = "conversation"
    name: str = Field(min_length=1)
    note: str = ""
    starting_message: Prose = Field(min_length=1, pattern=r"\S")
    """What the researcher says at the beginning of each day."""
    roles: tuple[Role, ...] = Field(min_length=1)
    """In this order they speak in turn."""
    shared_sections: Sections = ()
    """Sections that every agent reads."""
    section_order: tuple[str, ...] = ()
    """Titles in the order of the prompt; titles left out follow, private ones first."""
    summarizer: Summarizer | None = None
    selector: Selector = Selector()
    messages: int = Field(default=20, ge=1)
    """Agent messages of the whole conversation, shared out evenly over the days.

    `classic` counts the researcher's message of each day too, and drops the remainder.
    """
    days: int = Field(default=1, ge=1)
    speaker: Annotated[
        Speaker, BeforeValidator(lambda v: {"method": v} if isinstance(v, str) else v)
    ] = Speaker()
    memory: Memory = "summaries"
    """What agents know of earlier days."""
    summarize_every_day: bool = False
    """Also write summaries that nobody reads: the last day's, or with another memory."""
    visible_messages: int | None = Field(default=None, ge=1)
    """Agents see at most so many of the latest messages; None shows the whole day."""
    model: str = "pocket"
    """`provider/model` of everybody who does not name another."""
    sampling: Sampling = Sampling(temperature=0.7, top_p=0.9, max_tokens=200)
    reply_profile: ReplyProfile | None = None
    """How replies are cleaned; None is `standard`, with `classic` the classic rule."""
    speaker_labels: bool | None = None
    """Whether the words of others carry their names; None is yes, with `classic` no."""
    interjections: Interjections = "anyone"
    """As whom people may put words in between turns; what they say is on record."""
    stop: tuple[StopCondition, ...] = ()
    """Any of these ends the conversation early."""
    factors: Annotated[tuple[Factor, ...], BeforeValidator(_factors)] = ()
    condition: tuple[Chosen, ...] = ()
    """The levels whose changes are already in the sections; set when a run is made."""
    classic: bool = False
    """Do as the original program did: section order, turn shares, round robin, labels."""

    @property
    def labels_words(self) -> bool:
        """Whether the words of others carry their names."""
        return not self.classic if self.speaker_labels is None else self.speaker_labels

    @property
    def profile(self) -> ReplyProfile:
        """How replies are cleaned."""
        return self.reply_profile or ("classic" if self.classic else "standard")

    @property
    def summarized_days(self) -> int:
        """After how many of the first days a summary is written."""
        if self.summarizer is None:
            return 0
        reads = self.memory == "summaries"
        if self.summarize_every_day or (self.classic and reads):
            return self.days
        return self.days - 1 if reads else 0

    def role(self, name: str) -> Role:
        """The role of that name. Raises KeyError."""
        return next(role for role in self.roles if role.name == name)
