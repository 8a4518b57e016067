from __future__ import annotations

from screens.editor.session import Edit, Session
from simulator.errors import SimulatorError, UsageError
from simulator.files.design_text import DesignText
from simulator.kinds.registry import KINDS
from tests.screens.editor.conftest import SMALL, OpenEditor


class Heard:
    """Keeps the edits that a session tells of."""

    def __init__(self) -> None:
        self.edits: list[Edit] = []

    async def __call__(self, edit: Edit, error: SimulatorError | None) -> None:
        self.edits.append(edit)


def session(text: str = SMALL) -> Session:
    return Session(text, KINDS, lambda: 0.0)


def put(value: str) -> Edit:
    return Edit(("name",), lambda text: text.with_value(("name",), value), is_typed=True)


async def test_of_what_is_typed_at_one_place_only_the_last_is_made() -> None:
    edited, heard = session(), Heard()
    for name in ("a", "ab", "abc"):
        edited.add(put(name))
    assert edited.waits_at(("name",)) and not edited.waits_at(("note",))
    await edited.settle(heard)
    assert len(heard.edits) == 1
    assert edited.text.value(("name",)) == "abc"
    assert not edited.waits


async def test_typing_in_the_file_while_the_form_s_edit_is_made_keeps_both() -> None:
    edited = session()
    edited.add(put("Other"))
    edited.add(edited.typed(SMALL, SMALL.replace("Begin.", "Go.")))
    await edited.settle(Heard())
    assert edited.text.value(("name",)) == "Other"
    assert edited.text.value(("starting_message",)) == "Go."


async def test_an_edit_that_cannot_be_made_is_told_until_another_is() -> None:
    def refuse(text: DesignText) -> DesignText:
        raise UsageError("No.")

    edited = session()
    edited.add(Edit(("name",), refuse, is_typed=True))
    await edited.settle(Heard())
    assert edited.faults[0].message == "No." and edited.design is None
    edited.add(put("Yes"))
    await edited.settle(Heard())
    assert not edited.faults and edited.design is not None


async def test_leaving_makes_what_waits_at_once() -> None:
    edited = session()
    edited.add(put("Last"))
    edited.settle_now()
    assert edited.text.value(("name",)) == "Last"


async def test_one_history_for_the_form_and_the_file(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        await desk.go("name")
        await desk.type("er")
        desk.screen.panes.go("yaml")
        await desk.pilot.pause()
        desk.screen.panes.file.go_to(5, 12)
        await desk.press("0")
        await desk.go("roles", 0)
        await desk.press("alt+down")
        after = desk.text
        assert "messages: 40" in after and "Smaller" in after
        await desk.press("ctrl+z")
        assert desk.value(("roles", 0, "name")) == "guard"
        await desk.press("ctrl+z")
        assert desk.value(("messages",)) == 4
        assert desk.shown(await desk.row("name")) == "Smaller"
        await desk.press("ctrl+z")
        assert desk.text == SMALL == desk.screen.panes.file.text
        assert desk.shown(await desk.row("name")) == "Small"
        await desk.press("ctrl+z")
        await desk.press("ctrl+y", "ctrl+y", "ctrl+y", "ctrl+y")
        assert desk.text == after == desk.screen.panes.file.text


async def test_undoing_an_unreadable_file_brings_the_form_back(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        await desk.write(SMALL + "x: [")
        assert (await desk.row("name")).disabled
        await desk.press("ctrl+z")
        assert not (await desk.row("name")).disabled
        assert desk.text == SMALL


async def test_undoing_shows_what_changed(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        await desk.go("roles", 0, "sections", 0, "content")
        await desk.type("X")
        await desk.go("name")
        await desk.press("ctrl+z")
        node = desk.screen.panes.form.node_of(desk.focused)
        assert node is not None and node.place[:4] == ("roles", 0, "sections", 0)


async def test_undo_keeps_the_focus_where_typing_goes_on(open_editor: OpenEditor) -> None:
    async with open_editor() as desk:
        row = await desk.row("starting_message")
        await desk.press("end", "space", "N", "o", "w")
        await desk.press("ctrl+z", "ctrl+y")
        assert desk.shown(row) == "Begin. Now"
        await desk.press("end", "full_stop")
        assert desk.value(("starting_message",)) == "Begin. Now."
