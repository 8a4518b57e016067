from __future__ import annotations

from textual.widgets import TextArea

from screens.laboratory import Laboratory
from screens.transcript.fork_dialog import Fork, ForkDialog
from tests.screens.conftest import OpenScreen, settled
from tests.screens.test_shell import Blank
from tests.screens.widgets.messages import message

STRANGE = "\x1b[31mred\u202e \u2028line\rend"


async def test_only_what_is_edited_changes(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    answers: list[Fork | None] = []
    async with open_screen(Blank(laboratory)) as pilot:
        for keys in ((), ("x",)):
            pilot.app.push_screen(ForkDialog(message(1, STRANGE)), answers.append)
            await settled(pilot)
            area = pilot.app.screen.query_one(TextArea)
            area.move_cursor(area.document.end)
            await pilot.press(*keys, "ctrl+s")
            await settled(pilot)
    unchanged, changed = answers
    assert unchanged is not None and unchanged.replace is None
    assert changed is not None and changed.replace == f"{STRANGE}x"
