"""What the form says becomes runs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import count

import pytest
from textual.widgets import Button

from screens.dialogs import Confirm
from screens.laboratory import Laboratory
from screens.launch.fields import CountUp
from screens.launch.screen import LaunchScreen
from screens.launch.tick import Tick
from screens.launch.words import LaunchWords
from screens.messages import OpenMonitor
from simulator.domain.records import Run, RunQuery
from tests.screens.conftest import WIDE, OpenScreen, settled
from tests.screens.launch.conftest import OpenLaboratory, stored
from tests.screens.launch.pilots import (
    estimated,
    fault,
    field,
    forecast,
    product,
    put,
    screen_of,
    tick_all,
    told,
    type_into,
)
from tests.waiting import until


async def all_runs(laboratory: Laboratory) -> list[Run]:
    return await laboratory.services.store.runs(RunQuery(order="oldest"))


async def test_enter_twice_starts_the_design_as_it_is(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    async with open_screen(LaunchScreen(laboratory, await stored(laboratory))) as pilot:
        assert "6 calls" in await estimated(pilot)
        await pilot.press("enter")
        await until(lambda: pilot.app.focused is screen_of(pilot).query_one("#start"))
        await pilot.press("enter")
        await until(lambda: laboratory.live.unfinished == 0 and bool(laboratory.live.runs))
        await settled(pilot)
        (run,) = await all_runs(laboratory)
        assert run.status == "completed" and run.parameters == {}
        (asked,) = pilot.app.asked  # type: ignore[attr-defined]
        assert asked == OpenMonitor(run.id)
        assert not isinstance(pilot.app.screen, LaunchScreen)


async def test_a_grid_typed_and_ticked_with_keys(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    async with open_screen(LaunchScreen(laboratory, await stored(laboratory)), WIDE) as pilot:
        await estimated(pilot)
        await type_into(pilot, "days", "1..2")
        await type_into(pilot, "agents.guard", "2")
        await type_into(pilot, "agents.prisoner", "2")
        (groups,) = [box for box in screen_of(pilot).query(CountUp) if len(box._fields) == 2]
        groups.focus()
        await pilot.press("space")
        await tick_all(pilot, "levels.goal")
        await type_into(pilot, "sampling.temperature", "0.5")
        await type_into(pilot, "repetitions", "2")
        await type_into(pilot, "seed", "70")
        assert product(pilot) == "days 2 × agents 4 × goal 2 × repetitions 2 = 32 runs"
        text = await estimated(pilot)
        assert "208 calls" in text and "free" in text
        conditions = screen_of(pilot).conditions
        assert conditions.border_title == "16 conditions"
        assert conditions.line(-1).split() == ["days", "agents", "goal"]
        assert conditions.line(3).split() == ["4", "1", "1v2", "yard", "time"]
        await pilot.press("ctrl+s")
        await until(lambda: len(laboratory.live.runs) == 32 and laboratory.live.unfinished == 0)
        runs = await all_runs(laboratory)
        assert {run.seed for run in runs} == {70, 71}
        assert {run.status for run in runs} == {"completed"}
        assert all(run.parameters["sampling"] == {"temperature": 0.5} for run in runs)
        assert sum(run.usage.calls for run in runs) == 208
        counts = {tuple(agent.role for agent in run.agents if agent.number) for run in runs}
        assert len(counts) == 4


async def test_days_up_to_a_number(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    async with open_screen(LaunchScreen(laboratory, await stored(laboratory))) as pilot:
        await put(pilot, "days", "3")
        assert product(pilot) == "1 run"
        (days,) = [box for box in screen_of(pilot).query(CountUp) if len(box._fields) == 1]
        days.value = True
        await until(lambda: product(pilot) == "3 runs")
        assert [screen_of(pilot).conditions.line(place).split()[-1] for place in range(3)] == [
            "1", "2", "3",
        ]  # fmt: skip


async def test_queued_runs_wait_for_the_monitor(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    async with open_screen(LaunchScreen(laboratory, await stored(laboratory))) as pilot:
        await estimated(pilot)
        await put(pilot, "repetitions", "3")
        await pilot.press("ctrl+o")
        await until(lambda: len(laboratory.live.runs) == 3)
        await settled(pilot)
        assert all(live.is_held for live in laboratory.live.runs.values())
        assert {run.status for run in await all_runs(laboratory)} == {"queued"}
        assert "3 runs queued" in told(pilot)


async def test_what_is_wrong_stands_beside_its_field_and_nothing_starts(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    async with open_screen(LaunchScreen(laboratory, await stored(laboratory))) as pilot:
        await estimated(pilot)
        await type_into(pilot, "sampling.top_p", "2")
        assert "less than or equal to 1" in fault(pilot, "sampling.top_p")
        await type_into(pilot, "seed", "1, 2")
        assert "one value only" in fault(pilot, "seed")
        assert product(pilot) == "2 fields to mend"
        field(pilot, "levels.goal").go_to()
        await pilot.press("space")
        await until(lambda: "Tick one" in fault(pilot, "levels.goal"))
        await pilot.press("ctrl+s")
        await until(lambda: "must be mended" in told(pilot))
        assert any(tick.has_focus for tick in field(pilot, "levels.goal").query(Tick))
        assert await all_runs(laboratory) == []
        field(pilot, "sampling.top_p").go_to()
        await pilot.press("backspace", "1")
        await until(lambda: fault(pilot, "sampling.top_p") == "")
        assert product(pilot) == "2 fields to mend"


async def test_conditions_that_cannot_run_are_marked_and_stop_the_launch(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    async with open_screen(LaunchScreen(laboratory, await stored(laboratory)), WIDE) as pilot:
        await put(pilot, "messages", "2, 8")
        await put(pilot, "days", "1, 3")
        text = await estimated(pilot)
        assert "✗ 1 of 4 conditions cannot run: messages: 2 messages are too few" in text
        marks = [screen_of(pilot).conditions.line(place)[2] for place in range(4)]
        assert marks == [" ", "✗", " ", " "]
        await pilot.press("ctrl+s")
        await until(lambda: "days=3: messages: 2 messages are too few" in told(pilot))
        await settled(pilot)
        assert await all_runs(laboratory) == []
        assert not screen_of(pilot).query_one("#start", Button).disabled


async def test_too_many_runs_are_refused_with_their_number(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    async with open_screen(LaunchScreen(laboratory, await stored(laboratory))) as pilot:
        await put(pilot, "messages", "10..209")
        await put(pilot, "repetitions", "1000")
        text = await estimated(pilot)
        assert "These are 200,000 runs" in text
        await pilot.press("ctrl+s")
        await until(lambda: "200,000 runs" in told(pilot))
        assert await all_runs(laboratory) == []


async def test_limits_are_kept_by_the_runs(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    async with open_screen(LaunchScreen(laboratory, await stored(laboratory))) as pilot:
        await estimated(pilot)
        await put(pilot, "token_limit", "50")
        await pilot.press("ctrl+s")
        await until(lambda: laboratory.live.unfinished == 0 and bool(laboratory.live.runs))
        (live,) = laboratory.live.runs.values()
        assert live.run.status == "paused" and "limit of 50 tokens" in str(live.problem)


async def test_a_limit_that_cannot_be_kept_stops_the_launch(
    open_laboratory: OpenLaboratory, open_screen: OpenScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MISTRAL_API_KEY", "key")
    async with open_laboratory() as laboratory:
        screen = LaunchScreen(laboratory, await stored(laboratory))
        async with open_screen(screen) as pilot:
            await put(pilot, "models.guard", "mistral/nobody-knows-it")
            await put(pilot, "cost_limit", "1")
            await pilot.press("ctrl+s")
            await until(lambda: "price of mistral/nobody-knows-it" in told(pilot))
            assert await all_runs(laboratory) == []


async def test_a_launch_on_its_way_can_be_given_up(
    laboratory: Laboratory, open_screen: OpenScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = laboratory.services.store
    add_runs, portions, is_stuck = store.add_runs, count(1), asyncio.Event()

    async def add_some(runs: Sequence[Run]) -> list[str]:
        if next(portions) > 1:
            is_stuck.set()
            await asyncio.Event().wait()
        return await add_runs(runs)

    monkeypatch.setattr(store, "add_runs", add_some)
    async with open_screen(LaunchScreen(laboratory, await stored(laboratory))) as pilot:
        await estimated(pilot)
        await put(pilot, "repetitions", "400")
        await pilot.press("ctrl+s")
        await until(is_stuck.is_set)
        assert "400" in product(pilot)
        await pilot.press("escape")
        await until(lambda: "Given up" in told(pilot))
        await settled(pilot)
        assert product(pilot) == "400 runs"
        assert not screen_of(pilot).query_one("#start", Button).disabled
        assert len(await all_runs(laboratory)) == 100 and not laboratory.live.runs


async def test_the_same_as_commands_and_yaml(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    experiment_id = await stored(laboratory)
    async with open_screen(LaunchScreen(laboratory, experiment_id)) as pilot:
        await put(pilot, "days", "1, 2")
        await put(pilot, "seed", "5")
        await pilot.press("ctrl+y")
        await until(lambda: isinstance(pilot.app.screen, LaunchWords))
        await pilot.press("c")
        run = f"python main.py run {experiment_id} --days"
        assert pilot.app.clipboard == f"{run} 1 --seed 5\n{run} 2 --seed 5\n"
        await pilot.press("y", "c")
        assert "axes:" in pilot.app.clipboard and "seed: 5" in pilot.app.clipboard
        await pilot.press("escape")
        await until(lambda: isinstance(pilot.app.screen, LaunchScreen))


async def test_escape_leaves_a_field_first_and_then_the_screen(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    async with open_screen(LaunchScreen(laboratory, await stored(laboratory))) as pilot:
        await put(pilot, "days", "2")
        await pilot.press("escape")
        assert pilot.app.focused is screen_of(pilot).query_one("#start")
        await pilot.press("escape")
        await until(lambda: isinstance(pilot.app.screen, Confirm))
        await pilot.press("escape")
        assert screen_of(pilot).form.read() is not None
        await put(pilot, "days", "")
        await pilot.press("escape", "escape")
        await until(lambda: not isinstance(pilot.app.screen, LaunchScreen))


async def test_a_form_that_was_filled_in_is_not_left_unasked(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    async with open_screen(LaunchScreen(laboratory, await stored(laboratory))) as pilot:
        await put(pilot, "days", "nonsense")
        await pilot.press("escape", "escape")
        await until(lambda: isinstance(pilot.app.screen, Confirm))
        await pilot.click("#yes")
        await until(lambda: not isinstance(pilot.app.screen, (LaunchScreen, Confirm)))
        assert await all_runs(laboratory) == []


async def test_an_experiment_that_is_gone(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    async with open_screen(LaunchScreen(laboratory, "nowhere")) as pilot:
        assert "nowhere" in str(screen_of(pilot).query_one("#reading").render())
        await pilot.press("ctrl+s", "ctrl+o", "ctrl+y", "ctrl+l", "ctrl+r", "escape")
        await until(lambda: not isinstance(pilot.app.screen, LaunchScreen))


async def test_a_second_estimate_knows_the_runs_that_ended(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    experiment_id = await stored(laboratory)
    async with open_screen(LaunchScreen(laboratory, experiment_id)) as pilot:
        assert "time unknown" in await estimated(pilot)
        runs = await laboratory.services.launch(
            (await laboratory.services.design_named(experiment_id))[0], {}, seed=1
        )
        await laboratory.live.start(runs)
        await until(lambda: laboratory.live.unfinished == 0)
        await pilot.press("escape", "r")
        await until(lambda: "about" in forecast(pilot))
        assert "time unknown" not in await estimated(pilot)
