from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from screens.editor.drafting import store_name
from screens.editor.drafts_dialog import DraftsDialog
from screens.editor.resuming import chosen_draft
from screens.laboratory import Laboratory
from simulator.drafts import Draft, Drafts
from tests.screens.editor.conftest import NARROW, SMALL, Desk, OpenEditor
from tests.screens.host import NOW


def draft(laboratory: Laboratory, text: str = SMALL, id: str = "d1", age_s: int = 90) -> Draft:  # noqa: A002
    return Draft(id, text, None, None, store_name(laboratory), NOW - timedelta(seconds=age_s))


async def until_kept(desk: Desk, drafts: Drafts) -> Draft:
    """The draft, as soon as there is one; nothing is done but waiting."""
    async with asyncio.timeout(10):
        while not drafts.list():
            await desk.pilot.pause()
    return drafts.list()[0]


async def test_what_is_typed_is_a_draft_by_itself(open_editor: OpenEditor, drafts: Drafts) -> None:
    async with open_editor() as desk:
        await desk.go("name")
        await desk.pilot.press("X")
        kept = await until_kept(desk, drafts)
        assert "name: SmallX" in kept.text
        assert kept.experiment_id is None


async def test_what_is_typed_in_the_file_is_a_draft_even_if_it_is_no_yaml(
    open_editor: OpenEditor, drafts: Drafts
) -> None:
    async with open_editor() as desk:
        await desk.write("a: [")
        assert (await until_kept(desk, drafts)).text == "a: ["


async def test_a_text_that_nobody_changed_leaves_no_draft(
    open_editor: OpenEditor, drafts: Drafts
) -> None:
    async with open_editor() as desk:
        await desk.press("escape")
    assert drafts.list() == ()


async def test_leaving_keeps_what_is_typed_and_says_so(
    open_editor: OpenEditor, drafts: Drafts
) -> None:
    async with open_editor() as desk:
        await desk.go("name")
        await desk.pilot.press("X", "escape")
        await desk.pilot.pause()
        assert "SmallX" in drafts.list()[0].text
        assert any("kept as a draft" in told for told in desk.told())
        assert desk.pilot.app.screen is not desk.screen


async def test_whatever_closes_the_app_keeps_what_is_typed(
    open_editor: OpenEditor, drafts: Drafts
) -> None:
    async with open_editor() as desk:
        await desk.go("name")
        await desk.pilot.press("X")
    assert "SmallX" in drafts.list()[0].text


async def test_undoing_everything_leaves_no_draft(open_editor: OpenEditor, drafts: Drafts) -> None:
    async with open_editor() as desk:
        await desk.go("name")
        await desk.press("X")
        await desk.press("ctrl+z")
    assert drafts.list() == ()


async def test_a_draft_that_was_left_is_offered_and_resumed(
    open_editor: OpenEditor, drafts: Drafts, laboratory: Laboratory
) -> None:
    drafts.save(draft(laboratory, SMALL.replace("Small ", "Left behind ")))
    async with open_editor(waits=False) as desk:
        await asked(desk)
        assert "Left behind" in desk.look() and "1 min ago" in desk.look()
        await desk.press("enter")
        await desk.settle()
        assert desk.value(("name",)) == "Left behind"
        await desk.go("note")
        await desk.type("more")
        await desk.press("escape")
        assert [kept.id for kept in drafts.list()] == ["d1"]
        assert "note: more" in drafts.list()[0].text


async def test_drafts_are_thrown_away_one_by_one(
    open_editor: OpenEditor, drafts: Drafts, laboratory: Laboratory
) -> None:
    drafts.save(draft(laboratory, "name: Old\n", "d1"))
    drafts.save(draft(laboratory, "name: New\n", "d2", age_s=5))
    async with open_editor(waits=False, size=NARROW) as desk:
        await asked(desk)
        assert desk.look().index("New") < desk.look().index("Old")
        await desk.pilot.press("delete")
        await desk.pilot.pause()
        assert [kept.id for kept in drafts.list()] == ["d1"]
        await desk.pilot.press("d")
        await desk.settle()
        assert drafts.list() == ()
        assert desk.pilot.app.screen is desk.screen


async def test_drafts_of_other_experiments_are_not_offered(
    open_editor: OpenEditor, drafts: Drafts, laboratory: Laboratory
) -> None:
    other = draft(laboratory)
    drafts.save(Draft("d1", other.text, "E1", None, other.store, other.saved_at))
    drafts.save(Draft("d2", other.text, None, None, "sqlite:///elsewhere.db", other.saved_at))
    async with open_editor() as desk:
        assert desk.pilot.app.screen is desk.screen


async def test_a_draft_that_cannot_be_written_is_told(
    open_editor: OpenEditor, tmp_path: Path
) -> None:
    async with open_editor() as desk:
        (tmp_path / "drafts").write_text("in the way")
        await desk.go("name")
        await desk.pilot.press("X")
        async with asyncio.timeout(10):
            while not any("Drafts cannot be written" in told for told in desk.told()):
                await desk.pilot.pause()
        (tmp_path / "drafts").unlink()


async def asked(desk: Desk) -> None:
    async with asyncio.timeout(10):
        while not isinstance(desk.pilot.app.screen, DraftsDialog):
            await desk.pilot.pause()
    await desk.pilot.pause()


@pytest.mark.parametrize("button", ["#no", "#yes", "#discard"])
async def test_the_dialog_works_with_the_mouse(
    open_editor: OpenEditor, drafts: Drafts, laboratory: Laboratory, button: str
) -> None:
    drafts.save(draft(laboratory, "name: Left\n"))
    async with open_editor(waits=False) as desk:
        await asked(desk)
        await desk.pilot.click(button)
        await desk.settle()
        assert desk.pilot.app.screen is desk.screen
        assert (desk.text == "name: Left\n") == (button == "#yes")
        assert (drafts.list() == ()) == (button == "#discard")


async def test_an_experiment_s_draft_is_resumed_from_elsewhere(
    laboratory: Laboratory, drafts: Drafts
) -> None:
    mine = Draft("d1", "name: [", "E1", None, store_name(laboratory), NOW)
    drafts.save(mine)
    drafts.save(Draft("d2", SMALL, None, None, "sqlite:///elsewhere.db", NOW))

    async def first(dialog: DraftsDialog) -> Draft | None:
        assert dialog._found == [mine]
        return mine

    editor = await chosen_draft(laboratory, first, drafts)
    assert editor is not None
    assert editor.session.text.text == mine.text
    drafts.discard("d1")
    assert await chosen_draft(laboratory, first, drafts) is None
