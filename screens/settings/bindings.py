"""All keys that can be given to other keys, by the screens that they work on."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from textual.binding import Binding
from textual.dom import DOMNode

SCREENS = {
    "home": "HomeScreen", "editor": "EditorScreen", "launch": "LaunchScreen",
    "monitor": "MonitorScreen", "transcript": "TranscriptScreen", "compare": "CompareScreen",
    "models": "ModelsScreen", "settings": "SettingsScreen", "analysis": "AnalysisScreen",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rebindable:
    """A binding with an id."""

    id: str
    place: str
    """Where it works, such as `monitor`."""
    what: str
    usual: str
    """Its keys, unless the user has others."""


def rebindables() -> list[Rebindable]:
    """Those of the app, then those of each screen; an id that several share stands once."""
    from screens.app import SimulatorApp

    found: dict[str, Rebindable] = {}
    owners: list[tuple[str, type[DOMNode]]] = [("app", SimulatorApp)]
    for package, name in SCREENS.items():
        module = importlib.import_module(f"screens.{package}.screen")
        owners.append((package, getattr(module, name)))
    for place, owner in owners:
        for binding in _bindings(owner):
            if binding.id and binding.description:
                one = Rebindable(binding.id, place, binding.description, binding.key)
                found.setdefault(binding.id, one)
    return list(found.values())


def _bindings(owner: type[DOMNode]) -> Iterator[Binding]:
    for base in owner.__mro__:
        if base.__module__.startswith("screens"):
            for entry in base.__dict__.get("BINDINGS", ()):
                if isinstance(entry, Binding):
                    yield entry


def conflicts(
    everything: list[Rebindable], keymap: Mapping[str, str], binding_id: str, key: str
) -> list[Rebindable]:
    """What else has a key where a binding works."""
    mine = next(one for one in everything if one.id == binding_id)
    return [
        one
        for one in everything
        if one.id != binding_id
        and (one.place == mine.place or "app" in (one.place, mine.place))
        and key in keymap.get(one.id, one.usual).split(",")
    ]
