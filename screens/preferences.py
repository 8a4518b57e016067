"""What a user likes of the app: its theme and its keys, kept in a file of their own."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from simulator.errors import PermissionDeniedError
from simulator.files.saving import write_file
from simulator.settings import APP_NAME

DEFAULT_THEME = "textual-dark"
_KEY = re.compile(r"[a-zA-Z0-9_+,]{1,60}")


@dataclass(frozen=True, slots=True)
class Preferences:
    """Of one user, on every store."""

    theme: str = DEFAULT_THEME
    keymap: Mapping[str, str] = field(default_factory=dict)
    """Keys by the ids of bindings, where they are not the usual ones."""

    def with_key(self, binding_id: str, key: str | None) -> Preferences:
        """The same with another key for a binding; None gives it its usual one."""
        keymap = {name: old for name, old in self.keymap.items() if name != binding_id}
        return replace(self, keymap=keymap if key is None else keymap | {binding_id: key})


def preferences_file() -> Path:
    """Where they are kept: `app.toml` in the user's configuration folder."""
    from platformdirs import user_config_path

    return user_config_path(APP_NAME, appauthor=False) / "app.toml"


def load_preferences(file: Path | None = None) -> tuple[Preferences, list[str]]:
    """The preferences, and a sentence on each thing in the file that is of no use."""
    file = file or preferences_file()
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Preferences(), []
    except (OSError, ValueError) as error:
        return Preferences(), [f"{file} cannot be read, so the app looks as usual: {error}."]
    faults: list[str] = []
    theme = document.get("theme", DEFAULT_THEME)
    if not isinstance(theme, str):
        faults.append(f"{file}: `theme` is no text.")
        theme = DEFAULT_THEME
    return Preferences(theme, _keymap(document.get("keys", {}), file, faults)), faults


def _keymap(keys: Any, file: Path, faults: list[str]) -> dict[str, str]:
    if not isinstance(keys, dict):
        faults.append(f"{file}: `keys` is no table.")
        return {}
    keymap: dict[str, str] = {}
    for name, key in keys.items():
        if isinstance(key, str) and _KEY.fullmatch(key):
            keymap[name] = key
        else:
            faults.append(f"{file}: {key!r} is no key for {name!r}.")
    return keymap


def save_preferences(preferences: Preferences, file: Path | None = None) -> None:
    """Write the file, as a whole or not at all.

    Raises:
        PermissionDeniedError: It cannot be written.
    """
    file = file or preferences_file()
    lines = ["# Theme and keys of the app; its settings screen writes this file.",
             f"theme = {_quoted(preferences.theme)}", "", "[keys]"]  # fmt: skip
    lines += [f"{_quoted(name)} = {_quoted(key)}" for name, key in
              sorted(preferences.keymap.items())]  # fmt: skip
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_file(file, "\n".join([*lines, ""]), force=True)
    except OSError as error:
        raise PermissionDeniedError(
            f"{file} cannot be written: {error.strerror or error}.",
            remedy="Make its folder writable for you.",
        ) from error


def _quoted(text: str) -> str:
    """A text as TOML has it; JSON's form would do, but for two kinds of letters."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
