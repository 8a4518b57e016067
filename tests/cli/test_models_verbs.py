from __future__ import annotations

import json

import pytest

from simulator.cli.output import Output
from simulator.cli.pulling import pull_display
from simulator.domain.models import PullProgress
from tests.cli.shell import Shell

PARTS = [
    PullProgress("pulling manifest"),
    *(PullProgress("pulling 8eeb52", done, 1000) for done in range(0, 1001, 5)),
    PullProgress("verifying \x1b[2Jdigest"),
    PullProgress("success"),
]


def test_models_alone_lists_what_can_be_used(shell: Shell) -> None:
    listed = shell.ok("models")
    assert listed == shell.ok("models", "ls")
    assert [line.split()[:2] for line in listed.splitlines()[:3]] == [
        ["PROVIDER", "STATE"], ["pocket", "ready"], ["scripted", "ready"],
    ]  # fmt: skip
    rows = [line.split() for line in listed.splitlines()]
    assert ["pocket", "1,024", "latent,", "score,", "seed"] in rows
    assert any(row[:1] == ["scripted/babble"] for row in rows)
    assert not shell.store.exists()


def test_models_with_options_alone_lists_too(shell: Shell) -> None:
    reports = shell.data("models")
    assert reports == shell.data("models", "ls")
    assert [report["provider"] for report in reports][:2] == ["pocket", "scripted"]
    pocket = reports[0]
    assert (pocket["reachable"], pocket["problem"]) == (True, "")
    card = pocket["models"][0]
    assert card["context_length"] == 1024
    assert card["price"] == {"input_usd": 0.0, "output_usd": 0.0, "cached_input_usd": None}


def test_a_verb_with_verbs_of_its_own_does_the_first(shell: Shell) -> None:
    assert shell.ok("cache") == shell.ok("cache", "show")
    assert "Usage:" in shell.ok("models", "--help")


def test_one_provider_can_be_listed(shell: Shell) -> None:
    assert [report["provider"] for report in shell.data("models", "ls", "pocket")] == ["pocket"]
    code, error = shell.error("models", "ls", "poket")
    assert (code, error["code"]) == (3, "not_found")
    assert "'pocket'" in error["suggestion"]


def test_show_has_what_is_known_of_a_model(shell: Shell) -> None:
    shown = shell.ok("models", "show", "pocket")
    assert "context    1,024 tokens\n" in shown
    assert "takes      max_tokens, seed, stop, temperature, top_k, top_p\n" in shown
    data = shell.data("models", "show", "pocket")
    assert data["digest"] in shown
    assert (data["endpoint"], data["abilities"]) == ("", ["latent", "score", "seed"])


def test_a_sound_model_passes_its_check(shell: Shell) -> None:
    lines = shell.ok("models", "check", "pocket").splitlines()
    assert lines[0] == "Checking pocket"
    found = dict(line.split()[1::-1] for line in lines[1:-1])
    assert found.pop("logprobs") == found.pop("choices") == "absent"
    assert set(found.values()) == {"ok"}
    assert lines[-1].startswith(f"{len(found)} ok, 2 absent; ")


def test_findings_come_as_json_lines_before_the_envelope(shell: Shell) -> None:
    lines = shell.ok("models", "check", "pocket", "--json").splitlines()
    *findings, envelope = [json.loads(line) for line in lines]
    assert {finding.pop("type") for finding in findings} == {"finding"}
    assert envelope["status"] == "ok"
    assert envelope["data"]["findings"] == findings
    assert findings[1]["usage"]["calls"] == 1


def test_a_check_asks_the_model_and_no_recording(shell: Shell) -> None:
    for setting in ("SIMULATOR_REPLAY", "SIMULATOR_RECORD"):
        file = shell.folder / setting
        assert shell.run("models", "check", "pocket", env={setting: str(file)}).returncode == 0
        assert not file.exists()


def test_a_failed_check_fails_the_command(shell: Shell) -> None:
    done = shell.run("models", "check", "scripted/silent")
    assert done.returncode == 1
    assert "failed   reply       The reply is empty" in done.stdout
    assert done.stderr.startswith("Error: scripted/silent failed 1 of 10 checks.\n  reply: ")
    code, error = shell.error("models", "check", "scripted/silent")
    assert (code, error["code"], len(error["problems"])) == (1, "checks_failed", 1)


def test_what_differs_fails_nothing(shell: Shell) -> None:
    done = shell.run("models", "check", "scripted/echo")
    assert done.returncode == 0
    assert "differs  prompt" in done.stdout


def test_words_of_a_hostile_model_stay_words_in_a_check(shell: Shell) -> None:
    with shell.terminal("models", "check", "scripted/hostile") as screen:
        screen.expect("calls")
        assert screen.end() == 0
        assert b"\x1b[2J" not in screen.raw
        assert b"\x1b[31mred" not in screen.raw
    assert "\x1b" not in shell.run("models", "check", "scripted/hostile").stdout


@pytest.mark.parametrize("sub", ["show", "check", "pull"])
def test_an_unknown_model_is_not_found(shell: Shell, sub: str) -> None:
    code, error = shell.error("models", sub, "pokcet")
    assert (code, error["code"]) == (3, "not_found")
    assert "models ls --all" in error["suggestion"]
    code, error = shell.error("models", sub, "llama3.1:8b")
    assert (code, error["code"]) == (3, "not_found")
    assert "PROVIDER/MODEL" in error["suggestion"]


def test_what_is_built_in_cannot_be_pulled(shell: Shell) -> None:
    assert shell.error("models", "pull", "pocket")[0] == 2


def test_an_unknown_verb_of_models_is_a_usage_error(shell: Shell) -> None:
    code, error = shell.error("models", "chek", "pocket")
    assert (code, error["code"]) == (2, "usage")
    assert "check" in error["message"]


def test_the_log_tells_which_verb_of_models_ran(shell: Shell) -> None:
    shell.ok("models")
    assert "models ls ends with exit code 0" in shell.log()


def test_ctrl_c_ends_a_check(shell: Shell) -> None:
    with shell.terminal("models", "check", "scripted/babble?token_delay_ms=60000") as screen:
        screen.expect("absent")
        screen.type("\x03")
        assert screen.end() == 130
        assert "Traceback" not in screen.text
        assert "Stopped." in screen.text
        assert screen.raw.rindex(b"\x1b[?25h") > screen.raw.rindex(b"\x1b[?25l")


@pytest.mark.parametrize("as_json", [False, True], ids=["lines", "json"])
def test_a_download_is_told_in_steps(as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    output = Output()
    output.json = as_json
    with pull_display(output) as display:
        for progress in PARTS:
            display.hear(progress)
    lines = capsys.readouterr().out.splitlines()
    if as_json:
        events = [json.loads(line) for line in lines]
        assert len(events) == 3 + 101
        assert events[-3]["completed_bytes"] == 1000
        assert events[-2]["status"] == "verifying \x1b[2Jdigest"
    else:
        assert lines[:3] == ["pulling manifest", "pulling 8eeb52 0 %", "pulling 8eeb52 10 %"]
        assert lines[-3:] == ["pulling 8eeb52 100 %", "verifying \u241b[2Jdigest", "success"]
        assert len(lines) == 3 + 11
