"""What the command line tells people to type, and what it says while it waits."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import pytest

from simulator.cli.display import PlainDisplay
from simulator.cli.live import LiveDisplay
from simulator.cli.output import Column, Output
from simulator.cli.playing import meets_again
from simulator.cli.prompts import not_sent
from simulator.cli.session import Session
from simulator.domain.events import ModelRetried, TextStreamed, TurnStarted
from simulator.domain.journal import Call, Usage
from simulator.domain.records import Agent, Provenance, Run
from simulator.domain.sampling import Sampling
from simulator.errors import (
    BackendError,
    BackendUnavailableError,
    ContextOverflowError,
    EndpointError,
    LimitReachedError,
    ModelAccessError,
    ModelNotFoundError,
    QuotaExhaustedError,
    RateLimitedError,
    SimulatorError,
)
from simulator.presentation.notices import retry_text
from simulator.presentation.plans import Plan
from tests.cli.shell import ROOT, Shell
from tests.files.test_transcripts import NOW, step

PROGRAM = f"{sys.executable} {ROOT / 'main.py'}"
BABBLE = ["-m", "scripted/babble", "--messages", "4", "--days", "1", "-s", "7"]


def command_in(text: str) -> str:
    (line,) = (line.strip() for line in text.splitlines() if " resume " in line)
    return line


# ---------------------------------------------------------------- going on


def test_the_command_that_goes_on_has_all_that_the_run_began_with(shell: Shell) -> None:
    options = ["--cache", "--max-connections", "3", "--record", "calls.jsonl",
               "--cost-limit", "0.00002", "--token-limit", "90000"]  # fmt: skip
    model = ["-m", "scripted/babble?fail_with=refused&fail_every=3", *BABBLE[2:]]
    done = shell.run("run", "prison", *model, *options)
    assert done.returncode == 1
    run = shell.data("show", "last")["run"]["id"]
    assert command_in(done.stderr) == f"{PROGRAM} resume {run} " + " ".join(options)


def test_a_fork_that_is_not_played_keeps_its_options(shell: Shell) -> None:
    shell.ok("run", "prison", *BABBLE)
    out = shell.ok("fork", "last", "--at", "2", "--no-play", "--no-cache")
    assert command_in(out).endswith(" --no-cache")


def test_a_failure_that_would_come_again_asks_for_another_run(shell: Shell) -> None:
    model = "scripted/babble?fail_with=refused&fail_every=3"
    done = shell.run("run", "prison", "-m", model, *BABBLE[2:])
    assert "start a new run with another model or design" in done.stderr
    assert "Everything said is kept. Go on with:" not in done.stderr
    stopped = shell.run("run", "prison", *BABBLE, "--token-limit", "20")
    assert "Everything said is kept. Go on with:" in stopped.stderr
    assert "start a new run" not in stopped.stderr


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (BackendError, True), (ContextOverflowError, True), (ModelNotFoundError, True),
        (QuotaExhaustedError, False), (ModelAccessError, False), (EndpointError, False),
        (BackendUnavailableError, False), (RateLimitedError, False), (LimitReachedError, False),
    ],
)  # fmt: skip
def test_what_a_run_that_goes_on_meets_again(error: type[SimulatorError], again: bool) -> None:
    assert meets_again(error("It failed.")) is again


# ---------------------------------------------------------------- commands in sentences


def test_commands_in_remedies_can_be_pasted(shell: Shell) -> None:
    plain = shell.run("--store", f"sqlite:///{shell.folder / 'other.db'}", "show", "nothing")
    store = f"--store sqlite:///{shell.folder / 'other.db'} "
    assert f"`{PROGRAM} {store}ls --runs` lists runs." in plain.stderr
    _, error = shell.error("show", "nothing")
    assert f"`{PROGRAM} ls --runs` lists runs." in error["suggestion"]


def test_only_our_verbs_are_spelled_out(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session()
    session.program = "python /lab/main.py"
    told = "Write `ollama/NAME`; `python main.py models pull ollama/x` or `pip install -e .`"
    assert session.spelled_out(told) == (
        "Write `ollama/NAME`; `python /lab/main.py models pull ollama/x` or `pip install -e .`"
    )


@pytest.mark.parametrize(
    ("store", "printed"),
    [
        ("/data/ada@lab/x.db", "/data/ada@lab/x.db"),
        ("mongodb://ada@h/x", "mongodb://ada@h/x"),
        ("mongodb://h/x?replicaSet=rs0", "'mongodb://h/x?replicaSet=rs0'"),
        ("mongodb://ada:hush-hush@h/x", "'mongodb://ada:***@h/x'"),
        ("mongodb://h/x?tls=true&tlsCertificateKeyFilePassword=hush-hush",
         "'mongodb://h/x?tls=true&tlsCertificateKeyFilePassword=***'"),
    ],
)  # fmt: skip
def test_commands_name_the_store_without_its_secrets(store: str, printed: str) -> None:
    session = Session()
    session.program = "sim"
    session.store = store
    assert session.command("resume", "R1") == f"sim --store {printed} resume R1"
    assert session.spelled_out("See `doctor`.") == f"See `sim --store {printed} doctor`."


def test_a_store_that_is_none_is_named_without_a_password(shell: Shell) -> None:
    shell.environment["SIMULATOR_STORE"] = "ada:hush-hush@lab.example"
    exit_code, error = shell.error("ls")
    assert exit_code == 2
    assert "'lab.example'" in error["message"]
    assert "hush" not in str(error)


def test_a_broken_line_of_env_is_told_once_with_its_place(shell: Shell) -> None:
    (shell.folder / ".env").write_text('A=1\n\nno value here"\nB=2\n', encoding="utf-8")
    done = shell.run("run", "prison", *BABBLE)
    assert done.returncode == 0
    warned = [line for line in done.stderr.splitlines() if ".env" in line or "dotenv" in line]
    assert warned == [
        f"Warning: {shell.folder / '.env'}, line 3: this is no NAME=value; it is not read."
    ]


def test_an_env_file_that_is_no_text_is_named(shell: Shell) -> None:
    (shell.folder / ".env").write_bytes(b"A=\xff\xfe\n")
    code, error = shell.error("ls")
    assert code == 2 and error["message"] == f"{shell.folder / '.env'} is not text in UTF-8."


# ---------------------------------------------------------------- retries


def retried(reason: str, wait_s: float, run_id: str = "R") -> ModelRetried:
    return ModelRetried(run_id, "main", "Ada", "openai/gpt-4o", 2, wait_s, reason)


@pytest.mark.parametrize(
    ("reason", "wait_s", "told"),
    [
        ("openai/gpt-4o at http://h:1/v1: the server failed (HTTP 503): Busy.", 0.2874,
         "Ada: the server failed (HTTP 503): Busy; asking again in 0.3 s (attempt 2)"),
        ("openai/gpt-4o at http://h:1/v1 asks to wait.", 11.7,
         "Ada: asks to wait; asking again in 12 s (attempt 2)"),
        ("the reply was empty", 0.0, "Ada: the reply was empty; asking again (attempt 2)"),
        ("x\n" * 500, 1.0, f"Ada: {'x ' * 49}x…; asking again in 1.0 s (attempt 2)"),
    ],
)  # fmt: skip
def test_a_retry_is_one_short_line(reason: str, wait_s: float, told: str) -> None:
    assert retry_text(retried(reason, wait_s)) == told


RUNS = [
    Run(
        id=f"0000000000000000RUN{number}", experiment_id="E", kind="conversation",
        design_hash="d", seed=7, agents=(), creator="ada", created_at=NOW,
        provenance=Provenance(simulator_version="1", python_version="3", platform="x"),
    )
    for number in (11111, 22222)
]  # fmt: skip


@pytest.mark.parametrize("several", [False, True])
def test_a_retry_names_its_run_where_there_are_several(
    capsys: pytest.CaptureFixture[str], several: bool
) -> None:
    runs = RUNS if several else RUNS[:1]
    plans = [Plan(run, "Talk", 4, 1, (), False) for run in runs]
    PlainDisplay(Output(), plans).hear(retried("asks to wait", 1.0, runs[0].id))
    assert capsys.readouterr().err.startswith("RUN11111 Ada: asks" if several else "Ada: asks")


def test_the_speed_goes_when_nothing_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("simulator.cli.live.time.monotonic", lambda: now[0])
    display = LiveDisplay(Output(), Plan(RUNS[0], "Talk", 4, 1, (), False))
    run_id = RUNS[0].id
    display.hear(TurnStarted(run_id, "main", 0, "Ada", "guard", "pocket", 1))
    for _ in range(6):
        now[0] += 0.5
        display.hear(TextStreamed(run_id, "main", "Ada", "word "))
    assert "2 tokens/s" in display._status().plain
    now[0] += 2.0
    assert "1 tokens/s" in display._status().plain
    now[0] += 2.0
    assert "tokens/s" not in display._status().plain


# ---------------------------------------------------------------- what was sent, narrow tables


def test_what_a_model_was_not_sent_is_named_once_a_model() -> None:
    wished = Sampling(temperature=0.5, top_p=0.9, max_tokens=8, context_length=4096)
    agents = tuple(
        Agent(name=name, role="guard", number=1, model=model, sampling=wished)
        for name, model in (("Ada", "openai/o3"), ("Bob", "pocket"))
    )
    sent = {"Ada": Sampling(max_tokens=8), "Bob": wished}
    steps = [
        step(
            number, "Hi", name,
            call=Call(model="openai/o3" if name == "Ada" else "pocket", sampling=sent[name], seed=1,
                      raw="Hi", stop_reason="stop", usage=Usage()),
        )
        for number, name in enumerate(["Ada", "Bob", "Ada"])
    ]  # fmt: skip
    run = RUNS[0].model_copy(update={"agents": agents})
    assert not_sent(run, steps) == "temperature, top_p (openai/o3)"
    assert not_sent(run, steps[1:2]) == ""


def test_preview_tells_what_will_not_be_sent(shell: Shell) -> None:
    shell.environment["OPENAI_API_KEY"] = "sk-not-a-key"
    words = ["run", "prison", "--preview", "-m", "openai/o3-mini"]
    assert "; not sent: temperature, top_p)" in shell.ok(*words)
    agents = json.loads(shell.run(*words, "--json").stdout)["data"]["agents"]
    assert agents[0]["not_sent"] == ["context_length", "temperature", "top_p"]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_narrow_table_leaves_out_what_matters_least(
    monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    from rich.console import Console

    columns = [
        Column("STATUS"), Column("SEED", goes=2), Column("AGE", goes=3), Column("COST"),
        Column("WITH", flexible=True, goes=1),
    ]  # fmt: skip
    cells = ["completed", "s" * 20, "a" * 20, "price unknown", "w" * 40]
    output, drawn = Output(), io.StringIO()
    output.console = Console(file=drawn, width=width, color_system=None)
    monkeypatch.setattr(Output, "is_live", True)
    output.table(columns, [cells])
    head, row = drawn.getvalue().splitlines()
    left: dict[int, list[str]] = {
        60: ["STATUS", "AGE", "COST"], 80: ["STATUS", "SEED", "AGE", "COST", "WITH"],
        120: ["STATUS", "SEED", "AGE", "COST", "WITH"],
    }  # fmt: skip
    assert head.split() == left[width]
    kept: list[Any] = [cell for column, cell in zip(columns, cells, strict=True)
                       if column.title in left[width] and not column.flexible]  # fmt: skip
    assert all(cell in row for cell in kept)
