"""What a researcher writes to describe a lineage of learners."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from simulator.domain.designs import Design, Prose
from simulator.domain.sampling import Sampling

WorldName = Literal["lights", "lights-letters", "numbers", "language", "acronyms"]
Draws = Literal["seeded", "original"]
Strength = Literal["none", "weak", "medium", "strong"]
Position = Literal["start", "end"]
Interaction = Literal["none", "self_refine", "hypothesis_search"]
Answers = Literal["written", "drawn"]
Measurement = Literal["none", "scores", "samples"]
Filter = Literal["imitation", "easy", "hard", "short", "long", "random"]

MOST_EXAMPLES = 1000
MOST_GENERATIONS = 10_000
MOST_SAMPLES = 1000


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )


class WorldChoice(_Part):
    """What there is to learn, and what the first learner reads of it."""

    name: WorldName = "lights"
    """`lights`: which of A, B, C, D and a screen switch a light on; `lights-letters`: the same with
    A to E; `numbers`: which numbers belong to a concept; `language`: words for meanings;
    `acronyms`: words from the first letters of others, which have no rules to write."""
    truth: Annotated[int, Field(ge=0)] | Literal["drawn"] = "drawn"
    """Place of the rule that the first data come from, among those that there can be, from 0;
    `drawn` draws it by the run's seed."""
    examples: int = Field(default=4, ge=1, le=MOST_EXAMPLES)
    """Of the first data."""
    noise: float = Field(default=0.0, ge=0.0, le=1.0)
    """Share of outputs of the first data that are any other one."""
    ambiguous: bool = False
    """Whether the first data come only from where truth and alternative agree, so that they cannot
    tell them apart."""
    draws: Draws = "seeded"
    """`original` draws truth and first data of `lights` and `lights-letters` as the original does
    for the same seed, of which it takes the rest by 2^32."""
    settings: dict[str, JsonValue] = {}
    """Others of the world, by their names."""


class Bias(_Part):
    """What learners are told beside their task, so that they lean to one hypothesis."""

    strength: Strength = "none"
    """How plainly it is said."""
    position: Position = "start"
    """In the system prompt, or after the question for a rule."""
    direction: str = ""
    """Where it leads: a rule of the world, of `lights` also such as `screen off`; of `acronyms`
    one of `common`, `rare`, `long`, `short`. Empty is the world's usual one."""
    text: Prose = ""
    """Your own words instead of the usual ones for the strength."""


class Interacting(_Part):
    """What a learner does with its rule before it passes examples on."""

    kind: Interaction = "none"
    """`self_refine`: it reads the first data and its rule again and mends the rule;
    `hypothesis_search`: the program applies the rule to the first data, and the learner mends what
    comes out wrong, with what is right before its eyes. Where nothing is wrong, no model is asked,
    unlike in the original."""
    classic: bool = False
    """As in the original: show what is wrong alone; ask also where the rule is right, and keep the
    rule then whatever is replied; leave refinements out of what learners look back on."""


class Probabilities(_Part):
    """How P(h) is taken, for each learner, before it says its rule."""

    by: Measurement = "none"
    """`scores`: all hypotheses in one batch, exact, by models that can; others are sampled.
    `samples`: asked again and again outside of the transcript, and counted."""
    samples: int = Field(default=20, ge=1, le=MOST_SAMPLES)
    """How often a learner is asked where it is sampled."""


class Acronyms(_Part):
    """Of the world `acronyms`."""

    easy_share: float = Field(default=0.3, ge=0.0, le=1.0)
    """Of the first data, those whose acronym is a common word; rounded to whole examples."""
    filter: Filter = "imitation"
    """What the next learner reads. `imitation`: what this one made. Else chosen from all that was
    ever read or made: the most common words, the rarest, the shortest, the longest, or any."""


class IteratedDesign(Design):
    """A rule that is learnt from data and passed on as data, generation after generation."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )

    kind: Literal["iterated"] = "iterated"
    name: str = Field(min_length=1)
    note: str = ""
    world: WorldChoice = WorldChoice()
    generations: int = Field(default=6, ge=1, le=MOST_GENERATIONS)
    """Learners, one after another."""
    passed_on: int | None = Field(default=None, ge=1, le=MOST_EXAMPLES)
    """Examples that each learner makes for the next; None makes as many as it read first."""
    model: str = "pocket"
    """`provider/model` of all learners."""
    models: tuple[Annotated[str, Field(min_length=1)], ...] = Field(default=(), max_length=2)
    """Instead of `model`: two that take turns."""
    temperatures: tuple[Annotated[float, Field(ge=0.0, le=2.0)], ...] = Field(
        default=(), max_length=2
    )
    """Of two who take turns, instead of the one in `sampling`."""
    sampling: Sampling = Sampling(temperature=1.0, top_p=1.0, max_tokens=400)
    """Of all learners."""
    bias: Bias = Bias()
    interaction: Interacting = Interacting()
    answers: Answers = "written"
    """`written`: learners write what they like, and rules and examples are found in it. `drawn`:
    for models that are too weak to keep a form, by those that can score: the program draws the rule
    from their P(h) at the temperature, and for inputs that it draws, outputs in the same way."""
    attempts: int = Field(default=3, ge=1, le=100)
    """How often a reply without a rule, or without examples, is asked for in all. After that a
    learner without a rule keeps the one before it; without any, the lineage ends."""
    look_back: int = Field(default=0, ge=0, le=1000)
    """Latest questions that learners are shown with the replies, of all generations; 0 shows
    none."""
    probabilities: Probabilities = Probabilities()
    acronyms: Acronyms = Acronyms()

    @property
    def all_models(self) -> tuple[str, ...]:
        """Those in turn; one where there is but one."""
        return self.models or (self.model,)

    @property
    def has_rules(self) -> bool:
        """Whether learners write rules."""
        return self.world.name != "acronyms"

    @property
    def has_direction(self) -> bool:
        """Whether something leads away from the truth: a bias, or words or data for one."""
        bias = self.bias
        return bias.strength != "none" or bool(bias.direction.strip()) or self.world.ambiguous

    @property
    def made(self) -> int:
        """Examples that a learner is asked for."""
        return self.passed_on or self.world.examples
