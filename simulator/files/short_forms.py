"""Values in the short forms that `simulator.files.shapes` describes."""

from __future__ import annotations

from typing import Any

from pydantic import JsonValue

from simulator.files.shapes import Model, fields_of, has_short_form, item_type, models, record


def shortened(value: JsonValue, annotation: Any, *, short: bool = False) -> Any:
    """A value in long form as people would write it, known fields first.

    What has no short form, such as a section without a title, stays as it is.

    Args:
        value: The value.
        annotation: Its type; None where it is not known.
        short: Whether it may be written shorter than its type says.
    """
    if isinstance(value, dict):
        return _shortened_record(value, annotation, short=short)
    if not isinstance(value, list):
        return value
    model = record(annotation) if short else None
    if model and value:
        records = [complete(item, model) for item in value]
        found = None if None in records else nested(records)
        if found is not None:
            return found
    return [shortened(item, item_type(annotation)) for item in value]


def _shortened_record(value: dict[str, JsonValue], annotation: Any, *, short: bool) -> Any:
    fields = fields_of(models(annotation))
    names = [*(name for name in fields if name in value), *(n for n in value if n not in fields)]
    written: dict[str, Any] = {}
    for name in names:
        field = fields.get(name)
        type_ = field.annotation if field else item_type(annotation)
        may_be_short = field is not None and has_short_form(field)
        written[name] = shortened(value[name], type_, short=may_be_short)
    first = next(iter(fields), None)
    if short and len(models(annotation)) == 1 and names == [first]:
        only = written[names[0]]
        return only if isinstance(only, str) else written
    return written


def complete(item: JsonValue, model: Model) -> dict[str, Any] | None:
    """A record with all fields of its model in their order; None when it has others.

    A list of records that is left out is an empty one.
    """
    fields = fields_of((model,))
    if not isinstance(item, dict) or set(item) - set(fields):
        return None
    *keys, last = fields
    inner = record(fields[last].annotation)
    if any(key not in item for key in keys) or (inner is None and last not in item):
        return None
    value: Any = item.get(last, [])
    if isinstance(value, list) != (inner is not None):
        return None
    if inner is not None:
        value = [complete(below, inner) for below in value]
        if None in value:
            return None
    return {**{key: item[key] for key in keys}, last: value}


def nested(records: list[Any]) -> dict[str, Any] | None:
    """Records as nested mappings; None when that cannot say the same.

    Two may not share a place, those of one first field must follow each other, and keys are texts.

    Args:
        records: Each with all of its fields, in the order of its model.
    """
    groups: dict[str, list[dict[str, Any]]] = {}
    latest = None
    for item in records:
        if not isinstance(item, dict) or not item:
            return None
        first, *rest = item
        key = item[first]
        if not isinstance(key, str) or (key in groups and key != latest):
            return None
        latest = key
        groups.setdefault(key, []).append({name: item[name] for name in rest})
    found: dict[str, Any] = {}
    for key, group in groups.items():
        if len(group[0]) <= 1:
            if len(group) > 1:
                return None
            value: Any = next(iter(group[0].values()), {})
            found[key] = value
            if isinstance(value, list) and all(isinstance(entry, dict) for entry in value):
                inner = nested(value)
                if inner is None:
                    return None
                found[key] = inner
        else:
            inner = nested(group)
            if inner is None:
                return None
            found[key] = inner
    return found
