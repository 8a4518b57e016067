"""Variables of `.env`, written from screens."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from simulator.env_file import merge_env_file
from simulator.settings import ENV_FILE


def env_file_shown() -> str:
    """The whole path of the file, for people."""
    return str(Path(ENV_FILE).resolve())


def write_variables(variables: Mapping[str, str]) -> None:
    """Set variables in the file; see `merge_env_file`."""
    merge_env_file(Path(ENV_FILE), variables)
