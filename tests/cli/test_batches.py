from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from simulator.cli import detaching
from simulator.domain.batches import Batch
from simulator.domain.executions import Caps, Ended, Progress
from simulator.errors import BackendError, BackendUnavailableError
from tests.cli.conftest import DESIGN, Simulator

LAUNCH = ("launch", "talk.yaml", "--factor", "mood", "--messages", "1..2", "--seed", "7")
REFUSING = ("--model", "scripted/babble?fail_every=1&fail_with=refused")


@pytest.fixture
def lab(simulator: Simulator, tmp_path: Path) -> Simulator:
    """The command line in a folder with a design of two moods."""
    (tmp_path / "talk.yaml").write_text(DESIGN, encoding="utf-8")
    return simulator


def events(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def data(lab: Simulator, *words: str) -> Any:
    code, out, err = lab(*words, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)["data"]


def test_a_launch_given_again_goes_on_with_its_batch(lab: Simulator) -> None:
    code, out, err = lab(*LAUNCH, "--json")
    told = events(out)
    assert (code, err) == (0, "")
    assert [told[0]["type"], told[-1]["type"]] == ["batch_launched", "batch_ended"]
    assert (told[0]["cells"], told[0]["runs"], told[0]["first_seed"]) == (4, 4, 7)
    ended = [event for event in told if event["type"] == "run_finished"]
    assert sorted(event["cell"] for event in ended) == [0, 1, 2, 3]
    assert (told[-1]["reason"], told[-1]["done"], told[-1]["resume"]) == ("finished", 4, None)

    code, out, _ = lab(*LAUNCH, "--json")
    again = events(out)
    assert code == 0
    assert again[0]["batch_id"] == told[0]["batch_id"]
    assert not [event for event in again if event["type"] == "run_finished"]

    code, _, err = lab(*LAUNCH, "--repeat", "2")
    assert code == 2 and "Amend it" in err
    code, out, _ = lab(*LAUNCH, "--repeat", "2", "--amend")
    assert code == 0 and out.endswith(", Talk: 8 runs\n")
    shown = data(lab, "batch", "last")
    assert shown["counts"] == {"completed": 8}
    assert [row["seed"] for row in shown["rows"]] == [7, 8] * 4
    assert shown["foreseen"]["runs"] == shown["completed"]["runs"] == 8
    assert shown["rows"][-1]["condition"] == "messages=2, mood=angry"


def test_a_dry_run_says_what_it_would_take_and_stores_nothing(lab: Simulator) -> None:
    code, out, err = lab(
        *LAUNCH, "--exclude", "mood=calm & messages=2", "--repeat", "5", "--dry-run"
    )
    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert lines[1] == "3 cells × 5 repetitions = 15 runs, seeds from 7"
    assert lines[2].split() == [
        "MODEL", "RUNS", "CALLS", "PROMPT", "TOKENS", "REPLY", "TOKENS", "COST", "TIME", "CONTEXT"
    ]  # fmt: skip
    assert lines[3].split()[:2] == ["scripted/babble", "15"]
    assert [line.split(maxsplit=1)[1] for line in lines[-3:]] == [
        "messages=1, mood=calm", "messages=1, mood=angry", "messages=2, mood=angry",
    ]  # fmt: skip
    assert data(lab, "batch") == []


def test_a_queued_batch_is_paused_and_gone_on_with(lab: Simulator) -> None:
    assert lab(*LAUNCH, "--queue", "--name", "moods")[0] == 0
    assert lab("batch", "moods", "--pause")[0] == 0
    code, out, err = lab("launch", "--join", "moods")
    assert (code, out) == (130, "")
    assert "The batch is paused." in err and "--resume" in err
    (listed,) = data(lab, "batch")
    assert (listed["order"], listed["runs"], listed["experiment"]) == (
        "pause",
        {"queued": 4},
        "Talk",
    )
    assert lab("launch", "talk.yaml", "--queue", "--name", "moods")[0] == 0
    code, _, err = lab("batch", "moods")
    assert code == 2 and "'moods' is not unique: 2 batches match" in err
    assert lab("batch", listed["id"][-8:], "--resume")[0] == 0
    _, out, _ = lab("batch")
    assert out.splitlines()[2].split()[1:5] == ["moods", "Talk", "4", "4"]
    code, out, err = lab("watch", listed["id"])
    assert code == 0 and "4 of 4 done" in err


def test_what_failed_is_in_the_ledger_with_its_reason(lab: Simulator) -> None:
    code, out, err = lab(*LAUNCH, *REFUSING, "--most-failures", "9")
    assert code == 1
    assert err.count("failed: scripted/babble") == 4
    assert "--retry" in err
    _, out, _ = lab("batch", "last")
    assert "4 runs failed" in out.splitlines()
    assert any(line.startswith("  4 runs: scripted/babble") for line in out.splitlines())
    assert out.splitlines()[-1].endswith("--retry")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("launch",), 2, "name one of both"),
        (("launch", "talk.yaml", "--join", "last"), 2, "name one of both"),
        (("launch", "--join", "last", "--days", "2"), 2, "--days cannot be given"),
        (("launch", "--join", "nothing"), 3, "There is no batch 'nothing'"),
        (("launch", "talk.yaml", "--factor", "mod"), 2, "Did you mean `levels.mood`?"),
        (("launch", "talk.yaml", "--messages", "1..900", "--days", "1..900"), 2, "810,000 runs"),
        (("launch", "talk.yaml", "-f", "mood", "--max-runs", "1"), 2, "These are 2 runs"),
        (("launch", "talk.yaml", "--time-limit", "soon"), 2, "no duration"),
        (("launch", "talk.yaml", "--queue", "--detach"), 2, "Choose one"),
        (("launch", "talk.yaml", "--executor", "ray"), 3, "--executor ray"),
        (("batch", "last"), 3, "There are no batches yet"),
        (("batch", "--cancel"), 2, "Which batch to cancel"),
        (("batch", "last", "--pause", "--cancel"), 2, "cannot be given both"),
        (("batch", "last", "--detach"), 2, "--detach plays a batch"),
    ],
)
def test_what_cannot_be_done_is_refused(
    lab: Simulator, words: tuple[str, ...], code: int, said: str
) -> None:
    failed, out, err = lab(*words)
    assert (failed, out) == (code, "")
    assert said in err


def test_a_detached_batch_is_played_by_a_process_of_its_own(
    lab: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[list[str], dict[str, Any]]] = []

    class Process:
        pid, returncode = 4711, None

        def __init__(self, command: list[str], **options: Any) -> None:
            started.append((command, options))

    ours = SimpleNamespace(Popen=Process, DEVNULL=subprocess.DEVNULL)
    monkeypatch.setattr(detaching, "subprocess", ours)
    code, out, _ = lab(*LAUNCH, "--detach", "--most-failures", "3", "--time-limit", "2h", "--json")
    told = events(out)
    ((command, options),) = started
    batch_id = told[0]["batch_id"]
    assert code == 0
    assert command[2:] == [
        "launch", "--join", batch_id, "--time-limit", "7200s", "--most-failures", "3",
    ]  # fmt: skip
    assert options["start_new_session"] is True
    assert told[-1]["log"] == str(tmp_path / "logs" / f"batch-{batch_id}.log")
    assert told[-1]["pid"] == 4711
    assert data(lab, "batch", "last")["counts"] == {"queued": 4}


def batch(limits: dict[str, Any]) -> Batch:
    return Batch.model_construct(id="b", specification={"limits": limits})


def test_a_batch_keeps_its_limits_unless_a_command_sets_others() -> None:
    from datetime import timedelta

    from simulator.cli.batch_starting import caps_of
    from simulator.settings import Settings

    settings = Settings(cost_limit=9.0, token_limit=90)
    none = dict.fromkeys(("token_limit", "cost_limit", "time_limit", "most_failures"))
    assert caps_of(settings, none) == Caps(tokens=90, cost_usd=9.0)
    kept = batch({"tokens": 7, "failures": 2})
    assert caps_of(settings, none, kept) == Caps(tokens=7, cost_usd=9.0, failures=2)
    given = none | {"token_limit": 8, "time_limit": timedelta(minutes=1)}
    assert caps_of(settings, given, kept) == Caps(8, 9.0, 60.0, 2)


@pytest.mark.parametrize(
    ("ended", "code"),
    [
        (Ended("finished", Progress(done=2)), 0),
        (Ended("paused", Progress(done=1, waiting=1)), 130),
        (Ended("time", Progress(done=1, waiting=1)), 1),
        (Ended("finished", Progress(done=1, failed=1), failures={"r": BackendError("no")}), 1),
        (
            Ended("models", Progress(failed=2), failures={"r": BackendUnavailableError("away")}),
            6,
        ),
    ],
)
def test_the_exit_code_tells_whether_all_is_completed(ended: Ended, code: int) -> None:
    from simulator.cli.batch_playing import exit_code_of

    assert exit_code_of(ended) == code
