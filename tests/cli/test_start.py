from __future__ import annotations

import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from simulator import __version__
from simulator.cli.commands import VERBS, cli
from tests.cli.shell import ROOT, Shell

HEAVY = ("torch", "openai", "pymongo", "textual", "pydantic", "numpy", "inflect", "rich",
         "questionary", "prompt_toolkit")  # fmt: skip


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Whose commands all start anew."""
    return Shell(tmp_path)


def test_the_help_imports_nothing_heavy(shell: Shell) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", str(ROOT / "main.py"), "--help"],
        capture_output=True, text=True, cwd=shell.folder, env=shell.environment, check=True,
    )  # fmt: skip
    imported = {line.rpartition("|")[2].strip().partition(".")[0]
                for line in done.stderr.splitlines()}  # fmt: skip
    assert imported.isdisjoint(HEAVY)
    script = (
        "import sys; sys.argv = ['main.py', '--help']; import main; code = main.main(); "
        f"sys.exit(code or bool(set(sys.modules) & set({HEAVY!r})))"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True)


def computed_s() -> float:
    """How long processes that ended have computed, however many others did meanwhile."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_the_help_comes_at_once(shell: Shell) -> None:
    took: list[float] = []
    for _ in range(5):
        began = computed_s()
        shell.ok("--help")
        took.append(computed_s() - began)
    assert min(took) < 0.3


def test_without_a_verb_the_help_is_printed(shell: Shell) -> None:
    bare, help_page = shell.run(), shell.ok("--help")
    assert bare.returncode == 0
    assert bare.stdout == help_page
    for verb in VERBS:
        assert re.search(rf"^  {verb} ", help_page, re.MULTILINE)


def test_the_version(shell: Shell) -> None:
    assert shell.ok("--version") == f"LLM Interaction Simulator {__version__}\n"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_a_help_page_with_the_shared_options(shell: Shell, verb: str) -> None:
    page = shell.ok(verb, "--help")
    for option in ("--store", "--json", "--log-level"):
        assert option in page


def test_every_verb_can_be_loaded() -> None:
    import click

    context = click.Context(cli)
    for verb in VERBS:
        command = cli.get_command(context, verb)
        assert command is not None
        assert command.name == verb


def test_an_unknown_verb_is_a_usage_error_with_a_near_name(shell: Shell) -> None:
    done = shell.run("exprot", "last")
    assert done.returncode == 2
    assert done.stderr.startswith("Error: There is no verb 'exprot'.\nDid you mean 'export'? ")
    assert shell.error("exprot", "last")[1]["code"] == "usage"


@pytest.mark.parametrize(
    "words",
    [["run"], ["run", "prison", "--mesages", "3"], ["run", "prison", "--messages", "0"],
     ["show"], ["fork", "last"], ["--log-level", "loud", "ls"], ["run", "prison", "--top-p", "0"]],
)  # fmt: skip
def test_a_wrong_command_is_a_usage_error(shell: Shell, words: list[str]) -> None:
    done = shell.run(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: ")
    assert "--help" in done.stderr
    code, error = shell.error(*words)
    assert (code, error["code"]) == (2, "usage")
    assert "--help" in error["suggestion"]


def test_shared_options_stand_before_or_after_the_verb(shell: Shell) -> None:
    other = f"sqlite:///{shell.folder / 'other.db'}"
    shell.ok("--store", other, "star", shell_experiment(shell, other))
    assert shell.ok("--json", "--store", other, "ls") == shell.ok("ls", "--store", other, "--json")
    assert shell.data("ls") == []


def shell_experiment(shell: Shell, store: str) -> str:
    shell.ok("duplicate", "prison", "--name", "Copy", "--store", store)
    return "Copy"


def test_an_unusable_setting_is_a_usage_error(shell: Shell) -> None:
    done = shell.run("ls", env={"SIMULATOR_LOG_LEVEL": "loud"})
    assert done.returncode == 2
    assert "SIMULATOR_LOG_LEVEL: there is no level 'loud'." in done.stderr
    done = shell.run("ls", env={"SIMULATOR_MAX_LIVE_RUNS": "none"})
    assert done.returncode == 2
    assert "SIMULATOR_MAX_LIVE_RUNS" in done.stderr
