"""What the store keeps: experiments, their runs, and who owns a run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from simulator.domain.journal import Usage
from simulator.domain.prices import Price
from simulator.domain.sampling import Sampling

RunStatus = Literal["queued", "running", "paused", "completed", "failed", "cancelled"]
Interjections = Literal["anyone", "researcher", "none"]
"""As whom people may put words into a run: any agent or the researcher, the researcher, nobody."""
RunOrder = Literal["newest", "oldest", "last_finished", "most_tokens", "highest_cost"]
"""How runs are sorted; runs that are equal in it, the newest first."""

SCHEMA_VERSION = 3


class Agent(BaseModel):
    """A participant of a run, or one of its helpers (summarizer, selector)."""

    model_config = ConfigDict(frozen=True)

    name: str
    """Unique in the run."""
    role: str
    number: int = Field(ge=0)
    """Place among the agents of its role, from 1; 0 for helpers."""
    model: str
    """`provider/model`."""
    sampling: Sampling = Sampling()
    system_prompt: str = ""
    """As rendered for this run; empty sends none."""


class Experiment(BaseModel):
    """A design with a name and what people say about it."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    kind: str
    design: dict[str, JsonValue]
    """The design as its kind writes it; never changed while there are runs of it."""
    design_hash: str
    note: str = ""
    starred_by: tuple[str, ...] = ()
    """Users whose favourite it is, sorted."""
    creator: str
    parent_id: str | None = None
    """The experiment that this one was duplicated from."""
    original_id: str | None = None
    """Its `_id` in the original program's database, if it was imported from there."""
    created_at: datetime
    schema_version: int = SCHEMA_VERSION


class Machine(BaseModel):
    """What a program ran on, without a name that leads to it."""

    model_config = ConfigDict(frozen=True)

    processor: str = ""
    cores: int | None = Field(default=None, ge=1)
    """Those that share one processor's work as two count twice."""
    memory_gib: float | None = Field(default=None, ge=0.0, allow_inf_nan=False)
    accelerators: tuple[str, ...] = ()
    """NVIDIA's, on Linux; others are not looked for."""


class ModelState(BaseModel):
    """A model as it was when a run was launched."""

    model_config = ConfigDict(frozen=True)

    model: str
    """`provider/model`."""
    digest: str | None = None
    """Names the weights; None where its server does not tell."""
    price: Price | None = None
    """What its tokens were counted at; None where no table had it."""


class Provenance(BaseModel):
    """With what a run was launched; records that are older than a field have its default."""

    model_config = ConfigDict(frozen=True)

    simulator_version: str
    commit: str | None = None
    """Of the program's repository, followed by `-dirty` where its files were changed since; None
    where it was installed without."""
    python_version: str
    platform: str
    packages: dict[str, str] = {}
    machine: Machine | None = None
    """That of the launch; a run may be played on others."""
    models: tuple[ModelState, ...] = ()
    """Those that were asked whether they are there, by name."""


class ForkOrigin(BaseModel):
    """Where a forked run left its parent."""

    model_config = ConfigDict(frozen=True)

    run_id: str
    position: int = Field(ge=0)
    """The last step taken over from the parent."""
    edited: bool
    """Whether that step was given other words."""
    seed: int | None = None
    """Seed of the model calls after the fork; None goes on with the run's seed."""


IMPORTED = "imported"
"""Reason for the end of runs that the original program played."""


class Outcome(BaseModel):
    """How a run ended."""

    model_config = ConfigDict(frozen=True)

    reason: str
    """Name of the stop condition that ended it, such as `messages` or `phrase`."""
    detail: str = ""
    """What exactly met the condition."""
    values: dict[str, JsonValue] = {}
    """Results of the kind's own."""
    journal_hash: str | None = None
    """Names the exact steps that the run ended with; None where that was not recorded."""


class Run(BaseModel):
    """One execution of an experiment."""

    model_config = ConfigDict(frozen=True)

    id: str
    experiment_id: str
    kind: str
    design_hash: str
    parameters: dict[str, JsonValue] = {}
    """What the launch set over the design."""
    batch_id: str | None = None
    """The batch that it was launched with."""
    cell: int | None = Field(default=None, ge=0)
    """Place of its condition among the cells of the batch, from 0."""
    seed: int = Field(ge=0)
    agents: tuple[Agent, ...]
    status: RunStatus = "queued"
    usage: Usage = Usage()
    outcome: Outcome | None = None
    error: str | None = None
    """What stopped a failed run, in one sentence."""
    forked_from: ForkOrigin | None = None
    original_id: str | None = None
    """The `_id` of its conversation in the original program's database, if it was imported."""
    provenance: Provenance
    creator: str
    note: str = ""
    starred_by: tuple[str, ...] = ()
    """Users whose favourite it is, sorted."""
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    schema_version: int = SCHEMA_VERSION


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a run will be, as far as its design tells."""

    turns: int | None
    """How many times agents will speak, unless something ends it earlier."""
    days: int | None
    """None where the kind knows no days."""
    condition: tuple[tuple[str, str], ...]
    """The factors and the level that the run has of each."""
    needs_person: bool
    """Whether choices are left to somebody at the keyboard."""
    interjections: Interjections = "none"
    unforeseen: frozenset[str] = frozenset()
    """Roles of messages that may come or not, and are not among the turns."""
    must_fit: bool = False
    """Whether nothing is left of a run once a prompt has outgrown its model, so that such a run is
    not begun."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to play a run until a moment."""

    owner: str
    """Names one process: machine with a mark, process id and start, each after a colon."""
    expires_at: datetime
    user: str = ""
    """On whose behalf it plays."""

    @property
    def machine(self) -> str:
        """Name of the machine, without the mark that tells apart machines of one name."""
        marked = self.owner.partition(":")[0]
        return marked.rpartition("-")[0] or marked

    @property
    def player(self) -> str:
        """Who plays where, for people, such as `ada on lab-3`."""
        return f"{self.user} on {self.machine}" if self.user else self.machine


@dataclass(frozen=True, slots=True)
class ExperimentQuery:
    """Which experiments to list; None does not restrict."""

    kind: str | None = None
    creator: str | None = None
    starred_by: str | None = None
    """Only the favourites of this user."""
    name: str | None = None
    """Exact name."""
    design_hash: str | None = None
    parent_id: str | None = None
    """Only copies of this experiment."""
    ids: tuple[str, ...] | None = None
    """Only these."""
    id_fragment: str | None = None
    """Beginning or end of the id."""
    limit: int | None = None
    """At most so many, the newest."""


@dataclass(frozen=True, slots=True)
class RunQuery:
    """Which runs to list; None does not restrict."""

    experiment_id: str | None = None
    batch_id: str | None = None
    status: RunStatus | None = None
    creator: str | None = None
    starred_by: str | None = None
    """Only the favourites of this user."""
    id_fragment: str | None = None
    """Beginning or end of the id."""
    order: RunOrder = "newest"
    limit: int | None = None
    """At most so many, the first ones of the order."""


@dataclass(frozen=True, slots=True)
class StoreCard:
    """A store as it is now."""

    kind: Literal["sqlite", "mongodb"]
    place: str
    """The file, or the servers and the database, without secrets."""
    server_version: str
    """Of the database software."""
    schema_version: int
    may_write: bool
    """Whether this user may; reading is allowed to anyone who could open it."""
    change_streams: bool
    """Whether the database tells of news by itself; else it is asked again and again."""
    clock_skew_s: float
    """By how many seconds the database's clock is ahead of this machine's."""
    round_trip_s: float
    """Seconds that a question without work takes."""
    experiments: int
    batches: int
    runs: int
    messages: int
    """Steps of all journals."""
