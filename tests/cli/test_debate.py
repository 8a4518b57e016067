"""`debate`: what flags mean, and searches that are given again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Simulator

SAYS = "scripted/say?text=Answer: 2"
QUESTIONS = "question,answer\n" + "".join(f"{n} and 1?,{n + 1}\n" for n in range(1, 5))
ALL = ("-d", "records", "--data-path", "q.csv", "--grader", "number", "-m", SAYS)


@pytest.fixture
def simulator(simulator: Simulator, tmp_path: Path) -> Simulator:
    """With questions in a file."""
    (tmp_path / "q.csv").write_text(QUESTIONS, encoding="utf-8")
    return simulator


def events(simulator: Simulator, *words: str) -> list[dict[str, Any]]:
    code, out, _ = simulator("debate", *words, "--json")
    assert code == 0, out
    return [json.loads(line) for line in out.splitlines()]


def test_flags_alone_are_a_debate(simulator: Simulator) -> None:
    code, out, err = simulator(
        "debate", *ALL, "-n", "3", "--debaters", "3", "-t", "0.3,0.1,0.2", "--rounds", "2",
        "--final", "majority", "--classic", "--positional-bias", "--max-new-tokens", "20",
    )  # fmt: skip
    assert code == 0, err
    assert "33.3 % [6.1, 79.2]" in out and "Debaters by round" in out
    assert "analyse last" in err
    (run,) = json.loads(simulator("ls", "--runs", "--json")[1])["data"]
    assert run["parameters"] == {
        "rounds": 2, "model": SAYS, "final": "majority", "order": "own_first",
        "temperatures": [0.3, 0.1, 0.2], "sampling": {"max_tokens": 20},
    }  # fmt: skip


def test_a_design_is_changed_by_flags(simulator: Simulator, tmp_path: Path) -> None:
    assert simulator("debate", *ALL, "--name", "Mine", "--rounds", "1")[0] == 0
    (record,) = events(simulator, "Mine", "-n", "2", "--mode", "single")[-1]["records"]
    assert (record["mode"], record["questions"]) == ("single", 2)
    runs = events(simulator, "Mine", "--rounds", "1", "--consensus", "--debaters", "3")
    assert runs[0]["experiment"].startswith("Mine: 3 debaters, consensus")


@pytest.mark.parametrize("mode", ["--vector", "--mode=cipher"])
def test_vectors(simulator: Simulator, mode: str) -> None:
    words = ("-n", "1", "--largest", "9", "--rounds", "2", "--max-tokens", "3", "--seed", "1")
    (record,) = events(simulator, *words, mode, "--partial", "confident")[-1]["records"]
    assert (record["mode"], record["questions"]) == ("cipher", 1)


def test_all_modes_are_compared(simulator: Simulator) -> None:
    words = ("debate", "-n", "1", "--largest", "9", "--max-tokens", "2", "--samples", "2",
             "--rounds", "2", "--mode", "all")  # fmt: skip
    code, out, err = simulator(*words, "--dry-run")
    assert (code, "4 runs" in out) == (0, True), err
    assert json.loads(simulator("ls", "--json")[1])["data"] == []
    code, out, err = simulator(*words)
    assert code == 0, err
    assert "Comparisons on shared questions" in out and "C → D" in out


def test_repetitions_have_a_spread(simulator: Simulator) -> None:
    code, out, _ = simulator("debate", *ALL, "--rounds", "1", "-t", "0.2,0.8", "-p", "2")
    assert code == 0
    assert "Repetitions" in out and "25.0 %" in out
    assert len(json.loads(simulator("ls", "--runs", "--json")[1])["data"]) == 2


def test_a_search_given_again_plays_only_what_is_missing(
    simulator: Simulator, tmp_path: Path
) -> None:
    (tmp_path / "points.txt").write_text("0.1,0.2\n# warm\n0.3 0.9\n", encoding="utf-8")
    words = ("debate", *ALL, "--rounds", "2", "--points", "points.txt")
    code, out, err = simulator(*words)
    assert code == 0, err
    assert "0.3/0.9" in out and "part of its lead is luck" in err
    code, again, err = simulator(*words)
    assert (code, "2 runs finished before." in err) == (0, True)
    assert again.splitlines()[:4] == out[out.index("\nTemp") :].splitlines()[:4]
    found = events(simulator, *words[1:], "-p", "3")
    assert [one["type"] for one in found].count("run_started") == 1
    assert found[-1]["type"] == "search_summarized"
    assert {tuple(one["temperatures"]) for one in found[-1]["points"]} >= {(0.1, 0.2), (0.3, 0.9)}
    assert len(found[-1]["points"]) == 3


def test_a_bayesian_search_goes_on(simulator: Simulator) -> None:
    pytest.importorskip("optuna", reason="the extra `search` is not installed")
    words = (*ALL, "--rounds", "1", "--bayesian", "--objective", "last_round", "--seed", "5")
    first = events(simulator, *words, "-p", "3")
    again = events(simulator, *words, "-p", "5")
    assert [one["type"] for one in first].count("run_started") == 3
    assert [one["type"] for one in again].count("run_started") == 2
    assert again[-1]["points"][:3] == first[-1]["points"]
    assert again[-1]["objective"] == "last_round"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("-t", "1,2,3"), 2, "3 temperatures are given"),
        (("-v", "-t", "0,1"), 5, "0 mixes nothing"),
        (("-v", "-p", "3", "--t-min", "0"), 5, "0 mixes nothing"),
        (("-p", "3", "--t-max", "3"), 5, "0 to 2"),
        (("-p", "3", "--t-min", "1"), 2, "no temperatures between"),
        (("--points", "wrong.txt"), 5, "line 2: 3 temperatures"),
        (("--points", "none.txt"), 3, "none.txt"),
        (("--bayesian",), 2, "--point-count"),
        (("--points", "wrong.txt", "-t", "1"), 2, "is to find"),
        (("-v", "--mode", "single"), 2, "--vector is --mode cipher"),
        (("--mode", "all", "-p", "2"), 2, "one mode at a time"),
        (("--judge", "pocket", "--final", "majority"), 2, "nobody judges"),
        (("--data-path", "q.csv"), 2, "--dataset"),
        (("-d", "records", "--data-path", "none.csv"), 3, "none.csv"),
        (("prison",), 2, "is no debate"),
        (("--debaters", "9"), 2, "1 to 8"),
        ((*ALL, "--mode", "all"), 2, "cannot debate in vectors"),
        (("--threshold", "2"), 5, "at most 1"),
    ],
)
def test_bad_input_is_told_before_anything_is_stored(
    simulator: Simulator, tmp_path: Path, words: tuple[str, ...], code: int, told: str
) -> None:
    (tmp_path / "wrong.txt").write_text("0.1,0.2\n0.1,0.2,0.3\n", encoding="utf-8")
    ended, _, err = simulator("debate", *words)
    assert ended == code, err
    assert told in err
    assert json.loads(simulator("ls", "--json")[1])["data"] == []
