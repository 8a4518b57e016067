"""What a researcher writes to describe a debate."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from simulator.domain.designs import Design, Prose
from simulator.domain.latent import Criterion, Greedy
from simulator.domain.sampling import Sampling
from simulator.kinds.debate.questions import DataSource, Grader, Question

Mode = Literal["natural_language", "cipher", "majority", "single"]
Part = Literal["answers", "expert", "misleading", "random"]
Topology = Literal["all", "ring", "star"]
Memory = Literal["last_round", "full"]
Order = Literal["own_last", "own_first"]
Final = Literal["lowest_temperature", "majority", "judge"]
Tie = Literal["none", "lowest_temperature"]
LastRound = Literal["needed", "all"]

MOST_DEBATERS = 8
USUAL_TEMPERATURE = 0.7
"""Where the design says nothing."""


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )


class DebaterPrompts(_Part):
    """What debaters are shown; empty texts take the usual ones."""

    system: Prose = ""
    """Stands before every question; it may hold worked examples."""
    initial: Prose = ""
    """Of the first round, with `{question}`."""
    debate: Prose = ""
    """Of later rounds, with `{question}` and `{solutions}`, which are labelled."""


class Prompts(DebaterPrompts):
    """What everybody is shown; empty texts take the usual ones."""

    judge: Prose = ""
    """With `{question}` and `{solutions}`."""


class Debater(_Part):
    """One of those who answer, read each other and answer again."""

    name: str = ""
    """Unique; empty is its place, such as Debater 1."""
    part: Part = "answers"
    """`expert` gives the solution in every round, `misleading` that of another question; neither
    asks a model. `random` answers at a very high temperature. The final answer is of those who
    answer."""
    model: str | None = None
    """`provider/model`; None takes the design's."""
    temperatures: tuple[Annotated[float, Field(ge=0.0)], ...] = ()
    """One for all rounds, or one for each round; none takes that of `sampling`, or 0.7."""
    reads: tuple[str, ...] | None = None
    """Names of those whose solutions it reads; None reads whom the topology says."""
    prompts: DebaterPrompts = DebaterPrompts()
    """Texts instead of the design's."""


class Judge(_Part):
    """Who reads the last round and gives the final answer, when `final` is `judge`."""

    model: str | None = None
    """`provider/model`; None takes the design's."""
    sampling: Sampling = Sampling(temperature=0.0)
    """Options over the design's."""


class Partial(_Part):
    """When a vector of `cipher` is that of one token instead of the mixture of all."""

    greedy: Greedy = "never"
    """`confident` is partial CIPHER: mixed only where the uncertainty is above the threshold.
    `unsure` is its reverse."""
    criterion: Criterion = "max_probability"
    """The uncertainty, at temperature 1: 1 - max p, or the entropy in nats."""
    threshold: float = Field(default=0.15, ge=0.0)
    """Of the uncertainty: 0 to 1 for `max_probability`, in nats for `entropy`."""


class DebateDesign(Design):
    """Debaters that answer questions, read each other and answer again."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )

    kind: Literal["debate"] = "debate"
    name: str = Field(min_length=1)
    note: str = ""
    data: DataSource = DataSource()
    """Where the questions come from."""
    questions: tuple[Question, ...] = ()
    """As they were read from the data, or of your own; empty for sums that are generated."""
    mode: Mode = "natural_language"
    """`cipher` debates in vectors instead of words (arXiv 2310.06272). `majority` takes the most
    frequent of several samples of the first debater, `single` its one answer."""
    rounds: int = Field(default=3, ge=1, le=50)
    """The first answers, and each time that debaters read each other and answer again."""
    debaters: tuple[Debater, ...] = Field(
        default=(Debater(temperatures=(0.2,)), Debater(temperatures=(0.8,))),
        min_length=1,
        max_length=MOST_DEBATERS,
    )
    samples: int = Field(default=5, ge=1, le=1000)
    """Of `majority`."""
    topology: Topology = "all"
    """Whose solutions debaters read: of all others; in a `ring`, of the ones before and after; in
    a `star`, the first one reads all others, and they read the first."""
    memory: Memory = "last_round"
    """Whether they read the solutions of the last round, or of all rounds."""
    order: Order = "own_last"
    """Where a debater's own solution stands among those that it reads."""
    final: Final = "lowest_temperature"
    """Whose answer counts after the last round."""
    tie: Tie = "none"
    """With `final: majority`, what a tie is: no answer, or that of the debater with the lowest
    temperature if it is among the tied."""
    judge: Judge = Judge()
    consensus: bool = False
    """Whether a debate is over as soon as all who answer agree."""
    last_round: LastRound | None = None
    """Who is asked in the last round: those whom the final answer needs, or all. None is `needed`,
    with `classic` `all`."""
    model: str = "pocket"
    """`provider/model` of everybody who does not name another."""
    sampling: Sampling = Sampling(temperature=USUAL_TEMPERATURE, max_tokens=256)
    """Of all debaters; in `cipher`, `top_p` and `top_k` say which tokens are mixed."""
    random_temperature: Annotated[float, Field(gt=0.0)] | None = None
    """Of debaters whose part is `random`; None is 2 in words, and 100 in vectors."""
    partial: Partial = Partial()
    unit_length: bool = False
    """Whether vectors of `cipher` are scaled to length 1."""
    grader: Grader | None = None
    """How answers are found and compared; None takes what fits the data."""
    prompts: Prompts = Prompts()
    classic: bool = False
    """Do as the original program did: where messages end, how they are put into prompts, how
    numbers are read, ties, and `top_p` 0.85 for words."""

    @property
    def names(self) -> tuple[str, ...]:
        """The debaters' names, in their order."""
        return tuple(
            debater.name or f"Debater {place}" for place, debater in enumerate(self.debaters, 1)
        )

    @property
    def speaks_words(self) -> bool:
        """Whether messages are words and not vectors."""
        return self.mode != "cipher"

    @property
    def debates(self) -> bool:
        """Whether debaters read each other."""
        return self.mode in ("natural_language", "cipher")

    @property
    def scores_by(self) -> Grader:
        """How answers are found and compared."""
        if self.grader is not None:
            return self.grader
        if self.data.dataset in ("arithmetic", "gsm8k"):
            return "number"
        chosen = any(question.options for question in self.questions)
        has_options = self.data.dataset == "mmlu" or bool(self.data.fields.options) or chosen
        return "choice" if has_options else "text"
