from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from simulator.cli import commands
from simulator.cli.chain_options import SECTIONS
from tests.cli.conftest import Simulator


@pytest.fixture
def simulator(simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """With chains in files."""
    monkeypatch.setitem(commands.VERBS, "analyse", ("analyse", ""))
    write(tmp_path / "data", "tiny")
    return simulator


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


def data(simulator: Simulator, *words: str) -> Any:
    code, out, _ = simulator("analyse", *words, "--json")
    document = json.loads(out)
    assert (code, document["status"]) == (0, "ok")
    return document["data"]


def test_figures_are_written_and_those_that_cannot_be_drawn_are_told(
    simulator: Simulator, tmp_path: Path
) -> None:
    told = data(
        simulator, "data", "--show", "overview", "--measure", "length", "--out", "out",
        "--figure", "svg",
    )  # fmt: skip
    drawn = {path.name for path in (tmp_path / "out").glob("*.svg")}
    assert {"evolution.svg", "attractors.svg", "convergence.svg"} <= drawn
    assert drawn == {Path(file).name for file in told["files"] if file.endswith(".svg")}
    assert any("No figure effect_of_temperature" in remark for remark in told["remarks"])


def test_cycles_of_published_chains(simulator: Simulator, tmp_path: Path) -> None:
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


def test_chains_of_some_texts(simulator: Simulator) -> None:
    words = ("data", "--show", "overview", "--text", "T1", "--text", "T2", "--task", "rephrase")
    (counts,) = data(simulator, *words)["sections"]["overview"]
    assert (counts["chains"], counts["texts"]) == (4, 2)


def test_any_transcript_is_a_chain(simulator: Simulator, tmp_path: Path) -> None:
    play = ("run", "prison", "-m", "scripted/say?text=Bye.", "--messages", "4", "--days", "1")
    assert simulator(*play)[0] == 0
    found = data(simulator, "last", "--show", "cycles")
    (counts,) = found["sections"]["cycles"]
    assert (counts["task"], counts["cycles"], counts["trivial"]) == ("conversation", 1, 1)
    assert found["found_cycles"][0]["texts"] == ["Bye."]
    assert simulator("export", "last", "-o", "run.jsonl")[0] == 0
    (counts,) = data(simulator, "run.jsonl", "--show", "cycles")["sections"]["cycles"]
    assert (counts["task"], counts["cycles"]) == ("transcript", 1)


def test_files_are_written(simulator: Simulator, tmp_path: Path) -> None:
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
    simulator: Simulator, tmp_path: Path
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
    simulator: Simulator, tmp_path: Path, words: tuple[str, ...], code: int, told: str
) -> None:
    debate = {"1+1?": [["Answer: 2", "Answer: 3"], ["Answer: 2", "Answer: 2"], "2"]}
    (tmp_path / "words.json").write_text(json.dumps(debate), "utf-8")
    found, _, err = simulator("analyse", *words)
    assert found == code
    assert told in err


def of_lengths(folder: Path, model: str, pull: float, texts: int = 4, repeats: int = 2) -> None:
    """Chains whose lengths go a share of the way to 60 in each of 8 generations, or to 80."""
    folder.mkdir(exist_ok=True)
    names = {f"T{n}": "a" * (10 + 30 * n) for n in range(texts)}
    (folder / "initial_texts.json").write_text(json.dumps(names), "utf-8")
    rows = []
    for task, off in (("rephrase", 0), ("continue", 20)):
        for name, text in names.items():
            for seed in range(1, repeats + 1):
                length, chain = float(len(text)), []
                for generation in range(8):
                    length += (
                        pull
                        * (1 - off * pull / 40)
                        * (60 + off + 7 * seed + generation % 3 - length)
                    )
                    chain.append("a" * round(length))
                rows.append({"prompt": task, "text": name, "seed": seed, "chain": chain})
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / f"chains_{model}.jsonl").write_text(lines, "utf-8")


def test_every_section_is_found_and_written(simulator: Simulator, tmp_path: Path) -> None:
    for model, pull in (("M-Base", 0.2), ("M-Chat_Temp0", 0.3), ("M-Chat_Temp1", 0.6)):
        of_lengths(tmp_path / "many", model, pull)
    told = data(
        simulator, "many", "--measure", "length", "--generation", "4", "--out", "out",
        "--bootstrap", "100", "--pair", "M-Base=M-Chat",
    )  # fmt: skip
    found = told["sections"]
    assert list(found) == list(SECTIONS)
    assert not told["remarks"] or all("tuning" in one for one in told["remarks"])
    assert [one["temperature"] for one in found["overview"]] == [None, None, 0, 0, 1, 1]
    dynamics = found["dynamics"][0]
    assert sum(dynamics["shares"]) == pytest.approx(1)
    interval = dynamics["area"]["interval"]
    assert interval["low"] <= dynamics["area"]["value"] <= interval["high"]
    prediction = found["prediction"][0]
    assert (prediction["early"], prediction["last"]) == (4, 8)
    assert prediction["law_error"] >= prediction["line_error"]
    strength, position = found["additive"]
    assert (strength["standardised"], position["standardised"]) == (False, True)
    trends = [one["strength_trend"]["value"] for one in found["temperature"]]
    assert len(trends) == 2
    assert all(trend > 0 for trend in trends)
    written = {path.stem: path for path in (tmp_path / "out").glob("*.csv")}
    assert set(SECTIONS) - {"tuning", "cycles"} <= set(written)
    with written["dynamics_by_generation"].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["generation"] for row in rows[:9]] == [str(place) for place in range(9)]
    assert rows[0]["share"] == ""
    assert float(rows[8]["curve"]) == pytest.approx(1)
    with written["additive"].open(encoding="utf-8", newline="") as file:
        marked = {(row["first"], row["second"]): row["excludes_0"] for row in csv.DictReader(file)}
    assert marked["M-Base", "M-Chat"] in ("True", "False")


def test_instruction_is_compared_with_the_base_model(simulator: Simulator, tmp_path: Path) -> None:
    for model, pull in (("M-Base", 0.2), ("M-Chat", 0.5)):
        of_lengths(tmp_path / "pair", model, pull)
    words = ("pair", "--show", "tuning", "--measure", "length", "--bootstrap", "50")
    for one in data(simulator, *words)["sections"]["tuning"]:
        assert (one["base"], one["instruct"]) == ("M-Base", "M-Chat")
        assert one["strength"]["interval"]["low"] > 0
    named = data(simulator, *words, "--pair", "M-Chat=M-Base")["sections"]["tuning"]
    assert {one["base"] for one in named} == {"M-Chat"}
    code, _, err = simulator("analyse", *words, "--pair", "M-Chat=none")
    assert code == 2
    assert "'none'" in err


def test_priors_are_told_with_the_additive_model(simulator: Simulator, tmp_path: Path) -> None:
    for model, pull in (("one", 0.2), ("other", 0.5)):
        of_lengths(tmp_path / "two", model, pull)
    words = ("analyse", "two", "--show", "additive", "--measure", "length")
    _, out, _ = simulator(*words)
    assert "Standardised before the priors N(0, 1)" in out
    assert "As measured, not standardised" in out
    assert "Standardised" not in simulator(*words, "--raw")[1]
    assert "As measured" not in simulator(*words, "--standardise")[1]
    assert "Standardised" not in simulator(*words, "--classic")[1]


def test_published_numbers_are_compared_at_their_own_generation(
    simulator: Simulator, tmp_path: Path
) -> None:
    of_lengths(tmp_path / "some", "m", 0.3)
    words = ("some", "--measure", "length", "--show", "attractors")
    last = data(simulator, *words)["sections"]["attractors"]
    half = {one["task"]: one["position"] for one in last}
    other = {"length": {"m": half, "absent": half}, "joy": {"m": half}}
    published = {f"{what}{which}": other for what in ("positions", "strengths")
                 for which in ("", "_3")}  # fmt: skip
    (tmp_path / "published.json").write_text(json.dumps(published), "utf-8")
    told = data(simulator, *words, "--published", "published.json", "--generation", "5")
    assert [one["generation"] for one in told["published"]] == [8, 8, 3, 3]
    assert [one["position_deviation"] == 0 for one in told["published"]] == [True] * 2 + [False] * 2
    (remark,) = told["remarks"]
    assert "8 of 12 published attractors" in remark
    assert "no measure joy, no model absent" in remark


def test_tables_fit_a_terminal_whatever_models_are_called(
    simulator: Simulator, tmp_path: Path
) -> None:
    for number in (1, 2):
        of_lengths(tmp_path / "long", f"A-very-long-name-of-a-model-{number}", 0.3 * number)
    code, out, _ = simulator(
        "analyse", "long", "--show", "means,attractors,prediction,dynamics,shapes,ks",
        "--measure", "length", "--bootstrap", "50",
    )  # fmt: skip
    assert code == 0
    assert "Attractors: A-very-long-name-of-a-model-2" in out
    rows = [line for line in out.splitlines() if "  " in line]
    assert len(rows) > 24
    assert max(map(len, rows)) <= 80


def test_shorter_chains_are_predicted_from_half_way(simulator: Simulator, tmp_path: Path) -> None:
    of_lengths(tmp_path / "short", "m", 0.3)
    words = ("short", "--show", "prediction", "--measure", "length", "--bootstrap", "0")
    assert {one["early"] for one in data(simulator, *words)["sections"]["prediction"]} == {4}
    late = data(simulator, *words, "--generation", "9")["sections"]["prediction"]
    assert all("generation 9 is not between" in one["reason"] for one in late)


@pytest.mark.parametrize(("texts", "repeats"), [(1, 3), (2, 1), (1, 1)])
def test_too_few_chains_are_told_in_words(
    simulator: Simulator, tmp_path: Path, texts: int, repeats: int
) -> None:
    of_lengths(tmp_path / "few", "m", 0.3, texts, repeats)
    words = ("few", "--measure", "length", "--show", "all", "--task", "rephrase")
    told = data(simulator, *words)
    assert any("Differences need attractors of two models" in one for one in told["remarks"])
    assert any("two temperatures" in one for one in told["remarks"])
    assert any("--pair BASE=INSTRUCT" in one for one in told["remarks"])
    assert all(one["reason"] for one in told["sections"]["prediction"])


def test_what_the_test_takes_to_be_independent_can_be_chosen(
    simulator: Simulator, tmp_path: Path
) -> None:
    of_lengths(tmp_path / "some", "m", 0.3, repeats=5)
    words = ("some", "--measure", "length", "--show", "ks", "--task", "rephrase")
    units = {
        more: data(simulator, *words, *more)["sections"]["ks"][0]
        for more in (
            (), ("--classic",), ("--ks-unit", "chains"),
            ("--ks-unit", "text-means", "--ks-against", "previous"),
        )
    }  # fmt: skip
    assert [(one["unit"], one["against"]) for one in units.values()] == [
        ("texts", "first"), ("chains", "first"), ("chains", "first"), ("text means", "previous")
    ]  # fmt: skip
    assert units[()]["least"] == 0.125
    assert units[()]["statistics"] == pytest.approx(units["--ks-unit", "chains"]["statistics"])


def test_chains_of_one_length_are_taken(simulator: Simulator, tmp_path: Path) -> None:
    of_lengths(tmp_path / "long", "m", 0.3)
    words = ("long", "data", "--show", "overview,convergence", "--bootstrap", "0")
    told = data(simulator, *words, "--chain-length", "8")
    assert {one["generations"] for one in told["sections"]["overview"]} == {8}
    assert {one["model"] for one in told["sections"]["overview"]} == {"m"}
    assert {one["generation"] for one in told["sections"]["convergence"]} == {8}
    code, _, err = simulator("analyse", *words, "--chain-length", "7")
    assert code == 2
    assert "6, 8" in err


def test_attractors_of_a_single_chain_are_left_out_with_the_reason(
    simulator: Simulator, tmp_path: Path
) -> None:
    of_lengths(tmp_path / "one", "m", 0.3, 1, 1)
    words = ("analyse", "one", "--measure", "length", "--task", "rephrase")
    _, out, err = simulator(*words)
    assert "Attractors" not in out
    assert "Section attractors is left out: only 1 chain with both values" in err + out
    assert "Attractors" in simulator(*words, "--show", "attractors")[1]
    assert "Swinging between two forms" in out
