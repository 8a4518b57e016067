from __future__ import annotations

import json
import re
import sqlite3
import time
from pathlib import Path

import pytest

from tests.cli.shell import Shell

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
    assert done.stderr.splitlines()[1:] == ["The run is completed."]
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


def test_a_run_is_resumed_at_the_pace_asked_for(shell: Shell) -> None:
    shell.ok("run", "prison", "-m", "scripted/babble", "--messages", "4", "--days", "1")
    shell.ok("fork", "last", "--at", "2", "--no-play")
    began = time.monotonic()
    shell.ok("resume", "last", "--pace", "0.8")
    assert time.monotonic() - began > 1.6
