from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from simulator.domain.records import Run
from simulator.errors import UsageError
from simulator.live_run import KEPT_STEPS, LiveRun
from simulator.live_runs import LiveRuns
from simulator.services import Services, open_services
from simulator.settings import Settings
from tests.lab import design
from tests.waiting import until

FOREVER = "scripted/say?text=word+word+word&token_delay_ms=20000"


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    settings = Settings.model_validate(
        {"store": f"sqlite:///{tmp_path / 'lab.db'}", "user": "ada", "max_live_runs": 2}
    )
    async with open_services(settings) as opened:
        yield opened


async def launched(services: Services, number: int = 1, **fields: Any) -> list[Run]:
    fields.setdefault("model", "scripted/babble")
    return await services.launch(design(**fields), {}, seed=1, repeat=number)


async def test_runs_are_played_in_the_background_to_their_end(services: Services) -> None:
    async with LiveRuns(services) as live:
        runs = await launched(services, 5, messages=3)
        await live.start(runs)
        assert live.unfinished == 5
        await until(lambda: live.unfinished == 0)
        assert live.counts() == {"completed": 5}
        for one in live.runs.values():
            assert (one.turns, one.steps, one.state) == (3, 4, "ended")
            assert one.usage == one.run.usage
    assert {run.status for run in [await services.store.run(run.id) for run in runs]} == {
        "completed"
    }


async def test_no_more_than_the_settings_allow_play_at_a_time(services: Services) -> None:
    async with LiveRuns(services) as live:
        await live.start(await launched(services, 5, model=FOREVER))
        await until(lambda: live.playing == 2)
        assert live.counts() == {"playing": 2, "waiting": 3}


async def test_leaving_pauses_what_plays_and_leaves_the_rest_queued(services: Services) -> None:
    async with LiveRuns(services) as live:
        runs = await launched(services, 3, model=FOREVER)
        await live.start(runs)
        await until(lambda: live.playing == 2)
    statuses = [(await services.store.run(run.id)).status for run in runs]
    assert statuses == ["paused", "paused", "queued"]
    async with LiveRuns(services) as live:
        await live.start([await services.store.run(run.id) for run in runs])
        await until(lambda: live.playing == 2)


async def test_a_run_is_paused_stepped_resumed_and_stopped(services: Services) -> None:
    async with LiveRuns(services) as live:
        (run,) = await launched(services, messages=40, model="scripted/babble?token_delay_ms=1")
        await live.start([run])
        one = live.runs[run.id]
        await until(lambda: one.turns >= 1)
        live.pause(run.id)
        await until(lambda: one.state == "paused")
        turns = one.turns
        live.step(run.id)
        await until(lambda: one.turns == turns + 1 and one.state == "paused")
        live.resume(run.id)
        await until(lambda: one.turns > turns + 1)
        await live.stop(run.id)
        assert (one.state, one.run.status) == ("ended", "cancelled")
        with pytest.raises(UsageError):
            live.pause(run.id)


async def test_held_runs_wait_until_they_are_released(services: Services) -> None:
    async with LiveRuns(services) as live:
        first, second = await launched(services, 2, messages=2)
        await live.start([first, second], paused=True)
        assert live.runs[first.id].is_held
        live.resume(second.id)
        await until(lambda: live.runs[second.id].is_over)
        assert live.runs[first.id].state == "waiting"
        await live.stop(first.id)
        assert (await services.store.run(first.id)).status == "queued"


async def test_what_is_being_said_can_be_read(services: Services) -> None:
    async with LiveRuns(services) as live:
        (run,) = await launched(
            services, model="scripted/say?text=one+two+three+four&token_delay_ms=150"
        )
        await live.start([run])
        one = live.runs[run.id]
        await until(lambda: one.speaking is not None and len(one.speaking.pieces) >= 2)
        assert one.speaking is not None
        assert "one two three four".startswith(one.speaking.text.strip())
        assert one.tokens_per_s > 0
        assert one.speaking.speaker.startswith("Guard_")


async def test_people_speak_as_the_design_allows(services: Services) -> None:
    async with LiveRuns(services) as live:
        runs = [
            (await launched(services, name=allowed, interjections=allowed, messages=30,
                            model="scripted/babble?token_delay_ms=1"))[0]
            for allowed in ("anyone", "researcher", "none")
        ]  # fmt: skip
        live_runs = []
        for run in runs[:2]:
            await live.start([run])
            live_runs.append(live.runs[run.id])
        agents = {run.id: next(agent.name for agent in run.agents) for run in runs}
        live.say(runs[0].id, "Hello.", speaker=agents[runs[0].id])
        live.say(runs[1].id, "Hello.", speaker="Researcher")
        with pytest.raises(UsageError, match="as an agent"):
            live.say(runs[1].id, "Hello.", speaker=agents[runs[1].id])
        with pytest.raises(UsageError, match="no words"):
            live.say(runs[1].id, "  ", speaker="Researcher")
        await until(lambda: all(said(one) == ["Hello."] for one in live_runs))
        await live.stop(runs[0].id)
        await live.start([runs[2]])
        with pytest.raises(UsageError, match="does not let people speak"):
            live.say(runs[2].id, "Hello.", speaker="Researcher")


def said(one: LiveRun) -> list[str]:
    return [step.content for step in one.recent if step.kind == "interject"]


async def test_a_run_asks_who_watches_and_goes_on_with_the_answer(services: Services) -> None:
    async with LiveRuns(services) as live:
        (run,) = await launched(services, speaker="manual", messages=2)
        await live.start([run])
        one = live.runs[run.id]
        await until(lambda: one.question is not None)
        assert one.question is not None
        with pytest.raises(UsageError):
            live.answer(run.id, "Nobody")
        live.answer(run.id, one.question.options[1])
        await until(lambda: one.is_over)
        spoken = [step for step in one.recent if step.kind == "ask"]
        assert spoken[0].speaker == run.agents[1].name
        with pytest.raises(UsageError):
            live.answer(run.id, run.agents[0].name)


async def test_a_failing_model_ends_its_run_with_the_reason(services: Services) -> None:
    async with LiveRuns(services) as live:
        (run,) = await launched(services, model="scripted/babble?fail_first=99&fail_with=refused")
        await live.start([run])
        one = live.runs[run.id]
        await until(lambda: one.is_over)
        assert one.run.status == "failed"
        assert one.problem is not None


async def test_what_cannot_be_started_is_refused(services: Services) -> None:
    async with LiveRuns(services) as live:
        (run,) = await launched(services, messages=1)
        await live.start([run])
        with pytest.raises(UsageError, match="already"):
            await live.start([run])
        await until(lambda: live.unfinished == 0)
        with pytest.raises(UsageError, match="completed"):
            await live.start([await services.store.run(run.id)])
        live.forget_ended()
        assert not live.runs


async def test_a_long_run_keeps_only_its_latest_steps_at_hand(services: Services) -> None:
    async with LiveRuns(services) as live:
        (run,) = await launched(services, messages=KEPT_STEPS + 50)
        await live.start([run])
        one = live.runs[run.id]
        await until(lambda: one.is_over)
        assert len(one.recent) == KEPT_STEPS
        assert one.turns == KEPT_STEPS + 50


async def test_limits_are_shared_by_what_is_started_together(services: Services) -> None:
    async with LiveRuns(services) as live:
        runs = await launched(services, 3, messages=30)
        await live.start(runs, tokens=2000)
        await until(lambda: live.unfinished == 0)
        used = [one.usage.prompt_tokens + one.usage.completion_tokens for one in live.runs.values()]
        assert sum(used) <= 2000
        assert live.counts()["paused"] >= 1
