from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.drafts import Draft, Drafts, new_draft_id
from simulator.errors import PermissionDeniedError, SimulatorError

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
DRAFT = Draft("one", "kind: conversation\n", None, "01J9", "mongodb://ada:***@host/db", NOW)


@pytest.fixture
def drafts(tmp_path: Path) -> Drafts:
    return Drafts(tmp_path / "data" / "drafts")


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "data" / "drafts").iterdir())


def test_there_are_none_at_first(drafts: Drafts) -> None:
    assert drafts.list() == ()
    assert drafts.unreadable == ()
    drafts.discard("one")


def test_what_is_saved_is_listed_newest_first(drafts: Drafts) -> None:
    older = replace(DRAFT, id="two", experiment_id="01J8", saved_at=NOW - timedelta(seconds=1))
    drafts.save(DRAFT)
    drafts.save(older)
    assert drafts.list() == (DRAFT, older)
    drafts.save(replace(older, text="new", saved_at=NOW + timedelta(seconds=1)))
    assert [draft.text for draft in drafts.list()] == ["new", DRAFT.text]
    drafts.discard("two")
    assert drafts.list() == (DRAFT,)


@given(st.text(st.characters(), max_size=50) | st.sampled_from(["\ud800", "\x00", "\r\n\n", ""]))
def test_any_text_is_kept(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    drafts = Drafts(tmp_path_factory.mktemp("drafts"))
    draft = replace(DRAFT, id=new_draft_id(), text=text)
    drafts.save(draft)
    assert drafts.list() == (draft,)


def test_ids_differ() -> None:
    assert len({new_draft_id() for _ in range(100)}) == 100


@pytest.mark.parametrize("name", ["", ".", "../one", "a/b", "a\0b", "x" * 65, "a.b", "é"])
def test_an_id_is_no_path(drafts: Drafts, name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a draft"):
        drafts.save(replace(DRAFT, id=name))
    with pytest.raises(ValueError, match="cannot name a draft"):
        drafts.discard(name)


def test_only_the_owner_may_read(drafts: Drafts, tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        drafts.save(DRAFT)
        drafts.save(DRAFT)
    finally:
        os.umask(old)
    (file,) = files(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


GOOD = {
    "id": "bad", "text": "t", "experiment_id": None, "parent_id": None, "store": "s",
    "saved_at": NOW.isoformat(),
}  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\xff\xfe", b"{", b"[]", b"3", b"{}", b"[" * 100_000,
        json.dumps(GOOD | {"id": "other"}).encode(), json.dumps(GOOD | {"text": 3}).encode(),
        json.dumps(GOOD | {"saved_at": "2026-05-01T12:00:00"}).encode(),
        json.dumps(GOOD | {"saved_at": "soon"}).encode(),
        json.dumps({name: GOOD[name] for name in GOOD if name != "store"}).encode(),
    ],
)  # fmt: skip
def test_a_file_that_is_no_draft_is_named_and_left(
    drafts: Drafts, tmp_path: Path, content: bytes
) -> None:
    drafts.save(DRAFT)
    bad = tmp_path / "data" / "drafts" / "bad.json"
    bad.write_bytes(content)
    assert (drafts.list(), drafts.unreadable) == ((DRAFT,), (bad,))
    assert bad.read_bytes() == content
    bad.unlink()
    assert (drafts.list(), drafts.unreadable) == ((DRAFT,), ())


def test_what_is_no_file_is_named_and_what_is_another_is_passed_over(
    drafts: Drafts, tmp_path: Path
) -> None:
    drafts.save(DRAFT)
    folder = tmp_path / "data" / "drafts"
    (folder / "folder.json").mkdir()
    os.mkfifo(folder / "pipe.json")
    (folder / "note.txt").write_text("x")
    (folder / ".one-abc").write_text("{")
    assert drafts.list() == (DRAFT,)
    assert drafts.unreadable == (folder / "folder.json", folder / "pipe.json")


KILLED = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tests.test_drafts import DRAFT
from simulator.drafts import Drafts
Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
Drafts(Path(sys.argv[1])).save(replace(DRAFT, text="half"))
"""


def test_a_process_killed_while_it_writes_leaves_the_old_draft(
    drafts: Drafts, tmp_path: Path
) -> None:
    drafts.save(DRAFT)
    root = Path(__file__).resolve().parent.parent
    command = [sys.executable, "-c", KILLED, str(tmp_path / "data" / "drafts"), str(root)]
    assert subprocess.run(command, check=False, cwd=root).returncode == -signal.SIGKILL
    assert len(files(tmp_path)) == 2
    assert drafts.list() == (DRAFT,)
    assert drafts.unreadable == ()


WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tests.test_drafts import DRAFT
from simulator.drafts import Drafts
drafts = Drafts(Path(sys.argv[1]))
for number in range(100):
    drafts.save(replace(DRAFT, id=f"w{number % 5}", text=sys.argv[3] * 20_000))
    drafts.discard(f"w{(number + 2) % 5}")
"""


def test_two_processes_may_write_at_once(drafts: Drafts, tmp_path: Path) -> None:
    drafts.save(DRAFT)
    root = Path(__file__).resolve().parent.parent
    folder = str(tmp_path / "data" / "drafts")
    with ExitStack() as stack:
        writers = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", WRITER, folder, str(root), letter], cwd=root
                )
            )
            for letter in "ab"
        ]
        while any(writer.poll() is None for writer in writers):
            found = drafts.list()
            assert (drafts.unreadable, found.count(DRAFT)) == ((), 1)
            assert {draft.text for draft in found} <= {DRAFT.text, "a" * 20_000, "b" * 20_000}
    assert [writer.returncode for writer in writers] == [0, 0]
    assert not [file for file in files(tmp_path) if file.name.startswith(".")]


def test_a_full_disk_is_told_and_harms_nothing(
    drafts: Drafts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts.save(DRAFT)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(SimulatorError, match="No space left on device") as error:
        drafts.save(replace(DRAFT, text="new"))
    assert error.value.remedy
    assert drafts.list() == (DRAFT,) and len(files(tmp_path)) == 1


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")
    drafts = Drafts(tmp_path / "data" / "drafts")
    with pytest.raises(SimulatorError) as error:
        drafts.save(DRAFT)
    assert error.value.remedy and str(tmp_path) in error.value.message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_of_somebody_else_is_told(drafts: Drafts, tmp_path: Path) -> None:
    drafts.save(DRAFT)
    folder = tmp_path / "data" / "drafts"
    folder.chmod(0o500)
    with pytest.raises(PermissionDeniedError):
        drafts.save(DRAFT)
    folder.chmod(0o700)


def test_saving_is_quick_enough_to_do_while_typing(drafts: Drafts) -> None:
    draft = replace(DRAFT, text="a line of a prompt\n" * 1000)
    begun = time.process_time()
    for _ in range(20):
        drafts.save(draft)
    assert (time.process_time() - begun) / 20 < 0.005


def test_a_refusal_is_a_matter_of_permission(
    drafts: Drafts, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts.save(DRAFT)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    for name in ("unlink", "iterdir", "mkdir"):
        monkeypatch.setattr(Path, name, refuse)
    uses: list[Callable[[], object]] = [
        drafts.list, lambda: drafts.save(DRAFT), lambda: drafts.discard("one")
    ]  # fmt: skip
    for use in uses:
        with pytest.raises(PermissionDeniedError, match="Permission denied") as error:
            use()
        assert error.value.remedy
