"""All keys that can be given to other actions, by the parts of the app that they work in."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from textual.binding import Binding
from textual.keys import key_to_character

import screens
from screens.screen import LaboratoryScreen

APP, EVERYWHERE = "app", "widgets"
"""Places of keys that work on every screen: the app's own, and those of shared widgets."""
SCREEN = "screen"
"""The owner of what works anywhere on its screen."""


@dataclass(frozen=True, slots=True)
class Rebindable:
    """A binding of an action; without an id, it keeps its key."""

    id: str
    place: str
    """Where it works, such as `monitor`."""
    what: str
    usual: str
    """Its keys, unless the user has others."""
    owner: str = SCREEN
    """The widget that it works in."""

    def keys(self, keymap: Mapping[str, str]) -> list[str]:
        """Its keys, as the user has them."""
        return keymap.get(self.id, self.usual).split(",")


def all_bindings() -> list[Rebindable]:
    """Those of the app, then those of its parts; an id that several share stands once.

    Imports every screen, which takes a while: it is for a thread.
    """
    classes = [one for module in _modules() for one in _classes(module)]
    on_screens = {
        base for one in classes if issubclass(one, LaboratoryScreen) for base in one.__mro__
    }
    found: dict[str, Rebindable] = {}
    for one in classes:
        place = one.__module__.split(".")[1]
        owner = SCREEN if one in on_screens or place == APP else one.__name__
        for binding in one.__dict__.get("BINDINGS", ()):
            if isinstance(binding, Binding) and not binding.system:
                key = binding.id or f"{one.__qualname__} {binding.key}"
                found.setdefault(
                    key,
                    Rebindable(binding.id or "", place, binding.description, binding.key, owner),
                )
    return sorted(found.values(), key=lambda one: one.place != APP)


def _modules() -> Iterator[str]:
    for module in pkgutil.walk_packages(screens.__path__, "screens."):
        yield module.name


def _classes(module: str) -> Iterator[type]:
    for one in vars(importlib.import_module(module)).values():
        if isinstance(one, type) and one.__module__ == module:
            yield one


def conflicts(
    everything: Sequence[Rebindable], keymap: Mapping[str, str], mine: Rebindable, key: str
) -> list[Rebindable]:
    """What else has a key where a binding works."""
    near = {mine.place, APP, EVERYWHERE}
    return [
        one
        for one in everything
        if (one.id or one) != (mine.id or mine)
        and (one.place in near or mine.place == APP)
        and key in one.keys(keymap)
    ]


def is_for_typing(key: str) -> bool:
    """Whether the key puts a letter into fields, so that the app cannot have it everywhere."""
    character = key_to_character(key)
    return character is not None and character.isprintable()
