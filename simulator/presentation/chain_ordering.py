"""Games of telephone by chain and generation, and how each text is like the one before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.files.chain_transcripts import begun_with, likeness_text
from simulator.kinds.telephone.following import Following
from simulator.kinds.telephone.places import place_of, text_of_chain
from simulator.presentation.placed_ordering import PlacedOrdering, Spot
from simulator.presentation.safe_text import one_line, shortened
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from simulator.domain.journal import Step
    from simulator.kinds.telephone.design import TelephoneDesign

LONGEST_NAME = 40
"""Characters of the name of an initial text in a heading."""


class ChainOrdering(PlacedOrdering):
    """A game of telephone by chain, generation and agent, where its texts are not known."""

    part = "chain"
    day_word = "generation"

    def place(self, scope: str, day: int | None) -> Spot | None:
        """See `PlacedOrdering`."""
        return place_of(scope, day)


class TelephoneOrdering(ChainOrdering):
    """The same with what each chain began with, how far it is, and how its texts change."""

    def __init__(self, design: TelephoneDesign, *, by_time: bool = False) -> None:
        """Begin without steps.

        Args:
            design: Resolved.
            by_time: Whether messages are read as they were said, chains side by side.

        Raises:
            DesignInvalidError: The texts of the design are not read.
        """
        super().__init__(by_time=by_time)
        self.following = Following(design)
        self.parts = design.chain_count
        self._design = design

    def add(self, step: Step) -> int | None:
        """See `Ordering`."""
        return self.following.add(step)

    def notes(self, step: Step) -> tuple[str, ...]:
        """How like the text before it is."""
        self.following.add(step)
        told = likeness_text(self._design, step, self.following.likeness(step))
        return (told,) if told else ()

    def progress(self) -> str:
        """Such as `37 of 100 chains · generation 12 of 50 on average`."""
        following, last = self.following, self._design.generations
        if following.done == following.chains:
            return f"{counted(following.chains, 'chain')} of {counted(last, 'generation')}"
        of = f"{following.done:,} of {counted(following.chains, 'chain')}"
        on_average = " on average" if following.chains > 1 else ""
        return f"{of} · generation {int(following.generation):,} of {last:,}{on_average}"

    def reached(self, last: int | None) -> int | None:
        """The generation that chains are at on average."""
        return None if last is None else int(self.following.generation)

    def sorts(self) -> dict[str, frozenset[int]]:
        """Chains that are at the end or not, that stand still there, and those of each text."""
        following = self.following
        sorts: dict[str, set[int]] = {
            name: set() for name in ("complete", "not complete", "the last two texts the same")
        }
        for number in following.begun():
            sorts["complete" if following.is_complete(number) else "not complete"].add(number)
            if following.is_still(number):
                sorts["the last two texts the same"].add(number)
            begun = text_of_chain(self._design, number)
            if begun is not None and len(self._design.texts) > 1:
                sorts.setdefault(f"text {begun[0].name}", set()).add(number)
        return {name: frozenset(numbers) for name, numbers in sorts.items()}

    def where(self, scope: str, day: int | None) -> str:
        """Such as `chain 3, generation 7`, and of the initial text what it is called."""
        where, place = super().where(scope, day), place_of(scope, day)
        if place is None or place.generation:
            return where
        names = ", ".join(self._names(place.chain))
        return f"{where}: {names}" if names else where

    def part_heading(self, number: int, day: int) -> str:
        """Such as `Chain 3 of 100 · Toxicity high · repetition 1`, and how far it is."""
        following = self.following
        parts = [f"Chain {number} of {following.chains}"]
        if not (self._by_time and day):
            parts += self._names(number)
        at = following.generation_of(number)
        if not self._by_time and at is not None and not following.is_complete(number):
            parts.append(f"{at:,} of {counted(self._design.generations, 'generation')}")
        return " · ".join(parts)

    def _names(self, number: int) -> list[str]:
        return [
            shortened(one_line(name), LONGEST_NAME) for name in begun_with(self._design, number)
        ]
