"""`analyse` on machines that lack packages: the rest goes on, and what is missing is told."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from simulator.cli.entry import main
from tests.lacking import CORE, lack

GERMAN = "Das Wetter wird heute wirklich schön, sagte die Frau."


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, with chains of three texts in `data`."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("SIMULATOR_STORE", f"sqlite:///{tmp_path / 'lab.db'}")
    monkeypatch.setenv("SIMULATOR_LOG_DIR", str(tmp_path / "logs"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    texts = {f"T{n}": "A nice walk with friends. " * n for n in range(1, 4)}
    (tmp_path / "data" / "initial_texts.json").write_text(json.dumps(texts), "utf-8")
    lines = [
        json.dumps({"prompt": "rephrase", "text": name, "seed": 1, "chain": [text, *[GERMAN] * 4]})
        for name, text in texts.items()
    ]
    (tmp_path / "data" / "chains_tiny.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return tmp_path


def test_a_core_installation_shows_what_it_can(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lack(monkeypatch, *CORE)
    assert main(["analyse", "data"]) == 0
    out, err = capsys.readouterr()
    assert "Chains" in out and "Cycles" in out and "length" in out and "lexicon" in out
    assert "Attractors" not in out
    for package in ("nltk", "textstat", "SciPy"):
        assert f"{package}, which is not installed. Install it" in err
    assert "pip install -e '.[analysis]'" in err
    assert main(["analyse", "data", "--all", "--json", "--measure", "length"]) == 0
    told = json.loads(capsys.readouterr().out)["data"]
    assert {"overview", "means", "cycles"} <= set(told["sections"])
    assert not {"attractors", "convergence", "languages"} & set(told["sections"])
    (left_out,) = [one for one in told["remarks"] if "SciPy" in one]
    assert left_out.startswith("Without section attractors, ")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--measure", "positivity"), "nltk"),
        (("--show", "overview,convergence"), "scikit-learn"),
        (("--show", "languages"), "py3langid"),
        (("--all", "--measure", "length", "--similarity", "embedding"), "sentence-transformers"),
        (("--show", "overview", "--out", "out", "--figure", "svg"), "matplotlib"),
    ],
)
def test_what_is_asked_for_by_name_is_missed(
    words: tuple[str, ...], told: str, folder: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    lack(monkeypatch, *(set(CORE) - ({"scipy"} if "embedding" in words else set())))
    assert main(["analyse", "data", "--bootstrap", "0", *words]) == 3
    error = capsys.readouterr().err
    assert f"{told}" in error and "pip install -e" in error
    assert not (folder / "out").exists()


def test_broken_packages_are_no_fault_of_the_program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lack(monkeypatch, *CORE, broken=ImportError("libtorn.so: cannot open"))
    assert main(["analyse", "data"]) == 0
    out, err = capsys.readouterr()
    assert "Chains" in out and "whose installation is broken: ImportError: libtorn.so" in err


def test_languages_are_shown_and_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyse", "data", "--show", "languages", "--out", "out"]) == 0
    out = capsys.readouterr().out
    assert "de      0%      0%  100%" in out
    with (folder / "out" / "languages.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["language"]: row for row in csv.DictReader(file)}
    assert float(rows["de"]["last"]) == 1 and float(rows["en"]["initial"]) == 1


def test_a_folder_without_chains_names_both_that_could_be_in_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "empty").mkdir()
    assert main(["analyse", "empty"]) == 3
    assert "holds neither chains of texts nor output of the original debate" in (
        capsys.readouterr().err
    )
