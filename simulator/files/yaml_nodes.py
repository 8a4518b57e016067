"""YAML as nodes that know where they begin and end in the text, aliases among them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from simulator.files.malformed import (
    TOP,
    Fault,
    MalformedYamlError,
    malformed,
    too_deep,
    unreadable,
)

Address = tuple[int, ...]
"""Positions from the outermost node down: which pair of a mapping, which entry of a list."""

_BLANK = re.compile(r"(?:[ \t\r\n\ufeff]+|#[^\r\n]*)*")
_LAST_BREAK = re.compile(r"(\r\n|[\r\n])\Z")


class Alias(Node):
    """An alias such as `*goal`; `value` is the node that it stands for."""

    __slots__ = ()
    id = "alias"


class _Composer(Composer):
    """Keeps aliases as nodes of their own, and lets an anchor be used again without a warning."""

    def __init__(self, loader: Any = None) -> None:
        super().__init__(loader)
        self.warn_double_anchors = False

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.parser.peek_event()
        node = super().compose_node(parent, index)
        if isinstance(event, AliasEvent):
            return Alias(node.tag, node, event.start_mark, event.end_mark)
        return node


def compose(text: str) -> Node | None:
    """The outermost node of a text; None when there is nothing in it.

    Raises:
        MalformedYamlError: The text is not YAML, or is nested far too deeply.
    """
    yaml: Any = YAML(typ="safe", pure=True)
    yaml.Composer = _Composer
    try:
        node: Node | None = yaml.compose(text)
    except MarkedYAMLError as error:
        raise MalformedYamlError(malformed(error, text)) from None
    except ReaderError as error:
        raise MalformedYamlError(unreadable(error, text)) from None
    except RecursionError:
        raise too_deep(TOP) from None
    except (YAMLError, ValueError, OverflowError, AttributeError) as error:
        message = f"this is not YAML: {str(error).splitlines()[0] if str(error) else 'malformed'}"
        raise MalformedYamlError(Fault(TOP, (), message)) from None
    return node


def is_empty(node: Node) -> bool:
    """Whether nothing is written where a value could be, as behind `name:`."""
    if not isinstance(node, ScalarNode):
        return False
    return node.style is None and node.start_mark.index == node.end_mark.index


def is_block(node: Node) -> bool:
    """Whether a node has lines of its own, told by their indentation."""
    if isinstance(node, ScalarNode):
        return node.style in ("|", ">")
    return isinstance(node, (MappingNode, SequenceNode)) and not node.flow_style


def children(node: Node) -> list[Node]:
    """Keys and values of a mapping, or entries of a list, in the order of the text."""
    if isinstance(node, MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, SequenceNode) else []


def next_in(text: str, index: int) -> int:
    """Index of the next character that is no blank, line break or comment."""
    found = _BLANK.match(text, index)
    return found.end() if found else index


def begin_of(node: Node, text: str) -> int:
    """Index of a node's first character behind its anchor and tag."""
    index = int(node.start_mark.index)
    while text[index : index + 1] in ("&", "!") and not isinstance(node, Alias):
        while text[index : index + 1].strip():
            index += 1
        index = next_in(text, index)
    return index


def colon_of(key: Node, text: str) -> int | None:
    """Index of the colon behind a key; None when there is none."""
    index = next_in(text, end_of(key, text))
    return index if text[index : index + 1] == ":" else None


def end_of(node: Node, text: str) -> int:
    """Index behind the last character of a node that is not empty, without what follows it.

    Blank lines behind a block are no part of it, unless it keeps them as `|+` does.
    """
    start, end = int(node.start_mark.index), int(node.end_mark.index)
    if not is_block(node):
        return end
    if isinstance(node, MappingNode):
        key, value = node.value[-1]
        if not is_empty(value):
            return end_of(value, text)
        colon = colon_of(key, text)
        return end_of(key, text) if colon is None else colon + 1
    if isinstance(node, SequenceNode):
        *_, dash = dashes(node, text)
        return dash + 1 if is_empty(node.value[-1]) else end_of(node.value[-1], text)
    assert isinstance(node, ScalarNode)
    written = text[start:end]
    lines = written.split("\n")
    if "+" in text[begin_of(node, text) : start + len(lines[0])].partition("#")[0]:
        return end - len(written) + len(_LAST_BREAK.sub("", written))
    if node.style == "|" and node.value.strip("\n"):
        # Lines of blanks only may be part of it, as far as it has lines.
        count = node.value.rstrip("\n").count("\n") + 1
        return start + len("\n".join(lines[: 1 + count]).removesuffix("\r"))
    return start + len(written.rstrip(" \t\r\n"))


def dashes(node: SequenceNode, text: str) -> Iterator[int]:
    """Indices of the dashes before the entries of a block list."""
    index = begin_of(node, text)
    for item in node.value:
        yield index
        index = next_in(text, index + 1 if is_empty(item) else end_of(item, text))
