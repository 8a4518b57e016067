"""The journal that a run is replayed from."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.domain.journal import Step, StepKind
from simulator.errors import DesignChangedError

_REMEDY = (
    "Start a new run, or fork this one before that step; a stored run only goes on "
    "with the design and the program that began it."
)


class Journal:
    """The committed steps of a run, by scope and index."""

    def __init__(self, steps: Iterable[Step] = ()) -> None:
        self._steps = {(step.scope, step.index): step for step in steps}
        self._used: set[tuple[str, int]] = set()
        self._next_position = max((s.position for s in self._steps.values()), default=-1) + 1

    def __len__(self) -> int:
        return len(self._steps)

    def peek(self, scope: str, index: int) -> Step | None:
        """The recorded step at that place."""
        return self._steps.get((scope, index))

    def take(
        self, scope: str, index: int, kind: StepKind, speaker: str, prompt_hash: str
    ) -> Step | None:
        """The recorded step at that place, once it is seen to be the one asked for now.

        Raises:
            DesignChangedError: Another step stands there.
        """
        step = self._steps.get((scope, index))
        if step is None:
            return None
        if step.kind != kind or step.speaker != speaker:
            raise DesignChangedError(
                f"The design no longer fits run {step.run_id}: step {index} of {scope!r} is on "
                f"record as {_described(step.kind, step.speaker)}, "
                f"but would now be {_described(kind, speaker)}.",
                remedy=_REMEDY,
            )
        if step.prompt_hash != prompt_hash and not (step.edited and kind == "say"):
            raise DesignChangedError(
                f"The design no longer fits run {step.run_id}: step {index} of {scope!r}, by "
                f"{speaker}, was made from another text than the design gives now.",
                remedy=_REMEDY,
            )
        self._used.add((scope, index))
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
