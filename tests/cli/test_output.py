from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.shell import Shell

TWO = ["--messages", "2", "--days", "1"]


def test_hostile_words_are_plain_or_escaped(shell: Shell) -> None:
    shown = shell.short_run("scripted/hostile")
    exact = shown["messages"][1]["content"]
    assert exact.startswith("\x1b[2J\x1b[31mred\x1b[0m [bold red]not bold[/] [/nothing] \x07\x00\r")
    for words in (["show", "last"], ["show", "last", "--raw", "--prompts"], ["watch", "last"],
                  ["export", "last", "-f", "csv"]):  # fmt: skip
        out = shell.ok(*words)
        for harmful in ("\x1b", "\x07", "\x00", "\x9b"):
            assert harmful not in out
    for words in (["show", "last", "--json"], ["export", "last"], ["watch", "last", "--json"]):
        assert shell.ok(*words).isascii()


def test_a_line_of_a_reply_cannot_pass_for_a_message(shell: Shell) -> None:
    shell.short_run("scripted/say?text=Hello%0A[day 9] Guard_1: me")
    lines = shell.ok("show", "last").splitlines()
    forged = [line for line in lines if "Guard_1: me" in line and "model" not in line]
    assert forged == ["    [day 9] Guard_1: me"] * 2


def test_a_megabyte_goes_through_everything(shell: Shell) -> None:
    words = "blah" * (1024 * 256)
    done = shell.run("run", "prison", "-m", "scripted/flood", *TWO)
    assert done.stdout.count("blah") == 2 * 1024 * 256
    shown = shell.data("show", "last")
    assert [message["content"] for message in shown["messages"][1:]] == [words] * 2
    assert words in shell.ok("show", "last")
    for name in ("jsonl", "csv", "markdown"):
        assert words in shell.ok("export", "last", "-f", name)


def test_output_in_ascii_never_fails(shell: Shell) -> None:
    env = {"PYTHONIOENCODING": "ascii"}
    done = shell.run("run", "prison", "-m", "scripted/hostile", *TWO, env=env)
    assert (done.returncode, done.stdout.isascii()) == (0, True)
    done = shell.run("show", "last", "--raw", env=env)
    assert (done.returncode, done.stdout.isascii()) == (0, True)
    done = shell.run("show", "caf\u00e9", env=env)
    assert done.returncode == 3


@pytest.mark.parametrize("verb", ["ls", "show", "export", "run", "schema"])
def test_a_reader_that_leaves_ends_it_quietly(shell: Shell, verb: str) -> None:
    shell.short_run("scripted/flood")
    words = {
        "ls": ["ls", "--runs"], "show": ["show", "last"], "export": ["export", "last"],
        "run": ["run", "prison", "-m", "scripted/babble?token_delay_ms=5", "--messages", "200"],
        "schema": ["schema"],
    }[verb]  # fmt: skip
    playing = shell.start(*words)
    assert playing.stdout is not None
    assert playing.stderr is not None
    if verb in ("run", "show", "export"):
        playing.stdout.read(1)
    playing.stdout.close()
    err = playing.stderr.read()
    playing.stderr.close()
    assert playing.wait(60) in (0, 141)
    assert "Traceback" not in err
    assert "Broken" not in err
    if verb == "run":
        assert playing.returncode == 141
        assert shell.data("show", "last")["run"]["status"] == "paused"


def test_through_head(shell: Shell) -> None:
    shell.short_run("scripted/flood")
    for words in (["show", "last"], ["ls", "--runs"], ["run", "prison", "-m", "scripted/flood"]):
        command = " ".join([f"'{word}'" for word in shell.command(*words)])
        done = subprocess.run(
            ["bash", "-c", f"{command} | head -n 1"], cwd=shell.folder, env=shell.environment,
            capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        assert len(done.stdout.splitlines()) == 1
        assert "Traceback" not in done.stderr
        assert "Exception" not in done.stderr


def test_an_unexpected_fault_is_one_sentence_and_a_log(shell: Shell) -> None:
    broken = shell.folder / "sitecustomize.py"
    broken.write_text(
        "import simulator.services as s\n"
        "def fail(self, name): raise ZeroDivisionError('secret words')\n"
        "s.Services.find_run = fail\n",
        encoding="utf-8",
    )
    root = str(Path(__file__).resolve().parents[2])
    env = {"PYTHONPATH": f"{shell.folder}:{root}"}
    done = shell.run("verify", "last", env=env)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        "Error: The program met a fault of its own: ZeroDivisionError.\n"
        f"The log has the details: {shell.log_dir / 'simulator.log'}\n"
    )
    assert "Traceback (most recent call last)" in shell.log()
    document = json.loads(shell.run("verify", "last", "--json", env=env).stdout)
    assert document["error"]["code"] == "failed"


def test_the_log_has_every_verb_with_its_exit_code(shell: Shell) -> None:
    shell.ok("run", "prison", "-m", "scripted/babble?fail_every=2&fail_with=rate_limit", *TWO)
    shell.run("show", "nothing")
    log = shell.log()
    assert " INFO " in log
    assert "run begins\n" in log
    assert "run ends with exit code 0\n" in log
    assert "show ends with exit code 3\n" in log
    assert "simulator.backends.retrying: request to scripted/babble" in log
    assert "WARNING" in log
    assert "retry of scripted/babble" in log


def test_without_a_folder_for_the_log_one_line_says_where_it_is(shell: Shell) -> None:
    shell.log_dir.write_text("in the way", encoding="utf-8")
    done = shell.run("ls")
    assert done.returncode == 0
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"Warning: The log cannot be written to {shell.log_dir} (")
    assert list(shell.home.rglob("simulator.log"))
    document = json.loads(shell.run("ls", "--json").stdout)
    assert len(document["warnings"]) == 1


def test_without_any_folder_for_the_log_the_program_works(shell: Shell) -> None:
    shell.log_dir.write_text("in the way", encoding="utf-8")
    home = shell.folder / "file"
    home.write_text("in the way", encoding="utf-8")
    done = shell.run("ls", env={"HOME": str(home)})
    assert done.returncode == 0
    assert "nothing is logged" in done.stderr


def test_the_demo_needs_nothing(shell: Shell) -> None:
    done = shell.run("demo")
    assert done.returncode == 0
    assert done.stderr.splitlines()[-4] == "Next, try:"
    for line, verb in zip(done.stderr.splitlines()[-3:], ("show", "fork", "export"), strict=True):
        assert f"main.py {verb} last" in line
    shown = shell.data("show", "last")
    assert shown["run"]["seed"] == 2026
    assert {agent["model"] for agent in shown["run"]["agents"]} == {"pocket"}
    assert sum(message["role"] in ("guard", "prisoner") for message in shown["messages"]) == 10
