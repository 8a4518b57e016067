from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screens.preferences import Preferences, load_preferences, save_preferences
from simulator.errors import PermissionDeniedError


@given(
    theme=st.text(max_size=20),
    keymap=st.dictionaries(
        st.text(min_size=1, max_size=20), st.from_regex(r"[a-z+,]{1,9}", fullmatch=True)
    ),
)
def test_what_is_kept_comes_back(
    tmp_path_factory: pytest.TempPathFactory, theme: str, keymap: dict[str, str]
) -> None:
    try:
        (theme + "".join(keymap)).encode()
    except UnicodeEncodeError:
        return
    file = tmp_path_factory.mktemp("config") / "deep" / "app.toml"
    preferences = Preferences(theme, keymap)
    save_preferences(preferences, file)
    assert load_preferences(file) == (preferences, [])


def test_without_a_file_all_is_as_usual(tmp_path: Path) -> None:
    assert load_preferences(tmp_path / "app.toml") == (Preferences(), [])


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        (b"\xff\xfe", 1), (b"theme = ", 1), (b"theme = 3\nkeys = 4", 2),
        (b'[keys]\n"home.new" = 3\n"home.launch" = "L"', 1),
        (b'[keys]\n"home.new" = "\\u001b[2J"', 1),
    ],
)  # fmt: skip
def test_garbage_is_told_and_harms_nothing(tmp_path: Path, content: bytes, faults: int) -> None:
    file = tmp_path / "app.toml"
    file.write_bytes(content)
    preferences, told = load_preferences(file)
    assert len(told) == faults
    assert preferences.theme == "textual-dark"
    assert set(preferences.keymap) <= {"home.launch"}


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("a file")
    with pytest.raises(PermissionDeniedError):
        save_preferences(Preferences(), tmp_path / "config" / "app.toml")


def test_a_key_is_given_and_taken_back() -> None:
    mine = Preferences().with_key("home.new", "N")
    assert mine.keymap == {"home.new": "N"}
    assert mine.with_key("home.new", None) == Preferences()
