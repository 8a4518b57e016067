"""Designs as YAML that a person would write."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from simulator.domain.designs import Design
from simulator.files.shapes import Model, has_short_form
from simulator.files.short_forms import nested
from simulator.files.styles import dumped

_ALWAYS = ("kind", "name")


def write_design(design: Design) -> str:
    """YAML that `read_design` reads back as the same design.

    Fields at their defaults are left out, lists of titled things become mappings, and long texts
    stand in blocks.
    """
    return dumped(_record(design))


def _record(model: BaseModel) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        always = isinstance(model, Design) and name in _ALWAYS
        optional = not (always or field.is_required())
        if optional and value == field.get_default(call_default_factory=True, validated_data={}):
            continue
        written = _value(value)
        if has_short_form(field):
            written = _shortest(type(model), name, value, written)
        document[field.alias or name] = written
    return document


def _value(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return _record(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_value(item) for item in value]
    if isinstance(value, dict):
        return {key: _value(item) for key, item in value.items()}
    return value


def _shortest(model: Model, name: str, value: Any, written: Any) -> Any:
    short = _short(written)
    if short is None:
        return written
    try:
        same = _reader(model, name).validate_python(short) == value
    except (ValidationError, ValueError, TypeError, AttributeError):
        return written
    return short if same else written


@cache
def _reader(model: Model, name: str) -> TypeAdapter[Any]:
    field = model.model_fields[name]
    annotated: Any = Annotated[field.annotation, *field.metadata]
    return TypeAdapter(annotated)


def _short(written: Any) -> Any:
    if isinstance(written, dict):
        return next(iter(written.values())) if len(written) == 1 else None
    return nested(written) if isinstance(written, list) and written else None
