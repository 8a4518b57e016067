from __future__ import annotations

import re
from pathlib import Path

import pytest

SCREENS = Path(__file__).parents[2] / "screens"
SHEETS = sorted(SCREENS.glob("*/screen.tcss"))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.parent.name)
def test_a_screen_styles_nothing_of_other_screens(sheet: Path) -> None:
    heads = outermost(sheet.read_text("utf-8"))
    selectors = [one.strip() for head in heads for one in head.split(",")]
    assert selectors
    strangers = [one for one in selectors if not re.match(r"[A-Z]", one)]
    assert strangers == [], "Textual keeps a screen's styles after it is left"


def outermost(css: str) -> list[str]:
    """What stands before the braces that are in no others."""
    heads, head, depth = list[str](), "", 0
    for letter in re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL):
        if letter == "{":
            if depth == 0:
                heads.append(head)
            depth += 1
        elif letter == "}":
            depth -= 1
            head = ""
        elif depth == 0:
            head += letter
    return heads
