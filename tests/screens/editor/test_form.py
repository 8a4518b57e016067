from __future__ import annotations

import pytest

from screens.editor.areas import ProseArea
from screens.editor.rows import ChoiceRow, ProseRow, SwitchRow
from simulator.files.design_text import MISSING
from tests.screens.editor.conftest import NARROW, PRISON, SMALL, OpenEditor


async def test_what_is_typed_in_the_form_stands_in_the_file(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        await desk.go("name")
        await desk.type(" talk")
        assert desk.value(("name",)) == "Small talk"
        assert "name: Small talk" in desk.screen.panes.file.text


async def test_an_area_that_comes_while_the_form_scrolls_wraps_its_text(
    open_editor: OpenEditor,
) -> None:
    async with open_editor() as desk:
        form, compositor = desk.screen.panes.form, desk.screen._compositor
        area = ProseArea("so many words " * 40)
        await form.mount(area)
        compositor.reflow_visible(desk.screen, desk.screen.size)
        assert area in compositor.full_map
        await desk.settle()
        assert area.wrapped_document.height > 1


async def test_a_key_selects_all_that_is_typed_in_a_field(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        for place in (("name",), ("roles", 0, "starting_prompt")):
            await desk.go(*place)
            await desk.press("ctrl+a")
            await desk.type("Anew")
            assert desk.value(place) == "Anew"


async def test_what_is_typed_in_the_file_stands_in_the_form(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        row = await desk.row("starting_message")
        await desk.write(SMALL.replace("Begin.", "Go on.").replace("messages: 4", "messages: 6"))
        assert desk.shown(row) == "Go on."
        assert desk.shown(await desk.row("messages")) == "6"


async def test_comments_and_order_outlive_edits_in_the_form(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        row = await desk.row("roles", 0, "sections", 0, "content")
        assert isinstance(row, ProseRow)
        await desk.press("end")
        await desk.type(" Now.")
        assert desk.text == SMALL.replace("Keep order.", "Keep order. Now.")


async def test_a_number_is_written_as_a_number(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        await desk.go("messages")
        await desk.press("end", "backspace", "1", "2")
        assert desk.value(("messages",)) == 12


async def test_no_number_is_kept_and_found_fault_with(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        row = await desk.row("messages")
        await desk.type("x")
        assert desk.value(("messages",)) == "4x"
        assert "number" in desk.beside(row)
        assert desk.shown(row) == "4x"


async def test_an_emptied_field_falls_back_to_its_default(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        row = await desk.row("messages")
        await desk.press("backspace")
        assert desk.value(("messages",)) is MISSING
        assert row.default == "20"
        assert "20" in desk.look()


async def test_a_choice_is_made_and_taken_back(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        row = await desk.row("memory")
        assert isinstance(row, ChoiceRow)
        row._select.value = "full"
        await desk.settle()
        assert desk.value(("memory",)) == "full"
        row._select.clear()
        await desk.settle()
        assert desk.value(("memory",)) is MISSING


async def test_a_switch_says_yes_and_no_in_words(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        row = await desk.row("classic")
        assert isinstance(row, SwitchRow)
        assert "[ ] no" in desk.look()
        await desk.press("space")
        assert desk.value(("classic",)) is True
        assert "[x] yes" in desk.look()
        await desk.press("space")
        assert desk.value(("classic",)) is False


async def test_a_choice_of_yes_or_no_may_be_left_open(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        row = await desk.row("speaker_labels")
        assert isinstance(row, ChoiceRow)
        row._select.value = "no"
        await desk.settle()
        assert desk.value(("speaker_labels",)) is False


async def test_a_part_is_used_and_removed_with_keys(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        await desk.go("summarizer")
        await desk.press("delete")
        assert desk.value(("summarizer",)) is MISSING
        await desk.press("a")
        assert desk.value(("summarizer",)) is not MISSING
        await desk.go("summarizer")
        await desk.press("delete")
        assert desk.value(("summarizer",)) is MISSING


async def test_one_field_of_a_default_group_leaves_its_others_as_they_were(
    open_editor: OpenEditor,
) -> None:
    async with open_editor() as desk:
        row = await desk.row("sampling", "temperature")
        assert row.default == "0.7"
        await desk.type("0.2")
        assert desk.value(("sampling",)) == {"temperature": 0.2, "top_p": 0.9, "max_tokens": 200}
        assert desk.screen.session.text.design is not None


async def test_a_part_that_is_not_used_can_be_used_and_removed(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        group = await desk.go("summarizer")
        group.act("use")  # type: ignore[attr-defined]
        await desk.settle()
        row = await desk.row("summarizer", "starting_prompt")
        assert desk.beside(row)
        await desk.type("Sum up.")
        assert not desk.faults
        group.act("remove")  # type: ignore[attr-defined]
        await desk.settle()
        assert desk.value(("summarizer",)) is MISSING


async def test_a_file_that_cannot_be_read_keeps_the_form_as_it_was(
    open_editor: OpenEditor,
) -> None:
    async with open_editor() as desk:
        row = await desk.row("name")
        await desk.write(SMALL + "oops: [\n")
        assert row.disabled
        assert desk.shown(row) == "Small"
        assert "cannot be read at line" in desk.look()
        await desk.write(SMALL)
        assert not row.disabled
        assert "cannot be read" not in desk.look()


async def test_without_a_kind_the_form_waits_for_one(open_editor: OpenEditor) -> None:
    async with open_editor("name: Nobody\n") as desk:
        assert "conversation" in desk.look()
        await desk.write(SMALL)
        assert desk.shown(await desk.row("name")) == "Small"


async def test_help_on_the_field_in_focus_is_shown(open_editor: OpenEditor) -> None:
    async with open_editor(PRISON, size=NARROW) as desk:
        await desk.go("roles", 0, "count")
        assert "How many agents play it" in desk.look()


async def test_parts_that_were_never_opened_cost_nothing(open_editor: OpenEditor) -> None:
    async with open_editor(PRISON) as desk:
        roles = desk.screen.panes.form.inner["roles"]
        assert roles.inner[0].inner == {}
        await desk.go("roles", 0, "name")
        assert "starting_prompt" in roles.inner[0].inner


@pytest.mark.parametrize("key", ["enter", "space", "right"])
async def test_parts_open_and_close_with_keys(open_editor: OpenEditor, key: str) -> None:
    async with open_editor() as desk:
        part = await desk.go("shared_sections")
        await desk.press(key)
        assert "Rules" in desk.look()
        assert part.is_open  # type: ignore[attr-defined]
        await desk.press("left")
        assert not part.is_open  # type: ignore[attr-defined]


async def test_a_click_opens_a_part_and_does_its_deeds(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        header = (await desk.go("roles", 0)).header  # type: ignore[attr-defined]
        await desk.pilot.click(header, offset=(header.size.width - 3, 0))
        await desk.settle()
        assert desk.value(("roles", 1, "name")) == "guard"
        header = (await desk.go("roles", 1)).header  # type: ignore[attr-defined]
        await desk.pilot.click(header, offset=(2, 0))
        await desk.settle()
        assert "Starting prompt" in desk.look()
