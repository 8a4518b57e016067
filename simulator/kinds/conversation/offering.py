"""Which placeholders a conversation's texts may hold, for whoever writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache

from pydantic import JsonValue

from simulator.domain.placeholders import Mention, Placeholder, Renaming
from simulator.kinds.conversation.design import SUMMARIZER
from simulator.kinds.conversation.placeholders import available
from simulator.kinds.conversation.tags import (
    TOKEN,
    VERBS,
    Vocabulary,
    check_role_names,
    is_escaped,
    problems_of,
    renamed,
)

_UNFINISHED = re.compile(r"(?<!\\)(?:\\\\)*<(?P<begun>[\w-]*)\Z")
_TEXTS = ("starting_message", "starting_prompt", "title", "content")
_KEPT_DESIGNS = 64


def offered(written: JsonValue, place: tuple[str | int, ...]) -> Tags | None:
    """The tags of a place; see `simulator.domain.placeholders`."""
    if place and place[-1] not in _TEXTS:
        return None
    has_reader = not place or not (
        place[0] in ("starting_message", SUMMARIZER) or _target(written, place) == SUMMARIZER
    )
    return _tags(tuple(_role_names(written)), has_reader)


def renaming(written: JsonValue, place: tuple[str | int, ...], name: str) -> Renaming | None:
    """What a role's new name entails: in tags, in levels of factors, in weights."""
    role = _at(written, place)
    if len(place) != 2 or place[0] != "roles" or not isinstance(role, dict):
        return None
    old, names = role.get("name"), tuple(_role_names(written))
    if not isinstance(old, str) or old not in names:
        return None
    return Renaming(
        tuple(_mentions_of(written, (), old)), lambda text: renamed(text, names, old, name)
    )


def _mentions_of(
    written: JsonValue, place: tuple[str | int, ...], role: str
) -> Iterator[tuple[str | int, ...]]:
    """Where levels and weights name a role."""
    if isinstance(written, dict):
        for key, value in written.items():
            if key in ("target", "role") and value == role:
                yield (*place, key)
            yield from _mentions_of(value, (*place, key), role)
    elif isinstance(written, list):
        for index, value in enumerate(written):
            yield from _mentions_of(value, (*place, index), role)


def _at(written: JsonValue, place: tuple[str | int, ...]) -> JsonValue:
    """What is written at a place; None where nothing is."""
    found = written
    for part in place:
        if isinstance(found, dict) and isinstance(part, str):
            found = found.get(part)
        elif isinstance(found, list) and isinstance(part, int) and part < len(found):
            found = found[part]
        else:
            return None
    return found


def _role_names(written: JsonValue) -> list[str]:
    """The names that tags can be made of, without those that would make others ambiguous."""
    roles = written.get("roles") if isinstance(written, dict) else None
    names: list[str] = []
    for role in roles if isinstance(roles, list) else []:
        name = role.get("name") if isinstance(role, dict) else None
        if isinstance(name, str) and not check_role_names([*names, name]):
            names.append(name)
    return names


def _target(written: JsonValue, place: tuple[str | int, ...]) -> JsonValue:
    """Whose section a level changes, for a place in its changes."""
    found = _at(written, place[:-1])
    return found.get("target") if isinstance(found, dict) else None


class Tags:
    """The tags that texts of one design may hold, with or without a reader."""

    def __init__(self, role_names: Sequence[str], *, has_reader: bool) -> None:
        self._words = Vocabulary(role_names, has_reader=has_reader)
        self._names = tuple(role_names)
        self._has_reader = has_reader
        self._known: dict[str, bool] = {}

    def mentions(self, text: str) -> list[Mention]:
        """Tags and what must be meant as one; escaped ones are ordinary text."""
        return [
            Mention(match.start("name") - 1, match.end(), self._is_known(match["name"]))
            for match in TOKEN.finditer(text)
            if not is_escaped(match) and self._words.owns(match["name"])
        ]

    def _is_known(self, raw: str) -> bool:
        if raw not in self._known:
            self._known[raw] = not problems_of(f"<{raw}>", self._words)
        return self._known[raw]

    def unfinished(self, before: str) -> int | None:
        """Where the last bracket opens, if nothing but a name follows it."""
        match = _UNFINISHED.search(before)
        return None if match is None else match.start("begun") - 1

    def completions(self, begun: str) -> list[Placeholder]:
        """Tags that begin so, then those that have all the parts somewhere.

        Any verb may follow `VERB_`, and a tag that begins with one capital goes on in small ones.
        """
        wanted = begun.removeprefix("<").upper()
        parts = [part for part in wanted.split("_") if part]
        first = [tag for tag in self._all if tag.name[1:].startswith(wanted)]
        others = [
            tag
            for tag in self._all
            if tag not in first and all(part in tag.name.split("_", 1)[-1] for part in parts)
        ]
        found = [*self._verb(wanted), *first, *(others if parts else ())]
        return [_capitalised(tag) for tag in found] if _is_capitalised(begun) else found

    @cached_property
    def _all(self) -> list[Placeholder]:
        rows = available(self._names, has_reader=self._has_reader)
        return [_placeholder(tag, line) for tag, line in rows]

    def _verb(self, wanted: str) -> Iterator[Placeholder]:
        meaning = self._words.meaning(wanted)
        if meaning is None or meaning.part not in VERBS or meaning.verb == "MAKE":
            return
        stem = f"<{wanted.removesuffix(meaning.verb.replace(' ', '_'))}"
        for tag in self._all:
            if tag.name == f"{stem}MAKE>" and self._is_known(wanted):
                yield Placeholder(f"<{wanted}>", meaning.verb.lower(), tag.meaning)


def _placeholder(tag: str, line: str) -> Placeholder:
    meaning, _, example = line.partition(", such as ")
    return Placeholder(tag, example.strip("`"), meaning)


def _is_capitalised(begun: str) -> bool:
    letters = begun.removeprefix("<")
    return len(letters) > 1 and letters[0].isupper() and letters[1:].islower()


def _capitalised(tag: Placeholder) -> Placeholder:
    example = tag.example[:1].upper() + tag.example[1:]
    return Placeholder(f"<{tag.name[1:].capitalize()}", example, tag.meaning)


@lru_cache(_KEPT_DESIGNS)
def _tags(role_names: tuple[str, ...], has_reader: bool) -> Tags:
    return Tags(role_names, has_reader=has_reader)
