"""Writing into `.env`: nothing is lost, nothing is shown, everything reads back."""

from __future__ import annotations

import os
import string
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import example, given
from hypothesis import strategies as st

from simulator.env_file import merge_env_file, merged
from simulator.errors import PermissionDeniedError, UsageError
from simulator.settings import load_settings

NAMES = st.text(string.ascii_uppercase + "_", min_size=1, max_size=8)
VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
AWKWARD = ["", " ", "a b", "#", "a #b", "$HOME", "${HOME}", "${A:-b}", "'", '"', "\\", "a\\", "\\'",
           "\\n", "a\nb", "a\r\nb", "=", " a ", "ä€𝄞", "`id`", "${", "$${HOME}}"]  # fmt: skip

HANDMADE = """\
# My settings.

export SIMULATOR_USER = ada   # that is me
OTHER='keep ''me'
simulator_store="sqlite:///a.db"#local

KEY

LAST=1"""


@given(old=st.dictionaries(NAMES, VALUES, max_size=5), new=st.dictionaries(NAMES, VALUES))
@example(old={}, new={f"A{'B' * number}": value for number, value in enumerate(AWKWARD)})
def test_every_value_reads_back_and_no_variable_is_lost(
    old: dict[str, str], new: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("env") / ".env"
    merge_env_file(file, old)
    assert dotenv_values(file, encoding="utf-8") == old
    merge_env_file(file, new)
    assert dotenv_values(file, encoding="utf-8") == old | new
    assert list(dotenv_values(file, encoding="utf-8")) == list(old | new)


def test_comments_order_and_everything_else_stay() -> None:
    text = merged(
        HANDMADE,
        {"SIMULATOR_USER": "Ada L.", "SIMULATOR_STORE": "mongodb://h/", "KEY": "v", "N": "1"},
    )
    assert text == (
        "# My settings.\n\nexport SIMULATOR_USER=\"Ada L.\"  # that is me\nOTHER='keep ''me'\n"
        "simulator_store=mongodb://h/  #local\n\nKEY=v\n\nLAST=1\nN=1\n"
    )


def test_line_ends_of_windows_stay() -> None:
    assert merged("A=1\r\n# b\r\nC=3", {"A": "2", "D": "4"}) == "A=2\r\n# b\r\nC=3\r\nD=4\r\n"


def test_settings_read_what_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for value in filter(str.strip, AWKWARD):
        merge_env_file(Path(".env"), {"SIMULATOR_USER": value})
        assert load_settings().user == value


@pytest.mark.parametrize("mode", [0o644, 0o666, 0o400])
def test_only_the_owner_may_read_it_afterwards(tmp_path: Path, mode: int) -> None:
    file = tmp_path / ".env"
    merge_env_file(file, {"A": "1"})
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(mode)
    merge_env_file(file, {"A": "2"})
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_stays_one(tmp_path: Path) -> None:
    real, link = tmp_path / "secrets" / "mine.env", tmp_path / ".env"
    real.parent.mkdir()
    link.symlink_to(real)
    merge_env_file(link, {"A": "1"})
    merge_env_file(link, {"B": "2"})
    assert link.is_symlink()
    assert dotenv_values(real) == {"A": "1", "B": "2"}


@pytest.mark.parametrize("text", ['A="open\nB=1\n', "A='open\nB=1\n", 'A="x" y\nB="1"\n\nC="'])
def test_a_fault_that_would_swallow_what_is_written_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / ".env"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"line \d, has a fault that keeps \w+ from being read"):
        merge_env_file(file, {"NEW": "a 'quoted' \"word\""})
    assert file.read_text("utf-8") == text


def test_lines_that_are_no_variables_stay(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text('== what?\nA="x" y\nB=1\n', encoding="utf-8")
    merge_env_file(file, {"B": "2"})
    assert file.read_text("utf-8") == '== what?\nA="x" y\nB=2\n'


def test_a_file_that_is_no_text_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"A=\xff\xfe\n")
    with pytest.raises(UsageError, match="is not text in UTF-8"):
        merge_env_file(file, {"A": "1"})
    assert file.read_bytes() == b"A=\xff\xfe\n"


def test_half_a_letter_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not text"):
        merge_env_file(tmp_path / ".env", {"A": "\ud800"})
    assert not (tmp_path / ".env").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionDeniedError, match="cannot be written: Permission denied"):
        merge_env_file(tmp_path / ".env", {"A": "1"})


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    with pytest.raises(PermissionDeniedError, match="cannot be written: Is a directory"):
        merge_env_file(tmp_path / ".env", {"A": "1"})
