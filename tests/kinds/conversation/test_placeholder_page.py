"""The examples of the page on placeholders."""

import re
from pathlib import Path

import pytest

from simulator.kinds.conversation.placeholders import Facts, RoleFacts, available, fill, tags

PAGE = Path(__file__).parents[3] / "docs" / "placeholders.md"
GUARDS = ("Guard_117", "Guard_204")


def _rows() -> list[tuple[str, str, str]]:
    rows = re.findall(r"^\| `(.+?)` \| (.+?) \| (.+?) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    return [(text, one.strip("`"), two.strip("`")) for text, one, two in rows]


@pytest.mark.parametrize(("text", "one", "two"), _rows())
def test_examples_of_the_page(text: str, one: str, two: str) -> None:
    for guards, expected in ((1, one), (2, two)):
        roles = (
            RoleFacts("guard", guards, names=GUARDS[:guards]),
            RoleFacts("prisoner", 1, names=("Prisoner_387",)),
        )
        assert fill(text, Facts(roles, 1, 20, "Guard_117", "guard")) == expected


def test_the_page_shows_every_tag() -> None:
    shown = {tag.name for text, _, _ in _rows() for tag in tags(text)}
    listed = {tag[1:-1] for tag, _ in available(["guard"])}
    assert {re.sub("VERB_.*", "VERB_", name) for name in listed} <= {
        re.sub("VERB_.*", "VERB_", name) for name in shown
    }
    assert len(_rows()) > 40
