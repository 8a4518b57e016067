"""Chains of texts, whichever program made them, and what was measured of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Floats: TypeAlias = "NDArray[np.float64]"


@dataclass(frozen=True, slots=True)
class Chain:
    """A text and what it became, generation after generation.

    In networks other than the chain, one for each agent.
    """

    model: str
    """`provider/model`, or the name in a file; several are joined with `+`."""
    task: str
    """Such as `rephrase`; of a chatroom `chatroom`."""
    text: str
    """Name of the initial text."""
    seed: int
    """Which repetition of the text, from 1; a label, not a sampler's seed."""
    texts: tuple[str, ...]
    """By generation; the first one is the initial text, as generation 0."""
    agent: int = 1
    """In networks, whose texts they are, from 1."""
    temperature: float | None = None
    """None where unknown."""
    expected: int | None = None
    """Generations that were asked for; None where unknown. Less in `texts` is a chain that
    stopped half way."""
    source: str = ""
    """Run id with its scope, or file, that it comes from."""

    @property
    def generations(self) -> int:
        """Generations after the initial text."""
        return len(self.texts) - 1

    @property
    def length(self) -> int:
        """Generations that were asked for; those that there are where that is not known."""
        return self.generations if self.expected is None else self.expected

    @property
    def is_complete(self) -> bool:
        """Whether no generation is missing."""
        return self.expected is None or self.generations >= self.expected


@dataclass(frozen=True, slots=True)
class MeasuredChains:
    """Chains with measures of their texts."""

    chains: tuple[Chain, ...]
    values: Mapping[str, Floats]
    """By measure, shape (chains, most generations + 1); not a number where there is no text, or
    nothing to measure."""

    @property
    def models(self) -> tuple[str, ...]:
        """In order of appearance."""
        return tuple(dict.fromkeys(chain.model for chain in self.chains))

    @property
    def tasks(self) -> tuple[str, ...]:
        """In order of appearance."""
        return tuple(dict.fromkeys(chain.task for chain in self.chains))

    def where(self, keep: Callable[[Chain], bool]) -> MeasuredChains:
        """Only the chains for which `keep` is true."""
        return self.at([place for place, chain in enumerate(self.chains) if keep(chain)])

    def at(self, places: Sequence[int]) -> MeasuredChains:
        """Only the chains at some places, in their order."""
        places = list(places)
        return MeasuredChains(
            tuple(self.chains[place] for place in places),
            {name: values[places] for name, values in self.values.items()},
        )
