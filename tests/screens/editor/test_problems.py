from __future__ import annotations

from screens.editor.problems import ProblemList
from tests.screens.editor.conftest import NARROW, PRISON, SMALL, OpenEditor

BROKEN = SMALL.replace("prisoner.", "prisoner.\n    count: none") + "days: none\nmemry: full\n"


async def test_what_is_wrong_stands_beside_its_field_as_it_is_typed(
    open_editor: OpenEditor,
) -> None:
    async with open_editor() as desk:
        row = await desk.row("roles", 1, "starting_prompt")
        await desk.press("end", *" <PRISONER_NAM", "escape", "greater_than_sign")
        assert "<PRISONER_NAMES>" in desk.beside(row)
        await desk.press(*["backspace"] * 15)
        assert desk.beside(row) == ""


async def test_a_closed_part_counts_the_problems_in_it(open_editor: OpenEditor) -> None:
    async with open_editor(BROKEN) as desk:
        role = desk.screen.panes.form.inner["roles"].inner[1]
        assert "1 problem" in str(role.header.render())  # type: ignore[attr-defined]
        await role.unfold()
        assert "problem" not in str(role.header.render())  # type: ignore[attr-defined]


async def test_the_file_marks_the_lines(open_editor: OpenEditor) -> None:
    async with open_editor(BROKEN) as desk:
        lines = [line for line in desk.look().splitlines() if "✗" in line]
        assert any("days: none" in line for line in lines)
        assert any("memry: full" in line for line in lines)
        assert not any("name: Small" in line for line in lines)


async def test_the_list_goes_to_the_field(open_editor: OpenEditor) -> None:
    async with open_editor(BROKEN, size=NARROW) as desk:
        await desk.press(*["f6"] * 4)
        problems = desk.screen.query_one(ProblemList)
        assert problems.has_focus and problems.option_count == len(desk.faults) == 3
        await desk.press("home", "enter")
        assert desk.screen.panes.at == "form"
        row = desk.screen.panes.form.node_of(desk.focused)
        assert row is not None and row.place == ("roles", 1, "count")


async def test_the_list_goes_to_the_line(open_editor: OpenEditor) -> None:
    async with open_editor(BROKEN, size=NARROW) as desk:
        await desk.press(*["f6"] * 4, "home", "down", "y")
        assert desk.screen.panes.at == "yaml"
        line = desk.screen.panes.file.cursor_location[0]
        assert BROKEN.splitlines()[line] == "days: none"


async def test_a_fault_without_a_field_is_found_in_the_file(open_editor: OpenEditor) -> None:
    async with open_editor(SMALL + "oops: [\n") as desk:
        await desk.press("f7")
        assert desk.screen.panes.at == "yaml"


async def test_a_key_goes_from_problem_to_problem(open_editor: OpenEditor) -> None:
    async with open_editor(BROKEN) as desk:
        seen = []
        for _ in range(4):
            await desk.press("f7")
            seen.append(desk.screen.panes.file.cursor_location[0])
        assert len(set(seen)) == 3 and seen[0] == seen[3]


async def test_no_problems_are_said_to_be_none(open_editor: OpenEditor) -> None:
    async with open_editor(PRISON) as desk:
        assert "✓ No problems" in desk.look()
        await desk.press("f7")
        assert "There are no problems." in desk.told()


async def test_from_a_field_to_its_line_and_back(open_editor: OpenEditor) -> None:
    async with open_editor(PRISON) as desk:
        await desk.go("roles", 1, "starting_prompt")
        await desk.press("f8")
        assert desk.screen.panes.at == "yaml"
        line = desk.screen.panes.file.cursor_location[0]
        assert "starting_prompt" in PRISON.splitlines()[line]
        await desk.press("f8")
        node = desk.screen.panes.form.node_of(desk.focused)
        assert node is not None and node.place == ("roles", 1, "starting_prompt")


async def test_a_field_that_is_not_written_leads_to_what_is_around_it(
    open_editor: OpenEditor,
) -> None:
    async with open_editor(PRISON) as desk:
        await desk.go("roles", 1, "model")
        await desk.press("f8")
        line = desk.screen.panes.file.cursor_location[0]
        assert "name: prisoner" in PRISON.splitlines()[line]
