from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.cli import commands
from simulator.cli.entry import main

Analyse = Callable[..., tuple[int, str, str]]


@pytest.fixture
def simulator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Analyse:
    """The command line in this process: its exit code, output and errors."""
    monkeypatch.setitem(commands.VERBS, "analyse", ("analyse", ""))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SIMULATOR_STORE", f"sqlite:///{tmp_path / 'lab.db'}")
    monkeypatch.setenv("SIMULATOR_LOG_DIR", str(tmp_path / "logs"))
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "data", "tiny")

    def run(*words: str) -> tuple[int, str, str]:
        code = main(words)
        out, err = capsys.readouterr()
        return code, out, err

    return run


def write(folder: Path, model: str, **changes: Any) -> None:
    """Chains of four texts in two repetitions; those of seed 1 say their last text 4 times."""
    folder.mkdir(exist_ok=True)
    texts = {f"T{n}": "A nice walk. " * n for n in range(1, 5)}
    (folder / "initial_texts.json").write_text(json.dumps(texts), "utf-8")
    rows = [
        {
            "prompt": "rephrase", "text": name, "seed": seed,
            "chain": [f"{text} {g if seed == 2 else min(g, 2)}." for g in range(6)],
        } | changes
        for name, text in texts.items() for seed in (1, 2)
    ]  # fmt: skip
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / f"chains_{model}.jsonl").write_text(lines, "utf-8")


def data(simulator: Analyse, *words: str) -> Any:
    code, out, _ = simulator("analyse", *words, "--json")
    document = json.loads(out)
    assert (code, document["status"]) == (0, "ok")
    return document["data"]


def test_figures_are_written_and_those_that_cannot_be_drawn_are_told(
    simulator: Analyse, tmp_path: Path
) -> None:
    told = data(
        simulator, "data", "--show", "overview", "--measure", "length", "--out", "out",
        "--figure", "svg",
    )  # fmt: skip
    drawn = {path.name for path in (tmp_path / "out").glob("*.svg")}
    assert {"evolution.svg", "attractors.svg", "convergence.svg"} <= drawn
    assert drawn == {Path(file).name for file in told["files"] if file.endswith(".svg")}
    assert any("No figure effect_of_temperature" in remark for remark in told["remarks"])


def test_cycles_of_published_chains(simulator: Analyse, tmp_path: Path) -> None:
    code, out, _ = simulator("analyse", "data", "--show", "overview,cycles")
    assert code == 0
    assert "4 of 8" in out
    assert "1:4" in out
    found = data(simulator, "data/chains_tiny.jsonl", "--show", "overview,cycles")
    (counts,) = found["sections"]["overview"]
    assert (counts["chains"], counts["texts"], counts["generations"]) == (8, 4, 6)
    assert {one["seed"] for one in found["found_cycles"]} == {1}
    assert {one["onset"] for one in found["found_cycles"]} == {3}
    (cycles,) = data(simulator, "data", "--show", "cycles", "--cycle-repetitions", "5")["sections"][
        "cycles"
    ]
    assert (cycles["cycles"], cycles["onset"]) == (0, None)


def test_chains_of_some_texts(simulator: Analyse) -> None:
    words = ("data", "--show", "overview", "--text", "T1", "--text", "T2", "--task", "rephrase")
    (counts,) = data(simulator, *words)["sections"]["overview"]
    assert (counts["chains"], counts["texts"]) == (4, 2)


def test_any_transcript_is_a_chain(simulator: Analyse, tmp_path: Path) -> None:
    play = ("run", "prison", "-m", "scripted/say?text=Bye.", "--messages", "4", "--days", "1")
    assert simulator(*play)[0] == 0
    found = data(simulator, "last", "--show", "cycles")
    (counts,) = found["sections"]["cycles"]
    assert (counts["task"], counts["cycles"], counts["trivial"]) == ("conversation", 1, 1)
    assert found["found_cycles"][0]["texts"] == ["Bye."]
    assert simulator("export", "last", "-o", "run.jsonl")[0] == 0
    (counts,) = data(simulator, "run.jsonl", "--show", "cycles")["sections"]["cycles"]
    assert (counts["task"], counts["cycles"]) == ("transcript", 1)


def test_files_are_written(simulator: Analyse, tmp_path: Path) -> None:
    words = ("analyse", "data", "--show", "overview,cycles", "--out", "out")
    code, _, err = simulator(*words)
    assert code == 0, err
    folder = tmp_path / "out"
    with (folder / "cycles.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["cycles"], row["periods"]) == ("4", "1:4")
    lines = (folder / "found_texts.jsonl").read_text("utf-8").splitlines()
    assert json.loads(lines[0])["texts"] == ["A nice walk.  2."]
    assert json.loads((folder / "analysis.json").read_text("utf-8"))["classic"] is False
    code, _, err = simulator(*words)
    assert code == 2
    assert "--force" in err
    assert simulator(*words, "--force")[0] == 0


def test_what_cannot_be_read_is_told_and_the_rest_goes_on(
    simulator: Analyse, tmp_path: Path
) -> None:
    with (tmp_path / "data" / "chains_tiny.jsonl").open("a", encoding="utf-8") as file:
        file.write("{\n")
    (tmp_path / "data" / "chains_broken.jsonl").write_text("{\n", "utf-8")
    code, _, err = simulator("analyse", "data", "--show", "overview")
    assert code == 0
    assert "line 9" in err
    assert "chains_broken.jsonl" in err
    found = data(simulator, "data", "--show", "overview")
    assert found["left_out"] == 2
    assert len(found["remarks"]) == 1


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("data", "--mid-p"), 2, "--mid-p is an option for debates"),
        (("data", "--grader", "number"), 2, "--grader"),
        (("words.json", "--task", "continue"), 2, "--task is an option for chains"),
        (("data", "--show", "colours"), 2, "colours"),
        (("data", "--show", "cycles", "--task", "none"), 2, "rephrase"),
        (("data", "--show", "overview", "--model", "none"), 2, "tiny"),
        (("data/none.jsonl",), 3, "none.jsonl"),
        (("data", "nothing"), 3, "nothing"),
        (("data", "--figure", "png"), 2, "--out"),
    ],
)
def test_what_cannot_be_analysed(
    simulator: Analyse, tmp_path: Path, words: tuple[str, ...], code: int, told: str
) -> None:
    debate = {"1+1?": [["Answer: 2", "Answer: 3"], ["Answer: 2", "Answer: 2"], "2"]}
    (tmp_path / "words.json").write_text(json.dumps(debate), "utf-8")
    found, _, err = simulator("analyse", *words)
    assert found == code
    assert told in err
