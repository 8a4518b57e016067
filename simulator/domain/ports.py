"""Where the layers meet: what the engine needs of models, stores, kinds, clocks and people."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any, Literal, Protocol, runtime_checkable

from pydantic import JsonValue

from simulator.domain.designs import Design, DesignProblem
from simulator.domain.journal import Step, StopReason, Usage
from simulator.domain.prompts import Prompt
from simulator.domain.records import (
    Agent,
    Experiment,
    ExperimentQuery,
    Lease,
    Outcome,
    Outlook,
    Run,
    RunQuery,
    RunStatus,
)
from simulator.domain.replies import ReplyParser
from simulator.domain.sampling import Sampling

# ---------------------------------------------------------------- models

Ability = Literal["seed", "logprobs", "score", "latent"]


@dataclass(frozen=True, slots=True)
class GenerateRequest:
    """One call of a model."""

    prompt: Prompt
    sampling: Sampling
    seed: int
    """The sampler's seed, 0 to 2**63 - 1."""


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole reply, and what it took."""

    text: str
    """The concatenation of all streamed pieces."""
    stop_reason: StopReason
    usage: Usage
    """Tokens; calls and seconds are counted by who asks."""
    model_digest: str | None = None


@dataclass(frozen=True, slots=True)
class RetryNotice:
    """An attempt failed and another follows; pieces streamed so far are void."""

    attempt: int
    """The attempt that follows, from 2."""
    wait_s: float
    """Seconds until then."""
    reason: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a streamed reply. The last chunk, and only it, carries the completion."""

    text: str = ""
    retry: RetryNotice | None = None
    completion: Completion | None = None


@runtime_checkable
class ModelBackend(Protocol):
    """One model behind one server or loaded in this process."""

    @property
    def model(self) -> str:
        """`provider/model`."""
        ...

    @property
    def abilities(self) -> frozenset[Ability]:
        """What the model can do beyond generating text."""
        ...

    def generate(self, request: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        """Stream a reply. Closing the generator abandons it.

        Raises:
            BackendUnavailableError: The server did not answer; safe to retry.
            RateLimitedError: The server asks us to wait.
            ContextOverflowError: The prompt leaves no room for a reply.
            BackendError: The model refused; retrying would not help.
        """
        ...

    async def score(self, prompt: Prompt, options: Sequence[str]) -> tuple[float, ...]:
        """Log-probability of each option as the whole reply, in nats.

        Only where `abilities` has `score`.
        """
        ...

    async def close(self) -> None:
        """Release what the model holds; calling it again does nothing."""
        ...


class Backends(Protocol):
    """The models of this process, opened when first asked for."""

    def get(self, model: str) -> ModelBackend:
        """The backend of `provider/model`, opened once.

        Raises:
            NotFoundError: No such provider or model; the message names near ones.
        """
        ...


# ---------------------------------------------------------------- store


class ExperimentStore(Protocol):
    """Where experiments, runs and journals live.

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
        self, experiment_id: str, *, note: str | None = None, favourite: bool | None = None
    ) -> None:
        """Change only what is given. Raises NotFoundError."""
        ...

    async def delete_experiment(self, experiment_id: str) -> int:
        """Delete it with its runs and their journals; how many runs went. Raises NotFoundError."""
        ...

    async def add_run(self, run: Run, steps: Sequence[Step] = ()) -> None:
        """Store a new run with its first journal, all or nothing; ConflictError, NotFoundError."""
        ...

    async def run(self, run_id: str) -> Run:
        """Raises NotFoundError."""
        ...

    async def runs(self, query: RunQuery) -> list[Run]:
        """The newest first."""
        ...

    async def count_runs(self, experiment_ids: Sequence[str]) -> dict[str, int]:
        """How many runs each experiment has; experiments without runs count 0."""
        ...

    async def count_messages(self, run_ids: Sequence[str]) -> dict[str, int]:
        """How many messages each run's transcript has; runs without any count 0."""
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
        self, run_id: str, *, note: str | None = None, favourite: bool | None = None
    ) -> None:
        """Change only what is given. Raises NotFoundError."""
        ...

    async def delete_run(self, run_id: str) -> None:
        """Delete it with its journal. Raises NotFoundError."""
        ...

    async def acquire(
        self, run_id: str, lease: Lease, *, now: datetime, replacing: str | None = None
    ) -> Lease | None:
        """Take the run to play it, if it is free, expired at `now`, ours, or `replacing`'s.

        In the same atomic step it becomes `running`, started at `now` unless it was before, and
        without an error.

        Returns:
            None when the lease is ours now, else the lease in the way. Raises NotFoundError.
        """
        ...

    async def renew(self, run_id: str, lease: Lease) -> bool:
        """Push our lease's end back; False when we no longer own the run."""
        ...

    async def lease(self, run_id: str) -> Lease | None:
        """Who plays the run, whether or not the lease has run out. Raises NotFoundError."""
        ...

    async def release(
        self,
        run_id: str,
        owner: str,
        *,
        status: RunStatus | None = None,
        usage: Usage | None = None,
        outcome: Outcome | None = None,
        error: str | None = None,
        finished_at: datetime | None = None,
    ) -> bool:
        """Give the run back and put on record how it ended, in one atomic step.

        Only what is given changes. False, and nothing is changed, when we do not own the run.
        """
        ...

    async def commit(self, step: Step) -> None:
        """Append a step to its run's journal.

        The same step again is success. Cancelling the call does not take the step back. Raises
        ConflictError when another step stands at (run_id, scope, index), NotFoundError when the
        run is gone.
        """
        ...

    async def steps(self, run_id: str, *, after: int = -1) -> list[Step]:
        """The journal in order of commitment, from positions greater than `after`."""
        ...

    def follow(self, run_id: str, *, after: int = -1) -> AsyncGenerator[Step, None]:
        """Steps as they are committed, by any process, until it or the store is closed."""
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
        day: int | None = None,
        in_transcript: bool = True,
    ) -> Step:
        """Let an agent speak; `prompt` is all that it is shown, system prompt included.

        A reply that is empty after parsing is asked for twice more, then kept as it is.
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
        self, agent: Agent, prompt: Prompt, options: Sequence[str], *, day: int | None = None
    ) -> Step:
        """Log-probabilities of the options as the agent's reply; the step's `scores`."""
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

    async def play(self, run: Run, design: Any, stage: Stage) -> Outcome:
        """Play the run from the top."""
        ...
