"""Estimates against what is then really used."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue, SecretStr

from simulator.domain.events import Event
from simulator.domain.grids import Axis, Grid, Option
from simulator.domain.journal import Usage
from simulator.domain.parameters import axes_of
from simulator.domain.records import ExperimentQuery, Run
from simulator.errors import BackendUnavailableError, NotFoundError, UsageError
from simulator.estimating import Estimator, estimate
from simulator.kinds.conversation.design import ConversationDesign
from simulator.kinds.conversation.kind import ConversationKind
from simulator.services import Services, open_services
from simulator.settings import Settings
from tests.lab import design
from tests.loop_watch import watched

FACTORS = {"goal": {"escape": {}, "yard": {"prisoner": {"Goal": "Get yard time."}}}}
TALK = design(model="pocket", messages=6, factors=FACTORS, sampling={"max_tokens": 60})


@pytest.fixture
async def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Services]:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    prices = tmp_path / "prices.toml"
    prices.write_text("[openai]\n'dear' = { input_usd = 10.0, output_usd = 20.0 }\n")
    settings = Settings(
        store=SecretStr(f"sqlite:///{tmp_path / 'lab.db'}"), user="ada", prices=prices,
        max_live_runs=4,
    )  # fmt: skip
    async with open_services(settings) as opened:
        yield opened


def grid_of(talk: ConversationDesign = TALK, **values: list[JsonValue]) -> Grid:
    named = {name.replace("__", "."): listed for name, listed in values.items()}
    return Grid(axes_of(ConversationKind().parameters(talk), named))


def deaf(event: Event) -> None:
    return None


async def played(services: Services, grid: Grid, **launch: Any) -> list[Run]:
    runs = await services.launch_grid(TALK, grid, **launch)
    return [one.run for one in await services.play_all(runs, listener=deaf)]


async def test_what_is_foreseen_is_what_is_used(services: Services) -> None:
    grid = grid_of(days=[1, 2], levels__goal=["escape", "yard"])
    await played(services, grid, seed=1)
    foreseen = await estimate(services, TALK, grid, repeat=2)
    used = Usage.total(run.usage for run in await played(services, grid, seed=50, repeat=2))
    assert (foreseen.cells, foreseen.runs) == (4, 8)
    assert foreseen.calls == used.calls
    assert foreseen.prompt_tokens == pytest.approx(used.prompt_tokens, rel=0.15)
    assert foreseen.completion_tokens == pytest.approx(used.completion_tokens, rel=0.3)
    assert foreseen.cost_usd == 0.0
    assert foreseen.time_s is not None and foreseen.time_s > 0.0
    (part,) = foreseen.models
    assert part.known.is_computed_here and part.known.context_length == 1024 == part.context_limit
    assert part.fits and part.context_needed > 100


async def test_before_the_first_run_there_is_no_time(services: Services) -> None:
    estimator = Estimator(services, TALK)
    before = await estimator.estimate(grid_of())
    assert (before.time_s, before.unmeasured) == (None, ("pocket",))
    assert before.completion_tokens == 6 * 15  # as it was measured when the model was made
    await played(services, grid_of())
    assert (await estimator.estimate(grid_of())).time_s is None
    estimator.forget()
    after = await estimator.estimate(grid_of())
    assert after.time_s is not None and after.unmeasured == ()


async def test_prices_are_those_of_the_tables(services: Services) -> None:
    foreseen = await estimate(services, TALK, grid_of(model=["openai/dear", "pocket"]))
    dear, pocket = foreseen.models
    assert dear.cost_usd == pytest.approx(dear.prompt_tokens / 1e5 + dear.completion_tokens / 5e4)
    assert (pocket.cost_usd, foreseen.cost_usd) == (0.0, dear.cost_usd)
    unknown = await estimate(services, TALK, grid_of(model=["openai/nobody-knows", "pocket"]))
    assert (unknown.cost_usd, unknown.unpriced) == (None, ("openai/nobody-knows",))


async def test_models_that_cannot_be_asked_are_told_and_the_rest_is_reckoned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SecretStr(f"sqlite:///{tmp_path / 'lab.db'}")
    models: list[JsonValue] = ["ollama/llama3", "scripted/nobody", "pocket"]
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("OLLAMA_HOST", f"http://127.0.0.1:{unused.getsockname()[1]}")
        async with open_services(Settings(store=store, user="ada")) as services:
            foreseen = await estimate(services, TALK, grid_of(model=models))
    silent, missing, pocket = (part.known.problem for part in foreseen.models)
    assert isinstance(silent, BackendUnavailableError)
    assert isinstance(missing, NotFoundError)
    assert pocket is None
    assert foreseen.calls == 3 * 6


async def test_cells_that_cannot_be_run_are_named(services: Services) -> None:
    grid = grid_of(messages=[2, 6], days=[1, 4])
    foreseen = await estimate(services, TALK, grid, repeat=3)
    assert (foreseen.cells, foreseen.runs, foreseen.bad_cells) == (4, 9, frozenset({1}))
    (problem,) = foreseen.problems
    assert "2 messages are too few for 4 days" in problem.text
    assert (problem.cells, problem.first) == (1, 1)
    wrong = Grid((Axis("days", (Option("x", {"days": "x"}),)),))
    assert "days" in (await estimate(services, TALK, wrong)).problems[0].text


async def test_a_person_who_must_choose_is_foreseen(services: Services) -> None:
    assert (await estimate(services, TALK, grid_of(speaker=["manual", "random"]))).asks_person
    assert not (await estimate(services, TALK, grid_of(speaker=["random"]))).asks_person


async def test_too_many_runs_are_refused_before_any_is_reckoned(services: Services) -> None:
    values = tuple(Option(str(number), {"messages": number + 1}) for number in range(1000))
    heard: list[int] = []
    million = Grid((Axis("a", values), Axis("b", values)))
    with pytest.raises(UsageError, match="1,000,000 runs"):
        await estimate(services, TALK, million, 1, heard.append)
    assert heard == []


async def test_nothing_is_stored(services: Services) -> None:
    await estimate(services, TALK, grid_of(days=[1, 2]))
    assert await services.store.experiments(ExperimentQuery()) == []


async def test_a_thousand_cells_leave_the_event_loop_to_others(services: Services) -> None:
    estimator = Estimator(services, TALK)
    await estimator.estimate(grid_of())  # what is imported and read once
    grid = grid_of(messages=list(range(2, 252)), agents__guard=[1, 2], agents__prisoner=[1, 2])
    heard: list[int] = []
    foreseen, turns = await watched(estimator.estimate(grid, 1, heard.append))
    assert foreseen.cells == 1000 and heard == list(range(1, 1001))
    assert turns.longest_share < 0.2
