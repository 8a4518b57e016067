"""What happens during a run, as readers hear of it: frozen, past tense, told apart by `type`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from simulator.domain.journal import Step
from simulator.domain.records import Run


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run began, or went on after it had been stopped."""

    run: Run
    resumed_steps: int = 0
    """Steps taken from the journal before the first new one."""
    type: Literal["run_started"] = "run_started"


@dataclass(frozen=True, slots=True)
class TurnStarted:
    """A model was asked for its words."""

    run_id: str
    scope: str
    index: int
    speaker: str
    role: str
    model: str
    day: int | None
    type: Literal["turn_started"] = "turn_started"


@dataclass(frozen=True, slots=True)
class TextStreamed:
    """A piece of a reply arrived, raw."""

    run_id: str
    scope: str
    speaker: str
    text: str
    type: Literal["text_streamed"] = "text_streamed"


@dataclass(frozen=True, slots=True)
class ModelRetried:
    """A request failed or its reply was unusable and is sent again; streamed text is void."""

    run_id: str
    scope: str
    speaker: str
    model: str
    attempt: int
    """The attempt that follows, from 2."""
    wait_s: float
    """Seconds until then."""
    reason: str
    day: int | None = None
    type: Literal["model_retried"] = "model_retried"


@dataclass(frozen=True, slots=True)
class PromptTruncated:
    """A server cut a prompt: the model did not see all that it was shown."""

    run_id: str
    scope: str
    speaker: str
    model: str
    prompt_tokens: int
    """Those that the server read."""
    context_length: int | None
    """Tokens that it was asked to make room for."""
    day: int | None = None
    type: Literal["prompt_truncated"] = "prompt_truncated"


@dataclass(frozen=True, slots=True)
class StepCommitted:
    """A step is durable in the store."""

    step: Step
    type: Literal["step_committed"] = "step_committed"


@dataclass(frozen=True, slots=True)
class StepReplayed:
    """A step was taken from the journal instead of being done again."""

    step: Step
    type: Literal["step_replayed"] = "step_replayed"


@dataclass(frozen=True, slots=True)
class RunPaused:
    """The run holds before its next step."""

    run_id: str
    type: Literal["run_paused"] = "run_paused"


@dataclass(frozen=True, slots=True)
class RunResumed:
    """A paused run goes on."""

    run_id: str
    type: Literal["run_resumed"] = "run_resumed"


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run ended, was stopped, or failed; `run.status` says which."""

    run: Run
    type: Literal["run_finished"] = "run_finished"


Event = (
    RunStarted
    | TurnStarted
    | TextStreamed
    | ModelRetried
    | PromptTruncated
    | StepCommitted
    | StepReplayed
    | RunPaused
    | RunResumed
    | RunFinished
)

Listener = Callable[[Event], None]
"""Hears events as they happen, in order; must return at once and must not raise."""
