"""The seed designs, played by the model that is shipped."""

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue

from simulator.backends.pocket.backend import PocketBackend
from simulator.domain.journal import Step
from simulator.files.designs import load_design
from simulator.kinds.registry import KINDS
from tests.lab import open_lab
from tests.seeds import CONVERSATIONS

SEEDS = CONVERSATIONS


def said(steps: list[Step]) -> list[tuple[str, str]]:
    return [(step.speaker, step.content) for step in steps]


async def played(
    folder: Path, design: Any, seed: int, launch: Mapping[str, JsonValue] | None = None
) -> list[tuple[str, str]]:
    backend = PocketBackend()
    async with open_lab(folder) as lab:
        lab.pool.backends["pocket"] = backend
        steps = await lab.run(design, seed=seed, **(launch or {}))
    await backend.close()
    return said(steps)


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
async def test_every_seed_design_plays_to_its_end(path: Path, tmp_path: Path) -> None:
    design = load_design(path, KINDS)
    lines = await played(tmp_path, design, 3)
    agents = [text for speaker, text in lines if re.fullmatch(r"[A-Z][a-z]+_\d+", speaker)]
    assert len(agents) == design.model_dump()["messages"]
    assert all(text.strip() for text in agents)


async def test_runs_side_by_side_are_the_runs_alone(tmp_path: Path) -> None:
    design = load_design(SEEDS[-1], KINDS)
    alone = [await played(tmp_path / str(seed), design, seed) for seed in (1, 2, 3)]
    backend = PocketBackend()

    async def beside(seed: int) -> list[tuple[str, str]]:
        async with open_lab(tmp_path / f"beside-{seed}") as lab:
            lab.pool.backends["pocket"] = backend
            return said(await lab.run(design, seed=seed))

    together = await asyncio.gather(*map(beside, (1, 2, 3)))
    await backend.close()
    assert together == alone
