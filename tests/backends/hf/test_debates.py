from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from simulator.domain.journal import Step
from simulator.kinds.debate.design import DebateDesign
from simulator.services import Services, open_services
from simulator.settings import Settings
from tests.backends.hf.conftest import POCKET


@asynccontextmanager
async def laboratory(folder: Path) -> AsyncIterator[Services]:
    async with open_services(Settings(store=SecretStr(f"sqlite:///{folder}.db"))) as services:
        yield services


async def debated(folder: Path, mode: str, options: str) -> dict[tuple[str, int], Step]:
    """A debate over sums, by scope and index."""
    design = DebateDesign.model_validate(
        {
            "kind": "debate", "name": "Sums", "mode": mode, "rounds": 2,
            "data": {"count": 3, "largest": 9},
            "model": f"hf/{POCKET}?{options}",
            "debaters": [{"temperatures": [0.3]}, {"temperatures": [0.9]}],
        }
    )  # fmt: skip
    async with laboratory(folder) as services:
        (run,) = await services.launch(design, {}, seed=4)
        played = await services.play(run, listener=lambda event: None)
        assert played.run.status == "completed"
        return {(one.scope, one.index): one for one in await services.store.steps(run.id)}


@pytest.mark.parametrize("mode", ["natural_language", "cipher"])
async def test_a_debate_is_the_same_batched_or_not_and_on_two_threads(
    mode: str, tmp_path: Path
) -> None:
    batched = await debated(tmp_path / "batched", mode, "rows=64")
    one_by_one = await debated(tmp_path / "one", mode, "rows=1")
    threads = await debated(tmp_path / "threads", mode, "threads=2")

    def said(steps: dict[tuple[str, int], Step]) -> dict[tuple[str, int], Any]:
        return {place: (step.content, step.soft_tokens) for place, step in steps.items()}

    assert said(one_by_one) == said(batched)
    assert {place: step.content for place, step in threads.items()} == {
        place: step.content for place, step in batched.items()
    }
    assert any("Answer:" in step.content for step in batched.values())
