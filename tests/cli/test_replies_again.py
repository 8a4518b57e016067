"""`--record`, `--replay`, `--cache` and the verb `cache`."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.shell import Shell

TALK = ("run", "prison", "-m", "scripted/babble", "--messages", "2", "--days", "1", "-s", "7")


def said(shell: Shell) -> list[str]:
    return [message["content"] for message in shell.data("show", "last")["messages"]]


def kept(shell: Shell) -> list[dict[str, Any]]:
    models: list[dict[str, Any]] = shell.data("cache", "show")["models"]
    return models


def test_a_recorded_run_is_replayed(shell: Shell) -> None:
    shell.ok(*TALK, "--record", "talk.jsonl")
    first = said(shell)
    shell.ok(*TALK, "--replay", "talk.jsonl")
    assert said(shell) == first
    failed = shell.run(*TALK[:-1], "8", "--replay", "talk.jsonl")
    assert failed.returncode == 1
    assert "The recording talk.jsonl has no reply of scripted/babble" in failed.stderr
    assert "--record" in failed.stderr


def test_a_recording_can_be_set_in_the_environment_for_resume_and_fork(shell: Shell) -> None:
    recording = {"SIMULATOR_RECORD": "talk.jsonl"}
    assert shell.run(*TALK, env=recording).returncode == 0
    assert shell.run("fork", "last", "--at", "1", env=recording).returncode == 0
    whole = said(shell)
    assert shell.run("fork", "last", "--at", "1", "--replay", "talk.jsonl").returncode == 0
    assert said(shell) == whole


def test_replies_are_kept_with_the_option_only(shell: Shell) -> None:
    shell.ok(*TALK)
    assert kept(shell) == []
    shell.ok(*TALK, "--cache")
    (model,) = kept(shell)
    assert (model["model"], model["replies"]) == ("scripted/babble", 2)
    shell.ok(*TALK, "--cache")
    assert shell.log().count("reply of scripted/babble from the cache") == 2
    assert shell.run(*TALK, "--no-cache", env={"SIMULATOR_CACHE": "1"}).returncode == 0
    assert shell.log().count("reply of scripted/babble from the cache") == 2


def test_a_run_is_verified_by_the_model_and_not_by_the_cache(shell: Shell) -> None:
    always = {"SIMULATOR_CACHE": "1"}
    assert shell.run(*TALK, env=always).returncode == 0
    verified = shell.run("verify", "last", "--models", env=always)
    assert "2 replies given again word for word" in verified.stdout
    assert "from the cache" not in shell.log()


def test_a_damaged_cache_is_told_and_the_run_completes(shell: Shell) -> None:
    shell.ok(*TALK, "--cache")
    (file,) = shell.home.rglob("requests.db")
    for path in file.parent.iterdir():
        path.write_bytes(b"no database" * 1000)
    done = shell.run(*TALK, "--cache")
    assert done.returncode == 0
    assert done.stderr.count("Warning: The request cache ") == 1
    assert "Every model is asked instead." in done.stderr
    code, error = shell.error("cache", "show")
    assert code == 1 and "cannot be used" in error["message"]


def test_the_cache_is_cleared_when_that_is_confirmed(shell: Shell) -> None:
    shell.ok(*TALK, "--cache")
    code, error = shell.error("cache", "clear")
    assert code == 2 and error["suggestion"] == "Add --yes."
    assert shell.data("cache", "clear", "-y", "--older-than", "1h")["replies"] == 0
    assert shell.data("cache", "clear", "-y", "-m", "scripted/echo")["replies"] == 0
    assert "scripted/babble" in shell.ok("cache", "show")
    assert shell.data("cache", "clear", "-y", "-m", "scripted/babble")["replies"] == 2
    assert "No replies are kept." in shell.ok("cache", "show")


@pytest.mark.parametrize("age", ["3", "soon"])
def test_an_age_that_is_none_is_refused(shell: Shell, age: str) -> None:
    code, error = shell.error("cache", "clear", "-y", "--older-than", age)
    assert code == 2 and "no duration such as" in error["message"]


def test_recording_and_replaying_at_once_is_refused(shell: Shell) -> None:
    code, error = shell.error(*TALK, "--record", "a", "--replay", "b")
    assert code == 2 and "at the same time" in error["message"]


@pytest.mark.parametrize(("name", "code"), [("design.yaml", 2), ("nowhere/talk.jsonl", 4)])
def test_what_cannot_be_recorded_to_is_refused_before_a_run_is_stored(
    shell: Shell, name: str, code: int
) -> None:
    (shell.folder / "design.yaml").write_text("kind: prison\n", encoding="utf-8")
    assert shell.error(*TALK, "--record", name)[0] == code
    assert shell.data("ls", "--runs") == []
    assert (shell.folder / "design.yaml").read_text("utf-8") == "kind: prison\n"
