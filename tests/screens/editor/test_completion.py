from __future__ import annotations

from screens.editor.areas import ProseArea
from screens.editor.completing import Completions
from screens.editor.rows import ProseRow
from tests.screens.editor.conftest import NARROW, PRISON, SMALL, Desk, OpenEditor


def popup(desk: Desk) -> Completions | None:
    found = desk.pilot.app.screen.query(Completions)
    return found.first() if found else None


async def test_a_bracket_lists_the_placeholders_and_typing_narrows_them(
    open_editor: OpenEditor,
) -> None:
    async with open_editor() as desk:
        row = await desk.row("roles", 0, "starting_prompt")
        await desk.press("end", "space", "less_than_sign")
        listed = popup(desk)
        assert listed is not None and listed.option_count > 30
        await desk.type("PRISONER_NO")
        assert listed.option_count == 1
        await desk.press("enter")
        assert popup(desk) is None
        assert desk.shown(row) == "You are a guard. <PRISONER_NOUN>"
        assert desk.value(("roles", 0, "starting_prompt")) == "You are a guard. <PRISONER_NOUN>"


async def test_arrows_choose_and_tab_inserts(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        row = await desk.row("roles", 0, "starting_prompt")
        await desk.press("end", "less_than_sign", "down", "down", "up", "tab")
        assert desk.shown(row) == "You are a guard.<GUARD_NUM_WORD>"
        assert isinstance(desk.focused, ProseArea)


async def test_escape_closes_the_list_and_nothing_else(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        await desk.row("roles", 0, "starting_prompt")
        await desk.press("less_than_sign", "escape")
        assert popup(desk) is None
        assert desk.pilot.app.screen is desk.screen


async def test_a_space_means_that_no_placeholder_was_meant(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        row = await desk.row("roles", 0, "starting_prompt")
        await desk.press("end", "less_than_sign", "space")
        assert popup(desk) is None
        await desk.press("enter")
        assert desk.shown(row).endswith("< \n")


async def test_a_text_without_a_reader_offers_none_of_the_readers(
    open_editor: OpenEditor,
) -> None:
    async with open_editor() as desk:
        await desk.row("starting_message")
        await desk.press("less_than_sign", "S", "E", "L", "F")
        assert popup(desk) is None
        await desk.row("roles", 0, "starting_prompt")
        await desk.press("less_than_sign", "S", "E", "L", "F")
        assert popup(desk) is not None


async def test_placeholders_of_a_role_that_was_just_named_are_known(
    open_editor: OpenEditor,
) -> None:
    async with open_editor() as desk:
        await desk.go("roles", 1, "name")
        await desk.press("end", "s")
        await desk.row("roles", 0, "starting_prompt")
        await desk.press("less_than_sign", *"PRISONERS_NU")
        assert popup(desk) is not None


async def test_the_list_stays_on_a_small_screen(open_editor: OpenEditor) -> None:
    async with open_editor(size=NARROW) as desk:
        await desk.row("roles", 0, "starting_prompt")
        await desk.press("end", "less_than_sign")
        listed = popup(desk)
        assert listed is not None
        screen = desk.pilot.app.screen.region
        assert screen.contains_region(listed.region) and listed.region.height > 1


async def test_a_click_inserts(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        row = await desk.row("roles", 0, "starting_prompt")
        await desk.press("end", "less_than_sign")
        await desk.pilot.click(Completions, offset=(3, 2))
        await desk.settle()
        assert desk.shown(row) == "You are a guard.<GUARD_NOUN>"


async def test_the_file_offers_them_too(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        desk.screen.panes.go("yaml")
        await desk.pilot.pause()
        desk.screen.panes.file.go_to(4, 25)
        await desk.press("less_than_sign", *"days_num", "enter")
        assert "starting_message: Begin.<DAYS_NUM>" in desk.text


async def test_known_and_unknown_placeholders_look_different(open_editor: OpenEditor) -> None:
    text = SMALL.replace("Keep order.", "A <GUARD_NOUN>, a <GUARD_NOUM>, a <b>, a \\<GUARD_NUM>.")
    async with open_editor(text) as desk:
        row = await desk.row("roles", 0, "sections", 0, "content")
        assert isinstance(row, ProseRow)
        line = row.area.get_line(0)
        looks = {line.plain[span.start : span.end]: str(span.style) for span in line.spans}
        assert "bold" in looks["<GUARD_NOUN>"]
        assert "underline" in looks["<GUARD_NOUM>"] and "reverse" in looks["<GUARD_NOUM>"]
        assert set(looks) == {"<GUARD_NOUN>", "<GUARD_NOUM>"}
        assert "is no tag" in desk.beside(row)


async def test_any_verb_is_a_known_placeholder(open_editor: OpenEditor) -> None:
    async with open_editor(PRISON) as desk:
        row = await desk.row("roles", 0, "starting_prompt")
        assert isinstance(row, ProseRow)
        await desk.press("home", "less_than_sign", *"GUARD_VERB_RUN", "enter")
        assert "<GUARD_VERB_RUN>" in desk.shown(row)
        assert not desk.faults
