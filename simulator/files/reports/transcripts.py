"""Transcripts of runs in a report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from simulator.domain.journal import Step
from simulator.domain.records import Experiment, Run
from simulator.files.debate_transcripts import DebateTranscript
from simulator.files.iterated_transcripts import IteratedTranscript
from simulator.files.transcripts import condition_of, ended_by, remarks
from simulator.kinds.debate.places import place_of
from simulator.kinds.iterated.places import RULE


class Texts:
    """Gives each text a number, the same one whenever it comes again."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """Its number, from 0."""
        return self._numbers.setdefault(text, len(self._numbers))

    def all(self) -> list[JsonValue]:
        """The texts, in the order of their numbers."""
        return list(self._numbers)


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody said."""

    speaker: str
    part: str
    """Where it belongs, such as `Day 1` or `Question 2, round 1`; empty for nowhere."""
    content: str
    notes: tuple[str, ...] = ()
    """What is wrong with it, or was found in it."""
    is_aside: bool = False
    """Whether it is a helper's, such as a summary."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who takes part."""

    name: str
    role: str
    model: str
    system_prompt: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said in a run."""

    name: str
    facts: tuple[tuple[str, str], ...]
    speakers: tuple[Speaker, ...]
    messages: tuple[Message, ...]
    unheard: int = 0
    """Steps that nobody hears, such as the choice of a speaker: they are left out."""


def transcript_of(run: Run, experiment: Experiment, steps: Sequence[Step]) -> Transcript:
    """The transcript of a run of any kind, as far as it was played.

    Args:
        run: Finished or not.
        experiment: The run's.
        steps: The journal, in any order.
    """
    messages = {"debate": _debated, "iterated": _learnt}.get(run.kind, _talked)
    facts = {
        "Status": run.status,
        "Seed": str(run.seed),
        **{f"Factor {name}": level for name, level in condition_of(run, experiment).items()},
        **({"Ended by": ended_by(run.outcome)} if run.outcome else {}),
        **({"Error": run.error} if run.error else {}),
        "Run": run.id,
        "By": run.creator,
    }
    return Transcript(
        name=f"{experiment.name}, seed {run.seed} ({run.id[-8:]})",
        facts=tuple(facts.items()),
        speakers=tuple(
            Speaker(agent.name, agent.role, agent.model, agent.system_prompt)
            for agent in run.agents
        ),
        messages=tuple(messages(run, experiment, steps)),
        unheard=sum(not step.in_transcript for step in steps),
    )


def transcript_document(transcript: Transcript, texts: Texts) -> dict[str, JsonValue]:
    """A transcript as JSON, with numbers for its texts."""
    return {
        "name": transcript.name,
        "facts": [list(fact) for fact in transcript.facts],
        "unheard": transcript.unheard,
        "speakers": [
            [one.name, one.role, one.model, texts.number(one.system_prompt)]
            for one in transcript.speakers
        ],
        "messages": [
            [one.speaker, one.part, texts.number(one.content), list(one.notes), one.is_aside]
            for one in transcript.messages
        ],
    }


def _talked(run: Run, experiment: Experiment, steps: Iterable[Step]) -> Iterator[Message]:
    helpers = {agent.name for agent in run.agents if not agent.number}
    for step in sorted(steps, key=lambda step: step.position):
        if not step.in_transcript:
            continue
        yield Message(
            step.speaker,
            "" if step.day is None else f"Day {step.day}",
            step.content,
            (*(["edited"] if step.edited else []), *remarks(step)),
            is_aside=step.speaker in helpers,
        )


def _learnt(run: Run, experiment: Experiment, steps: Iterable[Step]) -> Iterator[Message]:
    lineage = IteratedTranscript(run, experiment, steps)
    for step in lineage.messages:
        found = lineage.notes(step)
        notes = (
            *([found] if found else []),
            *(lineage.sureness(step) if step.role == RULE else ()),
            *(["edited"] if step.edited else []),
            *remarks(step),
        )
        yield Message(step.speaker, lineage.part(step), step.content, notes)


def _debated(run: Run, experiment: Experiment, steps: Iterable[Step]) -> Iterator[Message]:
    debate = DebateTranscript(run, experiment, steps)
    for step in debate.messages:
        place, found = place_of(step.scope, step.day), debate.answers(step)
        part = "" if place is None else f"Question {place.question}"
        if place is not None and place.round:
            part += f", round {place.round}"
        notes = (
            *([found] if found else []),
            *(["edited"] if step.edited else []),
            *remarks(step),
        )
        yield Message(step.speaker, part, step.content, notes)
