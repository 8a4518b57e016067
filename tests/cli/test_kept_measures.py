from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.adapters import open_measure_cache
from simulator.cli.entry import main


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SIMULATOR_LOG_DIR", str(tmp_path / "logs"))
    monkeypatch.chdir(tmp_path)


def test_kept_measures_are_shown_and_cleared(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache", "show", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["data"]["measures"] == []
    with open_measure_cache(print) as cache:
        cache.keep("length", "1", {b"a": 1.0, b"b": 2.0})
    assert main(["cache", "show"]) == 0
    assert "length" in capsys.readouterr().out
    assert main(["cache", "clear", "--measures", "-y", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["data"]["values"] == 2
    with open_measure_cache(print) as cache:
        assert cache.contents() == []


def test_age_and_model_are_of_replies_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache", "clear", "--measures", "-m", "scripted/echo", "-y"]) == 2
    assert "--measures" in capsys.readouterr().err
