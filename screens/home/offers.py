"""What a new experiment can begin with: a draft, an empty design of a kind, or a seed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping

from screens.editor.drafting import drafts_of
from screens.laboratory import Laboratory
from simulator.domain.ports import Kind
from simulator.drafts import Drafts
from simulator.errors import SimulatorError
from simulator.files.designs import load_design
from simulator.files.seeds import seed_designs
from simulator.presentation.safe_text import one_line
from simulator.presentation.wording import counted
from simulator.settings import default_drafts

DRAFTS = "drafts"
_NAMES: Mapping[str, str] = {
    "telephone": "game of telephone", "iterated": "lineage of learners (iterated learning)",
}  # fmt: skip
"""What people call one of a kind, where that is not its name."""
Offers = list[tuple[str, str]]
"""What is shown, and `drafts`, `kind:NAME` or `seed:NAME`."""


async def read_offers(laboratory: Laboratory) -> Offers:
    """Everything that there is to begin with; what cannot be read is left out."""
    kinds = laboratory.services.kinds
    empty = [(f"An empty {_NAMES.get(name, name)}", f"kind:{name}") for name in kinds]
    seeds = await asyncio.to_thread(lambda: list(_seeds(kinds)))
    left = await asyncio.to_thread(count_drafts, laboratory)
    drafts = [(f"Go on with what was not saved: {counted(left, 'draft')}", DRAFTS)] if left else []
    return [*drafts, *empty, *seeds]


def count_drafts(laboratory: Laboratory) -> int:
    """How many designs were left without being saved; those that cannot be read do not count."""
    try:
        return len(drafts_of(laboratory, Drafts(default_drafts())))
    except SimulatorError:
        return 0


def _seeds(kinds: Mapping[str, Kind]) -> Iterator[tuple[str, str]]:
    for path in seed_designs():
        try:
            design = load_design(path, kinds)
        except SimulatorError:
            continue
        yield one_line(f"Seed: {design.name} - {design.note}"), f"seed:{path.stem}"
