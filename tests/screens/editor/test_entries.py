from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from textual.widgets import Input

from screens.dialogs import AskText, Pick
from screens.editor.entries import matched
from screens.editor.records import Record
from simulator.files.design_text import MISSING
from tests.screens.editor.conftest import PRISON, SMALL, Desk, OpenEditor

names = st.lists(st.sampled_from("abcd"), max_size=6)


@given(names, names)
def test_every_entry_is_matched_with_one_at_most(old: list[str], new: list[str]) -> None:
    found = [place for place in matched(old, new) if place is not None]
    assert len(set(found)) == len(found)
    assert all(0 <= place < len(old) for place in found)


@given(st.permutations("abcd"))
def test_entries_in_another_order_are_found_again(new: list[str]) -> None:
    assert ["abcd"[place] for place in matched("abcd", new) if place is not None] == new


def test_a_renamed_entry_is_known_by_its_place() -> None:
    assert matched(["a", "b", "c"], ["a", "x", "c"]) == [0, 1, 2]


async def answer(desk: Desk, text: str) -> None:
    """Type into the question that is asked."""
    await desk.pilot.pause()
    dialog = desk.pilot.app.screen
    assert isinstance(dialog, AskText)
    await desk.type(text)
    await desk.pilot.press("enter")
    await desk.settle()


async def test_a_role_is_renamed_with_its_tags_and_its_levels(open_editor: OpenEditor) -> None:
    async with open_editor(PRISON) as desk:
        await desk.go("roles", 1)
        await desk.press("r")
        assert isinstance(desk.pilot.app.screen, AskText)
        desk.pilot.app.screen.query_one(Input).value = "night inmate"
        await desk.pilot.press("enter")
        await desk.settle()
        assert desk.value(("roles", 1, "name")) == "night inmate"
        assert "PRISONER_" not in desk.text and "<NIGHT_INMATE_NOUN>" in desk.text
        assert "\n      prisoner:" not in desk.text and "\n      night inmate:" in desk.text
        assert desk.faults == []
        await desk.press("ctrl+z")
        assert desk.text == PRISON


async def test_a_role_s_new_name_must_be_free_and_sections_are_not_renamed(
    open_editor: OpenEditor,
) -> None:
    async with open_editor(PRISON) as desk:
        await desk.go("roles", 1)
        await desk.press("r")
        dialog = desk.pilot.app.screen
        dialog.query_one(Input).value = "guard"
        await desk.pilot.press("enter")
        assert desk.pilot.app.screen is dialog
        await desk.pilot.press("escape")
        await desk.go("roles", 0, "sections", 0)
        await desk.press("r")
        assert desk.pilot.app.screen is desk.screen and desk.text == PRISON


async def test_a_role_is_added_and_written_at_once(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        await desk.go("roles", 1)
        await desk.press("a")
        await answer(desk, "warden")
        assert desk.value(("roles", 2, "name")) == "warden"
        await desk.go("roles", 2, "starting_prompt")
        await desk.type("You watch.")
        assert not desk.faults
        assert desk.value(("roles", 2)) == {"name": "warden", "starting_prompt": "You watch."}


async def test_a_section_is_added_below_the_list_and_focused(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        await desk.go("shared_sections")
        await desk.press("enter", "tab", "tab", "enter")
        await answer(desk, "Place")
        await desk.type("In a room.")
        assert desk.value(("shared_sections", 1)) == {"title": "Place", "content": "In a room."}


async def test_two_sections_cannot_get_one_title(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        (await desk.go("roles", 0, "sections")).add(0)  # type: ignore[attr-defined]
        await desk.settle()
        await desk.type("Goal")
        await desk.pilot.press("enter")
        await desk.settle()
        assert "already" in desk.look()
        await desk.press("escape")
        assert len(desk.value(("roles", 0, "sections"))) == 2


async def test_an_entry_without_a_name_is_added_at_once(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        (await desk.go("stop")).add(0)  # type: ignore[attr-defined]
        await desk.settle()
        assert "empty stop condition" in " ".join(desk.faults)
        await desk.go("stop", 0, "phrase")
        await desk.type("bye")
        assert desk.value(("stop",)) == [{"phrase": "bye"}]
        assert not desk.faults


async def test_a_title_is_typed_anew(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        await desk.go("roles", 0, "sections", 0, "title")
        await desk.press("end")
        await desk.type("s")
        assert [s["title"] for s in desk.value(("roles", 0, "sections"))] == ["Goals", "Manner"]
        assert "▾ Goals" in desk.look()


async def test_a_title_that_stands_there_already_is_found_fault_with_on_the_spot(
    open_editor: OpenEditor,
) -> None:
    async with open_editor() as desk:
        row = await desk.row("roles", 0, "sections", 1, "title")
        await desk.press("end", *["backspace"] * 6)
        await desk.type("Goal")
        record = await desk.go("roles", 0, "sections", 1)
        assert desk.beside(row) or desk.beside(record)
        assert desk.shown(row) == "Goal"
        await desk.go("roles", 0, "sections", 1, "title")
        await desk.press("end", "s")
        assert not desk.beside(row) and not desk.beside(record)
        assert desk.value(("roles", 0, "sections", 1, "title")) == "Goals"


async def test_entries_are_moved_with_keys_and_stay_open(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        await desk.go("roles", 0, "name")
        await desk.press("alt+down")
        assert [role["name"] for role in desk.value(("roles",))] == ["prisoner", "guard"]
        roles = desk.screen.panes.form.inner["roles"]
        first, second = roles.inner[0], roles.inner[1]
        assert isinstance(first, Record) and isinstance(second, Record)
        assert second.is_open and not first.is_open
        assert desk.look().index("prisoner") < desk.look().index("▾ guard")
        await desk.press("alt+up")
        assert [role["name"] for role in desk.value(("roles",))] == ["guard", "prisoner"]


async def test_an_entry_is_removed_from_its_header_only(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        await desk.go("roles", 0, "sections", 0, "content")
        await desk.press("home", "delete")
        assert desk.value(("roles", 0, "sections", 0, "content")) == "eep order."
        await desk.go("roles", 0, "sections", 0)
        await desk.press("left", "delete")
        assert [s["title"] for s in desk.value(("roles", 0, "sections"))] == ["Manner"]
        await desk.press("delete")
        assert not desk.screen.session.text.value(("roles", 0, "sections")) or (
            desk.value(("roles", 0, "sections")) is MISSING
        )


async def test_a_section_is_moved_to_the_shared_ones(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        header = (await desk.go("roles", 0, "sections", 0)).header  # type: ignore[attr-defined]
        header.focus()
        await desk.press("m")
        assert isinstance(desk.pilot.app.screen, Pick)
        assert "Shared sections" in desk.look()
        await desk.press("down", "enter")
        assert desk.value(("shared_sections", 1)) == {"title": "Goal", "content": "Keep order."}
        assert [s["title"] for s in desk.value(("roles", 0, "sections"))] == ["Manner"]
        moved = desk.screen.panes.form.inner["shared_sections"].inner[1]
        assert isinstance(moved, Record) and moved.header.has_focus
        assert "Goal" in str(moved.header.render())


async def test_changes_in_the_file_find_the_entries_of_the_form(open_editor: OpenEditor) -> None:
    async with open_editor(PRISON) as desk:
        await desk.go("roles", 1, "name")
        first = """roles:
  - name: warden
    starting_prompt: You watch.
"""
        await desk.write(desk.text.replace("roles:\n", first))
        roles = desk.screen.panes.form.inner["roles"]
        assert [roles.inner[n].is_open for n in range(3)] == [False, False, True]  # type: ignore[attr-defined]
        assert desk.shown(await desk.row("roles", 2, "name")) == "prisoner"


async def test_lists_of_texts_are_written_line_by_line(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        await desk.go("section_order")
        (await desk.go("section_order")).add(0)  # type: ignore[attr-defined]
        await desk.settle()
        await desk.type("Manner")
        desk.screen.panes.form.inner["section_order"].add(1)  # type: ignore[attr-defined]
        await desk.settle()
        await desk.type("Goal")
        assert desk.value(("section_order",)) == ["Manner", "Goal"]
        await desk.press("alt+up")
        assert desk.value(("section_order",)) == ["Goal", "Manner"]
        await desk.press("ctrl+delete")
        assert desk.value(("section_order",)) == ["Manner"]
        assert not desk.faults


async def test_levels_of_factors_are_written_in_the_form(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        (await desk.go("factors")).add(0)  # type: ignore[attr-defined]
        await desk.settle()
        await answer(desk, "mood")
        (await desk.go("factors", 0, "levels")).add(0)  # type: ignore[attr-defined]
        await desk.settle()
        await answer(desk, "bad")
        (await desk.go("factors", 0, "levels", 0, "changes")).add(0)  # type: ignore[attr-defined]
        await desk.settle()
        await answer(desk, "guard")
        await answer(desk, "Manner")
        await desk.type("Be rude.")
        assert desk.value(("factors",)) == [
            {
                "name": "mood",
                "levels": [
                    {
                        "name": "bad",
                        "changes": [{"target": "guard", "title": "Manner", "content": "Be rude."}],
                    }
                ],
            }
        ]
        assert not desk.faults


async def test_a_section_stays_where_it_is_when_its_title_is_taken_elsewhere(
    open_editor: OpenEditor,
) -> None:
    text = SMALL.replace("Rules: Be brief.", "Goal: Be brief.")
    async with open_editor(text) as desk:
        header = (await desk.go("roles", 0, "sections", 0)).header  # type: ignore[attr-defined]
        header.focus()
        await desk.press("m", "down", "enter")
        assert desk.text == text
        assert any("Goal" in told for told in desk.told())
