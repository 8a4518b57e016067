from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from simulator.cli import commands
from tests.cli.conftest import Simulator

DESIGN = """\
kind: debate
name: Sums
data: {dataset: arithmetic, count: 2}
model: "scripted/say?text=Answer: 1/2"
rounds: 2
"""
FILE = {
    "1+1?": [["Answer: 2", "Answer: 3"], ["Answer: 2", "Answer: 2"], "2"],
    "1+2?": [["Answer: 3", "Answer: 3"], ["Answer: 4", "Answer: 3"], "3"],
}
CIPHER = "id_2a_b_arithmetic_test_seed1_vec_nsols1_r2_temp0.8-0.2_nques2.json"


@pytest.fixture
def fonts() -> None:
    """Found before the user's home is another one, which takes seconds."""
    pytest.importorskip("matplotlib.font_manager", reason="the extra `analysis` is not installed")


@pytest.fixture
def simulator(simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """With a debate in a design and in files."""
    monkeypatch.setitem(commands.VERBS, "analyse", ("analyse", ""))
    (tmp_path / "debate.yaml").write_text(DESIGN, encoding="utf-8")
    (tmp_path / "words.json").write_text(json.dumps(FILE), encoding="utf-8")
    (tmp_path / CIPHER).write_text(json.dumps(FILE), encoding="utf-8")
    return simulator


def data(simulator: Simulator, *words: str) -> Any:
    code, out, _ = simulator("analyse", *words, "--json")
    document = json.loads(out)
    assert (code, document["status"]) == (0, "ok")
    return document["data"]


def test_runs_and_files_are_compared(simulator: Simulator, tmp_path: Path) -> None:
    assert simulator("run", "debate.yaml")[0] == 0
    code, out, _ = simulator("analyse", "last")
    assert code == 0
    assert "0.0 % [0.0, 65.8]" in out
    assert "Debater 1" in out
    (run,) = data(simulator, "Sums")["records"]
    assert (run["mode"], run["questions"], run["missing"]) == ("natural_language", 2, 0)
    # The original reads one half as 1.
    classic = data(simulator, "Sums", "--classic")["records"][0]
    assert classic["debaters"][0]["rounds"][0]["not_found"] == 0
    found = data(simulator, "words.json", CIPHER, "last", "--baseline")
    assert [one["mode"] for one in found["records"]] == [None, "cipher", "natural_language"]
    first, second = found["comparisons"]
    assert (first["only_second"], first["both"]) == (1, 1)
    assert second["unshared_first"] == second["unshared_second"] == 2
    assert len(found["remarks"]) == 2


def test_files_can_be_written(fonts: None, simulator: Simulator, tmp_path: Path) -> None:
    words = ("analyse", "words.json", CIPHER, "--out", "out", "--figure", "svg")
    code, out, _ = simulator(*words)
    assert code == 0
    assert "Wrote out/rounds.svg" in out
    folder = tmp_path / "out"
    assert {path.name for path in folder.iterdir()} == {
        "rounds.csv", "shares.csv", "answers.csv", "comparisons.csv", "analysis.json",
        "records.svg", "rounds.svg",
    }  # fmt: skip
    assert "B: cipher T 0.8/0.2" in (folder / "records.svg").read_text(encoding="utf-8")
    with (folder / "answers.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == 2 * 2 * 5
    code, _, err = simulator(*words)
    assert code == 2
    assert "--force" in err


def test_a_folder_of_files(simulator: Simulator, tmp_path: Path) -> None:
    code, out, err = simulator("analyse", ".", "--first", "1", "--level", "90")
    assert code == 0
    assert out.count("100.0 % [27.0, 100.0]") >= 2
    (tmp_path / "other.json").write_text("[]", encoding="utf-8")
    code, out, err = simulator("analyse", ".")
    assert code == 0
    assert "other.json" in err
    (tmp_path / "empty").mkdir()
    assert simulator("analyse", "empty")[0] == 3


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("none.json",), 3, "none.json"),
        (("nothing",), 3, "nothing"),
        (("words.json", "--figure", "png"), 2, "--out"),
        (("words.json", "--temperatures", "cold"), 2, "cold"),
        (("words.json", "--temperatures", "1"), 2, "1 temperatures"),
        (("debate.yaml.json",), 3, "debate.yaml.json"),
        ((), 2, "TARGET"),
    ],
)
def test_what_cannot_be_analysed(
    simulator: Simulator, words: tuple[str, ...], code: int, told: str
) -> None:
    found, _, err = simulator("analyse", *words)
    assert found == code
    assert told in err


def test_runs_of_other_kinds_are_no_debates(simulator: Simulator) -> None:
    words = ("-m", "scripted/babble", "--messages", "1", "--days", "1")
    assert simulator("run", "prison", *words)[0] == 0
    code, _, err = simulator("analyse", "last")
    assert code == 2
    assert "no debate" in err
