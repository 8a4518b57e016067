"""What users may set, and where from."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from simulator.adapters import backend_options
from simulator.backends.options import Timeouts
from simulator.domain.durations import parse_duration
from simulator.errors import UsageError
from simulator.settings import APP_NAME, environment, load_settings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to start from, with an empty configuration."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


@pytest.mark.parametrize(
    ("text", "hours"), [("90m", 1.5), ("3h", 3), ("4d", 96), ("2w", 336), (" 2 W ", 336)]
)
def test_durations_are_read(text: str, hours: float) -> None:
    assert parse_duration(text) == timedelta(hours=hours)


@pytest.mark.parametrize("text", ["", "3", "h", "-3h", "0d", "3.5h", "3y", "1h 30m", "٣h"])
def test_other_spans_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration such as"):
        parse_duration(text)


def test_keys_in_dotenv_need_not_be_exported_and_the_environment_goes_first(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / ".env").write_text("LAB_API_KEY=kept\nLAB_URL=kept\n", encoding="utf-8")
    monkeypatch.setenv("LAB_URL", "exported")
    assert environment()["LAB_API_KEY"] == "kept"
    assert environment()["LAB_URL"] == "exported"
    assert backend_options(load_settings()).environment["LAB_API_KEY"] == "kept"


def test_variables_say_how_models_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "MAX_CONNECTIONS": "3", "FIRST_TOKEN_TIMEOUT_S": "5", "STALL_TIMEOUT_S": "0.5",
        "REPLY_TIMEOUT_S": "50", "CACHE": "yes", "CACHE_EXPIRY": "2w", "RECORD": "r.jsonl",
        "ENDPOINTS": "mine.toml", "PRICES": "dear.toml",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"SIMULATOR_{name}", value)
    settings = load_settings()
    assert (settings.cache, settings.cache_expiry) == (True, timedelta(weeks=2))
    options = backend_options(settings)
    assert options.timeouts == Timeouts(5.0, 0.5, 50.0)
    assert options.max_connections == 3
    assert options.record == Path("r.jsonl")
    assert (options.endpoints_file, options.prices_file) == (Path("mine.toml"), Path("dear.toml"))


def test_files_in_the_configuration_folder_are_taken_if_they_are_there(folder: Path) -> None:
    own = folder / "config" / APP_NAME
    own.mkdir(parents=True)
    assert load_settings().endpoints_file is None
    (own / "endpoints.toml").touch()
    (own / "prices.toml").touch()
    settings = load_settings()
    assert settings.endpoints_file == own / "endpoints.toml"
    assert settings.prices_file == own / "prices.toml"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAX_CONNECTIONS", "0"), ("STALL_TIMEOUT_S", "0"), ("REPLY_TIMEOUT_S", "inf"),
        ("CACHE", "maybe"), ("CACHE_EXPIRY", "soon"),
    ],
)  # fmt: skip
def test_a_variable_without_a_usable_value_is_named(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"SIMULATOR_{name}", value)
    with pytest.raises(UsageError, match=f"^SIMULATOR_{name}: ") as error:
        load_settings()
    assert "Value error" not in error.value.message
