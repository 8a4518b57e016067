"""Disks that fill, files that are damaged, designs that change below a run: nothing is lost."""

from __future__ import annotations

import resource
import sqlite3
import subprocess
import sys

import pytest

from tests.faults.programs import ROOT, Program, lines_of

LAUNCH = ("run", "prison", "--model", "scripted/echo", "--seed", "1")


def launched(program: Program) -> str:
    done = program.run(*LAUNCH, "--json")
    assert done.returncode == 0, done.stderr
    return str(lines_of(done.stdout)[0]["run_id"])


@pytest.mark.parametrize("limit", [4_096, 150_000, 180_000, 220_000])
def test_a_disk_that_fills_up_keeps_every_acknowledged_step(program: Program, limit: int) -> None:
    # Python would leave cut-off bytecode files behind, as it does not notice short writes.
    full = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *LAUNCH, "--json"],
        cwd=program.home, env=program.environment() | {"PYTHONDONTWRITEBYTECODE": "1"},
        text=True, capture_output=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )  # fmt: skip
    assert full.returncode == 6
    assert "Traceback" not in full.stderr + full.stdout
    lines = lines_of(full.stdout)
    said = [line["message"]["content"] for line in lines if line.get("type") == "step_committed"]
    if limit > 4_096:
        run_id = str(lines[0]["run_id"])
        kept = [message[-1] for message in program.transcript(run_id)]
        assert kept[: len(said)] == said
        assert program.run("resume", run_id).returncode == 0
        whole = program.transcript(launched(program))
        assert [words[3:] for words in program.transcript(run_id)] == [w[3:] for w in whole]
    else:
        assert "cannot be" in full.stdout + full.stderr


def test_a_damaged_file_is_named_and_left_alone(program: Program) -> None:
    program.database.write_bytes(b"this is no database, but it is somebody's" * 50)
    before = program.database.read_bytes()
    done = program.run("ls")
    assert done.returncode == 1
    assert str(program.database) in done.stderr and "Traceback" not in done.stderr
    assert program.database.read_bytes() == before


def test_a_truncated_file_is_refused(program: Program) -> None:
    launched(program)
    whole = program.database.read_bytes()
    program.database.write_bytes(whole[: len(whole) // 2])
    done = program.run("show", "last")
    assert done.returncode in (1, 6)
    assert "damaged" in done.stderr and "Traceback" not in done.stderr


def test_a_store_where_none_can_be_is_named(program: Program) -> None:
    (program.home / "file").write_text("in the way")
    done = program.run("ls", "--store", f"sqlite:///{program.home}/file/lab.db")
    assert done.returncode in (4, 6)
    assert "file/lab.db" in done.stderr and "Traceback" not in done.stderr
    assert program.run("ls", "--store", "ftp://nowhere").returncode == 2


def test_a_design_changed_below_a_run_is_found_out(program: Program) -> None:
    launched(program)
    run_id = program.json("fork", "last", "--at", "3", "--no-play")["run"]["id"]
    before = program.transcript(run_id)
    with sqlite3.connect(program.database) as database:
        (document,) = database.execute("SELECT document FROM experiments").fetchone()
        changed = document.replace("Keep order in the prison", "Let them go")
        assert changed != document
        database.execute("UPDATE experiments SET document = ?", (changed,))
    database.close()
    for verb in ("resume", "verify"):
        done = program.run(verb, run_id)
        assert done.returncode == 5
        assert "was changed after run" in done.stderr
    assert program.transcript(run_id) == before


def test_a_journal_that_was_tampered_with_does_not_verify(program: Program) -> None:
    run_id = launched(program)
    with sqlite3.connect(program.database) as database:
        (document,) = database.execute("SELECT document FROM messages WHERE idx = 3").fetchone()
        forged = document.replace("I heard 4 messages", "I heard 5 messages")
        assert forged != document
        database.execute("UPDATE messages SET document = ? WHERE idx = 3", (forged,))
    database.close()
    done = program.run("verify", run_id)
    assert done.returncode == 1
    assert "was made from another text" in done.stdout + done.stderr
