from __future__ import annotations

from screens.editor.stepper import Stepper
from screens.laboratory import Laboratory
from simulator.files.designs import read_design
from simulator.files.writing import write_design
from tests.screens.editor.conftest import NARROW, PRISON, SMALL, Desk, OpenEditor


async def seen(desk: Desk, pane: str) -> str:
    """What a pane shows once it is done."""
    desk.screen.panes.go(pane)
    await desk.settle()
    await desk.pilot.app.workers.wait_for_complete()
    await desk.pilot.pause()
    return str(desk.screen.query_one(f"#{pane}-text").render())


async def test_the_prompt_of_each_agent_is_shown(open_editor: OpenEditor) -> None:
    async with open_editor(PRISON, size=NARROW) as desk:
        prompts = await seen(desk, "preview")
        assert prompts.count("You are a guard in a prison. Your name is Guard_") == 1
        assert "There is one guard and one prisoner in the room." in prompts
        assert "at most" in prompts and "tokens" in prompts


async def test_counts_and_levels_are_chosen_with_arrows(open_editor: OpenEditor) -> None:
    async with open_editor(PRISON) as desk:
        await seen(desk, "preview")
        steppers = {one.key: one for one in desk.screen.query(Stepper)}
        assert {"agents.guard", "agents.prisoner", "levels.goal", "days"} <= set(steppers)
        steppers["agents.prisoner"].focus()
        await desk.press("right")
        steppers["levels.goal"].focus()
        await desk.press("right")
        prompts = await seen(desk, "preview")
        assert "There is one guard and two prisoners in the room." in prompts
        assert prompts.count("one more hour in the yard") == 2
        assert "escape" not in prompts


async def test_a_click_steps_back_and_forth(open_editor: OpenEditor) -> None:
    async with open_editor(PRISON) as desk:
        await seen(desk, "preview")
        stepper = next(one for one in desk.screen.query(Stepper) if one.key == "agents.guard")
        await desk.pilot.click(stepper, offset=(stepper.size.width - 1, 0))
        assert stepper.value == "2"
        await desk.pilot.click(stepper, offset=(0, 0))
        assert stepper.value == "1"


async def test_the_preview_follows_what_is_typed(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        assert "You are a guard." in await seen(desk, "preview")
        await desk.go("roles", 0, "starting_prompt")
        await desk.press("end", "space", *"Hello")
        assert "You are a guard. Hello" in await seen(desk, "preview")


async def test_a_problem_keeps_the_last_prompts_and_says_so(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        await seen(desk, "preview")
        await desk.go("days")
        await desk.press("x")
        prompts = await seen(desk, "preview")
        assert prompts.startswith("As of the last design without problems")
        assert "You are a guard." in prompts


async def test_parameters_that_do_not_fit_say_why(open_editor: OpenEditor) -> None:
    async with open_editor(SMALL + "memory: full\n") as desk:
        await seen(desk, "preview")
        next(one for one in desk.screen.query(Stepper) if one.key == "days").focus()
        await desk.press(*["right"] * 5)
        assert "too few" in await seen(desk, "preview")


async def test_the_diff_is_against_what_was_saved_and_what_was_copied(
    open_editor: OpenEditor, laboratory: Laboratory
) -> None:
    services = laboratory.services
    parent = await services.save_design(read_design(PRISON, "test", services.kinds))
    copied = PRISON.replace("Start the experiment.", "Start the trial.")
    copy = await services.save_design(
        read_design(copied, "test", services.kinds), parent_id=parent.id
    )
    async with open_editor(write_design(services.design_of(copy)), experiment_id=copy.id) as desk:
        assert await seen(desk, "diff") == "Nothing has changed."
        await desk.go("messages")
        await desk.type("200")
        changes = await seen(desk, "diff")
        assert "messages" in changes and "[-20-]" in changes and "{+200+}" in changes
        next(one for one in desk.screen.query(Stepper) if one.key == "origin").focus()
        await desk.press("right")
        changes = await seen(desk, "diff")
        assert "[-experiment.-]{+trial.+}" in changes and "{+200+}" in changes


async def test_a_new_design_is_compared_with_how_it_began(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        await desk.go("name")
        await desk.type("er")
        assert "[-Small-]{+Smaller+}" in await seen(desk, "diff")
