from __future__ import annotations

import pytest

from screens.editor.drafts_dialog import DraftsDialog
from screens.laboratory import Laboratory
from simulator.drafts import Draft, Drafts
from simulator.files.templates import design_template
from tests.screens.conftest import Snap, settled
from tests.screens.editor.conftest import NARROW, PRISON, WIDE, Desk, OpenEditor
from tests.screens.host import NOW

sizes = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
BROKEN = PRISON.replace("count: 1", "count: none", 1).replace("memory:", "memry:")


async def drawn(desk: Desk) -> None:
    await desk.settle()
    await settled(desk.pilot)


@sizes
async def test_how_it_looks_new(
    open_editor: OpenEditor, snap: Snap, laboratory: Laboratory, size: tuple[int, int]
) -> None:
    text = design_template(laboratory.services.kinds["conversation"])
    async with open_editor(text, size=size) as desk:
        await drawn(desk)
        snap(desk.pilot)


@sizes
async def test_how_it_looks_full(
    open_editor: OpenEditor, snap: Snap, size: tuple[int, int]
) -> None:
    async with open_editor(PRISON, size=size) as desk:
        await desk.go("roles", 0, "sections", 0, "content")
        await desk.press("end", "space", "less_than_sign", *"PRIS")
        await drawn(desk)
        snap(desk.pilot)


@sizes
async def test_how_it_looks_with_problems(
    open_editor: OpenEditor, snap: Snap, size: tuple[int, int]
) -> None:
    async with open_editor(BROKEN, size=size) as desk:
        await desk.press("f7")
        await drawn(desk)
        snap(desk.pilot)


@sizes
async def test_how_it_looks_when_the_file_cannot_be_read(
    open_editor: OpenEditor, snap: Snap, size: tuple[int, int]
) -> None:
    async with open_editor(PRISON, size=size) as desk:
        await desk.write(PRISON.replace("sampling: {", "sampling: ["))
        desk.screen.panes.go("form")
        await drawn(desk)
        snap(desk.pilot)


@sizes
@pytest.mark.parametrize("pane", ["yaml", "preview", "diff", "problems"])
async def test_how_its_panes_look(
    open_editor: OpenEditor, snap: Snap, size: tuple[int, int], pane: str
) -> None:
    text = PRISON if pane in ("preview", "diff") else BROKEN
    async with open_editor(text, size=size) as desk:
        if pane == "diff":
            await desk.go("starting_message")
            await desk.press("end", "space", "N", "o", "w", "full_stop")
        desk.screen.panes.go(pane)
        await drawn(desk)
        snap(desk.pilot)


@sizes
async def test_how_the_drafts_look(
    open_editor: OpenEditor, drafts: Drafts, laboratory: Laboratory, snap: Snap,
    size: tuple[int, int],
) -> None:  # fmt: skip
    async with open_editor(size=size) as desk:
        found = [Draft(f"d{n}", f"name: Number {n}\n", None, None, "", NOW) for n in range(3)]
        desk.pilot.app.push_screen(DraftsDialog(drafts, found, NOW))
        await desk.pilot.pause()
        snap(desk.pilot)
