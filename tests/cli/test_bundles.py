"""A study goes from one machine to another as a bundle."""

from __future__ import annotations

import json
from pathlib import Path

from simulator.files.designs import load_design
from simulator.kinds.registry import KINDS
from tests.cli.conftest import Simulator


def test_a_study_is_exported_and_imported(simulator: Simulator, design: Path) -> None:
    folder = design.parent
    assert simulator("run", str(design), "--seed", "5", "--factor", "mood=angry")[0] == 0
    code, out, _ = simulator("export", "Talk", "--bundle", "one", "--no-parquet")
    assert (code, out) == (0, "Wrote one: 1 run of 1 experiment with 5 messages.\n")
    resolved = load_design(folder / "one" / "designs" / "1-1.yaml", KINDS)
    assert "angry" in resolved.model_dump_json() and resolved.name == "Talk"
    provenance = json.loads((folder / "one" / "provenance.json").read_text())
    assert provenance["seeds"] == [5] and provenance["models"][0]["model"] == "scripted/babble"
    assert provenance["models"][0]["prices"][0]["input_usd"] == 0.0

    elsewhere = ("--store", str(folder / "other.db"))
    code, out, _ = simulator(*elsewhere, "--json", "import", "one", "one")
    found = [one["runs"] for one in json.loads(out)["data"]["bundles"]]
    assert [(runs["new"], runs["known"]) for runs in found] == [(1, 0), (0, 1)]

    (folder / "one" / "README.md").write_text("Mine")
    code, _, err = simulator(*elsewhere, "import", "one")
    assert code == 1 and "one: README.md is not as it was written" in err
    assert simulator("export", "last", "--parquet")[0] == 2
