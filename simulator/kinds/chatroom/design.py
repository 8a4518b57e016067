"""What a researcher writes to describe a chatroom."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from simulator.analysis.culture.cycles import CycleRule
from simulator.domain.designs import Design, Prose
from simulator.domain.sampling import Sampling

Speakers = Literal["random", "alternating", "weighted"]
Roles = Literal["author", "classic"]
Check = Literal["exact", "fuzzy"]

MOST_MODELS = 64
LONGEST_PERIOD = 100
MOST_COPIES = 1000


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )


class CycleTest(_Part):
    """When the texts are said to repeat themselves."""

    check: Check = "exact"
    """Same characters, or nearly so. Embeddings can be compared afterwards."""
    threshold: float = Field(default=0.99, gt=0.0, le=1.0)
    """Of `fuzzy`: 1 - Levenshtein distance / length of the longer text is at least this."""
    min_repetitions: int = Field(default=3, ge=2, le=1000)
    """How often each text of the cycle must have been said."""
    max_period: int = Field(default=5, ge=1, le=LONGEST_PERIOD)
    """Longest cycle that is looked for, in messages."""
    classic: bool = False
    """Test only the newest phase of a cycle, with the original's percent for `fuzzy`."""

    @property
    def rule(self) -> CycleRule:
        """As the detector takes it."""
        return CycleRule(
            check=self.check, threshold=self.threshold, min_repetitions=self.min_repetitions,
            max_period=self.max_period, classic=self.classic,
        )  # fmt: skip


class Replication(_Part):
    """A text that is given to fresh models, each time with nothing before it."""

    text: Prose = Field(min_length=1)
    copies: int = Field(default=10, ge=1, le=MOST_COPIES)
    """How often each model is given it."""


class ChatroomDesign(Design):
    """Models that talk only to each other until a text replicates itself."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )

    kind: Literal["chatroom"] = "chatroom"
    name: str = Field(min_length=1)
    note: str = ""
    models: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        default=("pocket", "pocket"), min_length=1, max_length=MOST_MODELS
    )
    """`provider/model` of each who talks; a model may stand here several times."""
    initial_prompts: tuple[Prose, ...] = ("Hello!",)
    """Said first, in their order."""
    system_prompts: tuple[Prose, ...] = ()
    """One for all, or one for each model; an empty one sends none."""
    window: int = Field(default=10, ge=0)
    """Latest messages that a model is shown; 0 shows all."""
    speakers: Speakers = "random"
    """Who speaks next: anybody, also who spoke last; each in turn; or anybody by `weights`."""
    weights: tuple[Annotated[float, Field(ge=0.0)], ...] = ()
    """Of `weighted`, one for each model, in any unit."""
    roles: Roles = "author"
    """As what messages are shown. `author`: a model's own words are the assistant's, others' are
    the user's, and so is always the newest, which is the one to answer. `classic`: by place alone,
    as in the original: user, and before it in turns system and user."""
    max_iterations: int = Field(default=100, ge=1, le=1_000_000)
    """Turns of models after the initial prompts, at most."""
    stop_on_convergence: bool = True
    """Whether the talk ends when the texts repeat themselves. Else it goes on, to see whether they
    go on doing so."""
    cycle: CycleTest = CycleTest()
    """When the texts are said to repeat themselves; tested before each turn."""
    sampling: Sampling = Sampling(max_tokens=256)
    """Of all models."""
    replication: Replication | None = None
    """Instead of a talk, a test whether a text is copied by whoever reads it. System prompts,
    initial prompts, window and turns do not matter then; `cycle` says what counts as a copy."""

    @property
    def names(self) -> tuple[str, ...]:
        """What the models are called in the transcript, in their order; all different."""
        short = [_short(model) for model in self.models]
        seen: dict[str, int] = {}
        names: list[str] = []
        for name in short:
            seen[name] = seen.get(name, 0) + 1
            names.append(f"{name} {seen[name]}" if short.count(name) > 1 else name)
        if len(set(names)) < len(names):
            return tuple(f"{place} {name}" for place, name in enumerate(short, 1))
        return tuple(names)

    @property
    def fresh_models(self) -> tuple[str, ...]:
        """Those that a replication test asks: each model once."""
        return tuple(dict.fromkeys(self.models))

    def system_prompt(self, place: int) -> str:
        """What a model is told first; empty for nothing.

        Args:
            place: Of the model, from 0.
        """
        if not self.system_prompts:
            return ""
        return self.system_prompts[place if len(self.system_prompts) > 1 else 0]


def _short(model: str) -> str:
    """A model's name without its provider, and without the options of scripted ones."""
    name = (model.partition("/")[2] or model).partition("?")[0]
    return " ".join(name.split()) or "model"
