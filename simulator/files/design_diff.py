"""What differs between two designs, by place, and between two texts, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from pydantic import JsonValue

from simulator.domain.designs import Design
from simulator.files.designs import design_document

_NAMES = (("name",), ("target", "title"), ("title",), ("role",), ("factor",))
"""Fields that name an entry of a list, the first that all entries have."""
_BY_LINE = 20_000
"""Characters from which texts are compared line by line, which is faster."""
_WORDS = re.compile(r"\S+\s*|\s+")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True, slots=True)
class Change:
    """A place where two designs differ."""

    path: str
    """Keys and names from the top, such as `roles/guard/sections/Goal`."""
    before: JsonValue
    """None where there is nothing."""
    after: JsonValue


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of two texts."""

    what: Literal["kept", "removed", "added"]
    text: str


def design_changes(before: Design, after: Design) -> list[Change]:
    """Every place where they differ, in the order of the designs; names and notes do not count.

    Entries of lists are matched by their names. Where they only stand in another order, the
    change is that of their names.
    """
    return list(_changes((), design_document(before), design_document(after)))


def _changes(path: tuple[str, ...], before: JsonValue, after: JsonValue) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _entries(path, before, after)
        return
    if isinstance(before, list) and isinstance(after, list):
        ours, theirs = _by_name(before, after), _by_name(after, before)
        if ours is not None and theirs is not None:
            yield from _entries(path, ours, theirs)
            if _order(ours, theirs) != _order(theirs, ours):
                yield Change("/".join(path), [*ours], [*theirs])
            return
    yield Change("/".join(path), before, after)


def _entries(
    path: tuple[str, ...], before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]
) -> Iterator[Change]:
    for key in dict.fromkeys((*before, *after)):
        yield from _changes((*path, key), before.get(key), after.get(key))


def _order(names: Mapping[str, JsonValue], others: Mapping[str, JsonValue]) -> list[str]:
    return [name for name in names if name in others]


def _by_name(
    entries: Sequence[JsonValue], others: Sequence[JsonValue]
) -> dict[str, JsonValue] | None:
    """What entries say by what they are called; None where they have no names of their own."""
    records = [entry for entry in entries if isinstance(entry, dict)]
    everybody = [*records, *(entry for entry in others if isinstance(entry, dict))]
    if len(everybody) < len(entries) + len(others):
        return None
    for fields in _NAMES:
        if all(isinstance(record.get(field), str) for record in everybody for field in fields):
            named = {"/".join(str(record[field]) for field in fields): record for record in records}
            if len(named) < len(records):
                return None
            return {name: _said(record, fields) for name, record in named.items()}
    return None


def _said(record: dict[str, JsonValue], names: Sequence[str]) -> JsonValue:
    """A record without its names; its only other field as it is, if that says anything."""
    rest = {key: value for key, value in record.items() if key not in names}
    only = next(iter(rest.values()), None)
    return rest if len(rest) != 1 or only is None else only


def text_pieces(before: str, after: str) -> list[Piece]:
    """Both texts in one, by words, or by lines where they are long."""
    unit = _LINES if max(len(before), len(after)) > _BY_LINE else _WORDS
    ours, theirs = unit.findall(before), unit.findall(after)
    pieces: list[Piece] = []
    for what, i, j, k, m in SequenceMatcher(None, ours, theirs).get_opcodes():
        if what == "equal":
            pieces.append(Piece("kept", "".join(ours[i:j])))
            continue
        if i < j:
            pieces.append(Piece("removed", "".join(ours[i:j])))
        if k < m:
            pieces.append(Piece("added", "".join(theirs[k:m])))
    return pieces
