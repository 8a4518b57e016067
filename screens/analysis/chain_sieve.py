"""Which chains are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from simulator.analysis.culture.records import Chain
from simulator.presentation.safe_text import one_line
from simulator.presentation.wording import counted


@dataclass(frozen=True, slots=True)
class Sieve:
    """What chains must be of; None for any."""

    model: str | None = None
    task: str | None = None
    text: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether all chains pass."""
        return self == Sieve()

    def passes(self, chain: Chain) -> bool:
        """Whether a chain is of all that."""
        return all(
            wanted is None or wanted == getattr(chain, part) for part, wanted in self._wanted()
        )

    def nothing_text(self) -> str:
        """Says that no chain passes."""
        wanted = ", ".join(f"{part} {one_line(name)}" for part, name in self._wanted() if name)
        return f"No chain is of {wanted}.\n\na shows all chains, f chooses others."

    def _wanted(self) -> list[tuple[str, str | None]]:
        return [(one.name, getattr(self, one.name)) for one in fields(self)]


def shown_text(chains: Sequence[Chain], total: int, step: str) -> str:
    """Such as `12 of 24 chains · 4 texts · generations 0 to 12 · 2 stopped half way`.

    Args:
        chains: That are shown, at least one.
        total: How many there are.
        step: What generations are called.
    """
    number = counted(len(chains), "chain")
    parts = [number if len(chains) == total else f"{len(chains):,} of {counted(total, 'chain')}"]
    for what in ("model", "task", "text"):
        names = list(dict.fromkeys(getattr(chain, what) for chain in chains))
        parts.append(one_line(names[0]) if len(names) == 1 else counted(len(names), what))
    ends = {chain.generations for chain in chains}
    last = max(ends)
    if len(ends) > 1:
        parts.append(f"{step}s 0 to {min(ends)}–{last}")
    else:
        parts.append(f"{step}s 0 to {last}")
    if going := sum(not chain.is_complete for chain in chains):
        parts.append(f"{going:,} not at the end")
    return " · ".join(parts)
