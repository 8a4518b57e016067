"""Where the pairs of mappings and the entries of lists stand in a YAML text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from simulator.files.yaml_nodes import (
    colon_of,
    dashes,
    end_of,
    is_block,
    is_empty,
)

_BREAK = re.compile(r"[\r\n]|\Z")


@dataclass(frozen=True, slots=True)
class Span:
    """One pair of a mapping, or one entry of a list."""

    start: int
    """Index of the key, of the `?` before it, or of the dash."""
    head: int
    """Index behind the colon or the dash, from which on the value may stand."""
    end: int
    """Index behind the last character."""
    key: Node | None
    value: Node


def spans_of(node: Node, text: str) -> list[Span]:
    """The pairs or entries of a collection, in the order of the text."""
    if isinstance(node, MappingNode):
        return [_pair(key, value, text) for key, value in node.value]
    assert isinstance(node, SequenceNode)
    if not is_block(node):
        return [
            _entry(int(i.start_mark.index), int(i.start_mark.index), i, text) for i in node.value
        ]
    items = zip(dashes(node, text), node.value, strict=True)
    return [_entry(dash, dash + 1, item, text) for dash, item in items]


def _entry(start: int, head: int, value: Node, text: str) -> Span:
    return Span(start, head, head if is_empty(value) else end_of(value, text), None, value)


def _pair(key: Node, value: Node, text: str) -> Span:
    start = int(key.start_mark.index)
    before = text[:start].rstrip(" \t")
    if before.endswith("?") and text[len(before) : start] and _is_indicator(before):
        start = len(before) - 1
    colon = colon_of(key, text)
    head = end_of(key, text) if colon is None else colon + 1
    return Span(start, head, head if is_empty(value) else end_of(value, text), key, value)


def _is_indicator(before: str) -> bool:
    return before[:-1] == "" or before[-2] in " \t\r\n-{[,"


def line_start(text: str, index: int) -> int:
    """Index of the first character of a line."""
    return max(text.rfind("\n", 0, index), text.rfind("\r", 0, index)) + 1


def line_end(text: str, index: int) -> int:
    """Index of the break at the end of a line, or of the end of the text."""
    found = _BREAK.search(text, index)
    assert found is not None
    return found.start()


def next_line(text: str, index: int) -> int:
    """Index of the first character of the line that follows."""
    end = line_end(text, index)
    return end + (2 if text.startswith("\r\n", end) else 1 if end < len(text) else 0)


def is_first_on_line(text: str, index: int) -> bool:
    """Whether only blanks stand before a character on its line."""
    return not text[line_start(text, index) : index].strip(" \t\ufeff")


def lead_of(text: str, span: Span) -> int:
    """Index of the line at which a pair or an entry of a block begins with the comments above it.

    These are directly above it, at its own column, and not at the top of the text.
    """
    start = line_start(text, span.start)
    lead, indent = start, text[start : span.start]
    while lead > 0:
        above = line_start(text, lead - (2 if text.endswith("\r\n", 0, lead) else 1))
        if not text.startswith(f"{indent}#", above):
            return lead
        lead = above
    return start


def column_of(text: str, span: Span) -> int:
    """Columns to the left of a pair or an entry, on its line."""
    start = line_start(text, span.start)
    return span.start - start - text.startswith("\ufeff", start)
