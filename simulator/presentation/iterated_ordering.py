"""Lineages of learners by generation, and what each rule and each set of examples came to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.kinds.iterated.places import (
    ALTERNATIVE,
    DATA,
    FIRST_DATA,
    REFINEMENT,
    RULE,
    SAMPLE,
    SCORES,
    SELECTION,
    TRUTH,
)
from simulator.presentation.placed_ordering import PlacedOrdering, Spot
from simulator.presentation.safe_text import one_line, shortened
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulator.domain.journal import Step
    from simulator.kinds.iterated.design import IteratedDesign
    from simulator.kinds.iterated.following import Concluded, Following

LONGEST_REASON = 80
"""Characters of why a reply holds no rule, in a note."""
_OF_RULES = (
    "rule right", "rule wrong", "rule is the alternative", "explains all first examples",
    "does not explain all", "rule changed by the interaction", "no rule in the reply",
)  # fmt: skip
_OF_EXAMPLES = ("examples left out", "asked again")
_TOLD = (TRUTH, ALTERNATIVE, FIRST_DATA)
"""Roles of steps whose speakers have the same names."""


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
        return () if step.role in (*_TOLD, SCORES) else (step.role,)

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
            SimulatorError: The design has no world that can be made.
        """
        from simulator.kinds.iterated.following import Following

        super().__init__(by_time=by_time)
        self.following = Following(design)
        self.parts = design.generations
        self._design = design

    def add(self, step: Step) -> int | None:
        """See `Ordering`."""
        return self.following.add(step)

    def notes(self, step: Step) -> tuple[str, ...]:
        """Such as `rule`, `3 of 5 objects right`, `explains 3 of 4 first examples`."""
        return (*super().notes(step), *found_in(self.following, step))

    def progress(self) -> str:
        """Such as `generation 3 of 6 · H = 1.23 nats · P(screen off) = 0.81`."""
        following, last = self.following, self._design.generations
        at = following.generation
        told = f"generation {at:,} of {last:,}"
        if following.is_over:
            told = counted(last, "generation")
        standing = following.standing(at)
        kept = following.kept(at) if standing is not None and standing.has_rule else None
        ruled = "" if kept is None else ", ".join(_compared(following.compared(kept), following))
        return " · ".join(filter(None, (told, *sureness(following, at), ruled)))

    def sorts(self) -> dict[str, frozenset[int]]:
        """Generations whose rules are right, wrong, or not there; with what was of no use."""
        return sorts_of_generations(self.following)

    def part_heading(self, number: int, day: int) -> str:
        """Such as `Generation 3 · H = 1.23 nats · P(screen off) = 0.81`."""
        told = super().part_heading(number, day)
        return " · ".join((told, *sureness(self.following, number)))


def sureness(following: Following, number: int) -> tuple[str, ...]:
    """Such as `H = 1.23 nats` and `P(screen off) = 0.81`; empty where P(h) was not taken."""
    entropy, biased = following.entropy(number), following.bias_probability(number)
    wanted = ", ".join(f"{name} {part}".strip() for name, part in following.wanted().items())
    return (
        *(() if entropy is None else (f"H = {entropy:.2f} nats",)),
        *(() if biased is None else (f"P({_named(wanted, following)}) = {biased:.2f}",)),
    )


def found_in(following: Following, step: Step) -> tuple[str, ...]:
    """What was found in a message, in a few notes."""
    has_rules = following.world is not None
    again = len(step.call.earlier_raw) if step.call is not None else 0
    asked = (f"asked again {times(again)}",) if again else ()
    if step.role in (RULE, REFINEMENT, SAMPLE) and has_rules:
        return (*_compared(following.concluded(step), following), *asked)
    if step.role in (FIRST_DATA, DATA, SELECTION):
        produced = following.produced(step)
        left_out = len(produced.left_out)
        return (
            counted(len(produced.data), "example"),
            *((f"{left_out} left out",) if left_out else ()),
            *asked,
        )
    if step.role == SCORES and step.day:
        return sureness(following, step.day) if step.scores else ("the model cannot score",)
    return ()


def times(number: int) -> str:
    """Such as `once` or `3 times`."""
    return "once" if number == 1 else f"{number} times"


def sorts_of_generations(following: Following) -> dict[str, frozenset[int]]:
    """The numbers of the generations that are alike, by what they have in common."""
    names: tuple[str, ...] = _OF_EXAMPLES
    if following.world is not None:
        names = (*_OF_RULES, *names)
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
    if kept == following.alternative != following.truth:
        yield "rule is the alternative"
    explains = following.compared(kept).explained
    if explains is not None:
        every = explains == len(following.first)
        yield "explains all first examples" if every else "does not explain all"


def _compared(found: Concluded, following: Following) -> tuple[str, ...]:
    if found.hypothesis is None:
        return (f"no rule: {shortened(one_line(found.reason), LONGEST_REASON)}",)
    notes: list[str] = []
    if found.right is not None:
        if found.parts > 1:
            thing = "object" if hasattr(following.world, "objects") else "part"
            notes.append(f"{found.right} of {counted(found.parts, thing)} right")
        else:
            notes.append("right" if found.right else "wrong")
    if found.explained is not None:
        of = counted(len(following.first), "first example")
        notes.append(f"explains {found.explained} of {of}")
    return tuple(notes)


def _named(wanted: str, following: Following) -> str:
    """What a bias wants; the alternative where it is a whole rule."""
    return wanted if wanted and "" not in following.wanted() else "alternative"
