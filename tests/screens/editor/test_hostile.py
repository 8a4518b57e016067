"""Texts full of what could steer a terminal or be taken for markup, and texts that are long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Region

from screens.editor.drafting import store_name
from screens.editor.lines import Lines
from screens.editor.rows import ProseRow
from screens.editor.yaml_area import block_lines
from screens.laboratory import Laboratory
from screens.widgets.safe_input import one_for_one
from simulator.drafts import Draft, Drafts
from simulator.presentation.safe_text import visible
from tests.screens.editor.conftest import NARROW, PRISON, SMALL, Desk, OpenEditor
from tests.screens.host import NOW

NASTY = (
    "[/foo] [bold red]x[/] \x1b[31m\x9b2J\u202eabc\u202c \u200b\x07 \u0645\u0631\u062d\u0628\u0627 "
    "\U0001f469\u200d\U0001f467 \x85\u2028"
)
QUOTED = f'"{NASTY.encode("unicode_escape").decode()}"'


@given(st.text())
def test_a_shown_line_is_as_long_as_the_line_and_steers_nothing(text: str) -> None:
    shown = one_for_one(text)
    assert len(shown) == len(text)
    plain = shown.replace("\t", "")
    assert visible(plain) == plain


@given(st.text(), st.data())
def test_a_document_keeps_every_character(text: str, data: st.DataObject) -> None:
    document = Lines(text)
    assert document.text == text
    row = data.draw(st.integers(0, document.line_count - 1))
    column = data.draw(st.integers(0, len(document.get_line(row))))
    new = data.draw(st.text())
    at = document.get_index_from_location((row, column))
    document.replace_range((row, column), (row, column), new)
    assert document.text == text[:at] + new + text[at:]


def test_texts_in_blocks_are_told_from_keys() -> None:
    lines = ["a: >-", "  key: no key", "", "  # no comment", "b: |2", "   x", "c: x | y", "  d: e"]
    assert block_lines(lines) == [False, True, True, True, False, True, False, False]


def drawn(desk: Desk) -> str:
    """All that goes to the terminal."""
    screen = desk.pilot.app.screen
    strips = screen._compositor.render_strips()
    assert Region(0, 0, *screen.size)
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


async def test_every_pane_shows_nasty_texts_literally(open_editor: OpenEditor) -> None:
    text = SMALL.replace("Small ", f"{QUOTED} ").replace("Keep order.", QUOTED)
    text = text.replace("You are a guard.", QUOTED)
    async with open_editor(text, size=NARROW) as desk:
        await desk.go("roles", 0, "sections", 0, "content")
        assert "[bold red]x[/]" in drawn(desk)
        for pane in ("form", "yaml", "preview", "diff", "problems"):
            desk.screen.panes.go(pane)
            await desk.settle()
            await desk.pilot.app.workers.wait_for_complete()
            await desk.settle()
            for character in "\x1b\x9b\u202e\x07\x85\u2028":
                assert character not in drawn(desk), (pane, character)


async def test_nasty_texts_are_edited_without_loss(open_editor: OpenEditor) -> None:
    text = SMALL.replace("Keep order.", QUOTED)
    async with open_editor(text) as desk:
        row = await desk.row("roles", 0, "sections", 0, "content")
        assert isinstance(row, ProseRow) and desk.shown(row) == NASTY
        await desk.press("home", "Z")
        assert desk.value(("roles", 0, "sections", 0, "content")) == f"Z{NASTY}"
        assert desk.shown(row) == f"Z{NASTY}"


async def test_pasted_line_ends_are_newlines(open_editor: OpenEditor) -> None:
    from textual import events

    async with open_editor() as desk:
        row = await desk.row("starting_message")
        assert isinstance(row, ProseRow)
        desk.pilot.app.post_message(events.Paste("one\r\ntwo\rthree\n"))
        await desk.settle()
        assert desk.value(("starting_message",)) == "one\ntwo\nthree\nBegin."


@pytest.mark.parametrize(
    "text",
    ["", "- a list", "kind: 7", "a: &x [*x]", "\x00",
     "kind: conversation\nroles: 7\nshared_sections: [1, {}]\nsampling: no\nname: {a: 1}",
     "kind: conversation\nroles: [{name: [1], sections: {a: {b: c}}}, null, 3]\nfactors: [x]",
     "? [a]\n: b"],
)  # fmt: skip
async def test_whatever_stands_in_the_file_the_editor_stays(
    open_editor: OpenEditor, text: str
) -> None:
    async with open_editor(text) as desk:
        assert desk.faults
        for name in list(desk.screen.panes.form.inner):
            await desk.go(name)
        await desk.press("f7", "f8", "f8", "ctrl+z", "ctrl+y")
        assert not any("fault of its own" in told for told in desk.told())
        await desk.write(SMALL)
        assert not desk.faults


async def test_a_draft_with_a_nasty_name_is_offered_literally(
    open_editor: OpenEditor, drafts: Drafts, laboratory: Laboratory
) -> None:
    drafts.save(Draft("d1", f"name: {NASTY}\n", None, None, store_name(laboratory), NOW))
    async with open_editor(waits=False) as desk:
        for _ in range(100):
            await desk.pilot.pause()
            if desk.pilot.app.screen is not desk.screen:
                break
        assert "[bold red]x[/]" in drawn(desk) and "\x1b" not in drawn(desk)


async def test_a_tiny_terminal_is_survived(open_editor: OpenEditor) -> None:
    async with open_editor(PRISON) as desk:
        await desk.go("roles", 0, "starting_prompt")
        for size in ((20, 5), (120, 40), (80, 24)):
            await desk.pilot.resize_terminal(*size)
            await desk.press("X")
        assert "XXX" in desk.shown(await desk.row("roles", 0, "starting_prompt"))
