from __future__ import annotations

import asyncio

from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Select

from screens.home.empty_shelf import EmptyShelf
from screens.home.experiment_table import ExperimentTable
from screens.home.screen import HomeScreen
from screens.laboratory import Laboratory
from screens.messages import NewDesign
from simulator.domain.records import ExperimentQuery
from tests.screens.conftest import NARROW, WIDE, OpenScreen
from tests.screens.home.shelves import (
    HOSTILE,
    add,
    add_runs,
    asked,
    home,
    listed,
    plain,
    ready,
    settled,
    told,
)
from tests.waiting import until


async def shelf(laboratory: Laboratory) -> None:
    """Three experiments, the newest first: C, a copy of A; B, bob's, with two runs; A."""
    await add(laboratory, "A", "Prison", days_old=3, note="first")
    bobs = await add(
        laboratory, "B", "Yard time", days_old=2, creator="bob", starred_by=("ada",), messages=4,
        model="scripted/say",
    )  # fmt: skip
    await add_runs(laboratory, bobs, "R1", "R2")
    await add(laboratory, "C", "Prison copy", days_old=1, parent_id="A", messages=6)


async def choose(pilot: Pilot[int], name: str, value: str) -> None:
    home(pilot).query_one(f"#{name}", Select).value = value
    await settled(pilot)


async def test_all_are_listed_with_their_facts(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await shelf(laboratory)
    async with open_screen(HomeScreen(laboratory), WIDE) as pilot:
        await ready(pilot)
        assert listed(pilot) == ["C", "B", "A"]
        row = next(line for line in plain(pilot).splitlines() if "Yard time" in line)
        for fact in ("★", "conversation", "2", "scripted/say", "bob", "2 d"):
            assert fact in row
        assert "3 of 3 · newest first" in plain(pilot)


async def test_the_experiment_under_the_cursor_is_shown_with_its_prompts_and_relatives(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await shelf(laboratory)
    async with open_screen(HomeScreen(laboratory), WIDE) as pilot:
        screen = await ready(pilot)
        assert "You are a guard." in plain(pilot) and "1 guard, 1 prisoner" in plain(pilot)
        assert "copied from Prison (ada" in plain(pilot)
        assert "It has no runs yet" in plain(pilot)
        await pilot.press("down")
        await ready(pilot)
        assert "Runs: 2" in plain(pilot)
        assert [row.key.value for row in screen.run_table.ordered_rows] == ["R2", "R1"]
        await pilot.press("down")
        await ready(pilot)
        assert "copies      Prison copy (ada" in plain(pilot)


async def test_searching_is_done_while_typing_and_cleared_by_escape(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await shelf(laboratory)
    async with open_screen(HomeScreen(laboratory)) as pilot:
        await ready(pilot)
        await pilot.press("slash", *"pri")
        assert listed(pilot) == ["C", "A"]
        await pilot.press("space", *"fir")
        assert listed(pilot) == ["A"]
        await pilot.press("x")
        await settled(pilot)
        assert listed(pilot) == [] and "No experiment is like that" in plain(pilot)
        await pilot.press("backspace", "enter")
        assert isinstance(pilot.app.focused, ExperimentTable)
        screen = await ready(pilot)
        assert screen.table.selected == "A"
        await pilot.press("escape")
        assert listed(pilot) == ["C", "B", "A"] and screen.table.selected == "A"
        assert screen.query_one("#search", Input).value == ""


async def test_filters_restrict_and_stay_in_sight(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await shelf(laboratory)
    async with open_screen(HomeScreen(laboratory), NARROW) as pilot:
        screen = await ready(pilot)
        choices = screen.query_one("#choices")
        assert not choices.display
        await pilot.press("f")
        assert choices.display and pilot.app.focused is screen.query_one("#kind")
        for name, value, ids in (
            ("creator", "bob", ["B"]), ("creator", "", ["C", "B", "A"]),
            ("model", "scripted/say", ["B"]), ("model", "", ["C", "B", "A"]),
            ("runs", "none", ["C", "A"]), ("runs", "some", ["B"]), ("runs", "any", ["C", "B", "A"]),
            ("kind", "conversation", ["C", "B", "A"]), ("starred", "starred", ["B"]),
        ):  # fmt: skip
            await choose(pilot, name, value)
            assert listed(pilot) == ids
        screen.table.focus()
        await settled(pilot)
        assert choices.display
        await pilot.press("o")
        assert listed(pilot) == ["C", "B", "A"]
        await pilot.press("o")
        assert listed(pilot) == ["B"]
        await pilot.press("escape")
        await settled(pilot)
        assert listed(pilot) == ["C", "B", "A"] and not choices.display


async def test_a_click_on_a_title_sorts_and_a_second_one_turns_it_around(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await shelf(laboratory)
    async with open_screen(HomeScreen(laboratory), WIDE) as pilot:
        screen = await ready(pilot)
        await pilot.press("down")
        line = screen.table.region.y
        heading = plain(pilot).splitlines()[line]
        await pilot.click(ExperimentTable, offset=(heading.index("name"), 0))
        assert listed(pilot) == ["A", "C", "B"]
        assert "by name" in plain(pilot) and "name▾" in plain(pilot)
        assert screen.table.selected == "B"
        await pilot.click(ExperimentTable, offset=(heading.index("name"), 0))
        assert listed(pilot) == ["B", "C", "A"]
        await pilot.click(ExperimentTable, offset=(heading.index("runs"), 0))
        assert listed(pilot)[0] == "B"


async def test_the_order_is_chosen_by_keys_and_copies_stand_under_their_originals(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await shelf(laboratory)
    async with open_screen(HomeScreen(laboratory)) as pilot:
        await ready(pilot)
        await pilot.press("s", "end", "enter")
        await settled(pilot)
        assert listed(pilot) == ["B", "A", "C"]
        assert "└ Prison copy" in plain(pilot)


async def test_p_goes_to_the_original(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    await shelf(laboratory)
    await add(laboratory, "D", "Orphan", parent_id="gone")
    async with open_screen(HomeScreen(laboratory)) as pilot:
        screen = await ready(pilot)
        await pilot.press("p")
        assert "not in this store any more" in told(pilot)
        await pilot.press("slash", *"copy", "enter", "p")
        await settled(pilot)
        assert screen.table.selected == "A" and len(listed(pilot)) == 4
        await pilot.press("p")
        assert "not copied from another one" in told(pilot)


async def test_a_click_goes_to_a_line_and_a_second_one_to_its_runs(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await shelf(laboratory)
    async with open_screen(HomeScreen(laboratory), WIDE) as pilot:
        screen = await ready(pilot)
        await pilot.click(ExperimentTable, offset=(10, 2))
        await ready(pilot)
        assert screen.table.selected == "B"
        await pilot.click(ExperimentTable, offset=(10, 2))
        await settled(pilot)
        assert pilot.app.focused is screen.run_table


async def test_in_a_narrow_window_the_pane_takes_the_place_of_the_list(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await shelf(laboratory)
    async with open_screen(HomeScreen(laboratory), NARROW) as pilot:
        screen = await ready(pilot)
        assert screen.table.display and not screen.pane.display
        await pilot.press("down", "enter")
        await settled(pilot)
        assert screen.pane.display and not screen.query_one("#listed").display
        assert pilot.app.focused is screen.run_table
        await pilot.press("escape")
        assert screen.query_one("#listed").display and not screen.pane.display
        assert pilot.app.focused is screen.table
        await pilot.press("v")
        assert screen.pane.display
        await pilot.press("v")
        assert not screen.pane.display and pilot.app.focused is screen.table
        await pilot.resize_terminal(20, 5)
        await pilot.resize_terminal(*WIDE)
        await settled(pilot)
        assert screen.pane.display and screen.query_one("#listed").display


async def test_what_colleagues_make_appears_and_the_cursor_stays(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await shelf(laboratory)
    async with open_screen(HomeScreen(laboratory), WIDE) as pilot:
        screen = await ready(pilot)
        await pilot.press("down")
        await ready(pilot)
        await add(laboratory, "D", "News", creator="eve")
        bobs = await laboratory.services.store.experiment("B")
        await add_runs(laboratory, bobs, "R3")
        screen.look_again()
        await until(lambda: "Runs: 3" in plain(pilot))
        assert listed(pilot) == ["D", "C", "B", "A"] and screen.table.selected == "B"
        await laboratory.services.store.delete_experiment("D", now=laboratory.now())
        screen.look_again()
        await settled(pilot)
        assert listed(pilot) == ["C", "B", "A"] and screen.table.selected == "B"


async def test_what_went_meanwhile_leaves_the_list_when_it_is_looked_at(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await shelf(laboratory)
    async with open_screen(HomeScreen(laboratory), WIDE) as pilot:
        screen = await ready(pilot)
        await laboratory.services.store.delete_experiment("B", now=laboratory.now())
        await pilot.press("down")
        await until(lambda: "B" not in listed(pilot))
        await ready(pilot)
        assert screen.table.selected == "A"


async def test_the_app_can_put_the_cursor_on_an_experiment(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await shelf(laboratory)
    screen = HomeScreen(laboratory)
    screen.show_experiment("A")
    async with open_screen(screen) as pilot:
        await ready(pilot)
        assert screen.table.selected == "A"
        await pilot.press("slash", *"yard")
        assert listed(pilot) == ["B"]
        screen.show_experiment("C")
        await until(lambda: screen.table.selected == "C")
        screen.show_experiment("gone")
        await settled(pilot)
        assert screen.wanted is None and screen.table.selected == "C"


async def test_an_empty_store_offers_seeds(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    async with open_screen(HomeScreen(laboratory)) as pilot:
        await until(lambda: home(pilot).query_one(EmptyShelf).display)
        await settled(pilot)
        assert "There are no experiments in this store yet" in plain(pilot)
        await pilot.press("enter")
        await settled(pilot)
        (message,) = asked(pilot)
        assert isinstance(message, NewDesign) and message.kind == "conversation"
        options = home(pilot).query_one(OptionList)
        prison = next(
            place for place in range(options.option_count)
            if "Prison" in str(options.get_option_at_index(place).prompt)
        )  # fmt: skip
        await pilot.press(*["down"] * prison, "enter")
        screen = await ready(pilot)
        (experiment,) = await laboratory.services.store.experiments(ExperimentQuery())
        assert experiment.name == "Prison" and listed(pilot) == [experiment.id]
        assert pilot.app.focused is screen.table
        await laboratory.services.delete_experiment(experiment)
        await pilot.press("r")
        await until(lambda: home(pilot).query_one(EmptyShelf).display)


async def test_a_store_that_cannot_be_read_is_told_and_tried_again(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await laboratory.services.store.close()
    async with open_screen(HomeScreen(laboratory)) as pilot:
        await until(lambda: "r tries again" in plain(pilot))
        assert "closed" in plain(pilot)
        await pilot.press("r")
        await settled(pilot)
        assert "r tries again" in plain(pilot)


async def test_a_store_that_goes_away_leaves_the_list(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await shelf(laboratory)
    async with open_screen(HomeScreen(laboratory)) as pilot:
        screen = await ready(pilot)
        await laboratory.services.store.close()
        screen.look_again()
        await settled(pilot)
        assert listed(pilot) == ["C", "B", "A"] and "not up to date" in plain(pilot)
        await pilot.press("asterisk")
        await settled(pilot)
        assert "is closed" in told(pilot)


async def test_foreign_words_are_shown_literally(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    roles = [
        {"name": "guard", "starting_prompt": HOSTILE * 50},
        {"name": "prisoner", "starting_prompt": "x"},
    ]
    experiment = await add(
        laboratory, "A", HOSTILE, note=HOSTILE, creator=HOSTILE, parent_id=HOSTILE, roles=roles
    )
    await add_runs(laboratory, experiment, "R1", note=HOSTILE, parameters={HOSTILE: HOSTILE})
    async with open_screen(HomeScreen(laboratory), WIDE) as pilot:
        await ready(pilot)
        assert plain(pilot).count("[/foo] [bold") > 4
        assert "\x1b" not in plain(pilot) and "\u202e" not in plain(pilot)
        for key in ("m", "d", "delete"):
            await pilot.press(key)
            await settled(pilot)
            assert "[/foo] [bold" in plain(pilot)
            await pilot.press("escape")
            await settled(pilot)


async def test_a_prompt_of_a_megabyte_is_shown(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    roles = [
        {"name": "guard", "starting_prompt": "word " * 200_000},
        {"name": "prisoner", "starting_prompt": "x"},
    ]
    await add(laboratory, "A", roles=roles)
    async with open_screen(HomeScreen(laboratory), WIDE) as pilot:
        await ready(pilot)
        assert "word word" in plain(pilot)


async def test_a_design_of_another_version_is_told(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    kept = await add(laboratory, "A")
    store = laboratory.services.store
    await store.add_experiment(kept.model_copy(update={"id": "B", "design": {"days": "no"}}))
    await store.add_experiment(kept.model_copy(update={"id": "C", "kind": "gone"}))
    async with open_screen(HomeScreen(laboratory), WIDE) as pilot:
        await ready(pilot)
        assert "this design cannot be shown" in plain(pilot) and "'gone'" in plain(pilot)
        await pilot.press("down")
        await ready(pilot)
        assert "this design cannot be shown" in plain(pilot)


async def test_thousands_are_listed_searched_and_kept(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    first = await add(laboratory, "A")
    store = laboratory.services.store
    await asyncio.gather(
        *(
            store.add_experiment(
                first.model_copy(update={"id": f"N{number:04}", "name": f"Number {number}"})
            )
            for number in range(1500)
        )
    )
    async with open_screen(HomeScreen(laboratory)) as pilot:
        screen = await ready(pilot)
        assert len(listed(pilot)) == 1501
        await pilot.press("end")
        assert screen.table.selected == "A" and "Prison" in plain(pilot)
        await pilot.press("pageup", "pageup", "home", "down")
        assert screen.table.selected == "N1498"
        await pilot.press("slash", *"number 77")
        assert len(listed(pilot)) == 24


async def test_where_the_room_becomes_enough_list_and_pane_are_shown(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await shelf(laboratory)
    async with open_screen(HomeScreen(laboratory), NARROW) as pilot:
        screen = await ready(pilot)
        await pilot.press("v")
        await settled(pilot)
        assert screen.pane.has_focus_within
        await pilot.resize_terminal(*WIDE)
        await settled(pilot)
        assert screen.pane.display and screen.table.region.width and screen.pane.has_focus_within
        await pilot.resize_terminal(*NARROW)
        await settled(pilot)
        assert screen.pane.region.width and not screen.table.region.width
        await pilot.press("escape")
        await settled(pilot)
        assert screen.table.has_focus and screen.table.region.width
