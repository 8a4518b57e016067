"""Filters: which documents they match."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from bson import Regex

from tests.servers.mongo.errors import CommandError, names, not_implemented
from tests.servers.mongo.expressions import Scope, compile_expression, truth
from tests.servers.mongo.values import (
    MISSING,
    NULL,
    TYPE_NUMBERS,
    Document,
    is_number,
    key,
    rank,
    reached,
    shown,
    split_path,
    type_number,
)

Matcher = Callable[[Document], bool]
Test = Callable[[Any], bool]
"""Whether what stands at the end of a path, MISSING included, passes."""

_KNOWN = names(
    "$mod $bitsAllClear $bitsAllSet $bitsAnyClear $bitsAnySet $geoIntersects $geoWithin $near "
    "$nearSphere $within $where $text $jsonSchema $comment $rand $sampleRate"
)
_REGEX_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE}


def compile_filter(spec: Any) -> Matcher:
    """The filter as a function. Raises CommandError for what it must not contain."""
    if not isinstance(spec, dict):
        raise CommandError(14, f"the match filter must be an expression in an object: {spec!r}")
    parts = [_clause(name, operand) for name, operand in spec.items()]
    if len(parts) == 1:
        return parts[0]
    return lambda document: all(part(document) for part in parts)


def _clause(name: str, operand: Any) -> Matcher:
    if name in ("$and", "$or", "$nor"):
        return _logical(name, operand)
    if name == "$expr":
        expression = compile_expression(operand)
        return lambda document: truth(expression(Scope(document)))
    if name == "$comment":
        return lambda document: True
    if name.startswith("$"):
        if name in _KNOWN:
            raise not_implemented(f"the query operator {name}")
        raise CommandError(2, f"unknown top level operator: {name}. If you have a field name "
                           "that starts with a '$' symbol, consider using $getField or "
                           "$setField.")  # fmt: skip
    return _at_path(split_path(name), _tests(operand))


def _logical(name: str, operand: Any) -> Matcher:
    if not isinstance(operand, list):
        raise CommandError(2, f"{name} must be an array")
    if not operand:
        raise CommandError(2, "$and/$or/$nor must be a nonempty array")
    if not all(isinstance(part, dict) for part in operand):
        raise CommandError(2, "$or/$and/$nor entries need to be full objects")
    parts = [compile_filter(part) for part in operand]
    if name == "$and":
        return lambda document: all(part(document) for part in parts)
    if name == "$or":
        return lambda document: any(part(document) for part in parts)
    return lambda document: not any(part(document) for part in parts)


_PathTest = Callable[[Sequence[Any]], bool]
"""Whether the values that a path leads to pass, all of them together."""


def _at_path(parts: Sequence[str], tests: Sequence[_PathTest]) -> Matcher:
    if len(parts) == 1:
        name = parts[0]

        def direct(document: Document) -> bool:
            values = (document.get(name, MISSING),)
            return all(test(values) for test in tests)

        return direct

    def matches(document: Document) -> bool:
        values = list(reached(document, parts))
        return all(test(values) for test in tests)

    return matches


def is_operators(operand: Any) -> bool:
    """Whether what stands beside a path is operators and not a value.

    Raises CommandError when it is a mixture.
    """
    if not isinstance(operand, dict) or not operand:
        return False
    first = next(iter(operand))
    return bool(first.startswith("$") and first not in ("$ref", "$id", "$db"))


def _tests(operand: Any) -> list[_PathTest]:
    if isinstance(operand, Regex):
        return [_any(_regex(operand.pattern, operand.flags))]
    if not is_operators(operand):
        return [_any(_equal(operand))]
    tests: list[_PathTest] = []
    for name, argument in operand.items():
        if name == "$options":
            if "$regex" not in operand:
                raise CommandError(2, "$options needs a $regex")
            continue
        if name == "$regex":
            argument = (argument, operand.get("$options", ""))
        make = _OPERATORS.get(name)
        if make is None:
            if name in _KNOWN:
                raise not_implemented(f"the query operator {name}")
            raise CommandError(2, f"unknown operator: {name}")
        tests.append(make(argument))
    return tests


def _any(test: Test) -> _PathTest:
    """Some value passes, or some element of one that is an array."""

    def passes(values: Sequence[Any]) -> bool:
        for value in values:
            if test(value):
                return True
            if isinstance(value, list) and any(map(test, value)):
                return True
        return False

    return passes


def _whole(test: Test) -> _PathTest:
    """Some value passes; arrays are not gone into."""
    return lambda values: any(map(test, values))


def _not(test: _PathTest) -> _PathTest:
    return lambda values: not test(values)


def _equal(operand: Any) -> Test:
    wanted = key(operand)
    if type(operand) is str:
        return lambda value: value == operand if type(value) is str else False
    return lambda value: key(value) == wanted


def _ordered(holds: Callable[[bytes, bytes], bool], *, or_equal: bool) -> Callable[[Any], Test]:
    def make(operand: Any) -> Test:
        if isinstance(operand, Regex):
            raise CommandError(2, "Can't have RegEx as arg to predicate over field.")
        wanted, kind = key(operand), rank(operand)
        if kind == NULL:
            return lambda value: or_equal and rank(value) == NULL
        unordered = is_number(operand) and operand != operand

        def passes(value: Any) -> bool:
            if value is MISSING or rank(value) != kind:
                return False
            if unordered or (type(value) is float and value != value):
                return or_equal and key(value) == wanted
            return holds(key(value), wanted)

        return passes

    return make


def _among(operand: Any) -> _PathTest:
    if not isinstance(operand, list):
        raise CommandError(2, "$in needs an array")
    if any(is_operators(value) for value in operand):
        raise CommandError(2, "cannot nest $ under $in")
    patterns = [_regex(value.pattern, value.flags) for value in operand if isinstance(value, Regex)]
    wanted = {key(value) for value in operand if not isinstance(value, Regex)}
    return _any(lambda value: key(value) in wanted or any(test(value) for test in patterns))


def _exists(operand: Any) -> _PathTest:
    present = _whole(lambda value: value is not MISSING)
    return present if truth(operand) else _not(present)


def _of_type(operand: Any) -> _PathTest:
    wanted: set[int] = set()
    for name in operand if isinstance(operand, list) else [operand]:
        if name == "number":
            wanted |= {1, 16, 18}
        elif isinstance(name, str) and name in TYPE_NUMBERS:
            wanted.add(TYPE_NUMBERS[name])
        elif is_number(name) and name in TYPE_NUMBERS.values():
            wanted.add(int(name))
        else:
            raise CommandError(2, f"Unknown type name alias: {name}")
    return _any(lambda value: value is not MISSING and type_number(value) in wanted)


def _regex(pattern: Any, flags: int) -> Test:
    try:
        compiled = re.compile(str(pattern), flags & ~re.UNICODE)
    except re.error as error:
        raise CommandError(51091, f"Regular expression is invalid: {error}") from None
    literal = key(Regex(str(pattern), flags))

    def passes(value: Any) -> bool:
        if type(value) is str:
            return compiled.search(value) is not None
        return isinstance(value, Regex) and key(value) == literal

    return passes


def _regex_operator(operand: tuple[Any, Any]) -> _PathTest:
    pattern, options = operand
    if not isinstance(options, str):
        raise CommandError(2, "$options has to be a string")
    flags = 0
    for letter in options:
        if letter not in _REGEX_FLAGS:
            raise CommandError(51108, f"invalid flag in regex options: {letter}")
        flags |= _REGEX_FLAGS[letter]
    if isinstance(pattern, Regex):
        return _any(_regex(pattern.pattern, flags or pattern.flags))
    if not isinstance(pattern, str):
        raise CommandError(2, "$regex has to be a string")
    return _any(_regex(pattern, flags))


def _not_operator(operand: Any) -> _PathTest:
    if isinstance(operand, Regex):
        return _not(_any(_regex(operand.pattern, operand.flags)))
    if not isinstance(operand, dict):
        raise CommandError(2, "$not needs a regex or a document")
    if not operand:
        raise CommandError(2, "$not cannot be empty")
    if not is_operators(operand):
        raise CommandError(2, f"unknown operator: {next(iter(operand))}")
    tests = _tests(operand)
    return lambda values: not all(test(values) for test in tests)


def _size(operand: Any) -> _PathTest:
    if not is_number(operand) or operand != int(operand):
        raise CommandError(2, f"Failed to parse $size. Expected an integer: {shown(operand)}")
    if operand < 0:
        raise CommandError(2, "Failed to parse $size. Expected a non-negative number in: $size: "
                           f"{shown(operand)}")  # fmt: skip
    return _whole(lambda value: isinstance(value, list) and len(value) == operand)


def _all(operand: Any) -> _PathTest:
    if not isinstance(operand, list):
        raise CommandError(2, "$all needs an array")
    if not operand:
        return lambda values: False
    tests: list[_PathTest] = []
    for value in operand:
        if is_operators(value):
            if list(value) != ["$elemMatch"]:
                raise CommandError(2, "no $ expressions in $all")
            tests.append(_element_match(value["$elemMatch"]))
        elif isinstance(value, Regex):
            tests.append(_any(_regex(value.pattern, value.flags)))
        else:
            tests.append(_any(_equal(value)))
    return lambda values: all(test(values) for test in tests)


def _element_match(operand: Any) -> _PathTest:
    if not isinstance(operand, dict):
        raise CommandError(2, "$elemMatch needs an Object")
    first = next(iter(operand), "")
    if first.startswith("$") and first not in ("$and", "$or", "$nor", "$expr"):
        tests = _tests(operand)
        return _whole(
            lambda value: (
                isinstance(value, list)
                and any(all(test((element,)) for test in tests) for element in value)
            )
        )
    matches = compile_filter(operand)
    return _whole(
        lambda value: (
            isinstance(value, list)
            and any(matches(_fields(element)) for element in value if _has_fields(element))
        )
    )


def _has_fields(element: Any) -> bool:
    return isinstance(element, dict | list)


def _fields(element: Any) -> Document:
    """An array in an array has its positions for fields."""
    return {str(n): v for n, v in enumerate(element)} if isinstance(element, list) else element


_OPERATORS: dict[str, Callable[[Any], _PathTest]] = {
    "$eq": lambda operand: _any(_equal(operand)),
    "$ne": lambda operand: _not(_any(_equal(operand))),
    "$gt": lambda operand: _any(_ordered(bytes.__gt__, or_equal=False)(operand)),
    "$gte": lambda operand: _any(_ordered(bytes.__ge__, or_equal=True)(operand)),
    "$lt": lambda operand: _any(_ordered(bytes.__lt__, or_equal=False)(operand)),
    "$lte": lambda operand: _any(_ordered(bytes.__le__, or_equal=True)(operand)),
    "$in": _among,
    "$nin": lambda operand: _not(_among(operand)),
    "$exists": _exists,
    "$type": _of_type,
    "$regex": _regex_operator,
    "$not": _not_operator,
    "$size": _size,
    "$all": _all,
    "$elemMatch": _element_match,
}
