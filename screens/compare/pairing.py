"""The messages of two runs, step beside step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from simulator.domain.journal import Step
from simulator.domain.records import Run
from simulator.presentation.notices import short_id
from simulator.presentation.ordering import Ordering


@dataclass(frozen=True, slots=True)
class Pair:
    """The same step of two runs."""

    left: Step | None
    """None where the left run has no more."""
    right: Step | None
    """None where the right run has no more."""

    @property
    def either(self) -> Step:
        """The left one, else the right one."""
        step = self.left or self.right
        assert step is not None
        return step

    @property
    def is_same(self) -> bool:
        """Whether the same was said by the same speaker."""
        return (
            self.left is not None
            and self.right is not None
            and (self.left.speaker, self.left.content) == (self.right.speaker, self.right.content)
        )


def pairs(
    left: Iterable[Step], right: Iterable[Step], ordering: Ordering | None = None
) -> list[Pair]:
    """What was said, the n-th message of a scope beside the n-th one of it in the other run.

    Args:
        left: Of one run.
        right: Of the other one.
        ordering: How runs of their kind are read; None is as it was said.
    """
    key = (ordering or Ordering()).key
    ours, theirs = _by_scope(left), _by_scope(right)
    found = [
        Pair(one, other)
        for scope in dict.fromkeys((*ours, *theirs))
        for one, other in zip_longest(ours.get(scope, ()), theirs.get(scope, ()))
    ]
    return sorted(found, key=lambda pair: key(pair.either)) if len(ours) > 1 else found


def _by_scope(steps: Iterable[Step]) -> dict[str, list[Step]]:
    scopes: dict[str, list[Step]] = {}
    for step in sorted(steps, key=lambda step: step.position):
        if step.in_transcript:
            scopes.setdefault(step.scope, []).append(step)
    return scopes


def kinship(left: Run, right: Run, found: Sequence[Pair]) -> str:
    """How the runs belong together, such as `fork at 9 of 20, one edit by ada`."""
    for run, origin, name in ((right, left, "the right run"), (left, right, "the left run")):
        fork = run.forked_from
        if fork is not None and fork.run_id == origin.id:
            last = max(_positions(found, is_left=run is right), default=0)
            edit = "one edit" if fork.edited else "no edit"
            seed = f", then seed {fork.seed}" if fork.seed is not None else ""
            return f"{name}: fork at {fork.position} of {last}, {edit} by {run.creator}{seed}"
    ours, theirs = left.forked_from, right.forked_from
    if ours is not None and theirs is not None and ours.run_id == theirs.run_id:
        return f"both forked from {short_id(ours.run_id)}, at {ours.position} and {theirs.position}"
    if left.experiment_id != right.experiment_id:
        return "runs of two experiments"
    return "two runs of one experiment, no fork of each other"


def _positions(found: Sequence[Pair], *, is_left: bool) -> Iterator[int]:
    for pair in found:
        step = pair.left if is_left else pair.right
        if step is not None:
            yield step.position
