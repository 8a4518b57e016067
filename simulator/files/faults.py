"""What pydantic finds wrong with a design, in plain words and at the user's own lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from simulator.domain.nearest import nearest
from simulator.files.places import Found, Place, in_model, locate
from simulator.files.shapes import Model, choices, fields_of
from simulator.files.yaml_tree import Tree

MAX_FAULTS = 200
"""So many are looked up in the file; a file with more is probably not what was meant."""

_EXPECTED = {
    "string": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "tuple": "a list",
    "list": "a list",
    "set": "a list",
    "dict": "a mapping of keys to values",
    "model": "a mapping of keys to values",
    "mapping": "a mapping of keys to values",
}

_LIMITS = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
    "multiple_of": ("multiple_of", "a multiple of"),
}


@dataclass(frozen=True, slots=True)
class DesignFault:
    """Something wrong in a design's file."""

    place: Place
    """In the terms of the model; () is the file as a whole."""
    line: int
    """From 1."""
    column: int
    """From 1."""
    message: str
    """One sentence, without the place."""
    shown: str = ""
    """The place in the file's own keys, such as `roles[0].count`."""


def fault_at(place: Place, found: Found, message: str) -> DesignFault:
    """A fault of a place that was looked up in the file."""
    return DesignFault(place, found.spot.line, found.spot.column, message, found.shown)


def listed(names: Iterable[str]) -> str:
    """Names as a sentence lists them."""
    return ", ".join(f"`{name}`" for name in names)


def field_faults(error: ValidationError, tree: Tree, design_type: Model) -> list[DesignFault]:
    """A fault for each thing that pydantic found, in its order, up to `MAX_FAULTS`."""
    details = error.errors(include_url=False)[:MAX_FAULTS]
    faults: list[DesignFault] = []
    meant: set[tuple[str, str]] = set()
    for detail in details:
        if detail["type"] in ("extra_forbidden", "invalid_key"):
            fault, suggestion = _unknown_key(detail["loc"], tree, design_type)
            faults.append(fault)
            meant.add((fault.shown, suggestion or ""))
    for detail in details:
        loc = detail["loc"]
        if detail["type"] in ("extra_forbidden", "invalid_key") or _is_echo(detail):
            continue
        is_missing = detail["type"] == "missing"
        found = locate(tree, design_type, loc[:-1] if is_missing else loc)
        if is_missing and (found.value is None or isinstance(found.value.content, dict)):
            if (found.shown, str(loc[-1])) not in meant:
                place = in_model(loc, design_type, is_key=True)
                faults.append(fault_at(place, found, f"the key `{loc[-1]}` is missing"))
        else:
            place = in_model(loc[:-1] if is_missing else loc, design_type, is_key=False)
            faults.append(fault_at(place, found, _words(detail, found)))
    return list(dict.fromkeys(faults))


def _is_echo(detail: ErrorDetails) -> bool:
    """Whether another fault is the cause: a wrong entry of a list, a number that is not finite."""
    given = detail.get("input")
    if isinstance(given, float) and not isfinite(given):
        return True
    least: int = detail.get("ctx", {}).get("min_length", 0)
    return detail["type"] == "too_short" and isinstance(given, list) and len(given) >= least


def _unknown_key(loc: Place, tree: Tree, design_type: Model) -> tuple[DesignFault, str | None]:
    parent = locate(tree, design_type, loc[:-1])
    found = locate(tree, design_type, loc)
    known = fields_of(parent.models)
    content = parent.value.content if parent.value else None
    written = content if isinstance(content, dict) else {}
    unused = [name for name in known if name not in written]
    suggestion = nearest(str(loc[-1]), unused)
    message = f"unknown key `{_key(loc[-1])}`"
    if suggestion:
        message += f"; did you mean `{suggestion}`?"
    elif 0 < len(known) <= 12:
        message += f"; known here: {listed(known)}"
    place = in_model(loc, design_type, is_key=True)
    fault = DesignFault(place, found.spot.line, found.spot.column, message, parent.shown)
    return fault, suggestion


def _key(name: object) -> str:
    text = str(name)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _words(detail: ErrorDetails, found: Found) -> str:
    kind, given, context = detail["type"], detail.get("input"), detail.get("ctx", {})
    if kind in _LIMITS:
        limit, words = _LIMITS[kind]
        return f"must be {words} {_number(context[limit])}, not {_number(given)}"
    if kind == "literal_error":
        return _not_a_choice(found, given, context)
    if kind == "string_too_short" or (kind == "string_pattern_mismatch" and not _has_words(given)):
        return f"the {_noun(found)} is empty"
    if kind == "string_pattern_mismatch":
        return f"{described(given)} is not allowed here; it must match {context['pattern']}"
    if kind == "string_too_long":
        return f"must have at most {context['max_length']} characters"
    if kind == "too_short":
        return f"needs at least {_entries(context['min_length'])}"
    if kind == "too_long":
        return f"must have at most {_entries(context['max_length'])}"
    if kind in ("value_error", "assertion_error"):
        return str(context.get("error", detail["msg"]))
    if kind == "string_unicode":
        return "the text holds half of a surrogate pair, which is no character"
    if kind == "finite_number":
        return "must be a finite number"
    if kind == "int_from_float":
        return f"must be a whole number, not {_number(given)}"
    expected = _EXPECTED.get(kind.partition("_")[0])
    if expected and (kind.endswith(("_type", "_parsing")) or kind == "missing"):
        return _not_that(expected, given, found)
    if kind == "missing":
        return _not_that("a mapping of keys to values", found.value and found.value.plain(), found)
    return f"{detail['msg'][:1].lower()}{detail['msg'][1:]}"


def _not_that(expected: str, given: Any, found: Found) -> str:
    if expected == "a list" and found.short:
        expected = "a mapping or a list"
    if given is None:
        return f"is empty; write {expected}"
    message = f"must be {expected}, not {described(given)}"
    if expected == "a text" and isinstance(given, (int, float)):
        message += "; put it in quotes"
    return message


def _not_a_choice(found: Found, given: Any, context: dict[str, Any]) -> str:
    words = choices(found.annotation) or _quoted_words(str(context.get("expected", "")))
    near = nearest(given, words) if isinstance(given, str) else None
    hint = f"; did you mean `{near}`?" if near else ""
    what = f"`{words[0]}`" if len(words) == 1 else f"one of {listed(words)}"
    return f"must be {what}, not {described(given)}{hint}"


def _quoted_words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"'([^']*)'", text))


def _noun(found: Found) -> str:
    if found.is_key:
        return "key"
    return found.in_record.__name__.lower() if found.in_record else "text"


def _has_words(given: Any) -> bool:
    return isinstance(given, str) and bool(given.strip())


def _entries(count: int) -> str:
    return "one entry" if count == 1 else f"{count} entries"


def _number(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def described(value: Any) -> str:
    """A value as an error names it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, str):
        shown = value if len(value) <= 60 else f"{value[:57]}..."
        return f"the text {json.dumps(shown, ensure_ascii=False)}" if value else "an empty text"
    return "a mapping" if isinstance(value, dict) else "a list"


def in_reading_order(faults: Iterable[DesignFault]) -> tuple[DesignFault, ...]:
    """Faults in the order of the file, each once."""
    once = {(f.line, f.column, f.shown, f.message): f for f in reversed(list(faults))}
    return tuple(once[key] for key in sorted(once))


def reported(faults: Iterable[DesignFault], source: str) -> Iterator[str]:
    """Faults as lines: `prison.yaml:12:5: roles[0].count: …`."""
    for fault in faults:
        where = f"{source}:{fault.line}:{fault.column}: "
        yield where + (f"{fault.shown}: " if fault.shown else "") + fault.message
