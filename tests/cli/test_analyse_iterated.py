"""`analyse` of runs of iterated learning."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from simulator.analysis import drawing
from simulator.cli import iterated
from tests.cli.conftest import Simulator

SAID = 'Rule: {"A": "on", "screen": "off"}\nInput: A\nOutput: on\nInput: screen\nOutput: off'
"""A reply that holds a rule and examples, whatever was asked."""
DESIGN = f"""\
kind: iterated
name: Small
model: scripted/say?text={quote(SAID)}
generations: 3
world: {{name: lights, truth: 0, examples: 2, ambiguous: true, settings: {{objects: [A, screen]}}}}
bias: {{strength: strong}}
probabilities: {{by: samples, samples: 3}}
"""
SEEDS = ("1", "2")


@pytest.fixture
def simulator(simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """With a design in a file, and figures that are only named."""
    # Figures are drawn, and looked at elsewhere; to render them takes a quarter of a second each.
    monkeypatch.setattr(drawing, "figure_file", lambda figure, kind: f"{kind}".encode())
    (tmp_path / "small.yaml").write_text(DESIGN, "utf-8")
    return simulator


@pytest.fixture
def played(simulator: Simulator) -> Simulator:
    code, _, err = simulator("run", "small.yaml", "-s", SEEDS[0], "-r", str(len(SEEDS)))
    assert code == 0, err
    return simulator


def data(simulator: Simulator, *words: str) -> Any:
    code, out, _ = simulator("analyse", *words, "--json")
    document = json.loads(out)
    assert (code, document["status"]) == (0, "ok"), document
    return document["data"]


def test_an_experiment_is_shown_by_condition_and_generation(played: Simulator) -> None:
    code, out, _ = played("analyse", "Small")
    assert code == 0
    titles = ("Lineages", "Generations", "The last generation", "P(screen)")
    assert all(f"{title}\n" in out for title in titles), out
    assert "Beside exact Bayesian learners" not in out
    found = data(played, "Small", "--show", "overview,measures")
    assert found["sections"].keys() == {"overview", "measures"}
    assert "one condition and seed" not in out
    (overview,) = found["sections"]["overview"]
    assert (overview["runs"], overview["generations"], overview["measured"]) == (2, 3, 6)
    entropies = [one for one in found["sections"]["measures"] if one["measure"] == "entropy"]
    assert [one["generation"] for one in entropies] == [1, 2, 3]
    assert all(one["mean"] == 0 and one["runs"] == 2 for one in entropies), "always the same"
    biased = [one for one in found["sections"]["measures"] if one["measure"] == "biased"]
    assert [(one["mean"], one["high"]) for one in biased] == [(1, 1)] * 3
    assert all(0 < one["low"] < 1 for one in biased)


def test_the_same_design_played_twice_counts_once(simulator: Simulator) -> None:
    """The position of no bias changes nothing, so that runs of one seed are the same."""
    of_grid = ("--set", "bias.strength=none", "--set", "bias.position=start,end")
    code, _, err = simulator("run", "small.yaml", "-s", "1", "-r", "2", *of_grid)
    assert code == 0, err
    found = data(simulator, "Small", "--show", "overview,measures")["sections"]
    (overview,) = found["overview"]
    assert overview["runs"] == 4 and {one["runs"] for one in found["measures"]} == {2}
    _, out, _ = simulator("analyse", "Small", "--show", "measures")
    assert "one condition and seed" in out


def test_all_of_it_as_files(
    played: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, _ = played("analyse", "Small", "--out", "found", "--figure", "svg")
    assert code == 0
    names = {path.name for path in (tmp_path / "found").iterdir()}
    assert names >= {
        "overview.csv", "measures.csv", "probabilities.csv", "most_probable.csv", "fit.csv",
        "fit_curves.csv", "fit_priors.csv", "analysis.json", "lineages.csv", "entropy.svg",
        "statuses.svg",
        "hypotheses.svg", "endings.svg", "fit.svg",
    }  # fmt: skip
    assert all(f"Wrote found/{name}." in out for name in names)
    with (tmp_path / "found" / "fit_priors.csv").open(encoding="utf-8") as file:
        priors = [float(row["prior"]) for row in csv.DictReader(file)]
    assert len(priors) == 9 and sum(priors) == pytest.approx(1)
    with (tmp_path / "found" / "lineages.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["seed"], row["generation"]) for row in rows] == [
        (seed, str(number)) for seed in SEEDS for number in (1, 2, 3)
    ]  # fmt: skip
    assert all(row["bias"] == "strong" and row["biased"] == "1.0" for row in rows)
    monkeypatch.setattr(iterated, "LineageAnalysis", None)
    code, _, err = played("analyse", "Small", "--out", "found")
    assert code != 0 and "--force" in err, "before anything is found"


def test_the_kind_of_exact_learners_is_chosen_and_the_best_is_told(played: Simulator) -> None:
    found = data(played, "Small", "--show", "fit")["sections"]["fit"]
    assert [(one["learner"], one["rules"]) for one in found["fit_learners"]] == [
        ("sampler", 4), ("map", 4), ("soft-map", 4)
    ]  # fmt: skip
    assert [one["learner"] for one in found["fit_learners"] if one["is_best"]] == ["map"]
    assert {one["learner"] for one in found["fit_curves"]} == {"sampler"}
    code, out, _ = played("analyse", "Small", "--show", "fit", "--learner", "map")
    assert code == 0 and "Exact learners: MAP" in out and "Which learners explain" in out
    assert "The prior is not sure. " in out and "play" in out
    curves = {
        learner: [one["bias_probability"] for one in
                  data(played, "Small", "--show", "fit", "--learner", learner)
                  ["sections"]["fit"]["fit_curves"]]
        for learner in ("sampler", "map")
    }  # fmt: skip
    assert curves["map"][-1] > curves["sampler"][-1]


def test_the_claims_of_theory_are_held_against_runs(played: Simulator, tmp_path: Path) -> None:
    code, out, _ = played("bayes", "--theory", "--from", "Small", "--out", "claims")
    assert code == 0 and "The runs do not tell." in out
    assert "interaction.kind=none,hypothesis_search" in out, "how to launch what is missing"
    names = {path.name for path in (tmp_path / "claims").iterdir()}
    assert names == {
        "convergence.csv", "convergence.pdf", "amplification.csv", "amplification.pdf",
        "theory.json",
    }  # fmt: skip
    found = json.loads((tmp_path / "claims" / "theory.json").read_text("utf-8"))["claims"]
    assert [one["holds"] for one in found] == [None, None, None]
    (curve,) = found[1]["curves"]
    assert [one["bias_probability"] for one in curve["generations"]] == [1, 1, 1]
    for words in (("--from", "Small"), ("--theory", "--from", "Small", "--generations", "2")):
        code, _, err = played("bayes", *words)
        assert code == 2 and words[-2] in err


def test_options_that_say_nothing_of_learners(played: Simulator) -> None:
    for words, told in (
        (("--classic",), "--classic"),
        (("--bootstrap", "5"), "--bootstrap"),
        (("--show", "attractors"), "probabilities"),
        (("--figure", "png"), "--out"),
    ):
        code, _, err = played("analyse", "Small", *words)
        assert code == 2 and told in err


def test_runs_without_a_learner_have_nothing_to_tell(simulator: Simulator) -> None:
    code, _, err = simulator("import", "small.yaml")
    assert code == 0, err
    code, _, err = simulator("analyse", "Small")
    assert code == 2 and "resume" in err
