from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pytest

from tests.cli.conftest import DESIGN
from tests.cli.shell import ROOT, Shell

# ---------------------------------------------------------------- ls and show


def test_an_empty_store_says_what_to_do(shell: Shell) -> None:
    out = shell.ok("ls")
    assert out.startswith("There are no experiments yet.")
    assert "main.py demo" in out
    assert "There are no runs yet." in shell.ok("ls", "--runs")
    assert shell.data("ls") == shell.data("ls", "--runs") == []
    code, error = shell.error("show", "last")
    assert (code, error["message"]) == (3, "There are no runs yet.")
    assert error["suggestion"].endswith("main.py run prison")


def test_ls_lists_and_filters(shell: Shell, design: Path) -> None:
    run = shell.short_run()["run"]
    shell.ok("import", str(design))
    shell.ok("star", "Talk")
    out = shell.ok("ls")
    assert out.splitlines()[0].split() == ["ID", "NAME", "RUNS", "KIND", "CREATOR", "AGE", "NOTE"]
    assert [entry["name"] for entry in shell.data("ls")] == ["Talk", "Prison"]
    assert [entry["runs"] for entry in shell.data("ls")] == [0, 1]
    assert [entry["name"] for entry in shell.data("ls", "--starred")] == ["Talk"]
    assert shell.data("ls", "--creator", "nobody") == []
    assert shell.data("ls", "--kind", "debate") == []
    assert "No experiment is like that" in shell.ok("ls", "--kind", "debate")
    runs = shell.data("ls", "--runs")
    assert [(entry["id"], entry["messages"]) for entry in runs] == [(run["id"], 3)]
    assert shell.data("ls", "--runs", "Talk") == []
    assert run["id"] in shell.ok("ls", "--runs", "Prison")
    assert shell.data("ls", "--status", "failed") == []


def test_show_a_run(shell: Shell) -> None:
    shown = shell.short_run()
    run_id = shown["run"]["id"]
    out = shell.ok("show", run_id)
    for message in shown["messages"]:
        number = f"{message['position']:>3}"
        line = f"{number} [day {message['day']}] {message['speaker']}: {message['content']}"
        assert line in out.splitlines()
    assert shell.ok("show", run_id[-6:].lower()) == shell.ok("show", "last") == out
    prompts = shell.ok("show", "last", "--prompts")
    assert shown["run"]["agents"][0]["system_prompt"].splitlines()[0] in prompts


def test_show_with_all_has_the_choices_too(shell: Shell) -> None:
    shell.short_run("scripted/babble", "--speaker", "auto", "--agents", "guard=2,prisoner=2")
    heard = shell.data("show", "last")["messages"]
    every = shell.data("show", "last", "--all")["messages"]
    assert len(every) == len(heard) + 2
    assert "Selector chose" in shell.ok("show", "last", "--all")
    assert "Selector chose" not in shell.ok("show", "last")


def test_show_raw_replies(shell: Shell) -> None:
    shell.short_run("scripted/say?text=Guard_1: Hello")
    assert "as the model gave it: " in shell.ok("show", "last", "--raw")


def test_show_an_experiment_and_a_seed(shell: Shell) -> None:
    assert "starting_message: Start the experiment." in shell.ok("show", "prison")
    run_id = shell.short_run()["run"]["id"]
    out = shell.ok("show", "Prison")
    assert run_id in out
    assert "starting_message: Start the experiment." in out
    data = shell.data("show", "prison")
    assert data["experiment"]["name"] == "Prison"
    assert [run["id"] for run in data["runs"]] == [run_id]


@pytest.mark.parametrize("verb", ["show", "star", "delete"])
def test_an_unknown_name(shell: Shell, verb: str) -> None:
    shell.short_run()
    code, error = shell.error(verb, "Prisn")
    assert (code, error["message"]) == (3, "There is no experiment or run 'Prisn'.")
    assert error["suggestion"].startswith("Did you mean 'Prison'") or "rison" in error["suggestion"]
    assert shell.error(verb, "zzzzzz")[0] == 3


def test_an_ambiguous_name_is_a_usage_error(shell: Shell) -> None:
    run = shell.short_run()["run"]
    code, error = shell.error("show", run["id"][:4])
    assert (code, error["code"]) == (2, "usage")
    assert "is not unique" in error["message"]
    shell.ok("fork", "last", "--at", "1", "--no-play")
    code, error = shell.error("export", run["id"][:4])
    assert (code, error["message"].partition(": ")[2]) == (2, "2 runs match.")
    assert [line.split()[0] for line in error["problems"]] == [
        entry["id"][-8:] for entry in shell.data("ls", "--runs")
    ]


def test_a_name_of_several_experiments_is_told_apart(shell: Shell, design: Path) -> None:
    shell.ok("import", str(design))
    design.write_text(DESIGN.replace("messages: 4", "messages: 2"), encoding="utf-8")
    shell.ok("run", str(design))
    newest, oldest = (entry["id"] for entry in shell.data("ls"))
    shell.ok("note", oldest, "the long one")
    for words in (("run", "Talk"), ("show", "Talk"), ("note", "Talk", "x"), ("ls", "--runs=Talk")):
        code, error = shell.error(*words)
        assert (code, error["code"]) == (2, "usage")
        assert error["message"] == "'Talk' is not unique: 2 experiments match."
        first, second = error["problems"]
        assert first.startswith(f"{newest[-8:]}  Talk  ")
        assert first.endswith("  1 run")
        assert second.startswith(oldest[-8:])
        assert second.endswith("  0 runs  the long one")
        assert error["suggestion"].endswith(f"the newest is {newest[-8:]}.")
    told = shell.run("show", "Talk").stderr
    assert f"\n  {newest[-8:]}  Talk" in told
    assert shell.data("show", newest[-8:])["experiment"]["id"] == newest


def test_messages_are_counted_for_runs_without_an_end(shell: Shell) -> None:
    shell.short_run()
    shell.ok("fork", "last", "--at", "1", "--no-play")
    assert [entry["messages"] for entry in shell.data("ls", "--runs")] == [2, 3]
    lines = shell.ok("ls", "--runs", "Prison").splitlines()
    place = lines[0].split().index("MSGS")
    assert [line.split()[place] for line in lines[1:]] == ["2", "3"]


def test_watching_a_run_that_nobody_plays_ends_at_once(shell: Shell) -> None:
    shell.short_run()
    shell.ok("fork", "last", "--at", "1", "--no-play")
    run_id = shell.data("show", "last")["run"]["id"]
    done = shell.run("watch", "last")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 2
    assert "The run waits for somebody to play it." in done.stderr
    assert done.stderr.rstrip().endswith(f"resume {run_id}")


# ---------------------------------------------------------------- export


def test_export_formats_and_files(shell: Shell) -> None:
    shown = shell.short_run()
    lines = shell.ok("export", "last").splitlines()
    assert [json.loads(line) for line in lines] == shown["messages"]
    rows = list(csv.DictReader(io.StringIO(shell.ok("export", "last", "-f", "csv"))))
    assert [row["content"] for row in rows] == [m["content"] for m in shown["messages"]]
    assert shell.ok("export", "last", "-f", "markdown").startswith("# Prison\n")
    target = shell.folder / "out.md"
    shell.ok("export", "last", "-o", str(target))
    assert target.read_text(encoding="utf-8").startswith("# Prison\n")
    done = shell.run("export", "last", "-o", str(target), "-f", "jsonl")
    assert done.returncode == 2
    assert done.stderr == f"Error: {target} exists already.\nAdd --force to write over it.\n"
    shell.ok("export", "last", "-o", str(target), "-f", "jsonl", "--force")
    assert target.read_text(encoding="utf-8").splitlines() == lines
    assert sorted(path.name for path in shell.folder.iterdir() if "out" in path.name) == ["out.md"]
    assert shell.error("export", "last", "-o", "no/such/folder/x.csv")[0] == 3
    assert shell.error("export", "last", "-o", str(shell.folder))[0] == 2


def test_the_mode_of_an_exported_file_is_the_usual_one(shell: Shell) -> None:
    shell.short_run()
    target = shell.folder / "out.csv"
    mask = os.umask(0)
    os.umask(mask)
    shell.ok("export", "last", "-o", str(target))
    assert target.stat().st_mode & 0o777 == 0o666 & ~mask


# ---------------------------------------------------------------- designs


def test_import_designs(shell: Shell, design: Path) -> None:
    assert "is now experiment 'Talk'" in shell.ok("import", str(design))
    assert "known already as experiment 'Talk'" in shell.ok("import", str(design))
    data = shell.data("import", str(design), str(ROOT / "experiments_seed" / "jury.yaml"))
    assert [entry["new"] for entry in data["designs"]] == [False, True]
    broken = shell.folder / "broken.yaml"
    broken.write_text("kind: conversation\nnmae: x\n", encoding="utf-8")
    other = shell.folder / "other.yaml"
    other.write_text(DESIGN.replace("name: Talk", "name: Other"), encoding="utf-8")
    assert shell.run("import", str(other), str(broken)).returncode == 5
    assert "Other" not in shell.ok("ls")


def test_validate(shell: Shell, design: Path) -> None:
    out = shell.ok("validate", str(design), "prison")
    assert "talk.yaml: ok" in out
    assert "mood (2 levels)" in out
    report = shell.data("validate", str(design))[0]
    assert (report["agents"], report["conditions"]) == (["1 guard", "1 prisoner"], 2)
    broken = shell.folder / "broken.yaml"
    broken.write_text(DESIGN.replace("messages: 4", "messages: none\nmesages: 3"), encoding="utf-8")
    done = shell.run("validate", str(broken), str(design))
    assert done.returncode == 5
    assert f"  {broken}:4:" in done.stderr
    assert f"  {broken}:5:" in done.stderr
    assert "talk.yaml: ok" in done.stdout
    code, error = shell.error("validate", str(broken))
    assert (code, error["code"]) == (5, "design_invalid")
    assert len(error["problems"]) == 2


@pytest.mark.parametrize("text", ["{", "a: b: c", "\x00", "kind: [", "- x", "", "&a [*a]", "\t- x"])
def test_malformed_yaml_is_named_with_its_place(shell: Shell, text: str) -> None:
    broken = shell.folder / "broken.yaml"
    broken.write_text(text, encoding="utf-8")
    for verb in ("validate", "run", "import"):
        done = shell.run(verb, str(broken))
        assert done.returncode == 5
        assert "broken.yaml" in done.stderr
        assert "Traceback" not in done.stderr


def test_schema(shell: Shell) -> None:
    schema = json.loads(shell.ok("schema"))
    assert schema["title"] == "A conversation design"
    assert shell.data("schema", "conversation") == schema
    assert shell.error("schema", "opera")[0] == 3


def test_duplicate(shell: Shell) -> None:
    shell.short_run()
    shell.ok("duplicate", "Prison")
    shell.ok("duplicate", "Prison", "--name", "Mine")
    experiments = {entry["name"]: entry for entry in shell.data("ls")}
    assert set(experiments) == {"Prison", "Prison copy", "Mine"}
    assert experiments["Mine"]["parent_id"] == experiments["Prison"]["id"]
    target = shell.folder / "mine.yaml"
    shell.ok("duplicate", "Prison", "-o", str(target), "--name", "Edited")
    assert shell.data("validate", str(target))[0]["name"] == "Edited"
    assert shell.error("duplicate", "Prison", "-o", str(target))[0] == 2
    code, error = shell.error("duplicate", "Prison", "Mine too")
    assert (code, error["message"]) == (2, "There is an argument too many: 'Mine too'.")
    assert error["suggestion"].endswith("duplicate Prison --name 'Mine too'")


# ---------------------------------------------------------------- star, note, delete


def test_star_and_note(shell: Shell) -> None:
    run_id = shell.short_run()["run"]["id"]
    shell.ok("star", "last")
    assert [run["id"] for run in shell.data("ls", "--runs", "--starred")] == [run_id]
    assert shell.data("star", "last", "--off") == {"id": run_id, "favourite": False}
    assert shell.data("ls", "--runs", "--starred") == []
    shell.ok("note", "Prison", "Seen [bold]twice[/bold]\x1b[31m")
    assert "Seen [bold]twice[/bold]␛[31m" in shell.ok("ls")
    assert shell.data("note", "last", "mine")["note"] == "mine"
    assert shell.data("show", "last")["run"]["note"] == "mine"


def test_delete_asks_first(shell: Shell) -> None:
    run_id = shell.short_run()["run"]["id"]
    done = shell.run("delete", "Prison")
    assert done.returncode == 2
    assert "with its only run must be confirmed" in done.stderr
    assert shell.data("delete", "last", "--yes") == {"id": run_id, "runs": 1}
    assert shell.data("delete", "Prison", "--yes")["runs"] == 0
    assert shell.data("ls") == []


def test_only_the_creator_may_delete(shell: Shell) -> None:
    shell.short_run()
    done = shell.run("delete", "Prison", "--yes", env={"SIMULATOR_USER": "eve"})
    assert done.returncode == 4
    assert "only its creator may delete it.\nAsk " in done.stderr


# ---------------------------------------------------------------- the store


@pytest.mark.parametrize(
    ("store", "code"),
    [("mongodb://u:hush@host/db", 6), ("ftp://x", 2), ("sqlite:////proc/no/lab.db", 6)],
)
def test_a_store_that_cannot_be_used(shell: Shell, store: str, code: int) -> None:
    done = shell.run("ls", "--store", store)
    assert done.returncode == code
    assert done.stderr.startswith("Error: ")
    assert "hush" not in done.stderr + shell.log()


def test_a_bare_word_makes_no_store(shell: Shell) -> None:
    code, error = shell.error("ls", "--store", "foo")
    assert (code, error["code"]) == (2, "usage")
    assert "sqlite:///foo.db" in error["suggestion"]
    assert not (shell.folder / "foo").exists()
    for store in ("foo.db", "./foo", "foo"):
        shell.ok("ls", "--store", store)


def test_a_file_that_is_no_store_is_left_alone(shell: Shell) -> None:
    shell.store.write_text("my thesis, do not touch\n" * 100, encoding="utf-8")
    done = shell.run("ls")
    assert done.returncode == 1
    assert "left as it is" in done.stderr
    assert shell.store.read_text(encoding="utf-8").startswith("my thesis")
