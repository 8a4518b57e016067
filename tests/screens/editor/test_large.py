from __future__ import annotations

from benchmarks.editor import LINE, large
from tests.screens.editor.conftest import OpenEditor


async def test_a_text_of_200_kb_is_edited_and_comes_back(open_editor: OpenEditor) -> None:
    text = large(70)
    assert len(text) > 200_000
    async with open_editor(text) as desk:
        await desk.go("roles", 3, "sections", 7, "content")
        await desk.press("x", "y")
        assert desk.value(("roles", 3, "sections", 7, "content")).startswith("xyYou are")
        await desk.press("ctrl+z")
        assert desk.text == text and desk.text.endswith(LINE)
