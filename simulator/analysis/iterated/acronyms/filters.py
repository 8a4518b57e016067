"""What the next learner reads: the last one's examples, or the best of all by some taste.

A filter over the whole pool is the acronym game's set of effective hypotheses (arXiv 2404.04286,
section 5). Learners who lean to common words meet one that keeps the rare, and the other way
round.

========== ====================================================================================
filter     what it takes
========== ====================================================================================
imitation  what the last learner wrote
easy       of all, the outputs of the lowest ranks
hard       of all, the outputs of the highest ranks; words outside the list come first
short      of all outputs in the list, those of the fewest letters
long       of all outputs in the list, those of the most letters
random     any of all
========== ====================================================================================

No output is passed on twice. Of equals those of the latest generation come first, and of one
generation as they were written: so that a chain goes on where most are equal, as all rare words
are. The original's filters for short and long words sort by frequency; these go by letters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from types import MappingProxyType
from typing import Literal, get_args

from simulator.analysis.iterated.acronyms.pools import Entry, pooled, without_repeats
from simulator.analysis.iterated.acronyms.ranks import is_listed, rank_of
from simulator.analysis.iterated.worlds.base import Data

FilterName = Literal["imitation", "easy", "hard", "short", "long", "random"]
FILTERS: tuple[FilterName, ...] = get_args(FilterName)


@dataclass(frozen=True)
class Chosen:
    """What a filter leaves for the next learner."""

    data: Data
    """At most as many as were asked for; empty where nothing passes."""
    reason: str = ""
    """Why there are fewer than were asked for, in a sentence for people; empty where not."""


def chosen(name: FilterName, generations: Sequence[Data], size: int, rng: Random) -> Chosen:
    """The data for the next learner.

    Args:
        name: The filter.
        generations: What was written so far, the first data first, the last learner's last; empty
            where one wrote nothing of use.
        size: Examples that the next learner shall read, at least 1.
        rng: Draws for `random`; the other filters take nothing from it.
    """
    if name == "imitation":
        own = without_repeats(generations[-1]) if generations else ()
        return _told(own[:size], size, "The last learner wrote")
    pool = pooled(generations)
    if name == "random":
        taken = rng.sample(pool, min(size, len(pool)))
        return _told(tuple(entry.example for entry in taken), size, "The pool has")
    if name in ("short", "long"):
        pool = tuple(entry for entry in pool if is_listed(entry.example.output))
        of_whom = "Of the words in the list of ranks, the pool has"
    else:
        of_whom = "The pool has"
    taste = _TASTES[name]
    ordered = sorted(pool, key=lambda one: (taste(one), -one.generation, one.place))
    return _told(tuple(entry.example for entry in ordered[:size]), size, of_whom)


def _told(data: Data, size: int, of_whom: str) -> Chosen:
    if len(data) == size:
        return Chosen(data)
    noun = "output" if len(data) == 1 else "outputs"
    return Chosen(data, f"{of_whom} {len(data) or 'no'} different {noun}, not {size}.")


_TASTES: Mapping[str, Callable[[Entry], int]] = MappingProxyType(
    {
        "easy": lambda entry: rank_of(entry.example.output),
        "hard": lambda entry: -rank_of(entry.example.output),
        "short": lambda entry: len(entry.example.output),
        "long": lambda entry: -len(entry.example.output),
    }
)
