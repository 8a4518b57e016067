"""Updates: replacements, operators and pipelines, and what an upsert inserts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bson import Int64, Regex, Timestamp

from tests.servers.mongo.clock import CLOCK
from tests.servers.mongo.errors import CommandError, names, not_implemented
from tests.servers.mongo.matching import compile_filter, is_operators
from tests.servers.mongo.projecting import update_stages
from tests.servers.mongo.values import (
    MISSING,
    Document,
    decode,
    encode,
    is_number,
    key,
    same,
    shown,
    split_path,
    type_name,
)

_KNOWN = names("$mul $rename $pop $pullAll $bit")
_INT32, _INT64 = 1 << 31, 1 << 63


@dataclass(frozen=True, slots=True)
class Update:
    """A way to change a document."""

    apply: Callable[[Document], Document]
    """The document after the change; may reuse or change the one that it is given."""
    insert: Callable[[Document], Document]
    """The same for a document that is about to be inserted."""
    is_replacement: bool = False


def compile_update(spec: Any, *, multi: bool = False) -> Update:
    """The update as a function. Raises CommandError for what it must not contain."""
    if isinstance(spec, list):
        stages = update_stages(spec)
        return Update(stages, stages)
    if not isinstance(spec, dict):
        raise CommandError(9, "Update argument must be either an object or an array")
    if not next(iter(spec), "").startswith("$"):
        return _replacement(spec, multi=multi)
    changes = _changes(spec)

    def apply(document: Document) -> Document:
        for change in changes:
            if change.operator != "$setOnInsert":
                change.make(document)
        return document

    def insert(document: Document) -> Document:
        for change in changes:
            change.make(document)
        return document

    return Update(apply, insert)


def _replacement(spec: Document, *, multi: bool) -> Update:
    if multi:
        raise CommandError(9, "multi update is not supported for replacement-style update")
    for name in spec:
        if name.startswith("$"):
            raise _dollar_prefixed(name, name)

    def apply(document: Document) -> Document:
        identity = {"_id": document["_id"]} if "_id" in document else {}
        return identity | spec

    return Update(apply, apply, is_replacement=True)


def _dollar_prefixed(part: str, path: str) -> CommandError:
    return CommandError(52, f"The dollar ($) prefixed field '{part}' in '{path}' is not allowed "
                        "in the context of an update's replacement document. Consider using an "
                        "aggregation pipeline with $replaceWith.")  # fmt: skip


# ---------------------------------------------------------------- operators


@dataclass(frozen=True, slots=True)
class _Change:
    path: str
    operator: str
    argument: Any

    def order(self) -> list[tuple[int, int, str]]:
        """The server makes changes in the order of their paths, whatever the order they came in."""
        return [
            (0, int(part), "") if part.isdigit() else (1, 0, part) for part in split_path(self.path)
        ]

    def make(self, document: Document) -> None:
        parts = split_path(self.path)
        before = get_path(document, parts)
        _OPERATORS[self.operator](self, document, parts, before)
        if parts[0] == "_id" and before is not MISSING:
            after = get_path(document, parts)
            if after is MISSING or not same(before, after):
                raise CommandError(66, f"Performing an update on the path '{self.path}' would "
                                   "modify the immutable field '_id'")  # fmt: skip


def _changes(spec: Document) -> list[_Change]:
    changes: list[_Change] = []
    for operator, fields in spec.items():
        if operator in _KNOWN:
            raise not_implemented(f"the update operator {operator}")
        if operator not in _OPERATORS:
            raise CommandError(9, f"Unknown modifier: {operator}. Expected a valid update modifier "
                               "or pipeline-style update specified as an array")  # fmt: skip
        if not isinstance(fields, dict):
            raise CommandError(9, f"Modifiers operate on fields but we found type "
                               f"{type_name(fields)} instead. For example: {{$mod: {{<field>: "
                               f"...}}}} not {{{operator}: {shown(fields)}}}")  # fmt: skip
        for path, argument in fields.items():
            _check_path(path)
            if operator in _ARGUMENTS:
                _ARGUMENTS[operator](path, argument)
            changes.append(_Change(path, operator, argument))
    paths: list[str] = []
    for change in changes:
        for path in paths:
            shorter, longer = sorted((path, change.path), key=len)
            if f"{longer}.".startswith(f"{shorter}."):
                raise CommandError(
                    40, f"Updating the path '{change.path}' would create a conflict at '{shorter}'"
                )
        paths.append(change.path)
    return sorted(changes, key=_Change.order)


def _check_path(path: str) -> None:
    parts = split_path(path)
    if not path or not all(parts):
        raise CommandError(56, "An empty update path is not valid." if not path else
                           f"The update path '{path}' contains an empty field name, which is not "
                           "allowed.")  # fmt: skip
    for part in parts:
        if re.fullmatch(r"\$(\[.*\])?", part):
            raise not_implemented("positional updates")
        if part.startswith("$"):
            raise _dollar_prefixed(part, path)


def get_path(value: Any, parts: list[str]) -> Any:
    """What an update's path leads to; MISSING for nothing."""
    for part in parts:
        if isinstance(value, dict):
            value = value.get(part, MISSING)
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return MISSING
    return value


def set_path(document: Document, parts: list[str], value: Any) -> None:
    """Put a value where the path leads, making the documents on the way."""
    place: Any = document
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if isinstance(place, dict):
            if last:
                place[part] = value
            elif part not in place:
                place[part] = {}
        elif isinstance(place, list) and part.isdigit():
            at = int(part)
            if at - len(place) > 1_500_000:
                raise CommandError(2, "can't backfill more than 1500000 elements")
            place += [None] * (at - len(place))
            if last:
                place[at : at + 1] = [value]
            elif at == len(place):
                place.append({})
        else:
            name = parts[number - 1]
            raise CommandError(28, f"Cannot create field '{part}' in element "
                               f"{{{name}: {shown(place)}}}")  # fmt: skip
        if not last:
            place = place[int(part)] if isinstance(place, list) else place[part]


def _unset(document: Document, parts: list[str]) -> None:
    holder = get_path(document, parts[:-1])
    if isinstance(holder, dict):
        holder.pop(parts[-1], None)
    elif isinstance(holder, list) and get_path(holder, parts[-1:]) is not MISSING:
        holder[int(parts[-1])] = None


def _copied(value: Any) -> Any:
    """The value for one document, apart from the update that many documents share."""
    return decode(encode({"": value}))[""] if isinstance(value, dict | list) else value


def _apply_set(change: _Change, document: Document, parts: list[str], before: Any) -> None:
    set_path(document, parts, _copied(change.argument))


def _apply_unset(change: _Change, document: Document, parts: list[str], before: Any) -> None:
    _unset(document, parts)


def _apply_inc(change: _Change, document: Document, parts: list[str], before: Any) -> None:
    if before is MISSING:
        set_path(document, parts, change.argument)
        return
    if not is_number(before):
        raise CommandError(14, "Cannot apply $inc to a value of non-numeric type. {_id: "
                           f"{shown(document.get('_id'))}}} has the field '{parts[-1]}' of "
                           f"non-numeric type {type_name(before)}")  # fmt: skip
    total = before + change.argument
    pair = (before, change.argument)
    if any(isinstance(value, float) for value in pair):
        total = float(total)
    elif any(isinstance(value, Int64) for value in pair) or not -_INT32 <= total < _INT32:
        if not -_INT64 <= total < _INT64:
            raise CommandError(2, "Failed to apply $inc operations to current value "
                               f"({shown(before)}) for document {{_id: "
                               f"{shown(document.get('_id'))}}}")  # fmt: skip
        total = Int64(total)
    set_path(document, parts, total)


def _apply_min(change: _Change, document: Document, parts: list[str], before: Any) -> None:
    if before is MISSING or key(change.argument) < key(before):
        set_path(document, parts, _copied(change.argument))


def _apply_max(change: _Change, document: Document, parts: list[str], before: Any) -> None:
    if before is MISSING or key(change.argument) > key(before):
        set_path(document, parts, _copied(change.argument))


def _apply_push(change: _Change, document: Document, parts: list[str], before: Any) -> None:
    if before is not MISSING and not isinstance(before, list):
        raise CommandError(2, f"The field '{change.path}' must be an array but is of type "
                           f"{type_name(before)} in document {{_id: "
                           f"{shown(document.get('_id'))}}}")  # fmt: skip
    start = before if isinstance(before, list) else []
    set_path(document, parts, start + _copied(_each(change.argument)))


def _apply_add_to_set(change: _Change, document: Document, parts: list[str], before: Any) -> None:
    if before is not MISSING and not isinstance(before, list):
        raise CommandError(2, "Cannot apply $addToSet to non-array field. Field named "
                           f"'{parts[-1]}' has non-array type {type_name(before)}")  # fmt: skip
    values = before if isinstance(before, list) else []
    known = set(map(key, values))
    for value in _copied(_each(change.argument)):
        if key(value) not in known:
            known.add(key(value))
            values = [*values, value]
    set_path(document, parts, values)


def _each(argument: Any) -> list[Any]:
    if isinstance(argument, dict) and "$each" in argument:
        return list(argument["$each"])
    return [argument]


def _apply_pull(change: _Change, document: Document, parts: list[str], before: Any) -> None:
    if before is MISSING:
        return
    if not isinstance(before, list):
        raise CommandError(2, "Cannot apply $pull to a non-array value")
    goes = _pulled(change.argument)
    set_path(document, parts, [value for value in before if not goes(value)])


def _pulled(argument: Any) -> Callable[[Any], bool]:
    if isinstance(argument, Regex) or is_operators(argument):
        matches = compile_filter({"": argument})
        return lambda value: matches({"": value})
    if isinstance(argument, dict):
        matches = compile_filter(argument)
        return lambda value: isinstance(value, dict) and matches(value)
    wanted = key(argument)
    return lambda value: key(value) == wanted


def _apply_current_date(change: _Change, document: Document, parts: list[str], before: Any) -> None:
    moment = CLOCK.now()
    if isinstance(change.argument, dict) and change.argument["$type"] == "timestamp":
        set_path(document, parts, Timestamp(int(moment) // 1000, 1))
    else:
        set_path(document, parts, moment)


def _check_number(path: str, argument: Any) -> None:
    if not is_number(argument):
        raise CommandError(14, f"Cannot increment with non-numeric argument: {{{path}: "
                           f"{shown(argument)}}}")  # fmt: skip


def _check_each(operator: str) -> Callable[[str, Any], None]:
    def check(path: str, argument: Any) -> None:
        if not isinstance(argument, dict) or "$each" not in argument:
            return
        for name in argument:
            if operator == "$push" and name in ("$slice", "$sort", "$position"):
                raise not_implemented(f"{name} in $push")
            if name != "$each":
                raise CommandError(2, f"Unrecognized clause in {operator}: {name}")
        if not isinstance(argument["$each"], list):
            raise CommandError(2 if operator == "$push" else 14, "The argument to $each in "
                               f"{operator} must be an array but it was of type: "
                               f"{type_name(argument['$each'])}")  # fmt: skip

    return check


def _check_pull(path: str, argument: Any) -> None:
    _pulled(argument)


def _check_date(path: str, argument: Any) -> None:
    if isinstance(argument, bool):
        return
    if (
        not isinstance(argument, dict)
        or list(argument) != ["$type"]
        or (argument["$type"] not in ("date", "timestamp"))
    ):
        raise CommandError(2, "The '$type' string field is required to be 'date' or 'timestamp': "
                           "{$currentDate: {field : {$type: 'date'}}}")  # fmt: skip


_ARGUMENTS: dict[str, Callable[[str, Any], None]] = {
    "$inc": _check_number,
    "$push": _check_each("$push"),
    "$addToSet": _check_each("$addToSet"),
    "$pull": _check_pull,
    "$currentDate": _check_date,
}
"""What the arguments of an operator must be, checked before any document is read."""

_OPERATORS: dict[str, Callable[[_Change, Document, list[str], Any], None]] = {
    "$set": _apply_set,
    "$setOnInsert": _apply_set,
    "$unset": _apply_unset,
    "$inc": _apply_inc,
    "$min": _apply_min,
    "$max": _apply_max,
    "$push": _apply_push,
    "$addToSet": _apply_add_to_set,
    "$pull": _apply_pull,
    "$currentDate": _apply_current_date,
}
