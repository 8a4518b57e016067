"""Debates on the command line: what is said belongs to a question and a round."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.cli.display import PlainDisplay
from simulator.cli.entry import main
from simulator.cli.live import LiveDisplay
from simulator.cli.output import Output
from simulator.domain.events import StepCommitted, TextStreamed, TurnStarted
from simulator.kinds.debate.kind import DebateKind
from simulator.presentation.plans import Plan, plan_of
from simulator.store.sqlite import SqliteStore
from tests import kept_debates as kept

Simulator = Callable[..., str]


def plan() -> Plan:
    made = kept.design(mode="natural_language")
    return plan_of(DebateKind(), kept.run_of(made, []), made)


@pytest.fixture
async def kept_store(tmp_path: Path) -> Path:
    path = tmp_path / "lab.db"
    store = await SqliteStore.open(path)
    await kept.stored(store)
    await store.close()
    return path


@pytest.fixture
def simulator(
    kept_store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Simulator:
    monkeypatch.setenv("HOME", str(kept_store.parent))
    monkeypatch.setenv("SIMULATOR_STORE", f"sqlite:///{kept_store}")
    monkeypatch.setenv("SIMULATOR_LOG_DIR", str(kept_store.parent / "logs"))

    def run(*words: str) -> str:
        assert main(words) == 0
        return capsys.readouterr().out

    return run


def test_a_debate_is_shown_by_question(simulator: Simulator) -> None:
    lines = [line for line in simulator("show", kept.RUN_ID).splitlines() if "[" in line]
    assert lines[5:10] == [
        "  1 [question 2: ✗ 102, right is 2] Question: How many are 2?",
        "  5 [question 2, round 1] Ann (✓ 2): Answer: 2",
        "  6 [question 2, round 1] Bob (✓ 2): Answer: 2",
        " 11 [question 2, round 2] Ann (✗ 102): Answer: 102",
        " 12 [question 2, round 2] Bob (✗ 102): Answer: 102",
    ]


def test_soft_tokens_are_shown_on_demand(simulator: Simulator) -> None:
    assert "mixed" not in simulator("show", kept.RUN_ID)
    shown = simulator("show", kept.RUN_ID, "--tokens")
    assert "    soft tokens: 3\n    nearest     nats" in shown
    assert '"[/bold]…"  1.50  mixed' in shown and "\x1b" not in shown


def test_lines_of_a_run_tell_the_question(capsys: pytest.CaptureFixture[str]) -> None:
    display = PlainDisplay(Output(), [plan()])
    for step in kept.journal(kept.design(mode="natural_language"))[2:4]:
        display.hear(StepCommitted(step))
    assert capsys.readouterr().out == (
        "[question 3] Question: How many are 3?\n[question 1, round 1] Ann (✓ 1): Answer: 1\n"
    )


def test_words_of_two_questions_do_not_mix() -> None:
    display = LiveDisplay(Output(), plan())
    scopes = [f"main/question-000{number}/debater-1" for number in (1, 2)]
    for scope in scopes:
        display.hear(TurnStarted(kept.RUN_ID, scope, 0, "Ann", "debater", "pocket", 1))
    for n in range(3):
        for scope in scopes:
            display.hear(TextStreamed(kept.RUN_ID, scope, "Ann", f"{scope[14:18]}-{n} "))
    region = display._region().plain
    assert "Ann (question 1, round 1): 0001-0 0001-1 0001-2" in region and "0002" not in region
    assert "0 of 3 questions" in region
    (step,) = [one for one in kept.journal(kept.design()) if (one.scope, one.day) == (scopes[0], 1)]
    display.hear(StepCommitted(step))
    assert "Ann (question 2, round 1): 0002-0 0002-1 0002-2" in display._region().plain


def test_plans_of_debates_count_rounds() -> None:
    assert plan().length == "12 messages over 2 rounds"
