"""What learners of the acronym game read first, and what the next of them reads."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from simulator.analysis.iterated.acronyms.filters import Chosen, chosen
from simulator.analysis.iterated.acronyms.pools import first_data, shipped
from simulator.analysis.iterated.worlds.base import Data
from simulator.kinds.iterated.design import IteratedDesign


def easy_count(examples: int, share: float) -> int:
    """Common words among first data.

    Args:
        examples: Of the first data.
        share: Of them, 0 to 1.
    """
    return round(examples * share)


def first_acronyms(examples: int, share: float, rng: Random) -> Data:
    """First data, as many of them common words as the share says.

    Raises:
        ValueError: There are not so many, in a sentence without an end.
    """
    return first_data(examples, easy_count(examples, share), rng)


def fault_of_first(design: IteratedDesign) -> str | None:
    """Why the first data cannot be had, in a sentence without an end; None where they can."""
    choice = design.world
    easy = easy_count(choice.examples, design.acronyms.easy_share)
    wanted = {"easy": easy, "hard": choice.examples - easy}
    if easy > len(shipped("easy")):
        return f"there are {len(shipped('easy'))} common words, not {easy}"
    if wanted["hard"] > len(shipped("hard")):
        return f"there are {len(shipped('hard'))} rare words, not {wanted['hard']}"
    return None


def read_next(design: IteratedDesign, generations: Sequence[Data], rng: Random) -> Chosen:
    """What the next learner reads: what was made, or of all as many as there were first.

    Args:
        design: Resolved.
        generations: The first data, and what each learner wrote.
        rng: Draws for the filter `random`.
    """
    own = design.acronyms.filter == "imitation"
    size = design.made if own else design.world.examples
    return chosen(design.acronyms.filter, generations, size, rng)
