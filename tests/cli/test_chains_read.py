"""Games of telephone on the command line: what is said belongs to a chain and a generation."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.cli.display import PlainDisplay
from simulator.cli.entry import main
from simulator.cli.live import LiveDisplay
from simulator.cli.output import Output
from simulator.domain.events import StepCommitted, StepReplayed, TextStreamed, TurnStarted
from simulator.kinds.telephone.kind import TelephoneKind
from simulator.presentation.plans import Plan, plan_of
from simulator.store.sqlite import SqliteStore
from tests import kept_chains as kept
from tests.files.test_chain_transcripts import run_of


def plan() -> Plan:
    made = kept.design()
    return plan_of(TelephoneKind(), run_of(made), made)


@pytest.fixture
async def kept_store(tmp_path: Path) -> Path:
    path = tmp_path / "lab.db"
    store = await SqliteStore.open(path)
    await kept.stored(store, 1)
    await store.close()
    return path


@pytest.fixture
def lab(kept_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(kept_store.parent))
    monkeypatch.setenv("SIMULATOR_STORE", f"sqlite:///{kept_store}")
    monkeypatch.setenv("SIMULATOR_LOG_DIR", str(kept_store.parent / "logs"))


@pytest.mark.usefixtures("lab")
def test_a_game_is_shown_by_chain(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", kept.RUN_ID]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "[" in line]
    assert lines[:3] == [
        f"  0 [chain 1: text-20] Initial text: {'a' * 20}",
        f"  4 [chain 1, generation 1] Writer (33 % like the initial text): {'a' * 60}",
        f"  1 [chain 2: text-40] Initial text: {'a' * 40}",
    ]


@pytest.mark.usefixtures("lab")
def test_one_chain_is_shown_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", kept.RUN_ID, "--part", "2"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "[" in line]
    assert lines == [
        f"  1 [chain 2: text-40] Initial text: {'a' * 40}",
        f"  5 [chain 2, generation 1] Writer (57 % like the initial text): {'a' * 70}",
    ]
    assert main(["--json", "show", kept.RUN_ID, "--part", "2"]) == 0
    assert '"scope": "main/chain-0001"' not in capsys.readouterr().out


@pytest.mark.usefixtures("lab")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((kept.RUN_ID, "--part", "5"), "has no chain 5: there are 4"),
        ((kept.EXPERIMENT_ID, "--part", "1"), "--part is of a run"),
    ],
)
def test_what_has_no_such_part_says_so(
    words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", *words]) != 0
    assert told in capsys.readouterr().err


def test_lines_of_a_run_that_goes_on_tell_the_chain(capsys: pytest.CaptureFixture[str]) -> None:
    display = PlainDisplay(Output(), [plan()])
    steps = kept.journal(kept.design(), 1)
    for step in steps[:4]:
        display.hear(StepReplayed(step))
    display.hear(StepCommitted(steps[4]))
    told = capsys.readouterr().out
    assert told == f"[chain 1, generation 1] Writer (33 % like the initial text): {'a' * 60}\n"


def test_a_narrow_terminal_tells_how_far_chains_are() -> None:
    display = LiveDisplay(Output(), plan())
    steps = kept.journal(kept.design(), 3)
    for step in steps[:10]:
        display.hear(StepCommitted(step))
    for number in (1, 2):
        display.hear(TurnStarted(kept.RUN_ID, f"main/chain-000{number}", 3, "Agent 1", "agent",
                                 "pocket", 3))  # fmt: skip
        display.hear(TextStreamed(kept.RUN_ID, f"main/chain-000{number}", "Agent 1", "words"))
    display.output.console.width = 80
    region = display._region().plain
    assert "Agent 1 (chain 1, generation 3): words" in region
    *_, status = region.splitlines()
    assert status.startswith(" 0 of 4 chains · generation 1 of 3 on average · ")
    assert len(status) <= 80 and status.endswith("0:00 "), "the time is not cut off"
    display.output.console.width = 140
    *_, status = display._region().plain.splitlines()
    assert "turn 1/12 · Agent 1 (chain 1, generation 3)" in status


def test_a_run_that_goes_on_begins_where_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    display = LiveDisplay(Output(), plan())
    display.recall(kept.journal(kept.design(), 2))
    told = capsys.readouterr().out
    assert "12 messages over 3 generations" in told
    assert "[chain 4, generation 2] Writer (88 % like the one before): " in told
    assert "generation 2 of 3 on average" in display._status().plain
