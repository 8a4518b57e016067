"""Designs as YAML that a person would write."""

from __future__ import annotations

import io
import re
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import (
    DoubleQuotedScalarString,
    FoldedScalarString,
    LiteralScalarString,
)

from simulator.domain.designs import Design
from simulator.files.shapes import Model, has_short_form

_WIDTH = 96
_LONG = 80
_ALWAYS = ("kind", "name")
_FOLDABLE = re.compile(r"\S+( \S+)*")
_BLOCK = re.compile(r"\S[^\n]*(\n|\n+[^\s][^\n]*)*")
_OLD_BOOLEANS = frozenset({"y", "n", "yes", "no", "on", "off"})
"""Quoted, because readers of YAML 1.1 take them for true and false."""
_PLAIN_KEY = re.compile(r"\w[\w .,/()'-]{0,60}")
_PLAIN_CHARACTERS = re.compile(r"[\n -~\u00a1-\u1fff\u2010-\u2027\u2030-\ud7ff\uf900-\ufdcf]*")


def write_design(design: Design) -> str:
    """YAML that `read_design` reads back as the same design.

    Fields at their defaults are left out, lists of titled things become mappings, and long texts
    stand in blocks.
    """
    document = _record(design)
    yaml: Any = YAML()
    yaml.width = _WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.representer.add_representer(type(None), _null)
    stream = io.StringIO()
    yaml.dump(_styled(document), stream)
    return stream.getvalue()


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
    return _nested(written) if isinstance(written, list) and written else None


def _nested(records: list[Any]) -> dict[str, Any] | None:
    """Records as nested mappings; None when two would share a place or a key is no text."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for item in records:
        if not isinstance(item, dict) or not item:
            return None
        first, *rest = item
        if not isinstance(item[first], str):
            return None
        groups.setdefault(item[first], []).append({key: item[key] for key in rest})
    nested: dict[str, Any] = {}
    for key, group in groups.items():
        if len(group[0]) <= 1:
            if len(group) > 1:
                return None
            value: Any = next(iter(group[0].values()), {})
            nested[key] = value
            if isinstance(value, list) and all(isinstance(entry, dict) for entry in value):
                inner = _nested(value)
                if inner is None:
                    return None
                nested[key] = inner
        else:
            inner = _nested(group)
            if inner is None:
                return None
            nested[key] = inner
    return nested


# ---------------------------------------------------------------- style


def _null(representer: Any, _: None) -> Any:
    return representer.represent_scalar("tag:yaml.org,2002:null", "null")


def _styled(value: Any) -> Any:
    if isinstance(value, dict):
        return {_key(key): _styled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_styled(item) for item in value]
    return _text(value) if isinstance(value, str) else value


def _key(key: Any) -> Any:
    if not isinstance(key, str):
        return key
    plain = _PLAIN_KEY.fullmatch(key) and key.lower() not in _OLD_BOOLEANS
    return key if plain else DoubleQuotedScalarString(key)


def _text(text: str) -> Any:
    if not _PLAIN_CHARACTERS.fullmatch(text) or text.lower() in _OLD_BOOLEANS:
        return DoubleQuotedScalarString(text)
    if "\n" in text and _BLOCK.fullmatch(text):
        return LiteralScalarString(text)
    if "\n" not in text and len(text) <= _LONG:
        return text
    return FoldedScalarString(text) if _FOLDABLE.fullmatch(text) else DoubleQuotedScalarString(text)
