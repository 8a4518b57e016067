"""Lineages of learners by generation, and what each rule and each set of examples came to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.files.lineage_notes import compared_notes, notes_of, part_of, sureness
from simulator.kinds.iterated.following import Following
from simulator.presentation.placed_ordering import PlacedOrdering, Spot
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulator.domain.journal import Step
    from simulator.kinds.iterated.design import IteratedDesign

_ALTERNATIVE = "rule is the alternative"
_OF_RULES = (
    "rule right", "rule wrong", _ALTERNATIVE, "explains all first examples",
    "does not explain all", "rule changed by the interaction", "no rule in the reply",
)  # fmt: skip
_OF_EXAMPLES = ("examples left out", "asked again")


class GenerationOrdering(PlacedOrdering):
    """A lineage by generation, where its world is not known."""

    part = "generation"
    day_word = "generation"

    def place(self, scope: str, day: int | None) -> Spot | None:
        """See `PlacedOrdering`; generation 0 is what the first learner reads."""
        return None if day is None else (day, 0, 0)

    def where(self, scope: str, day: int | None) -> str:
        """Such as `generation 3`; empty before the first."""
        return f"generation {day}" if day else ""

    def notes(self, step: Step) -> tuple[str, ...]:
        """Which part of its generation a message is."""
        return part_of(step)

    def part_heading(self, number: int, day: int) -> str:
        """Such as `Generation 3`."""
        return f"Generation {number}" if number else "First data"


class IteratedOrdering(GenerationOrdering):
    """The same with what each message came to, and how sure learners are."""

    def __init__(self, design: IteratedDesign, *, by_time: bool = False) -> None:
        """Begin without steps.

        Args:
            design: Resolved.
            by_time: Changes nothing: learners speak one after another.

        Raises:
            DesignInvalidError: The design has no world that can be made.
        """
        super().__init__(by_time=by_time)
        self.following = Following(design)
        self.parts = design.generations
        self._design = design

    def add(self, step: Step) -> int | None:
        """See `Ordering`."""
        return self.following.add(step)

    def notes(self, step: Step) -> tuple[str, ...]:
        """Such as `rule`, `3 of 5 objects right`, `explains 3 of 4 first examples`."""
        return notes_of(self.following, step)

    def progress(self) -> str:
        """Such as `generation 3 of 6 · H = 1.23 nats · P(screen off) = 0.81`."""
        following, last = self.following, self._design.generations
        at = following.generation
        told = f"generation {at:,} of {last:,}"
        if following.is_over:
            told = counted(last, "generation")
        standing = following.standing(at)
        kept = following.kept(at) if standing is not None and standing.has_rule else None
        ruled = (
            "" if kept is None else ", ".join(compared_notes(following.compared(kept), following))
        )
        return " · ".join(filter(None, (told, *sureness(following, at), ruled)))

    def sorts(self) -> dict[str, frozenset[int]]:
        """Generations whose rules are right, wrong, or not there; with what was of no use."""
        return sorts_of_generations(self.following)

    def part_heading(self, number: int, day: int) -> str:
        """Such as `Generation 3 · H = 1.23 nats · P(screen off) = 0.81`."""
        told = super().part_heading(number, day)
        return " · ".join((told, *sureness(self.following, number)))


def sorts_of_generations(following: Following) -> dict[str, frozenset[int]]:
    """The numbers of the generations that are alike, by what they have in common."""
    names: tuple[str, ...] = _OF_EXAMPLES
    if following.world is not None:
        of_rules = (one for one in _OF_RULES if following.wanted or one != _ALTERNATIVE)
        names = (*of_rules, *names)
    sorts: dict[str, set[int]] = {name: set() for name in names}
    for number in following.numbers():
        for name in _sorts_of(following, number):
            sorts[name].add(number)
    return {name: frozenset(numbers) for name, numbers in sorts.items()}


def _sorts_of(following: Following, number: int) -> Iterator[str]:
    standing = following.standing(number)
    assert standing is not None
    if standing.left_out:
        yield "examples left out"
    if standing.asked_again:
        yield "asked again"
    if following.world is None or not standing.has_rule:
        return
    if standing.said is None:
        yield "no rule in the reply"
    kept = following.kept(number)
    if kept is None:
        return
    if standing.refined not in (None, standing.said):
        yield "rule changed by the interaction"
    if following.truth is not None:
        yield "rule right" if kept == following.truth else "rule wrong"
    if following.wanted and kept == following.alternative != following.truth:
        yield _ALTERNATIVE
    explains = following.compared(kept).explained
    if explains is not None:
        every = explains == len(following.first)
        yield "explains all first examples" if every else "does not explain all"
