from __future__ import annotations

import statistics

import pytest

from tests.loop_watch import watched
from tests.screens.editor.conftest import OpenEditor

KEY_S = 0.1
"""Within which a key is handled."""
LONG_S = 0.6
"""That nothing takes, however long the text is; several times what it takes on a slow machine."""
LINE = "You are a guard in a prison. Your name is <SELF_NAME>. You talk with <OTHERS_NAMES>.\n"


def large(lines: int) -> str:
    """Four roles with eight sections each."""
    text = "kind: conversation\nname: Large\nstarting_message: Go.\nroles:\n"
    for role in "abcd":
        text += f"  - name: role {role}\n    starting_prompt: >-\n      {LINE}    sections:\n"
        for section in range(8):
            text += f"      Section {section}: >-\n" + f"        {LINE}" * lines
    return text


async def test_a_key_is_handled_at_once(open_editor: OpenEditor) -> None:
    async with open_editor(large(5)) as desk:
        await desk.go("roles", 0, "sections", 0, "content")
        await desk.press("x")
        turns = [(await watched(desk.pilot.press(key)))[1].longest_s for key in "som"]
        assert statistics.median(turns) < KEY_S
        desk.screen.panes.go("yaml")
        await desk.press("x")
        turns = [(await watched(desk.pilot.press(key)))[1].longest_s for key in "mor"]
        assert statistics.median(turns) < KEY_S


@pytest.mark.parametrize("lines", [70])
async def test_a_text_of_200_kb_freezes_nothing(open_editor: OpenEditor, lines: int) -> None:
    text = large(lines)
    assert len(text) > 200_000
    async with open_editor(text) as desk:
        for work in (
            desk.go("roles", 3, "sections", 7, "content"),
            desk.press("x", "y"),
            desk.write(f"{text}# end\n"),
            desk.press("z"),
            desk.press("ctrl+z"),
        ):
            _, turns = await watched(work)
            assert turns.longest_s < LONG_S
        # What was typed soon after something else is one step with it.
        assert desk.text.removesuffix("# end\n").rstrip().endswith(LINE.split()[-1])
