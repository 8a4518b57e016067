"""Journals of runs, made up: by hand, and by Hypothesis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from simulator.analysis.sheet import Sheet
from simulator.domain.journal import Call, Step, Usage
from simulator.domain.records import Agent, Provenance, Run
from simulator.domain.sampling import Sampling

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MODEL = "scripted/test"


def agent(role: str, number: int, name: str = "", model: str = MODEL) -> Agent:
    return Agent(name=name or f"{role}_{number}{number}", role=role, number=number, model=model)


GUARD, PRISONER = agent("guard", 1), agent("prisoner", 1)
SUMMARIZER = agent("summarizer", 0, "Summarizer")
CAST = (GUARD, PRISONER, SUMMARIZER)


def run(number: int = 1, agents: Sequence[Agent] = CAST, **fields: Any) -> Run:
    return Run(
        id=f"R{number:025d}", experiment_id="E", kind="conversation", design_hash="0" * 32, seed=1,
        agents=tuple(agents), creator="ada", created_at=NOW,
        provenance=Provenance(simulator_version="0", python_version="3", platform="test"),
        **fields,
    )  # fmt: skip


def usage(**fields: Any) -> Usage:
    known = {"calls": 1, "prompt_tokens": 100, "completion_tokens": 10, "model_s": 2.0}
    return Usage.model_validate(known | fields)


def call(used: Usage | None = None, **fields: Any) -> Call:
    known = {
        "model": MODEL, "sampling": Sampling(), "seed": 1, "raw": "Said.", "stop_reason": "stop",
        "usage": used or usage(),
    }  # fmt: skip
    return Call.model_validate(known | fields)


def said(
    position: int, speaker: Agent | str, content: str = "one two three", **fields: Any
) -> Step:
    """A step of an agent, with a call; of anybody else, without."""
    is_agent = isinstance(speaker, Agent)
    known: dict[str, Any] = {
        "run_id": "R", "scope": "main", "index": position, "position": position,
        "kind": "ask" if is_agent else "say", "prompt_hash": "0",
        "speaker": speaker.name if isinstance(speaker, Agent) else speaker,
        "role": speaker.role if isinstance(speaker, Agent) else speaker.lower(),
        "content": content, "day": 1, "call": call() if is_agent else None, "created_at": NOW,
    }  # fmt: skip
    return Step.model_validate(known | fields)


def sheet(
    steps: Sequence[Step], of: Run | None = None, condition: Mapping[str, str] | None = None
) -> Sheet:
    made = Sheet(of or run(), condition or {})
    made.add(steps)
    return made


# ---------------------------------------------------------------- of any kind


@dataclass(frozen=True)
class Journal:
    """A run with its condition and its steps."""

    run: Run
    condition: dict[str, str]
    steps: tuple[Step, ...]

    def sheet(self) -> Sheet:
        return sheet(self.steps, self.run, self.condition)

    def renamed(self, names: Mapping[str, str]) -> Journal:
        """The same, its speakers called otherwise."""
        agents = tuple(
            one.model_copy(update={"name": names.get(one.name, one.name)})
            for one in self.run.agents
        )
        steps = tuple(
            one.model_copy(update={"speaker": names.get(one.speaker, one.speaker)})
            for one in self.steps
        )
        return Journal(self.run.model_copy(update={"agents": agents}), self.condition, steps)


usages = st.builds(
    usage,
    calls=st.integers(1, 3),
    prompt_tokens=st.integers(0, 10**6),
    completion_tokens=st.integers(0, 10**4),
    reasoning_tokens=st.integers(0, 100),
    estimated_calls=st.integers(0, 1),
    model_s=st.floats(0.0, 1e4),
)
calls = st.builds(
    call,
    used=usages,
    model=st.sampled_from([MODEL, "pocket"]),
    attempts=st.integers(1, 2),
    from_cache=st.booleans(),
    stop_reason=st.sampled_from(["stop", "length", "refusal", "content_filter"]),
    prompt_truncated=st.booleans(),
)


@st.composite
def journals(draw: st.DrawFn, number: int = 1) -> Journal:
    seats = draw(st.lists(st.sampled_from(["guard", "prisoner"]), min_size=1, max_size=4))
    agents = [
        agent(role, seats[:place].count(role) + 1, f"{role}-{place}")
        for place, role in enumerate(seats)
    ]
    everybody: list[Agent | str] = [*agents, SUMMARIZER, "Researcher"]
    speakers = st.sampled_from(everybody)
    steps = [
        said(
            position, draw(speakers), draw(st.sampled_from(["", "a", "a b c", " \n", "né ü"])),
            kind=draw(st.sampled_from(["ask", "say", "choose", "interject"])),
            day=draw(st.sampled_from([None, 1, 2])),
            in_transcript=draw(st.booleans()),
            edited=draw(st.booleans()),
            call=draw(st.none() | calls),
            original_id=draw(st.sampled_from([None, "old"])),
        )
        for position in range(draw(st.integers(0, 8)))
    ]  # fmt: skip
    condition = {"goal": draw(st.sampled_from(["escape", "yard time"])), "risks": "no"}
    return Journal(run(number, [*agents, SUMMARIZER]), condition, tuple(steps))


@st.composite
def batches(draw: st.DrawFn) -> list[Journal]:
    """Journals of several runs, or of none."""
    return [draw(journals(number)) for number in range(draw(st.integers(0, 4)))]
