"""`import --from-original` as a user meets it."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from pymongo import MongoClient

from simulator.files.originals.telephone_runs import GatheredRun, gathered_runs
from simulator.files.originals.telephones import telephones_in
from tests.cli.shell import Shell
from tests.originals.examples import (
    C,
    Document,
    E,
    M,
    experiment,
    put,
    telephone_results,
    whole,
)
from tests.originals.test_places import native


@pytest.fixture
def dump(shell: Shell) -> Path:
    """A folder of exports in which one document is of no use."""
    folder = shell.folder / "dump"
    folder.mkdir()
    for name, documents in whole().items():
        (folder / f"{name}.json").write_text(json.dumps(documents), encoding="utf-8")
    stray = {"_id": {"$oid": "5" * 24}, "speaker": "Guard_001", "content": "Hm.", "day": 1}
    (folder / "messages.json").write_text(
        json.dumps([*whole()["messages"], stray]), encoding="utf-8"
    )
    return folder


def test_a_folder_is_taken_over_once(shell: Shell, dump: Path) -> None:
    out = shell.ok("import", "--from-original", str(dump))
    assert out.splitlines() == [
        "1 experiment, 1 conversation and 5 messages read: 2 new, 0 known already.",
        "1 document left out:",
        "  1 × messages: no conversation lists it",
        "To see which documents these are, add --report FILE.",
    ]
    data = shell.data("import", "--from-original", str(dump))["originals"]
    assert (data["new"], data["known"], len(data["dropped"]), data["incomplete"]) == (0, 2, 1, [])


def test_what_was_taken_over_is_found_by_its_object_id(shell: Shell, dump: Path) -> None:
    shell.ok("import", "--from-original", str(dump))
    run = shell.data("show", C.upper())
    assert run["run"]["original_id"] == C
    assert [message["original_id"] for message in run["messages"]] == M
    prompt = run["run"]["agents"][0]["system_prompt"]
    assert prompt.startswith("You are a guard with 2 others.")
    assert shell.data("show", E)["experiment"]["original_id"] == E
    exported = [json.loads(line) for line in shell.ok("export", C).splitlines()]
    assert [step["original_id"] for step in exported] == M
    rows = list(csv.DictReader(shell.ok("export", C, "-f", "csv").splitlines()))
    assert [row["original_message_id"] for row in rows] == M
    assert {row["original_conversation_id"] for row in rows} == {C}
    for verb in (("show", C), ("export", C, "-f", "markdown"), ("show", E)):
        assert re.search(f"[Oo]riginal:? +{verb[1]}", shell.ok(*verb))


def test_the_design_of_an_imported_experiment_can_be_run_anew(shell: Shell, dump: Path) -> None:
    shell.ok("import", "--from-original", str(dump))
    shell.ok("run", E, "-m", "scripted/babble", "--days", "1", "-s", "7")
    new, imported = shell.data("ls", "--runs")
    assert (new["status"], imported["status"]) == ("completed", "completed")
    assert shell.error("fork", C, "--at", "1")[0] == 2


def test_a_dry_run_stores_nothing(shell: Shell, dump: Path) -> None:
    out = shell.ok("import", "--from-original", str(dump), "--dry-run")
    assert "2 would be new, 0 known already." in out
    assert out.endswith("Nothing was stored.\n")
    assert shell.data("ls") == []
    data = shell.data("import", "--from-original", str(dump), "--dry-run")["originals"]
    assert (data["new"], data["would_be_new"]) == (0, 2)


def test_a_report_lists_every_document_that_was_left_out(shell: Shell, dump: Path) -> None:
    report = shell.folder / "lost.jsonl"
    shell.ok("import", "--from-original", str(dump), "--report", str(report))
    assert [json.loads(line) for line in report.read_text("utf-8").splitlines()] == [
        {
            "source": str(dump / "messages.json"), "collection": "messages", "id": "5" * 24,
            "reason": "no conversation lists it", "left_out": True,
        }
    ]  # fmt: skip
    code, error = shell.error("import", "--from-original", str(dump), "--report", str(report))
    assert (code, error["suggestion"]) == (2, "Add --force to write over it.")
    shell.ok("import", "--from-original", str(dump), "--report", str(report), "--force")


def test_exports_are_known_from_designs_by_what_is_in_them(shell: Shell, design: Path) -> None:
    dump = shell.folder / "any.txt"
    dump.write_text(json.dumps([experiment(conversation_ids=[])]), encoding="utf-8")
    data = shell.data("import", str(dump), str(design))
    assert data["originals"]["experiments"] == 1
    assert data["designs"][0]["new"] is True
    assert shell.error("import", "missing.json")[0] == 3
    assert shell.error("import")[0] == 2


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"a": 1}', "dump.json: line 1: the field `_id` is missing"),
        ('[{"a": 1},\n {"b" 2}]', "dump.json: line 2, column 7: no JSON: Expecting ':' delimiter"),
        ('{"_id": "y"} {', "dump.json: line 1, column 15: no JSON: Expecting property name"),
    ],
)
def test_an_import_of_nothing_usable_is_an_error(shell: Shell, text: str, fault: str) -> None:
    dump = shell.folder / "dump.json"
    dump.write_text(text, encoding="utf-8")
    code, error = shell.error("import", str(dump))
    assert (code, error["code"]) == (5, "design_invalid")
    assert any(fault in problem for problem in error["problems"])
    empty = shell.folder / "empty.json"
    empty.write_text("[]", encoding="utf-8")
    assert shell.error("import", str(empty))[0] == 3


def test_results_of_the_telephone_go_in_and_come_out(shell: Shell) -> None:
    results = telephone_results(shell.folder)
    broken = put(results, "m/rephrase/Fox/seed_3", "[")
    assert shell.ok("import", "Results").splitlines() == [
        "3 experiments, 3 runs with 12 chains and 48 messages read: 6 new, 0 known already.",
        "1 document left out:",
        f"  1 × chains: no JSON: Expecting value ({broken.relative_to(shell.folder)})",
        "To see which documents these are, add --report FILE.",
    ]
    again = shell.data("import", "Results")["originals"]
    assert (again["new"], again["known"], again["chains"]) == (0, 6, 12)
    assert again["dropped"][0]["id"] == "line 1, column 2"
    broken.unlink()
    games = results / "m_Temp0.4"
    (record,) = gathered_runs(telephones_in(games))
    assert isinstance(record, GatheredRun)
    words = ("export", record.run.id, "--format", "original")
    assert shell.data(*words, "-o", "again")["files"] == 4
    for file in games.rglob("*.json"):
        written = shell.folder / "again" / file.relative_to(results)
        assert json.loads(written.read_text("utf-8")) == json.loads(file.read_text("utf-8"))
    code, error = shell.error(*words)
    assert (code, error["suggestion"]) == (2, "Name the folder for them, such as --output Results.")
    assert "exists already" in shell.error(*words, "-o", "again")[1]["message"]


def test_a_pickle_is_refused_with_a_remedy(shell: Shell) -> None:
    pickle = shell.folder / "database_exp.pkl"
    pickle.write_bytes(b"\x80\x04K\x01.")
    code, error = shell.error("import", "--from-original", str(pickle))
    assert code == 2
    assert "mongodump" in error["suggestion"]


def test_a_live_database_is_taken_over(shell: Shell, mongo_url: str) -> None:
    with MongoClient[Document](mongo_url) as client:
        database = client.get_default_database()
        for name, documents in whole().items():
            database[name].insert_many([native(document) for document in documents])
    data = shell.data("import", "--from-original", mongo_url)["originals"]
    assert (data["new"], data["dropped"]) == (2, [])
    assert shell.data("show", C)["run"]["original_id"] == C


def test_a_password_in_an_address_is_never_shown(shell: Shell) -> None:
    url = "mongodb://ada:s3cr3tpw@127.0.0.1:9/lab?serverSelectionTimeoutMS=100"
    done = shell.run("import", "--from-original", url)
    assert done.returncode == 6
    assert "cannot be reached" in done.stderr
    assert "s3cr3tpw" not in done.stdout + done.stderr + shell.log()
