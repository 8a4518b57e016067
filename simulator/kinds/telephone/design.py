"""What a researcher writes to describe a game of telephone."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from simulator.domain.designs import Design, Prose
from simulator.domain.sampling import Sampling
from simulator.kinds.telephone.networks import Structure
from simulator.kinds.telephone.tasks import PromptStyle, Task

MOST_CHAINS = 100_000
"""Of one run."""
MOST_AGENTS = 1000


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )


class InitialText(_Part):
    """A text that chains begin with."""

    name: str = Field(min_length=1, pattern=r"\S")
    """Unique; such as what it spans."""
    text: Prose
    """Generation 0; it may be empty."""


class TextSource(_Part):
    """Where initial texts come from, and which of them are played."""

    path: str | None = None
    """A file or a folder of .txt files; None takes the 20 texts that come along. JSON with texts
    by their names, JSON lines or CSV with the fields `name` and `text`, or one plain text."""
    names: tuple[str, ...] = ()
    """Those that are played, in this order; none plays all."""
    digest: str | None = None
    """Names exactly what was read; written when the texts are taken in."""


class Prompts(_Part):
    """What agents are asked with the task `own`.

    They read the texts where `{text}` stands, or else at the end.
    """

    name: str = ""
    """What analyses call the task, so that several are told apart; empty is `own`."""
    first: Prose = ""
    """Of the first generation."""
    later: Prose = ""
    """Of all others; empty takes that of the first."""


class Network(_Part):
    """Who reads whom."""

    structure: Structure = "sequence"
    """`sequence` is the chain: one agent for each generation. In all others, every agent speaks in
    every generation, after it has read its neighbours' last texts and its own."""
    agents: int = Field(default=4, ge=2, le=MOST_AGENTS)
    """Of all but `sequence`."""
    cliques: int = Field(default=2, ge=1)
    """Of `caveman`: groups in which all read each other, in a ring."""
    edges: int = Field(default=4, ge=0)
    """Of `random`: pairs that read each other, drawn anew by the seed of each run."""
    own: tuple[tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]], ...] = ()
    """Of `own`: pairs of agents, from 1; the second reads the first."""


class OutputFormat(_Part):
    """How replies must look; what stands between the marks is the text that is passed on."""

    prompt: Prose = ""
    """Stands after what agents are asked."""
    start: str = ""
    """Mark before the text."""
    end: str = ""
    """Mark after the text."""
    pattern: str = ""
    """A regular expression instead of marks; its first group, or all of it, is the text. Replies of
    more than 20,000 characters count as of another form."""
    retries: int = Field(default=5, ge=0, le=100)
    """How often a reply of another form is asked for again; then all of it is passed on."""

    @property
    def is_given(self) -> bool:
        """Whether replies must have a form."""
        return bool(self.start or self.end or self.pattern)


class TelephoneDesign(Design):
    """Texts that pass from agent to agent, generation after generation."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )

    kind: Literal["telephone"] = "telephone"
    name: str = Field(min_length=1)
    note: str = ""
    task: Task = "rephrase"
    """What agents do with a text: say it in other words, be inspired by it, go on with it, or what
    your own `prompts` say."""
    prompts: Prompts = Prompts()
    data: TextSource = TextSource()
    """Where the initial texts come from."""
    texts: tuple[InitialText, ...] = ()
    """As they were read from the data, or of your own."""
    chains: int = Field(default=5, ge=1, le=MOST_CHAINS)
    """Of each text: repetitions that differ by chance alone, the original's seeds."""
    generations: int = Field(default=50, ge=1, le=100_000)
    """After the initial text."""
    model: str = "pocket"
    """`provider/model` of everybody."""
    models: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Instead of `model`: those that take turns along a chain, or that the agents of a network
    have in turn."""
    sampling: Sampling = Sampling(temperature=0.8, top_p=0.95, max_tokens=1024)
    """Of everybody."""
    prompt_style: PromptStyle = "chat"
    """`base` is for models without instructions: a text that goes on with the reply, ended where
    another text would begin."""
    personalities: tuple[Prose, ...] = ()
    """System prompts: one for all, or one for each agent; along a chain they take turns."""
    network: Network = Network()
    format: OutputFormat = OutputFormat()

    @property
    def task_name(self) -> str:
        """What analyses call the task."""
        return self.prompts.name or self.task

    @property
    def is_sequence(self) -> bool:
        """Whether texts pass along a chain."""
        return self.network.structure == "sequence"

    @property
    def all_models(self) -> tuple[str, ...]:
        """Those in turn; one where there is but one."""
        return self.models or (self.model,)

    @property
    def chain_count(self) -> int:
        """Chains of all texts together."""
        return len(self.texts) * self.chains
