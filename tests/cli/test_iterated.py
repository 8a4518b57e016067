"""Lineages of learners on the command line: what `run --set` crosses, and what is shown."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from simulator.cli.set_options import grid_of
from simulator.errors import UsageError
from simulator.kinds.iterated.kind import IteratedKind
from tests.cli.conftest import Simulator
from tests.kept_lineages import design

RULE = '{"A": "on", "B": "on", "C": "off", "D": "on", "screen": "off"}'
LEARNER = f"scripted/say?text=Rule: {RULE}%0AInput: A%0AOutput: on%0AInput: Q%0AOutput: off"
"""Says a rule and an example in one, and an example of an object that is not there."""
SHORT = ("--set", "generations=2", "--set", "probabilities.by=none")


def test_a_lineage_is_played_shown_and_exported(simulator: Simulator, tmp_path: Path) -> None:
    code, out, err = simulator("run", "iterated_lights", "-m", LEARNER, *SHORT, "--seed", "1")
    assert code == 0, err
    assert "[generation 1] Learner 1 (rule, 3 of 5 objects right, explains " in out
    assert "[generation 1] Learner 1 (data, 1 example, 1 left out): Input: A" in out
    assert "[generation 2] Learner 1 (rule" in out
    _, shown, _ = simulator("show", "last", "--part", "2")
    assert "[generation 2] Learner 1 (rule" in shown and "generation 1" not in shown
    code, _, err = simulator("export", "last", "--format", "csv", "-o", "out.csv")
    assert code == 0, err
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text("utf-8").splitlines()))
    assert {row["hypothesis"] for row in rows} == {RULE, ""}


def test_several_values_are_crossed(simulator: Simulator) -> None:
    code, _, err = simulator(
        "run", "iterated_lights", "-m", LEARNER, *SHORT, "--set", "bias.strength=none, strong",
        "--set", "interaction.kind=none,self_refine", "--seed", "5", "--json",
    )  # fmt: skip
    assert code == 0, err
    _, listed, _ = simulator("ls", "--runs", "--json")
    runs = json.loads(listed)["data"]
    set_of = [run["parameters"] for run in runs]
    found = {(one["bias"]["strength"], one["interaction"]["kind"]) for one in set_of}
    assert len(runs) == len(found) == 4 and {run["seed"] for run in runs} == {5}
    assert {run["status"] for run in runs} == {"completed"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("generations", "this is no name and value"),
        ("=4", "this is no name and value"),
        ("generations=", "this is no name and value"),
        ("generation=4", "cannot set `generation`"),
        ("generations=many", "no whole number"),
        ("bias.strength=none,none2", "bias.strength=none,none2"),
        ("generations=,", "there is no value"),
    ],
)
def test_what_cannot_be_set_is_told(text: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        grid_of(IteratedKind().parameters(design()), [text], {})
    assert told in caught.value.message
    if "cannot set" in told:
        assert "generations" in (caught.value.remedy or "")


def test_other_options_hold_for_all_runs() -> None:
    known = IteratedKind().parameters(design())
    grid = grid_of(known, ["generations=2..3"], {"model": "scripted/babble"})
    assert [cell.parameters for cell in grid.cells()] == [
        {"model": "scripted/babble", "generations": number} for number in (2, 3)
    ]
    assert grid_of(known, [], {}).size == 1


def test_words_settings_and_drawn_truths_are_crossed() -> None:
    sets = [
        "world.truth=drawn,0", "bias.text=Be bold, or not.|Be meek.",
        'world.settings={}|{"objects": ["A", "screen"]}', "interaction.classic=yes,no",
    ]  # fmt: skip
    grid = grid_of(IteratedKind().parameters(design()), sets, {})
    cells = [cell.parameters for cell in grid.cells()]
    assert grid.size == len(cells) == 16 and cells[0] == {
        "world": {"truth": "drawn", "settings": {}}, "bias": {"text": "Be bold, or not."},
        "interaction": {"classic": True},
    }  # fmt: skip
