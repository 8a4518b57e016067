"""`bayes`: exact learners of a design, and the claims of theory."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from simulator.analysis import drawing
from simulator.cli import bayes as shown
from simulator.iterations import claims_of_theory
from tests.cli.conftest import Simulator

DESIGN = """\
kind: iterated
name: Small
generations: 4
world: {name: lights, truth: 0, examples: 2, ambiguous: true, settings: {objects: [A, screen]}}
bias: {strength: BIAS}
"""


@pytest.fixture
def simulator(simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """With designs in files, and figures that are only named."""
    # Figures are drawn, and looked at elsewhere; to render them takes a quarter of a second each.
    monkeypatch.setattr(drawing, "figure_file", lambda figure, kind: f"{kind}".encode())
    for bias in ("strong", "none"):
        (tmp_path / f"{bias}.yaml").write_text(DESIGN.replace("BIAS", bias), "utf-8")
    return simulator


def data(simulator: Simulator, *words: str) -> Any:
    code, out, _ = simulator("bayes", *words, "--json")
    document = json.loads(out)
    assert (code, document["status"]) == (0, "ok"), document
    return document["data"]


def bias(found: Any) -> list[float]:
    return [one["bias_probability"] for one in found["generations"]]


def test_the_twin_of_a_design(simulator: Simulator) -> None:
    code, out, _ = simulator("bayes", "strong.yaml", "--chains", "20")
    assert code == 0 and "9 hypotheses" in out and "SAMPLED" in out
    found = data(simulator, "strong.yaml")
    assert (found["examples"], found["noise"], len(found["generations"])) == (2, 0, 4)
    assert found["prior"].startswith("biased") and found["effective"] is None
    assert found["transitions"].startswith("exact, all data in ")
    drawn = data(simulator, "strong.yaml", "--noise", "0.1", "--examples", "30")
    assert drawn["transitions"] == "estimated, 1,333 data drawn of each hypothesis"
    assert json.loads(found["truth"])["screen"] != "off"
    assert all(output == "on" for _, output in found["first"])
    assert data(simulator, "none.yaml")["prior"] == "uniform"
    again = data(simulator, "strong.yaml", "--chains", "4000", "--seed", "3")
    for exact, sampled in zip(again["generations"], again["sampled"], strict=True):
        assert sampled["bias_probability"] == pytest.approx(exact["bias_probability"], abs=0.04)


def test_a_truth_with_what_the_bias_wants_and_a_design_without_a_bias(
    simulator: Simulator, tmp_path: Path
) -> None:
    there = DESIGN.replace("BIAS", "strong, direction: A on").replace(", ambiguous: true", "")
    (tmp_path / "there.yaml").write_text(there, "utf-8")
    found = data(simulator, "there.yaml")
    assert found["prior"].startswith("biased") and found["alternative"] is None
    assert all(value is not None for value in bias(found))
    (tmp_path / "bare.yaml").write_text(there.replace("strong, direction: A on", "none"), "utf-8")
    code, out, _ = simulator("bayes", "bare.yaml")
    assert code == 0 and "P(BIAS)" not in out and "alternative" not in out
    assert data(simulator, "bare.yaml", "--prior", "biased")["alternative"]


def test_what_learners_are_asked_for(simulator: Simulator) -> None:
    far = data(simulator, "strong.yaml", "--generations", "60")
    assert bias(far)[-1] == pytest.approx(0.8, abs=1e-3), "samplers come to the prior"
    best = data(simulator, "strong.yaml", "--generations", "60", "--learner", "map")
    assert bias(best)[-1] > 0.99, "others to its maximum"
    soft = data(simulator, "strong.yaml", "--learner", "soft-map", "--gamma", "1")
    assert bias(soft) == pytest.approx(bias(data(simulator, "strong.yaml")))
    held = data(simulator, "strong.yaml", "--effective-set")
    assert 0 < held["effective"] < 9
    assert [one["consistent"] for one in held["generations"]] == pytest.approx([1] * 4)
    noisy = data(simulator, "strong.yaml", "--noise", "0.3", "--examples", "1")
    assert noisy["noise"] == 0.3 and noisy["examples"] == 1
    assert data(simulator, "strong.yaml", "--bias-share", "1")["generations"][0][
        "truth_probability"
    ] == 0  # fmt: skip


def test_a_prior_of_ones_own(simulator: Simulator, tmp_path: Path) -> None:
    (tmp_path / "prior.json").write_text(json.dumps([1] + [0] * 8), "utf-8")
    found = data(simulator, "strong.yaml", "--prior", "prior.json")
    assert found["prior"] == "of prior.json" and bias(found) == [0] * 4
    for text in ("[1, 2]", "{}", "nonsense", '["a"]', "[-1, 1, 1, 1, 1, 1, 1, 1, 1]"):
        (tmp_path / "bad.json").write_text(text, "utf-8")
        code, _, err = simulator("bayes", "strong.yaml", "--prior", "bad.json")
        assert code == 2 and len(err.splitlines()) == 2, "what is wrong, and what to do"
    code, _, err = simulator("bayes", "strong.yaml", "--prior", "nowhere.json")
    assert code == 3 and "uniform, biased" in err


def test_a_bias_has_a_share_by_its_strength_and_worlds_have_priors(
    simulator: Simulator, tmp_path: Path
) -> None:
    shares = {}
    for strength in ("weak", "medium", "strong"):
        (tmp_path / f"{strength}.yaml").write_text(DESIGN.replace("BIAS", strength), "utf-8")
        shares[strength] = data(simulator, f"{strength}.yaml")["prior"].split()[1]
    assert shares == {"weak": "0.45", "medium": "0.6", "strong": "0.8"}
    assert data(simulator, "weak.yaml", "--bias-share", "0.5")["prior"].startswith("biased: 0.5 ")
    small = "kind: iterated\nname: Tongue\ngenerations: 1\nworld: {name: language, examples: 1}\n"
    (tmp_path / "tongue.yaml").write_text(small, "utf-8")
    told = data(simulator, "tongue.yaml", "--prior", "world")["prior"]
    assert told == "of the world: 0.5 on compositional languages"
    told = data(simulator, "tongue.yaml", "--prior", "world", "--bias-share", "0.9")["prior"]
    assert told == "of the world: 0.9 on compositional languages"
    for words, wrong in (
        (("strong.yaml", "--prior", "world"), "The world lights has no prior of its own."),
        (("strong.yaml", "--prior", "uniform", "--bias-share", "0.9"), "the prior uniform"),
    ):
        code, _, err = simulator("bayes", *words)
        assert code == 2 and wrong in err, err


def test_a_twin_as_files(simulator: Simulator, tmp_path: Path) -> None:
    words = ("bayes", "strong.yaml", "--out", "twin", "--figure", "svg", "--chains", "5")
    code, out, _ = simulator(*words)
    assert code == 0 and "Wrote twin/generations.svg." in out
    assert {path.name for path in (tmp_path / "twin").iterdir()} == {
        "generations.csv", "hypotheses.csv", "sampled.csv", "bayes.json", "generations.svg"
    }  # fmt: skip
    with (tmp_path / "twin" / "hypotheses.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 9
    assert sum(float(row["generation_4"]) for row in rows) == pytest.approx(1)


def test_the_claims_of_theory(
    simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a world of two objects, so that it is quick."""
    monkeypatch.setattr(shown, "claims_of_theory", of_a_small_world)
    code, out, _ = simulator("bayes", "--theory", "--generations", "3", "--out", "theory")
    assert code == 0 and "The curves agree." in out
    names = {path.name for path in (tmp_path / "theory").iterdir()}
    assert names == {
        f"{claim}.{ending}" for ending in ("csv", "pdf")
        for claim in ("convergence", "amplification", "effective_set")
    } | {"theory.json"}  # fmt: skip


def of_a_small_world(generations: int | None, hear: Any) -> Any:
    return claims_of_theory(
        generations, hear, objects=("A", "screen"), strong=0, weak=1, first=2,
        examples=2,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "there", "exit_code"),
    [
        (("--theory",), "kept/effective_set.pdf", 2),
        (("--theory", "--figure", "svg"), "kept/theory.json", 2),
        (("strong.yaml",), "kept/bayes.json", 2),
        (("strong.yaml", "--chains", "2"), "kept/sampled.csv", 2),
        (("--theory",), "kept", 2),
        (("strong.yaml", "--out", "nowhere/kept"), "other", 3),
    ],
)
def test_files_in_the_way_are_told_before_anything_is_computed(
    simulator: Simulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    there: str,
    exit_code: int,
) -> None:
    monkeypatch.setattr(shown, "claims_of_theory", None)
    monkeypatch.setattr(shown, "twin_of", None)
    (tmp_path / there).parent.mkdir(exist_ok=True)
    (tmp_path / there).write_text("mine", "utf-8")
    code, _, err = simulator("bayes", "--out", "kept", *words)
    assert code == exit_code and (there in err or "nowhere" in err), err


@pytest.mark.parametrize(
    ("words", "exit_code", "told"),
    [
        (("--theory", "strong.yaml"), 2, "--theory"),
        (("--theory", "--gamma", "2"), 2, "--gamma"),
        (("strong.yaml", "--figure", "svg"), 2, "--out"),
        (("nowhere",), 3, "nowhere"),
        (("prison",), 2, "conversation"),
        (("none.yaml", "--prior", "biased", "--bias-share", "2"), 2, "--bias-share"),
        (("acronyms.yaml",), 2, "acronyms"),
        (("strong.yaml", "--gamma", "2"), 2, "soft-map"),
        (("broken.yaml",), 5, "truth"),
    ],
)
def test_what_cannot_be(
    simulator: Simulator, tmp_path: Path, words: tuple[str, ...], exit_code: int, told: str
) -> None:
    other = "kind: iterated\nname: Other\nworld: {name: WORLD, truth: 999}\n"
    (tmp_path / "broken.yaml").write_text(other.replace("WORLD", "lights"), "utf-8")
    acronyms = "kind: iterated\nname: Words\nworld: {name: acronyms, examples: 4}\n"
    (tmp_path / "acronyms.yaml").write_text(acronyms, "utf-8")
    code, _, err = simulator("bayes", *words)
    assert code == exit_code and told in err, err
