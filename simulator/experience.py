"""What earlier runs tell of models: how long their replies are, and how fast they come."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from simulator.domain.estimates import Speed
from simulator.domain.journal import Call, Step
from simulator.domain.ports import ExperimentStore
from simulator.domain.records import Run, RunQuery
from simulator.domain.tokens import text_bytes
from simulator.domain.workloads import USUAL_BYTES_PER_TOKEN, Habits, ReplyLength

LATEST_RUNS = 50
"""Completed runs that are looked at, the newest."""
READ_RUNS = 5
"""Of those, how many are read for each model."""
LONGEST_RUN_CALLS = 500
"""Longer runs are not read."""
LONGEST_SCORED_S = 120
"""Nor runs without a call that took longer: nobody has counted what they scored."""
_BYTES_PER_TOKEN = (1.0, 12.0)
"""What lies outside of these is no count of tokens."""


@dataclass(frozen=True, slots=True)
class Experience:
    """What earlier runs tell of a model."""

    habits: Habits
    speed: Speed | None
    """None when no call was timed."""


async def experience(store: ExperimentStore, models: Collection[str]) -> dict[str, Experience]:
    """What the newest completed runs tell of models, those in none of them left out.

    Args:
        store: Where the runs are.
        models: `provider/model` of each.
    """
    latest = await store.runs(RunQuery(status="completed", limit=LATEST_RUNS))
    used = [run for run in latest if _is_readable(run)]
    journals: dict[str, list[Step]] = {}
    found: dict[str, Experience] = {}
    for model in models:
        runs = [run for run in used if any(agent.model == model for agent in run.agents)]
        sums = _Sums()
        for run in runs[:READ_RUNS]:
            if run.id not in journals:
                journals[run.id] = await store.steps(run.id)
            sums.add(model, run, journals[run.id])
        if sums.runs:
            share = sums.scored_s() / (sum(map(_span_s, runs[:READ_RUNS])) or math.inf)
            found[model] = Experience(sums.habits(), sums.speed(_side_by_side(runs, share)))
    return found


@dataclass(slots=True)
class _Lengths:
    """Adds up replies."""

    replies: int = 0
    calls: int = 0
    tokens: int = 0
    size_bytes: int = 0

    def add(self, step: Step, call: Call) -> None:
        """Another reply."""
        self.replies += 1
        self.calls += call.usage.calls
        self.tokens += call.usage.completion_tokens
        self.size_bytes += text_bytes(step.content)

    def mean(self) -> ReplyLength | None:
        """None without replies, and where tokens were not counted."""
        if not (self.calls and self.tokens):
            return None
        return ReplyLength(self.tokens / self.calls, self.size_bytes / self.replies)


@dataclass(slots=True)
class _Sums:
    """Adds up the calls of one model."""

    runs: int = 0
    spoken: _Lengths = field(default_factory=_Lengths)
    helped: _Lengths = field(default_factory=_Lengths)
    raw_bytes: int = 0
    raw_tokens: int = 0
    timed_tokens: int = 0
    timed_s: float = 0.0
    scorings: dict[tuple[int, int], list[float]] = field(default_factory=dict)
    """Seconds of each, by how many answers there were, and their bytes together."""

    def add(self, model: str, run: Run, steps: Iterable[Step]) -> None:
        """The calls of a run."""
        speakers = {agent.name for agent in run.agents if agent.number}
        was_asked = False
        models = {agent.name: agent.model for agent in run.agents}
        latest: dict[str, datetime] = {}
        for step in steps:
            since, latest[step.scope] = latest.get(step.scope), step.created_at
            is_scored = step.kind == "score" and bool(step.scores)
            if is_scored and since is not None and models.get(step.speaker) == model:
                was_asked = True
                size = len(step.options), sum(map(text_bytes, step.options))
                self.scorings.setdefault(size, []).append(_seconds(since, step.created_at))
            call = step.call
            if call is None or call.model != model or call.from_cache or not call.usage.calls:
                continue
            was_asked = True
            usage = call.usage
            self.timed_s += usage.model_s
            self.timed_tokens += usage.completion_tokens
            self.raw_bytes += sum(map(text_bytes, (call.raw, *call.earlier_raw)))
            # The end of a reply is a token too.
            self.raw_tokens += usage.completion_tokens - usage.reasoning_tokens - usage.calls
            if step.kind in ("ask", "ask_latent"):
                (self.spoken if step.speaker in speakers else self.helped).add(step, call)
        self.runs += was_asked

    def habits(self) -> Habits:
        """How the model replies."""
        ratio = self.raw_bytes / self.raw_tokens if self.raw_tokens > 0 else 0.0
        least, most = _BYTES_PER_TOKEN
        return Habits(
            self.spoken.mean(),
            self.helped.mean(),
            ratio if least <= ratio <= most else USUAL_BYTES_PER_TOKEN,
        )

    def speed(self, side_by_side: float) -> Speed | None:
        """How fast the model is."""
        size_bytes = sum(size * len(times) for (_, size), times in self.scorings.items())
        if not self.timed_tokens and not size_bytes:
            return None
        return Speed(
            self.timed_s / self.timed_tokens if self.timed_tokens else None, side_by_side,
            self.runs, self.scored_s() / size_bytes if size_bytes else None,
        )  # fmt: skip

    def scored_s(self) -> float:
        """Seconds of all scorings, each as long as most of its size: some had a pause in them."""
        return sum(median(times) * len(times) for times in self.scorings.values())


def _is_readable(run: Run) -> bool:
    if run.usage.calls:
        return run.usage.calls <= LONGEST_RUN_CALLS
    return bool(run.started_at) and _span_s(run) <= LONGEST_SCORED_S


def _span_s(run: Run) -> float:
    if run.started_at is None or run.finished_at is None:
        return 0.0
    return _seconds(run.started_at, run.finished_at)


def _seconds(since: datetime, until: datetime) -> float:
    return max(0.0, (until - since).total_seconds())


def _side_by_side(runs: Sequence[Run], scored_share: float) -> float:
    """How many of these runs were waiting for a model at a time, while any was being played.

    Args:
        runs: All that had the model.
        scored_share: Of their time, what answers took that were scored.
    """
    spans = sorted(
        (run.started_at, run.finished_at) for run in runs if run.started_at and run.finished_at
    )
    played_s, until = 0.0, None
    for began, ended in spans:
        if until is None or ended > until:
            since = began if until is None else max(began, until)
            played_s += (ended - since).total_seconds()
            until = ended
    model_s = sum(
        run.usage.model_s + scored_share * _span_s(run)
        for run in runs
        if run.started_at and run.finished_at
    )
    return max(1.0, model_s / played_s) if played_s > 0 else 1.0
