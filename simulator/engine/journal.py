"""The journal that a run is replayed from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from simulator.domain.journal import JournalHash, Step, StepKind
from simulator.errors import DesignChangedError

_REMEDY = (
    "Start a new run, or fork this one before that step; a stored run only goes on "
    "with the design and the program that began it."
)


@dataclass(frozen=True, slots=True)
class Place:
    """The step that a kind asks for."""

    scope: str
    index: int
    kind: StepKind
    speaker: str
    role: str
    prompt_hash: str
    day: int | None
    in_transcript: bool


class Journal:
    """The committed steps of a run, by scope and index."""

    def __init__(self, steps: Iterable[Step] = ()) -> None:
        self._steps = {(step.scope, step.index): step for step in steps}
        self._used: set[tuple[str, int]] = set()
        self._next_position = max((s.position for s in self._steps.values()), default=-1) + 1

    def __len__(self) -> int:
        return len(self._steps)

    @cached_property
    def hash(self) -> JournalHash:
        """Names the steps read, and those that the stage adds."""
        journal_hash = JournalHash()
        for step in self._steps.values():
            journal_hash.add(step)
        return journal_hash

    def peek(self, scope: str, index: int) -> Step | None:
        """The recorded step at that place."""
        return self._steps.get((scope, index))

    def take(self, place: Place) -> Step | None:
        """The recorded step at that place, once it is seen to be the one asked for now.

        Raises:
            DesignChangedError: Another step stands there.
        """
        step = self._steps.get((place.scope, place.index))
        if step is None:
            return None
        if step.kind != place.kind or step.speaker != place.speaker:
            raise DesignChangedError(
                f"The design no longer fits run {step.run_id}: step {place.index} of "
                f"{place.scope!r} is on record as {_described(step.kind, step.speaker)}, "
                f"but would now be {_described(place.kind, place.speaker)}.",
                remedy=_REMEDY,
            )
        if step.prompt_hash != place.prompt_hash and not (step.edited and place.kind == "say"):
            raise DesignChangedError(
                f"The design no longer fits run {step.run_id}: step {place.index} of "
                f"{place.scope!r}, by {place.speaker}, was made from another text than the "
                "design gives now.",
                remedy=_REMEDY,
            )
        if (step.role, step.day, step.in_transcript) != (
            place.role,
            place.day,
            place.in_transcript,
        ):
            raise DesignChangedError(
                f"The design no longer fits run {step.run_id}: step {place.index} of "
                f"{place.scope!r}, by {place.speaker}, has another role, day or audience.",
                remedy=_REMEDY,
            )
        self._used.add((place.scope, place.index))
        return step

    def claim_position(self) -> int:
        """The place of the next new step in the run's order of commitment."""
        position = self._next_position
        self._next_position += 1
        return position

    def unused(self) -> list[Step]:
        """Recorded steps that nobody has asked for, in order of commitment."""
        rest = [step for place, step in self._steps.items() if place not in self._used]
        return sorted(rest, key=lambda step: step.position)


def _described(kind: StepKind, speaker: str) -> str:
    return f"a {kind!r} of {speaker}"
