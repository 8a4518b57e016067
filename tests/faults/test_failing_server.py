"""Conversations with a model whose server fails in every way that passes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.backends import retrying
from simulator.backends.options import BackendOptions, Timeouts
from simulator.backends.pool import BackendPool
from simulator.domain.models import ModelBackend
from tests.lab import design, open_lab
from tests.servers.openai_faults import LEGAL, PASSING, Body, Fault
from tests.servers.openai_server import FakeOpenAI

NAME = "gpt-4o-mini"
MODEL = f"openai/{NAME}"
RUNS = 20
FAULTS = (*PASSING, *LEGAL)


def pool_for(server: FakeOpenAI) -> BackendPool:
    return BackendPool(
        BackendOptions(
            environment={"OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": "sk-test"},
            timeouts=Timeouts(first_token_s=0.5, stall_s=0.5),
            max_connections=RUNS,
        )
    )


async def transcript(folder: Path, backend: ModelBackend, seed: int) -> list[tuple[str, str]]:
    async with open_lab(folder) as lab:
        lab.pool.backends[MODEL] = backend
        steps = await lab.run(design(model=MODEL), seed=seed)
    return [(step.speaker, step.content) for step in steps]


async def transcripts(
    folder: Path, faults: Callable[[int, Body], Fault | None]
) -> list[list[tuple[str, str]]]:
    async with FakeOpenAI() as server:
        server.faults, server.strict = faults, True
        pool = pool_for(server)
        backend = pool.get(MODEL)
        try:
            async with asyncio.TaskGroup() as group:
                runs = [
                    group.create_task(transcript(folder / str(seed), backend, seed))
                    for seed in range(RUNS)
                ]
        finally:
            await pool.close()
        return [run.result() for run in runs]


async def test_runs_on_a_server_that_fails_are_the_runs_on_one_that_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrying, "FIRST_WAIT_S", 0.01)
    met: set[int] = set()

    def every_fifth(number: int, body: Body) -> Fault | None:
        if number % 5:
            return None
        kind = number // 5 % len(FAULTS)
        met.add(kind)
        return FAULTS[kind]

    sound = await transcripts(tmp_path / "sound", lambda number, body: None)
    failing = await transcripts(tmp_path / "failing", every_fifth)
    assert failing == sound
    assert len(met) == len(FAULTS)
    assert len({tuple(lines) for lines in sound}) == RUNS
