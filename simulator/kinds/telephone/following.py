"""A game of telephone while its steps come, in any order: how far, and how texts change."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.domain.journal import Step
from simulator.errors import DesignInvalidError
from simulator.kinds.telephone.casting import speakers
from simulator.kinds.telephone.design import TelephoneDesign
from simulator.kinds.telephone.places import Place, place_of

LONGEST = 20_000
"""Characters of texts that are compared by distance; longer ones are the same or not."""


class Following:
    """Keeps count of the chains of one run, and compares each text with the one before it."""

    def __init__(self, design: TelephoneDesign) -> None:
        """Begin without steps.

        Args:
            design: Resolved.

        Raises:
            DesignInvalidError: Its texts are not read, so that it has no chains.
        """
        if not design.texts:
            raise DesignInvalidError("The design has no texts: they are not read yet.")
        self.design = design
        self.chains = design.chain_count
        """How many there are."""
        self.agents = (0,) if design.is_sequence else speakers(design, 1)
        """Of a generation, by `Place.agent`."""
        self.done = 0
        """Chains that are at their last generation."""
        self._passed_on: dict[int, int] = {}
        """Texts of each chain that has begun, without the initial one."""
        self._sum = 0
        """Of these."""
        self._likeness: dict[Place, float | None] = {}
        """Of every text that is here."""
        self._texts: dict[Place, str] = {}
        """Those that others are still to be compared with."""

    @property
    def generation(self) -> float:
        """At which generation chains are on average; those that have not begun are at 0."""
        return self._sum / (len(self.agents) * self.chains)

    def generation_of(self, chain: int) -> int | None:
        """The last generation that is whole; None of a chain that has not begun."""
        passed_on = self._passed_on.get(chain)
        return None if passed_on is None else passed_on // len(self.agents)

    def is_complete(self, chain: int) -> bool:
        """Whether a chain is at its last generation."""
        return self.generation_of(chain) == self.design.generations

    def is_still(self, chain: int) -> bool:
        """Whether the last texts of a chain are the same as those before them."""
        last = self.generation_of(chain)
        return bool(last) and all(
            self._likeness.get(Place(chain, last or 0, agent)) == 1.0 for agent in self.agents
        )

    def begun(self) -> Iterator[int]:
        """Numbers of the chains that have begun."""
        return iter(sorted(self._passed_on))

    def likeness(self, step: Step) -> float | None:
        """How alike a text and the one before it are, from 0 to 1; 1.0 is the same, and only that.

        The normalised Levenshtein similarity, 1 - distance / length of the longer text. In networks
        it is compared with the agent's own text before. None of initial texts, and where the text
        before is not here or one of them is longer than `LONGEST`.
        """
        place = place_of(step.scope, step.day)
        return self._likeness.get(place) if place is not None and step.in_transcript else None

    def add(self, step: Step) -> int | None:
        """Take a step in; the number of the chain that is further on now."""
        place = place_of(step.scope, step.day) if step.in_transcript else None
        if place is None or place in self._likeness or not 0 < place.chain <= self.chains:
            return None
        self._likeness[place] = None
        self._texts[place] = step.content
        before = self._before(place)
        self._compare(before, place)
        for after in self._after(place):
            self._compare(place, after)
            self._forget(after)
        self._forget(place)
        if before is not None:
            self._forget(before)
        passed_on = self._passed_on.get(place.chain, 0) + (place.generation > 0)
        self._passed_on[place.chain] = passed_on
        if place.generation:
            self._sum += 1
            self.done += passed_on == self.design.generations * len(self.agents)
        return place.chain

    def _before(self, place: Place) -> Place | None:
        chain, generation, agent = place
        if not generation:
            return None
        return Place(chain, generation - 1, agent if generation > 1 else 0)

    def _after(self, place: Place) -> tuple[Place, ...]:
        chain, generation, agent = place
        if generation == self.design.generations:
            return ()
        agents = (agent,) if generation else self.agents
        return tuple(Place(chain, generation + 1, one) for one in agents)

    def _compare(self, before: Place | None, place: Place) -> None:
        if before is not None and before in self._texts and place in self._texts:
            self._likeness[place] = likeness(self._texts[before], self._texts[place])

    def _forget(self, place: Place) -> None:
        """Let go of a text that is compared with all its neighbours."""
        before = self._before(place)
        neighbours = (*self._after(place), *(() if before is None else (before,)))
        if all(one in self._likeness for one in neighbours):
            self._texts.pop(place, None)


def likeness(before: str, text: str) -> float | None:
    """How alike two texts are, from 0 to 1; None where one is longer than `LONGEST`.

    The normalised Levenshtein similarity, 1 - distance / length of the longer text.
    """
    if before == text:
        return 1.0
    if max(len(before), len(text)) > LONGEST:
        return None
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.normalized_similarity(before, text)
