"""`chatroom`: the original's flags and ours, what is told, and tests of found texts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.cli.chatroom_options import SPREADS
from simulator.cli.spreading import spread
from tests.cli.conftest import Simulator

SAYS = "scripted/say?text=I am I."


def test_words_after_an_option_are_spread() -> None:
    words = [
        "d.yaml",
        "--models",
        "a",
        "b",
        "--initial_prompts=x",
        "-s",
        "y",
        "z",
        "-q",
        "2",
        "--save",
    ]
    assert spread(words, SPREADS) == [
        "d.yaml", "-m", "a", "-m", "b", "--initial-prompts=x", "-s", "y", "-s", "z", "-q", "2",
        "--save",
    ]  # fmt: skip
    assert spread(["--models"], SPREADS) == ["--models"]


def test_the_originals_flags_make_a_talk(simulator: Simulator, tmp_path: Path) -> None:
    code, out, err = simulator(
        "chatroom", "--models", SAYS, SAYS, "--initial_prompts", "Hi", "there",
        "--max_context", "4", "--min_quine_length", "4", "--seed", "0", "--max_iterations",
        "9", "--save", "True",
    )  # fmt: skip
    assert code == 0, err
    assert "Converged after 6 messages: period 1, onset at message 2, repeated 4 times." in out
    assert "  I am I." in out and "(same as 2): I am I." in out and "everything is stored" in err
    assert simulator("export", "last", "-f", "original", "-o", "log.json")[0] == 0
    log = json.loads((tmp_path / "log.json").read_text())
    assert log["config"]["max_memory"] == 4 and len(log["chat_history"]) == 6
    assert simulator("import", "log.json")[0] == 0
    code, out, err = simulator("chatroom", "--replicate", "last", "--copies", "3", "-m", SAYS)
    assert code == 0 and "100.0% [43.9, 100.0]" in out, err


def test_a_design_is_changed_by_flags(simulator: Simulator) -> None:
    code, _, err = simulator("chatroom", "chatroom", "-m", "scripted/babble", "--dry-run", "--json")
    assert code == 0, err
    code, out, _ = simulator(
        "chatroom", "chatroom", "-m", "scripted/babble", "--max-iterations", "3", "--classic",
        "--weights", "2", "--run-on", "--repeat", "2",
    )  # fmt: skip
    assert code == 0 and out.count("Not converged: no text repeats itself in 3 turns.") == 2
    runs = json.loads(simulator("ls", "--runs", "--json")[1])["data"]
    assert len(runs) == 2


@pytest.mark.parametrize(
    "words",
    [
        ("--copies", "3"), ("--text", "a", "-q", "3"), ("--text", "a", "--phase", "2"),
        ("-m", "a,,b"), ("--weights", "x"), ("--weights", "1,2", "--speakers", "random"),
        ("prison",), ("chatroom", "--text", "a"),
    ],
)  # fmt: skip
def test_contradictions_are_usage_errors(simulator: Simulator, words: tuple[str, ...]) -> None:
    code, out, _ = simulator("chatroom", *words, "--dry-run")
    assert code == 2, out


def test_run_tells_of_a_talk_as_chatroom_does(simulator: Simulator) -> None:
    code, out, err = simulator("run", "chatroom", "-m", SAYS)
    assert code == 0 and "The text:\n  I am I." in out, err
    assert "chatroom --replicate last" in err


def test_a_talk_without_a_cycle_has_nothing_to_replicate(simulator: Simulator) -> None:
    simulator("chatroom", "-m", "scripted/babble", "--max-iterations", "2")
    code, _, err = simulator("chatroom", "--replicate", "last")
    assert code == 2 and "No text repeats itself" in err
