"""What chains there are, what their texts are like on average, and which end in cycles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from simulator.analysis.culture.cycles import (
    Cycle,
    CycleRule,
    Periodicity,
    Similarity,
    find_cycle,
    pooled_periodicity,
)
from simulator.analysis.culture.groups import Group, group_of, shared_generation
from simulator.analysis.culture.records import Chain, Floats, MeasuredChains


@dataclass(frozen=True, slots=True)
class ChainCounts:
    """The chains of one model, task and temperature."""

    model: str
    task: str
    temperature: float | None
    """None where unknown."""
    chains: int
    texts: int
    """Different initial texts."""
    generations: int
    """After the initial text, of the longest chain."""
    incomplete: int
    """Chains that stopped half way."""
    empty: int
    """Texts with nothing but white space, initial ones included."""
    compared: int
    """Generation that the chains are compared at; see `shared_generation`."""
    short: int
    """Chains that do not reach it."""
    lengths: tuple[int, ...] = ()
    """Different numbers of generations that were asked for, or of a chain where that is not known;
    the least first."""


@dataclass(frozen=True, slots=True)
class Means:
    """Means of a measure over the chains of a group, each with a number there."""

    model: str
    task: str
    temperature: float | None
    measure: str
    initial: float
    """Generation 0; as all of them not a number where no chain has one."""
    first: float
    """Generation 1."""
    generation: int
    """The last one that the chains share; see `shared_generation`."""
    last: float
    """That generation."""
    chains: int
    """With a number in that generation."""
    left_out: int
    """Chains without one."""


@dataclass(frozen=True, slots=True)
class ChainCycle:
    """A chain that ends in a cycle."""

    chain: Chain
    cycle: Cycle


@dataclass(frozen=True, slots=True)
class CycleCounts:
    """Cycles at the ends of the chains of a group."""

    model: str
    task: str
    temperature: float | None
    chains: int
    cycles: int
    """Chains that end in a cycle, trivial ones included."""
    trivial: int
    """Chains that end in one of empty texts, refusals or farewells."""
    periods: tuple[tuple[int, int], ...]
    """Period, and how many chains have it; the shortest first."""
    onset: float
    """Median generation at which they begin; not a number without cycles."""
    swing: Periodicity | None = None
    """How much the last ten texts of all chains, in a cycle or not, come back to the one before the
    previous one; None where none has two before it."""

    @property
    def quines(self) -> int:
        """Chains that end in a text which is answered by itself."""
        return dict(self.periods).get(1, 0)


def groups(chains: Sequence[Chain]) -> Iterator[tuple[Group, list[int]]]:
    """Groups (model, task, temperature) and the places of their chains, in order of appearance."""
    found: dict[Group, list[int]] = {}
    for place, chain in enumerate(chains):
        found.setdefault(group_of(chain), []).append(place)
    yield from found.items()


def chain_counts(chains: Sequence[Chain]) -> tuple[ChainCounts, ...]:
    """How many chains there are of each group, and what is missing."""
    counted = []
    for group, places in groups(chains):
        members = [chains[place] for place in places]
        compared = shared_generation(members)
        lengths = {chain.length for chain in members}
        counted.append(
            ChainCounts(
                group.model, group.task, group.temperature, len(members),
                texts=len({chain.text for chain in members}),
                generations=max(chain.generations for chain in members),
                incomplete=sum(not chain.is_complete for chain in members),
                empty=sum(not text.strip() for chain in members for text in chain.texts),
                compared=compared,
                short=sum(chain.generations < compared for chain in members),
                lengths=tuple(sorted(lengths)),
            )
        )  # fmt: skip
    return tuple(counted)


def means(measured: MeasuredChains) -> tuple[Means, ...]:
    """Mean values at the start, after one step and at the end."""
    found = []
    for group, places in groups(measured.chains):
        end = shared_generation([measured.chains[place] for place in places])
        for measure, values in measured.values.items():
            rows = values[places]
            none = np.full(len(rows), np.nan)
            last = rows[:, end] if end else none
            first = rows[:, 1] if rows.shape[1] > 1 else none
            known = int(np.isfinite(last).sum())
            found.append(
                Means(
                    group.model, group.task, group.temperature, measure, _mean(rows[:, 0]),
                    _mean(first), end, _mean(last), known, len(rows) - known,
                )
            )  # fmt: skip
    return tuple(found)


def chain_cycles(
    chains: Sequence[Chain],
    rule: CycleRule,
    similarity: Similarity | None = None,
    hear: Callable[[float], None] | None = None,
) -> tuple[ChainCycle, ...]:
    """The chains that end in a cycle; the initial text is part of the chain.

    Args:
        chains: Any.
        rule: What counts as a cycle.
        similarity: Compares two texts where the check is `embedding`.
        hear: Is told the share of chains that are done.
    """
    found = []
    for number, chain in enumerate(chains, 1):
        cycle = find_cycle(chain.texts, rule, similarity)
        if cycle is not None:
            found.append(ChainCycle(chain, cycle))
        if hear is not None:
            hear(number / len(chains))
    return tuple(found)


def cycle_counts(chains: Sequence[Chain], found: Sequence[ChainCycle]) -> tuple[CycleCounts, ...]:
    """Cycles by group, and how much its texts swing between two forms.

    Args:
        chains: All that were searched.
        found: What was found in them.
    """
    counted = []
    for group, places in groups(chains):
        cycles = [one.cycle for one in found if group_of(one.chain) == group]
        periods = Counter(cycle.period for cycle in cycles)
        counted.append(
            CycleCounts(
                group.model, group.task, group.temperature, len(places), len(cycles),
                sum(cycle.trivial is not None for cycle in cycles),
                tuple(sorted(periods.items())),
                float(median(cycle.onset for cycle in cycles)) if cycles else float("nan"),
                pooled_periodicity([chains[place].texts for place in places]),
            )
        )  # fmt: skip
    return tuple(counted)


def _mean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")
