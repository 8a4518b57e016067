"""Aggregation expressions, compiled so that mistakes are told before any document is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bson import DatetimeMS, Int64

from tests.servers.mongo.clock import CLOCK
from tests.servers.mongo.errors import CommandError, names, not_implemented
from tests.servers.mongo.values import (
    DATE,
    MISSING,
    NULL,
    STRING,
    Document,
    is_number,
    key,
    rank,
    split_path,
    type_name,
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression sees."""

    document: Document
    now: DatetimeMS = field(default_factory=CLOCK.now)


Expression = Callable[[Scope], Any]
"""Its value for a document; MISSING when it has none."""

_KNOWN_VARIABLES = names("CLUSTER_TIME REMOVE DESCEND PRUNE KEEP SEARCH_META")
_INT32, _INT64 = 1 << 31, 1 << 63


def truth(value: Any) -> bool:
    """Whether MongoDB takes the value for true: all but false, null, zero and nothing."""
    if rank(value) == NULL:
        return False
    return bool(value) if isinstance(value, bool | int | float) else True


def compile_expression(spec: Any) -> Expression:
    """The expression as a function. Raises CommandError for what it must not contain."""
    if isinstance(spec, str) and spec.startswith("$"):
        return _path(spec)
    if isinstance(spec, list):
        parts = [compile_expression(part) for part in spec]
        return lambda scope: [_or_null(part(scope)) for part in parts]
    if not isinstance(spec, dict):
        return lambda scope: spec
    operators = [name for name in spec if name.startswith("$")]
    if not operators:
        return _object({name: compile_expression(part) for name, part in spec.items()})
    if len(spec) > 1:
        raise CommandError(
            15983,
            "An object representing an expression must have exactly one field: " + ", ".join(spec),
        )
    name = operators[0]
    if name == "$literal":
        return lambda scope: spec[name]
    if name in _KNOWN:
        raise not_implemented(f"the expression {name}")
    if not is_known(name):
        raise CommandError(168, f"Unrecognized expression '{name}'")
    return _OPERATORS[name](spec[name])


def is_known(name: str) -> bool:
    """Whether MongoDB has an expression of this name."""
    return name == "$literal" or name in _OPERATORS or name in _KNOWN


def follow(value: Any, parts: Sequence[str]) -> Any:
    """What an expression's path leads to; through an array, the array of what its elements have."""
    for number, part in enumerate(parts):
        if isinstance(value, list):
            rest = parts[number:]
            found = [follow(element, rest) for element in value if isinstance(element, dict)]
            return [element for element in found if element is not MISSING]
        if not isinstance(value, dict):
            return MISSING
        value = value.get(part, MISSING)
    return value


def _path(spec: str) -> Expression:
    if not spec.startswith("$$"):
        parts = split_path(spec[1:])
        _check_path(parts)
        return lambda scope: follow(scope.document, parts)
    variable, *parts = split_path(spec[2:])
    _check_path(parts)
    if variable in ("ROOT", "CURRENT"):
        return lambda scope: follow(scope.document, parts)
    if variable == "NOW":
        return lambda scope: follow(scope.now, parts)
    if variable == "REMOVE":
        return lambda scope: MISSING
    if variable in _KNOWN_VARIABLES:
        raise not_implemented(f"the variable $${variable}")
    raise CommandError(17276, f"Use of undefined variable: {variable}")


def _check_path(parts: Sequence[str]) -> None:
    for part in parts:
        if not part:
            raise CommandError(15998, "FieldPath field names may not be empty strings.")
        if part.startswith("$"):
            raise CommandError(16410, "FieldPath field names may not start with '$'.")


def _object(fields: Mapping[str, Expression]) -> Expression:
    for name in fields:
        if "." in name:
            raise CommandError(16412, f"FieldPath field names may not contain '.': '{name}'")

    def evaluate(scope: Scope) -> Document:
        found = {name: part(scope) for name, part in fields.items()}
        return {name: value for name, value in found.items() if value is not MISSING}

    return evaluate


def _or_null(value: Any) -> Any:
    return None if value is MISSING else value


def _arguments(name: str, spec: Any, least: int, most: int | None) -> list[Expression]:
    given = spec if isinstance(spec, list) else [spec]
    if len(given) < least or (most is not None and len(given) > most):
        wanted = f"exactly {least}" if least == most else f"at least {least}"
        raise CommandError(
            16020, f"Expression {name} takes {wanted} arguments. {len(given)} were passed in."
        )
    return [compile_expression(part) for part in given]


def _compare_key(value: Any) -> bytes:
    """Unlike in a filter, no value is less than null."""
    return b"\x04" if value is MISSING else key(value)


def _comparison(name: str, holds: Callable[[bytes, bytes], bool]) -> Callable[[Any], Expression]:
    def make(spec: Any) -> Expression:
        one, other = _arguments(name, spec, 2, 2)
        return lambda scope: holds(_compare_key(one(scope)), _compare_key(other(scope)))

    return make


def _if_null(spec: Any) -> Expression:
    if not isinstance(spec, list) or len(spec) < 2:
        raise CommandError(1257300, "$ifNull needs at least two arguments, had: 1")
    parts = _arguments("$ifNull", spec, 2, None)

    def evaluate(scope: Scope) -> Any:
        value: Any = MISSING
        for part in parts:
            value = part(scope)
            if rank(value) != NULL:
                break
        return value

    return evaluate


def _condition(spec: Any) -> Expression:
    if isinstance(spec, dict):
        for name in spec:
            if name not in ("if", "then", "else"):
                raise CommandError(17083, f"Unrecognized parameter to $cond: {name}")
        for number, name in enumerate(("if", "then", "else")):
            if name not in spec:
                raise CommandError(17080 + number, f"Missing '{name}' parameter to $cond")
        spec = [spec["if"], spec["then"], spec["else"]]
    test, yes, no = _arguments("$cond", spec, 3, 3)
    return lambda scope: yes(scope) if truth(test(scope)) else no(scope)


def _and(spec: Any) -> Expression:
    parts = _arguments("$and", spec, 0, None)
    return lambda scope: all(truth(part(scope)) for part in parts)


def _or(spec: Any) -> Expression:
    parts = _arguments("$or", spec, 0, None)
    return lambda scope: any(truth(part(scope)) for part in parts)


def _negation(spec: Any) -> Expression:
    (part,) = _arguments("$not", spec, 1, 1)
    return lambda scope: not truth(part(scope))


def number_result(value: float, parts: Sequence[Any]) -> Any:
    """The result of arithmetic on these numbers, in the type that MongoDB gives it."""
    if any(isinstance(part, float) for part in parts):
        return float(value)
    if any(isinstance(part, Int64) for part in parts) or not -_INT32 <= value < _INT32:
        if not -_INT64 <= value < _INT64:
            return float(value)
        return Int64(int(value))
    return int(value)


def _add(spec: Any) -> Expression:
    parts = _arguments("$add", spec, 0, None)

    def evaluate(scope: Scope) -> Any:
        values = [part(scope) for part in parts]
        if any(rank(value) == NULL for value in values):
            return None
        dates = [value for value in values if rank(value) == DATE]
        numbers = [value for value in values if rank(value) != DATE]
        for value in numbers:
            if not is_number(value):
                raise CommandError(
                    14,
                    "$add only supports numeric or date types, not " + type_name(value),
                )
        if len(dates) > 1:
            raise CommandError(16612, "only one date allowed in an $add expression")
        if dates:
            return DatetimeMS(int(dates[0]) + round(sum(numbers)))
        return number_result(sum(numbers), numbers)

    return evaluate


def _subtract(spec: Any) -> Expression:
    one, other = _arguments("$subtract", spec, 2, 2)

    def evaluate(scope: Scope) -> Any:
        left, right = one(scope), other(scope)
        kinds = rank(left), rank(right)
        if NULL in kinds:
            return None
        if kinds == (DATE, DATE):
            return Int64(int(left) - int(right))
        if kinds[0] == DATE and is_number(right):
            return DatetimeMS(int(left) - round(right))
        if is_number(left) and is_number(right):
            return number_result(left - right, (left, right))
        raise CommandError(14, f"can't $subtract {type_name(right)} from {type_name(left)}")

    return evaluate


def _concat(spec: Any) -> Expression:
    parts = _arguments("$concat", spec, 0, None)

    def evaluate(scope: Scope) -> Any:
        values = [part(scope) for part in parts]
        for value in values:
            if rank(value) not in (STRING, NULL):
                raise CommandError(16702, f"$concat only supports strings, not {type_name(value)}")
        return None if any(rank(value) == NULL for value in values) else "".join(values)

    return evaluate


def _size(spec: Any) -> Expression:
    (part,) = _arguments("$size", spec, 1, 1)

    def evaluate(scope: Scope) -> int:
        value = part(scope)
        if not isinstance(value, list):
            raise CommandError(
                17124,
                f"The argument to $size must be an array, but was of type: {type_name(value)}",
            )
        return len(value)

    return evaluate


def _type(spec: Any) -> Expression:
    (part,) = _arguments("$type", spec, 1, 1)
    return lambda scope: type_name(part(scope))


def _in(spec: Any) -> Expression:
    one, other = _arguments("$in", spec, 2, 2)

    def evaluate(scope: Scope) -> bool:
        values = other(scope)
        if not isinstance(values, list):
            raise CommandError(40081, "$in requires an array as a second argument, found: "
                               f"{type_name(values)}")  # fmt: skip
        return _compare_key(one(scope)) in map(key, values)

    return evaluate


def _extreme(name: str, choose: Callable[..., Any]) -> Callable[[Any], Expression]:
    def make(spec: Any) -> Expression:
        parts = _arguments(name, spec, 1, None)

        def evaluate(scope: Scope) -> Any:
            values = [part(scope) for part in parts]
            if len(parts) == 1 and isinstance(values[0], list):
                values = values[0]
            return choose((v for v in values if rank(v) != NULL), key=key, default=None)

        return evaluate

    return make


_KNOWN = names(
    "$abs $accumulator $acos $allElementsTrue $anyElementTrue $arrayElemAt $arrayToObject $avg "
    "$ceil $cmp $concatArrays $convert $dateAdd $dateDiff $dateFromParts $dateFromString "
    "$dateSubtract $dateToParts $dateToString $dateTrunc $divide $exp $filter $first $floor "
    "$function $getField $indexOfArray $indexOfBytes $isArray $isNumber $last $let $ln $log $map "
    "$mergeObjects $mod $multiply $objectToArray $pow $range $reduce $regexFind $regexMatch "
    "$replaceAll $replaceOne $reverseArray $round $setDifference $setEquals $setField "
    "$setIntersection $setIsSubset $setUnion $slice $sortArray $split $sqrt $strLenBytes "
    "$strLenCP $strcasecmp $substr $substrBytes $substrCP $sum $switch $toBool $toDate $toDouble "
    "$toInt $toLong $toLower $toObjectId $toString $toUpper $trim $trunc $tsSecond $zip"
)

_OPERATORS: dict[str, Callable[[Any], Expression]] = {
    "$eq": _comparison("$eq", bytes.__eq__),
    "$ne": _comparison("$ne", bytes.__ne__),
    "$gt": _comparison("$gt", bytes.__gt__),
    "$gte": _comparison("$gte", bytes.__ge__),
    "$lt": _comparison("$lt", bytes.__lt__),
    "$lte": _comparison("$lte", bytes.__le__),
    "$and": _and,
    "$or": _or,
    "$not": _negation,
    "$cond": _condition,
    "$ifNull": _if_null,
    "$add": _add,
    "$subtract": _subtract,
    "$concat": _concat,
    "$size": _size,
    "$type": _type,
    "$in": _in,
    "$max": _extreme("$max", max),
    "$min": _extreme("$min", min),
}
