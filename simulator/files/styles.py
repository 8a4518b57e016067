"""How values look in YAML that a person would write."""

from __future__ import annotations

import io
import re
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import (
    DoubleQuotedScalarString,
    FoldedScalarString,
    LiteralScalarString,
)

WIDTH = 96
"""Columns up to which long texts are folded."""
_LONG = 80
_FOLDABLE = re.compile(r"\S+( \S+)*")
_BLOCK = re.compile(r"\S[^\n]*(\n|\n+[^\s][^\n]*)*")
_OLD_BOOLEANS = frozenset({"y", "n", "yes", "no", "on", "off"})
"""Quoted, because readers of YAML 1.1 take them for true and false."""
_PLAIN_KEY = re.compile(r"\w[\w .,/()'-]{0,60}")
_PLAIN_CHARACTERS = re.compile(r"[\n -~\u00a1-\u1fff\u2010-\u2027\u2030-\ud7ff\uf900-\ufdcf]*")


def dumped(value: Any, *, width: int = WIDTH) -> str:
    """A value as YAML, its long texts in blocks."""
    yaml: Any = YAML()
    yaml.width = width
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.representer.add_representer(type(None), _null)
    stream = io.StringIO()
    yaml.dump(_styled(value), stream)
    return stream.getvalue()


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
