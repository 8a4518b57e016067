"""Where the layers meet: what the engine needs of stores, kinds, clocks and people."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from datetime import datetime
from random import Random
from typing import Any, Protocol

from pydantic import JsonValue

from simulator.domain.batches import BatchStore
from simulator.domain.designs import Design, DesignProblem
from simulator.domain.journal import Step, Usage
from simulator.domain.latent import LatentSampling, SoftPrompt, SoftReply
from simulator.domain.leases import LeaseStore
from simulator.domain.parameters import Parameter
from simulator.domain.prompts import Prompt
from simulator.domain.records import (
    Agent,
    Experiment,
    ExperimentQuery,
    Outcome,
    Outlook,
    Run,
    RunQuery,
    RunStatus,
    StoreCard,
)
from simulator.domain.replies import ReplyParser
from simulator.domain.workloads import Habits, Workload

# ---------------------------------------------------------------- store


class ExperimentStore(BatchStore, LeaseStore, Protocol):
    """Where experiments, batches, runs and journals live.

    Reads see every write that was acknowledged. A write is durable when it returns. Times are
    kept to whole milliseconds.

    Raises (any method):
        StoreUnavailableError: The database cannot be reached, opened or written.
        StoreCorruptError: The file is damaged or not ours.
    """

    async def close(self) -> None:
        """Finish pending writes and let go; calling it again does nothing."""
        ...

    async def add_experiment(self, experiment: Experiment) -> None:
        """Raises ConflictError when the id is taken."""
        ...

    async def experiment(self, experiment_id: str) -> Experiment:
        """Raises NotFoundError."""
        ...

    async def experiments(self, query: ExperimentQuery) -> list[Experiment]:
        """The newest first."""
        ...

    async def annotate_experiment(
        self,
        experiment_id: str,
        *,
        note: str | None = None,
        star: str | None = None,
        unstar: str | None = None,
    ) -> None:
        """Change the note, or a user's star, if given. Raises NotFoundError."""
        ...

    async def revise_experiment(self, experiment: Experiment, *, was: str) -> None:
        """Replace name, note, design and its hash, in one step, while there are no runs.

        A run that is added at the same instant stands under the design that it was made for, or
        not at all: who comes second is refused, and it may happen that both are.

        Args:
            experiment: As it shall be; its other fields are left as they are stored.
            was: The design hash that is replaced.

        Raises NotFoundError, and ConflictError when it has runs or another design than `was`.
        """
        ...

    async def delete_experiment(
        self, experiment_id: str, *, now: datetime, despite: Collection[str] = ()
    ) -> int:
        """Delete it with its batches, its runs and their journals; how many runs went.

        Raises NotFoundError, and ConflictError as `delete_run` does, for any of its runs.
        """
        ...

    async def add_run(self, run: Run, steps: Sequence[Step] = ()) -> None:
        """Store a new run with its first journal, all or nothing.

        Raises ConflictError, NotFoundError, and DesignChangedError when its experiment has another
        design than the one that it was made for.
        """
        ...

    async def add_runs(self, runs: Sequence[Run]) -> list[str]:
        """Store new runs without journals; the ids among theirs that were taken, and are left.

        Raises NotFoundError and DesignChangedError as `add_run` does, for any of them; then none is
        stored. Cut off in the middle, some may be: those are taken when it is done again.
        """
        ...

    async def run(self, run_id: str) -> Run:
        """Raises NotFoundError."""
        ...

    async def runs(self, query: RunQuery) -> list[Run]:
        """In the order that the query names."""
        ...

    async def count_runs(self, experiment_ids: Sequence[str]) -> dict[str, int]:
        """How many runs each experiment has; experiments without runs count 0."""
        ...

    async def count_messages(
        self, run_ids: Sequence[str], *, whole_journal: bool = False
    ) -> dict[str, int]:
        """How many messages each run's transcript has; runs without any count 0.

        With `whole_journal`, steps outside of the transcript are counted too.
        """
        ...

    async def update_run(
        self,
        run_id: str,
        *,
        status: RunStatus | None = None,
        usage: Usage | None = None,
        outcome: Outcome | None = None,
        error: str | None = None,
        started_at: datetime | None = None,
        finished_at: datetime | None = None,
    ) -> None:
        """Change only what is given. Raises NotFoundError."""
        ...

    async def annotate_run(
        self,
        run_id: str,
        *,
        note: str | None = None,
        star: str | None = None,
        unstar: str | None = None,
    ) -> None:
        """Change the note, or a user's star, if given. Raises NotFoundError."""
        ...

    async def delete_run(
        self, run_id: str, *, now: datetime, despite: Collection[str] = ()
    ) -> None:
        """Delete it with its journal, unless it is being played.

        Args:
            run_id: Which.
            now: Leases that expire later than this stand in the way.
            despite: Owners whose leases do not.

        Raises NotFoundError, and ConflictError when somebody plays it.
        """
        ...

    async def commit(self, step: Step, *, owner: str | None = None) -> None:
        """Append a step to its run's journal.

        The same step again is success. Cancelling the call does not take the step back. Raises
        ConflictError when another step stands at (run_id, scope, index), NotFoundError when the
        run is gone, and LeaseLostError when the owner, if one is given, is not who holds the run.
        """
        ...

    async def steps(self, run_id: str, *, after: int = -1) -> list[Step]:
        """The journal in order of commitment, from positions greater than `after`."""
        ...

    def follow(self, run_id: str, *, after: int = -1) -> AsyncGenerator[Step, None]:
        """Steps as they are committed, by any process, until it or the store is closed.

        A step that is committed after one of a later position comes after it.
        """
        ...

    async def describe(self) -> StoreCard:
        """What the store is and holds."""
        ...


# ---------------------------------------------------------------- people and time


class Clock(Protocol):
    """The time; injected so that tests and replays own it."""

    def now(self) -> datetime:
        """Aware, UTC, in whole milliseconds."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, never going back."""
        ...


class Person(Protocol):
    """Somebody at the keyboard."""

    async def choose(self, question: str, options: Sequence[str]) -> str:
        """One of the options. Raises InterruptedRunError when the person leaves."""
        ...


# ---------------------------------------------------------------- stage and kinds


class Stage(Protocol):
    """Where a kind plays: each call is one journal step, committed before it returns.

    On a replay a step that the journal holds is returned as it was, after checking that it is
    the step that the kind asks for now.
    """

    @property
    def scope(self) -> str:
        """Name of this sequence of steps, such as `main` or `main/question-17`."""
        ...

    async def say(self, speaker: str, content: str, *, role: str, day: int | None = None) -> Step:
        """Put words into the transcript that no model produced. Use the step's `content`."""
        ...

    async def ask(
        self,
        agent: Agent,
        prompt: Prompt,
        *,
        parse: ReplyParser | None = None,
        attempts: int = 3,
        day: int | None = None,
        in_transcript: bool = True,
    ) -> Step:
        """Let an agent speak; `prompt` is all that it is shown, system prompt included.

        A reply that is empty after parsing, or that the parser does not want, is asked for again
        until there were so many `attempts`, twice more unless another number is given; then it is
        kept as it is.
        """
        ...

    async def choose(
        self,
        chooser: Agent,
        prompt: Prompt,
        options: Sequence[str],
        *,
        fallback: str,
        day: int | None = None,
    ) -> Step:
        """Let a model choose one of the options; the step's `content` is the choice.

        Constrained to the options where the model can score them; else its reply must name one,
        by its role or number if need be, with two reminders; else `fallback`, as `method` tells.
        """
        ...

    async def choose_by_person(
        self, question: str, options: Sequence[str], *, day: int | None = None
    ) -> Step:
        """Let the person at the keyboard choose. Raises UsageError when nobody is there."""
        ...

    async def score(
        self,
        agent: Agent,
        prompt: Prompt,
        options: Sequence[str],
        *,
        day: int | None = None,
        where_possible: bool = False,
    ) -> Step:
        """Log-probabilities of the options as the agent's reply; the step's `scores`.

        Of a model that cannot say them there are none, with `where_possible`; else UsageError.
        """
        ...

    async def ask_latent(
        self,
        agent: Agent,
        prompt: SoftPrompt,
        sampling: LatentSampling,
        *,
        receivers: Sequence[Agent] = (),
        nearest_of: Sequence[str] = (),
        day: int | None = None,
    ) -> SoftReply:
        """Let an agent answer in vectors that it and the receivers can read.

        The step's `content` is the nearest text, its last character replaced by the nearest of
        `nearest_of` where that is given. Vectors live as long as the reply is held; after a replay
        they are made again when a model has to read them.
        """
        ...

    async def interjection(self, *, day: int | None = None) -> Step | None:
        """What the researcher put in since the last turn, if anything; call it between turns."""
        ...

    def branch(self, name: str) -> Stage:
        """A scope of its own for work that runs beside this one."""
        ...

    def rng(self, purpose: str) -> Random:
        """A generator seeded from (run seed, scope, purpose); each call starts it afresh."""
        ...


class Kind(Protocol):
    """One of the kinds of experiment."""

    @property
    def name(self) -> str:
        """As designs write it under `kind`."""
        ...

    @property
    def design_type(self) -> type[Design]:
        """What a user writes."""
        ...

    def problems(self, design: Any) -> tuple[DesignProblem, ...]:
        """What is wrong beyond the fields' own types; empty when the design can be run."""
        ...

    def parameters(self, design: Any) -> tuple[Parameter, ...]:
        """What a launch may set over a design, in the order of a form."""
        ...

    def resolve(self, design: Any, parameters: Mapping[str, JsonValue]) -> Any:
        """The design with a launch's parameters over it.

        Raises DesignInvalidError naming the parameter.
        """
        ...

    def cast(self, design: Any, seed: int) -> tuple[Agent, ...]:
        """The agents of a run with their rendered prompts; depends on nothing else."""
        ...

    def outlook(self, design: Any) -> Outlook:
        """What a run of a resolved design will be."""
        ...

    def workload(
        self, design: Any, agents: Sequence[Agent], habits: Mapping[str, Habits]
    ) -> tuple[Workload, ...]:
        """What a run of a resolved design will ask of each model, unless it ends earlier.

        Args:
            design: Resolved.
            agents: As it is cast.
            habits: How the models reply, by `provider/model`; usual ones where it says nothing.
        """
        ...

    async def play(self, run: Run, design: Any, stage: Stage) -> Outcome:
        """Play the run from the top."""
        ...
