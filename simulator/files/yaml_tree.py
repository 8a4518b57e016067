"""YAML 1.2 read into a tree that remembers the line and column of every key and value.

Plain words follow the core schema, so `no` and `2024-01-01` stay texts. Tags are ignored, merge
keys (`<<`) are followed, and nothing in a file can make objects or run code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from simulator.files.malformed import (
    MAX_DEPTH,
    TOP,
    Fault,
    MalformedYamlError,
    Scalar,
    Spot,
    spot_of,
    too_deep,
)
from simulator.files.yaml_nodes import Address, Alias, compose, end_of, is_block, is_empty

MAX_VALUES = 200_000
"""Values after every alias is followed."""

_STR = "tag:yaml.org,2002:str"
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {word: word.lower() == "true" for word in
         ("true", "True", "TRUE", "false", "False", "FALSE")}  # fmt: skip
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL_FLOAT = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_MAX_DIGITS = 400


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping with its value."""

    key: Scalar
    spot: Spot
    """Where the key stands."""
    value: Tree
    position: int | None
    """Which pair of its mapping it is as written; None when `<<` brought it."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A value of a YAML file."""

    spot: Spot
    last_line: int
    """From 1; less than `spot.line` when nothing is written."""
    content: Scalar | list[Tree] | dict[Scalar, Entry]

    def plain(self) -> Any:
        """The value as dicts, lists and scalars."""
        if isinstance(self.content, dict):
            return {key: entry.value.plain() for key, entry in self.content.items()}
        if isinstance(self.content, list):
            return [item.plain() for item in self.content]
        return self.content

    def at(self, address: Address) -> Tree:
        """What stands at an address that `<<` has no part in."""
        tree = self
        for position in address:
            if isinstance(tree.content, dict):
                entries = tree.content.values()
                tree = next(entry.value for entry in entries if entry.position == position)
            elif isinstance(tree.content, list):
                tree = tree.content[position]
        return tree


def parse(text: str) -> tuple[Tree, list[Fault]]:
    """The tree of a text, and the keys that stand twice in it, of which the first is kept.

    Raises:
        MalformedYamlError: The text is not YAML, is nested too deeply, or grows too large when
            its aliases are followed.
    """
    return tree_of(compose(text), text)


def tree_of(node: Node | None, text: str) -> tuple[Tree, list[Fault]]:
    """As `parse`, of the outermost node of the text."""
    if node is None:
        return Tree(TOP, 0, None), []
    reader = _Reader(text)
    return reader.tree(node, ()), reader.faults


class _Reader:
    """Turns composed nodes into a tree."""

    def __init__(self, text: str) -> None:
        self.faults: list[Fault] = []
        self._text = text
        self._trees: dict[int, Tree] = {}
        self._sizes: dict[int, int] = {}
        self._open: list[int] = []

    def tree(self, node: Node, path: tuple[Scalar, ...]) -> Tree:
        if isinstance(node, Alias):
            target = self.tree(node.value, path)
            spot = spot_of(node.start_mark)
            tree = replace(target, spot=spot, last_line=spot.line)
            self._sizes[id(tree)] = self._sizes[id(target)]
            return tree
        identity = id(node)
        if identity in self._trees:
            return self._trees[identity]
        spot = spot_of(node.start_mark)
        if identity in self._open:
            raise MalformedYamlError(Fault(spot, path, "this value contains itself"))
        if len(self._open) >= MAX_DEPTH:
            raise too_deep(spot)
        self._open.append(identity)
        tree = Tree(spot, *self._content(node, spot, path))
        self._open.pop()
        self._trees[identity] = tree
        size = 1 + sum(self._sizes[id(below)] for below in _below(tree))
        if size > MAX_VALUES:
            message = f"aliases make this larger than {MAX_VALUES} values"
            raise MalformedYamlError(Fault(spot, path, message))
        self._sizes[id(tree)] = size
        return tree

    def _content(
        self, node: Node, spot: Spot, path: tuple[Scalar, ...]
    ) -> tuple[int, Scalar | list[Tree] | dict[Scalar, Entry]]:
        """The last line of a node and what it holds."""
        if isinstance(node, MappingNode):
            entries = self._mapping(node, path)
            own = [entry for entry in entries.values() if entry.position is not None]
            lines = [max(entry.spot.line, entry.value.last_line) for entry in own]
            return max([self._last_line(node), *lines]), entries
        if isinstance(node, SequenceNode):
            items = [self.tree(item, (*path, n)) for n, item in enumerate(node.value)]
            lines = [max(item.spot.line, item.last_line) for item in items]
            return max([self._last_line(node), *lines]), items
        content = _scalar(node)
        if isinstance(content, float) and not isfinite(content):
            self.faults.append(Fault(spot, path, "must be a finite number"))
        return self._last_line(node), content

    def _last_line(self, node: Node) -> int:
        """Of a node by itself; 0 where its parts tell, or nothing is written."""
        if is_empty(node) or (is_block(node) and not isinstance(node, ScalarNode)):
            return 0
        mark = node.end_mark
        if not is_block(node):
            return int(mark.line) + 1
        return int(mark.line) + 1 - self._text.count("\n", end_of(node, self._text), mark.index)

    def _mapping(self, node: MappingNode, path: tuple[Scalar, ...]) -> dict[Scalar, Entry]:
        entries: dict[Scalar, Entry] = {}
        merged: list[Tree] = []
        for position, (key_node, value_node) in enumerate(node.value):
            spot = spot_of(key_node.start_mark)
            written = key_node.value if isinstance(key_node, Alias) else key_node
            if not isinstance(written, ScalarNode):
                message = "a key must be a text, not a list or a mapping"
                raise MalformedYamlError(Fault(spot, path, message))
            key = _scalar(written)
            where = (*path, key)
            if key == "<<" and written.style is None:
                merged.append(self.tree(value_node, where))
                continue
            if key in entries:
                first = entries[key].spot.line
                self.faults.append(Fault(spot, where, f"this key stands twice; see line {first}"))
                continue
            entries[key] = Entry(key, spot, self.tree(value_node, where), position)
        for tree in merged:
            for entry in _merged(tree):
                entries.setdefault(entry.key, replace(entry, position=None))
        return entries


def _below(tree: Tree) -> Iterator[Tree]:
    if isinstance(tree.content, dict):
        yield from (entry.value for entry in tree.content.values())
    elif isinstance(tree.content, list):
        yield from tree.content


def _merged(tree: Tree) -> Iterator[Entry]:
    for source in tree.content if isinstance(tree.content, list) else [tree]:
        if not isinstance(source.content, dict):
            raise MalformedYamlError(Fault(tree.spot, (), "`<<` needs a mapping to take over"))
        yield from source.content.values()


def _scalar(node: Any) -> Scalar:
    text: str = node.value
    if node.style is not None or (str(node.tag) == _STR and text not in _NULL):
        return text
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if len(text) > _MAX_DIGITS:
        return text
    if _INT.fullmatch(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _SPECIAL_FLOAT.fullmatch(text):
        return float(text.replace(".", ""))
    return text
