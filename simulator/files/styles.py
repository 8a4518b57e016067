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
    SingleQuotedScalarString,
)

_WIDTH = 96
"""Columns up to which long texts are folded."""
_NARROWEST = 40
"""Columns that a folded text has at least, however deep it stands."""
_LONG = 80
_STEP = 2
_UNLIMITED = 10**9
_FOLD = re.compile(r"(?<=\S) (?=\S)")
"""Where a line of a folded text may end."""
_OLD_BOOLEANS = frozenset({"y", "n", "yes", "no", "on", "off"})
"""Quoted, because readers of YAML 1.1 take them for true and false."""
_PLAIN_KEY = re.compile(r"\w[\w .,/()'-]{0,60}")
_SIMPLE = re.compile(r"\w[\w ./()'-]*")
_PLAIN_CHARACTERS = re.compile(
    r"[\n -~\u00a1-\u1fff\u2010-\u2027\u2030-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe\uff00-\uffef"
    r"\U00010000-\U000effff]*"
)
"""None that cannot be seen, or that readers of YAML treat differently."""


def dumped(value: Any, *, indent: int = 0, like: str | None = None, in_quotes: bool = False) -> str:
    """A value as YAML, its long texts in blocks.

    Args:
        value: Dicts, lists and scalars.
        indent: Columns that what is returned will be moved to the right.
        like: How the text that it is to replace is written, `|`, `>` or a quote, to be kept if it
            suits the new one; for all texts in the value.
        in_quotes: Whether texts stand on one line each, in quotes unless they are simple.
    """
    return _yaml(_on_one_line(value) if in_quotes else _styled(value, indent, like))


def in_brackets(value: Any) -> str:
    """A value as YAML on one line, for lists and mappings in brackets."""
    written = _yaml({"k": _on_one_line(value)}, in_brackets=True)
    return written.strip().removeprefix("{k: ").removesuffix("}")


def needs_lines(value: Any) -> bool:
    """Whether a value holds a text that is hard to read on one line."""
    if isinstance(value, dict):
        return any(needs_lines(item) for item in value.values())
    if isinstance(value, list):
        return any(needs_lines(item) for item in value)
    return isinstance(value, str) and (len(value) > _LONG or "\n" in value)


def _yaml(styled: Any, *, in_brackets: bool = False) -> str:
    yaml: Any = YAML()
    # Folded texts bring their own line breaks; ruamel loses spaces where it breaks quoted ones.
    yaml.width = _UNLIMITED
    yaml.default_flow_style = in_brackets
    yaml.indent(mapping=_STEP, sequence=2 * _STEP, offset=_STEP)
    yaml.representer.add_representer(type(None), _null)
    stream = io.StringIO()
    yaml.dump(styled, stream)
    return stream.getvalue()


def _null(representer: Any, _: None) -> Any:
    return representer.represent_scalar("tag:yaml.org,2002:null", "null")


def _styled(value: Any, indent: int, like: str | None) -> Any:
    if isinstance(value, dict):
        return {_key(key): _styled(item, indent + _STEP, like) for key, item in value.items()}
    if isinstance(value, list):
        return [_styled(item, indent + 2 * _STEP, like) for item in value]
    return _text(value, indent, like) if isinstance(value, str) else value


def _on_one_line(value: Any) -> Any:
    if isinstance(value, dict):
        return {_key(key): _on_one_line(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_on_one_line(item) for item in value]
    if not isinstance(value, str) or (_SIMPLE.fullmatch(value) and _is_plain(value)):
        return value
    return DoubleQuotedScalarString(value)


def _key(key: Any) -> Any:
    if not isinstance(key, str):
        return key
    plain = _PLAIN_KEY.fullmatch(key) and key.lower() not in _OLD_BOOLEANS
    return key if plain else DoubleQuotedScalarString(key)


def _is_plain(text: str) -> bool:
    return bool(_PLAIN_CHARACTERS.fullmatch(text)) and text.lower() not in _OLD_BOOLEANS


def _text(text: str, indent: int, like: str | None) -> Any:
    if not _is_plain(text):
        return DoubleQuotedScalarString(text)
    is_block = len(text) > _LONG or "\n" in text or like in ("|", ">")
    if is_block and text.strip():
        folds = "\n" not in text and like != "|" and not text.startswith(" ")
        return _folded(text, indent) if folds else LiteralScalarString(text)
    if like == "'":
        return SingleQuotedScalarString(text)
    return DoubleQuotedScalarString(text) if like == '"' or is_block else text


def _folded(text: str, indent: int) -> Any:
    """A text in lines of full width; ruamel breaks them too late."""
    folded: Any = FoldedScalarString(text)
    width = max(_WIDTH - indent, _NARROWEST)
    folded.fold_pos, begin, latest = [], 0, None
    for space in [*(found.start() for found in _FOLD.finditer(text)), len(text)]:
        if space - begin > width and latest is not None:
            folded.fold_pos.append(latest)
            begin = latest + 1
        latest = space
    return folded
