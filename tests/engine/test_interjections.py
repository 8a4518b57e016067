from __future__ import annotations

import asyncio
from collections.abc import Callable

from simulator.domain.events import Event, RunPaused, RunResumed, StepCommitted
from simulator.domain.journal import Step
from simulator.engine.control import RunControl
from tests.lab import Lab, design, prompts_seen
from tests.waiting import until

TALK = design(messages=4)


def committed(lab: Lab) -> list[Step]:
    return [event.step for event in lab.events if isinstance(event, StepCommitted)]


def at_step(index: int, act: Callable[[], None]) -> Callable[[Event], None]:
    def listener(event: Event) -> None:
        if isinstance(event, StepCommitted) and event.step.index == index:
            act()

    return listener


async def test_words_come_at_once_while_the_run_holds(lab: Lab) -> None:
    control = RunControl()
    run, resolved = await lab.queue(TALK)
    playing = asyncio.create_task(
        lab.play(run, resolved, control=control, listener=at_step(1, control.pause))
    )
    await until(lambda: RunPaused(run.id) in lab.events)
    assert len(committed(lab)) == 2
    control.interject("Speak up.")
    await until(lambda: len(committed(lab)) == 3)
    assert committed(lab)[-1].content == "Speak up."
    assert control.is_paused
    assert RunResumed(run.id) not in lab.events
    control.resume()
    assert (await playing).run.status == "completed"
    assert lab.events.count(RunPaused(run.id)) == 1
    assert lab.events.count(RunResumed(run.id)) == 1


async def test_one_step_lets_one_turn_pass(lab: Lab) -> None:
    control = RunControl()
    run, resolved = await lab.queue(TALK)
    playing = asyncio.create_task(
        lab.play(run, resolved, control=control, listener=at_step(1, control.pause))
    )
    await until(lambda: RunPaused(run.id) in lab.events)
    control.step()
    await until(lambda: lab.events.count(RunPaused(run.id)) == 2)
    assert len(committed(lab)) == 3
    control.resume()
    assert (await playing).run.status == "completed"


async def test_words_of_an_agent_are_its_own(lab: Lab) -> None:
    seen = prompts_seen(lab)
    control = RunControl()
    run, resolved = await lab.queue(TALK)
    guard, prisoner = (agent.name for agent in run.agents if agent.number)
    words = at_step(1, lambda: control.interject("I give up.", speaker=prisoner))
    await lab.play(run, resolved, control=control, listener=words)
    step = (await lab.store.steps(run.id))[2]
    assert (step.kind, step.speaker, step.role) == ("interject", prisoner, "prisoner")
    assert step.call is None
    after = seen[1]
    assert (("assistant", "I give up.") in after) or (("user", f"{prisoner}: I give up.") in after)
    assert (await lab.play(run, resolved)).run.status == "completed"
    assert guard != prisoner


async def test_a_run_that_was_told_to_stop_while_it_holds_stops(lab: Lab) -> None:
    control = RunControl()
    control.pause()
    control.stop()
    run, resolved = await lab.queue(TALK)
    assert (await lab.play(run, resolved, control=control)).run.status == "cancelled"


async def test_nobody_waits_where_nothing_holds(lab: Lab) -> None:
    steps = await lab.run(TALK)
    assert len(steps) == 5
