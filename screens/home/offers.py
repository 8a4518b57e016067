"""What a new experiment can begin with: an empty design of a kind, or a seed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping

from simulator.domain.ports import Kind
from simulator.errors import SimulatorError
from simulator.files.designs import load_design
from simulator.files.seeds import seed_designs
from simulator.presentation.safe_text import one_line

Offers = list[tuple[str, str]]
"""What is shown, and `kind:NAME` or `seed:NAME`."""


async def read_offers(kinds: Mapping[str, Kind]) -> Offers:
    """Everything that there is to begin with; a seed that cannot be read is left out."""
    empty = [(f"An empty {name}", f"kind:{name}") for name in kinds]
    return [*empty, *await asyncio.to_thread(lambda: list(_seeds(kinds)))]


def _seeds(kinds: Mapping[str, Kind]) -> Iterator[tuple[str, str]]:
    for path in seed_designs():
        try:
            design = load_design(path, kinds)
        except SimulatorError:
            continue
        yield one_line(f"Seed: {design.name} - {design.note}"), f"seed:{path.stem}"
