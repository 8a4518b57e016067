"""Launches of grids: every cell, in blocks of one seed, all checked before anything is stored."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from pydantic import JsonValue, SecretStr

from simulator.domain.grids import Axis, Grid, Option
from simulator.domain.parameters import axes_of
from simulator.domain.records import ExperimentQuery, Run, RunQuery
from simulator.errors import DesignInvalidError, NotFoundError, UsageError
from simulator.kinds.conversation.kind import ConversationKind
from simulator.launching import RUNS_AT_ONCE
from simulator.services import Services, open_services
from simulator.settings import Settings
from tests.lab import design
from tests.loop_watch import watched

FACTORS = {"goal": {"escape": {}, "yard": {"prisoner": {"Goal": "Get yard time."}}}}
TALK = design(model="scripted/babble", messages=4, factors=FACTORS)


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    store = SecretStr(f"sqlite:///{tmp_path / 'lab.db'}")
    async with open_services(Settings(store=store, user="ada")) as opened:
        yield opened


def grid_of(**values: list[JsonValue]) -> Grid:
    parameters = ConversationKind().parameters(TALK)
    named = {name.replace("__", "."): listed for name, listed in values.items()}
    return Grid(axes_of(parameters, named))


async def nothing_is_stored(services: Services) -> bool:
    return not (
        await services.store.experiments(ExperimentQuery()) or await services.store.runs(RunQuery())
    )


async def test_every_cell_is_launched_in_blocks_of_one_seed(services: Services) -> None:
    grid = grid_of(days=[1, 2], levels__goal=["escape", "yard"])
    heard: list[int] = []
    runs = await services.launch_grid(TALK, grid, seed=7, repeat=3, hear=heard.append)
    assert [run.seed for run in runs] == [7] * 4 + [8] * 4 + [9] * 4
    cells = [cell.parameters for cell in grid.cells()]
    assert [run.parameters for run in runs] == cells * 3
    assert heard == list(range(1, 13))
    assert sorted(run.id for run in await services.store.runs(RunQuery())) == sorted(
        run.id for run in runs
    )
    (experiment,) = await services.store.experiments(ExperimentQuery())
    assert {run.experiment_id for run in runs} == {experiment.id}
    yard = [run for run in runs if "yard" in str(run.parameters)]
    assert all("Get yard time." in run.agents[1].system_prompt for run in yard)
    assert len(yard) == 6


async def test_cells_of_one_repetition_have_the_same_names(services: Services) -> None:
    grid = grid_of(levels__goal=["escape", "yard"])
    runs = await services.launch_grid(TALK, grid, repeat=2)
    names = [tuple(agent.name for agent in run.agents) for run in runs]
    assert names[0] == names[1] != names[2] == names[3]


async def test_a_launch_of_one_set_of_parameters_is_a_grid_of_one_cell(services: Services) -> None:
    (run,) = await services.launch(TALK, {"days": 2}, seed=5)
    (same,) = await services.launch_grid(TALK, grid_of(days=[2]), seed=5)
    assert (run.parameters, run.seed, run.agents) == (same.parameters, same.seed, same.agents)


async def test_one_impossible_cell_stops_it_all_and_is_named(services: Services) -> None:
    with pytest.raises(DesignInvalidError, match="days=5, goal=yard: messages: 4 messages are too"):
        await services.launch_grid(TALK, grid_of(days=[2, 5], levels__goal=["yard", "escape"]))
    assert await nothing_is_stored(services)


async def test_one_impossible_model_stops_it_all(services: Services) -> None:
    with pytest.raises(NotFoundError, match="nobody"):
        await services.launch_grid(TALK, grid_of(model=["pocket", "scripted/nobody"]))
    assert await nothing_is_stored(services)


async def test_too_many_runs_are_refused_before_they_are_counted_out(services: Services) -> None:
    values = [Option(str(number), {"messages": number + 1}) for number in range(1000)]
    million = Grid((Axis("a", tuple(values)), Axis("b", tuple(values))))
    with pytest.raises(UsageError, match="1,000,000 runs"):
        await services.launch_grid(TALK, million)
    assert await nothing_is_stored(services)


async def test_a_launch_adds_many_runs_at_once_in_order(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    portions: list[list[str]] = []
    add_runs = services.store.add_runs

    async def add(runs: Sequence[Run]) -> list[str]:
        portions.append([run.id for run in runs])
        return await add_runs(runs)

    monkeypatch.setattr(services.store, "add_runs", add)
    runs = await services.launch(TALK, {}, seed=5, repeat=2 * RUNS_AT_ONCE + 1)
    assert [run.seed for run in runs] == list(range(5, 6 + 2 * RUNS_AT_ONCE))
    assert [len(portion) for portion in portions] == [RUNS_AT_ONCE, RUNS_AT_ONCE, 1]
    assert [id_ for portion in portions for id_ in portion] == [run.id for run in runs]


async def test_a_large_launch_leaves_the_event_loop_to_others(services: Services) -> None:
    grid = grid_of(messages=list(range(4, 104)), levels__goal=["escape", "yard"])
    await services.launch(TALK, {})  # what is imported and read once
    runs, turns = await watched(services.launch_grid(TALK, grid, repeat=5))
    assert len(runs) == 1000
    assert turns.longest_share < 0.2
