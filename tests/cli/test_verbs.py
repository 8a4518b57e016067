from __future__ import annotations

import csv
import io
import json
import os
import re
import sqlite3
from pathlib import Path

import pytest

from tests.cli.shell import ROOT, Shell

DESIGN = """\
kind: conversation
name: Talk
starting_message: Begin.
messages: 4
model: scripted/babble
roles:
  - name: guard
    starting_prompt: You are a guard.
  - name: prisoner
    starting_prompt: You are a prisoner.
factors:
  mood:
    calm: {}
    angry:
      guard:
        Mood: You are angry.
"""


@pytest.fixture
def design(shell: Shell) -> Path:
    path = shell.folder / "talk.yaml"
    path.write_text(DESIGN, encoding="utf-8")
    return path


# ---------------------------------------------------------------- run


def test_run_prints_each_message_on_a_plain_line(shell: Shell, design: Path) -> None:
    done = shell.run("run", str(design), "-m", "scripted/say?text=Hello", "--seed", "5")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "[day 1] Researcher: Begin."
    shape = [r"\[day 1\] Guard_\d{3}: Hello", r"\[day 1\] Prisoner_\d{3}: Hello"]
    starts = sorted(line[:14] for line in lines[1:])
    assert starts == ["[day 1] Guard_"] * 2 + ["[day 1] Prison"] * 2
    assert all(any(re.fullmatch(one, line) for one in shape) for line in lines[1:])
    assert "\x1b" not in done.stdout + done.stderr
    assert "Read it with:" in done.stderr


def test_run_takes_all_parameters(shell: Shell, design: Path) -> None:
    shell.ok(
        "run", str(design), "-m", "guard=scripted/echo", "-m", "scripted/say?text=a=b",
        "--agents", "guard=2,prisoner=1", "--messages", "3", "--days", "1",
        "--speaker", "round_robin", "--memory", "none", "--factor", "mood=angry",
        "--temperature", "0.5", "--top-p", "0.8", "--top-k", "5", "--max-tokens", "9", "-s", "11",
    )  # fmt: skip
    shown = shell.data("show", "last")
    run, agents = shown["run"], shown["run"]["agents"]
    assert run["seed"] == 11
    assert [agent["model"] for agent in agents] == ["scripted/echo"] * 2 + ["scripted/say?text=a=b"]
    assert "You are angry." in agents[0]["system_prompt"]
    sampling = agents[2]["sampling"]
    assert [sampling[key] for key in ("temperature", "top_p", "top_k", "max_tokens")] == [
        0.5, 0.8, 5, 9,
    ]  # fmt: skip
    spoken = [message["speaker"] for message in shown["messages"]]
    assert spoken == ["Researcher", *(agent["name"] for agent in agents)]
    assert "mood=angry" in shell.ok("ls", "--runs", "Talk")


def test_run_with_json_writes_an_object_a_line(shell: Shell, design: Path) -> None:
    done = shell.run("run", str(design), "--json", "-m", "scripted/babble?fail_every=3&fail_with="
                     "rate_limit")  # fmt: skip
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.stderr == ""
    run_id = events[0]["run_id"]
    assert events[0]["type"] == "run_started"
    kinds = {event["type"] for event in events[1:-1]}
    assert kinds == {"step_committed", "model_retried"}
    steps = [event for event in events if event["type"] == "step_committed"]
    for index, event in enumerate(steps):
        message = event["message"]
        assert event["run_id"] == run_id
        assert (message["scope"], message["index"]) == ("main", index)
        assert {"day", "speaker", "role", "content"} <= message.keys()
    last = events[-1]
    assert (last["type"], last["run_id"], last["status"]) == ("run_finished", run_id, "completed")
    assert last["outcome"]["reason"] == "messages"
    assert last["error"] is None
    assert shell.data("show", run_id)["messages"] == [event["message"] for event in steps]


def test_runs_side_by_side_are_told_apart(shell: Shell, design: Path) -> None:
    out = shell.ok("run", str(design), "--repeat", "3", "--seed", "20")
    runs = shell.data("ls", "--runs")
    assert sorted(run["seed"] for run in runs) == [20, 21, 22]
    ends = {run["id"][-8:] for run in runs}
    assert {line.partition(" ")[0] for line in out.splitlines()} == ends
    done = shell.run("run", str(design), "--repeat", "3", "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["type"] for event in events[:3]] == ["run_started"] * 3
    assert [event["type"] for event in events[-3:]] == ["run_finished"] * 3


def test_preview_shows_every_prompt_and_runs_nothing(shell: Shell, design: Path) -> None:
    out = shell.ok("run", str(design), "--preview", "--agents", "guard=2", "-f", "mood=angry")
    assert out.count("You are a guard.") == out.count("You are angry.") == 2
    assert out.count("You are a prisoner.") == 1
    data = shell.data("run", str(design), "--preview")
    assert [agent["role"] for agent in data["agents"]] == ["guard", "prisoner"]
    assert shell.data("ls") == []


@pytest.mark.parametrize(
    ("words", "code", "message", "remedy"),
    [
        (["prsion"], 3, "There is no design file, experiment or seed called 'prsion'.",
         "Did you mean 'prison'?"),
        (["missing.yaml"], 3, "There is no file missing.yaml.", "Check the path."),
        (["prison", "-m", "pokcet"], 3, "There is no model 'pokcet': the provider 'pokcet' is "
         "unknown.", "Did you mean 'pocket'?"),
        (["prison", "-m", "scripted/ehco"], 3, "There is no script 'ehco'.", "Scripts are echo"),
        (["prison", "-m", "gaurd=pocket"], 5, "The design has no role 'gaurd'. Did you mean "
         "'guard'?", "It has guard"),
        (["prison", "-f", "goal=escpae"], 5, "The design has no level of goal 'escpae'. Did you "
         "mean 'escape'?", "It has escape"),
        (["prison", "-f", "goal"], 2, "--factor goal: this is no factor and level.", "Write NAME"),
        (["prison", "-a", "guard=0"], 2, "--agents guard=0: this is no role and number.", "Write"),
        (["prison", "-a", "guard=1,guard=2"], 2, "--agents is given for 'guard' twice.", "Give"),
        (["prison", "-m", "pocket", "-m", "scripted/echo"], 2, "--model is given for everybody "
         "twice: pocket and scripted/echo.", "Name roles"),
        (["prison", "--speaker", "manual", "-m", "scripted/echo"], 2, "Somebody must choose who "
         "speaks next, and nobody can be asked here.", "Run it in a terminal"),
    ],
)  # fmt: skip
def test_what_cannot_run_says_why(
    shell: Shell, words: list[str], code: int, message: str, remedy: str
) -> None:
    done = shell.run("run", *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith(f"Error: {message}\n{remedy}")
    json_code, error = shell.error("run", *words)
    assert (json_code, error["message"]) == (code, message)
    assert error["suggestion"].startswith(remedy)
    assert shell.data("ls", "--runs") == []


def test_a_failed_run_keeps_its_words_and_can_be_resumed(shell: Shell, design: Path) -> None:
    model = "scripted/babble?fail_every=3&fail_with=refused"
    done = shell.run("run", str(design), "-m", model)
    assert done.returncode == 1
    assert done.stderr.count("refused, as it was told to") == 1
    assert len(done.stdout.splitlines()) == 3
    run = shell.data("show", "last")["run"]
    assert f"resume {run['id']}" in done.stderr
    assert run["status"] == "failed"
    done = shell.run("run", str(design), "-m", model, "--json")
    last = json.loads(done.stdout.splitlines()[-1])
    assert (done.returncode, last["status"], last["code"]) == (1, "failed", "model_failed")
    assert last["error"]
    assert last["resume"].endswith(f"resume {last['run_id']}")


# ---------------------------------------------------------------- resume, fork, verify, watch


def test_resuming_what_is_completed_says_so(shell: Shell) -> None:
    run_id = shell.short_run()["run"]["id"]
    assert shell.ok("resume", "last").startswith(f"Run {run_id} is completed already.")
    (line,) = shell.ok("resume", run_id, "--json").splitlines()
    end = json.loads(line)
    assert (end["type"], end["run_id"], end["status"]) == ("run_finished", run_id, "completed")


def test_fork_replaces_a_message_and_plays_on(shell: Shell) -> None:
    parent = shell.short_run("scripted/echo")
    words = "Now answer \x1b[31mme\nplease."
    (shell.folder / "words.txt").write_text(words + "\n", encoding="utf-8")
    done = shell.run("fork", "last", "--at", "1", "--replace-file", "words.txt")
    assert done.returncode == 0
    assert "2 steps taken over" in done.stderr
    forked = shell.data("show", "last")
    assert forked["run"]["forked_from"]["run_id"] == parent["run"]["id"]
    assert [message["content"] for message in forked["messages"][:2]] == [
        parent["messages"][0]["content"], words,
    ]  # fmt: skip
    assert forked["messages"][1]["edited"]
    assert len(forked["messages"]) == 3
    from_stdin = shell.ok(
        "fork", parent["run"]["id"], "--at", "1", "--replace-file", "-", "--no-play", "--seed",
        "4", stdin="Other words.\n",
    )  # fmt: skip
    assert "resume 0" in from_stdin
    queued = shell.data("show", "last")
    assert queued["run"]["status"] == "queued"
    assert queued["messages"][1]["content"] == "Other words."
    assert shell.run("resume", "last").returncode == 0


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--at", "99"], 2, "has no step 99; it has steps 0 to 2."),
        (["--at", "1", "--replace", " "], 2, "The words to replace the message with are empty."),
        (["--at", "1", "--replace", "a", "--replace-file", "b"], 2, "are both given."),
        (["--at", "1", "--replace-file", "nowhere"], 3, "There is no file nowhere."),
    ],
)
def test_what_cannot_be_forked(shell: Shell, words: list[str], code: int, message: str) -> None:
    shell.short_run()
    done = shell.run("fork", "last", *words)
    assert done.returncode == code
    assert message in done.stderr


def test_verify_tells_what_holds(shell: Shell) -> None:
    run = shell.short_run()["run"]
    assert "holds: 3 of 3 steps replayed.\n" in shell.ok("verify", "last")
    assert "2 replies given again word for word" in shell.ok("verify", "last", "--models")
    assert shell.data("verify", "last")["holds"] is True
    with sqlite3.connect(shell.store) as store:
        store.execute(
            "UPDATE messages SET document = json_set(document, '$.prompt_hash', 'other') "
            "WHERE run_id = ? AND position = 1",
            (run["id"],),
        )
    store.close()
    done = shell.run("verify", "last")
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == f"Error: Run {run['id']} does not hold."
    assert done.stderr.splitlines()[1].startswith("  ")
    code, error = shell.error("verify", "last")
    assert (code, error["code"], len(error["problems"])) == (1, "does_not_hold", 1)


def test_watch_shows_what_is_there_and_ends_with_the_run(shell: Shell) -> None:
    run_id = shell.short_run()["run"]["id"]
    done = shell.run("watch", "last")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 3)
    assert done.stderr == "The run is completed.\n"
    lines = shell.ok("watch", run_id, "--json").splitlines()
    assert [json.loads(line)["type"] for line in lines] == [
        "run_started", *["step_committed"] * 3, "run_finished",
    ]  # fmt: skip


def test_watch_follows_another_process(shell: Shell, design: Path) -> None:
    playing = shell.start("run", str(design), "--json", "-m", "scripted/babble?token_delay_ms=20")
    assert playing.stdout is not None
    run_id = json.loads(playing.stdout.readline())["run_id"]
    watched = shell.run("watch", run_id)
    assert len(watched.stdout.splitlines()) == 5
    assert playing.wait(60) == 0
    playing.communicate()


# ---------------------------------------------------------------- ls and show


def test_an_empty_store_says_what_to_do(shell: Shell) -> None:
    out = shell.ok("ls")
    assert out.startswith("There are no experiments yet.")
    assert "main.py demo" in out
    assert "There are no runs yet." in shell.ok("ls", "--runs")
    assert shell.data("ls") == shell.data("ls", "--runs") == []
    code, error = shell.error("show", "last")
    assert (code, error["message"]) == (3, "There are no runs yet.")


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
    assert [entry["id"] for entry in runs] == [run["id"]]
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


def test_import_originals(shell: Shell) -> None:
    dump = shell.folder / "dump.json"
    dump.write_text(json.dumps([{"_id": {"$oid": "5" * 24}, "what": 1}]), encoding="utf-8")
    out = shell.ok("import", str(dump))
    assert out.startswith("0 experiments and 0 conversations read: 0 new, 0 known already.\n")
    assert "1 documents were left out:" in out
    data = shell.data("import", str(dump))["originals"]
    assert (data["new"], len(data["dropped"])) == (0, 1)
    assert shell.error("import", "missing.json")[0] == 3


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
    assert "only its creator may delete it.\nDuplicate it instead." in done.stderr


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


def test_a_file_that_is_no_store_is_left_alone(shell: Shell) -> None:
    shell.store.write_text("my thesis, do not touch\n" * 100, encoding="utf-8")
    done = shell.run("ls")
    assert done.returncode == 1
    assert "left as it is" in done.stderr
    assert shell.store.read_text(encoding="utf-8").startswith("my thesis")
