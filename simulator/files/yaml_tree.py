"""YAML 1.2 read into a tree that remembers the line and column of every key and value.

Plain words follow the core schema, so `no` and `2024-01-01` stay texts. Tags are ignored, merge
keys (`<<`) are followed, and nothing in a file can make objects or run code.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any, Protocol

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

Scalar = str | int | float | bool | None

MAX_DEPTH = 60
MAX_VALUES = 200_000
"""Values after every alias is followed."""

_STR = "tag:yaml.org,2002:str"
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {word: word.lower() == "true" for word in
         ("true", "True", "TRUE", "false", "False", "FALSE")}  # fmt: skip
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL_FLOAT = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_SIMPLE_KEY = re.compile(r"[^\s.\[\]]([^.\[\]]*[^\s.\[\]])?")
_MAX_DIGITS = 400


@dataclass(frozen=True, order=True, slots=True)
class Spot:
    """A place in a text."""

    line: int
    """From 1."""
    column: int
    """From 1."""


TOP = Spot(1, 1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping with its value."""

    key: Scalar
    spot: Spot
    """Where the key stands."""
    value: Tree


@dataclass(frozen=True, slots=True)
class Tree:
    """A value of a YAML file."""

    spot: Spot
    content: Scalar | list[Tree] | dict[Scalar, Entry]

    def plain(self) -> Any:
        """The value as dicts, lists and scalars."""
        if isinstance(self.content, dict):
            return {key: entry.value.plain() for key, entry in self.content.items()}
        if isinstance(self.content, list):
            return [item.plain() for item in self.content]
        return self.content


@dataclass(frozen=True, order=True, slots=True)
class Fault:
    """Something wrong at a place of a file."""

    spot: Spot
    place: str
    """Keys from the top, such as `roles[0].count`; empty for the file as a whole."""
    message: str


class MalformedYamlError(ValueError):
    """The text is not YAML that we read; `fault` says where and why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def parse(text: str) -> tuple[Tree, list[Fault]]:
    """The tree of a text, and the keys that stand twice in it, of which the first is kept.

    Raises:
        MalformedYamlError: The text is not YAML, is nested too deeply, or grows too large when
            its aliases are followed.
    """
    yaml: Any = YAML(typ="safe", pure=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReusedAnchorWarning)
            node = yaml.compose(text)
    except MarkedYAMLError as error:
        raise MalformedYamlError(_malformed(error, text)) from None
    except ReaderError as error:
        raise MalformedYamlError(_unreadable(error, text)) from None
    except RecursionError:
        raise _too_deep(TOP) from None
    except (YAMLError, ValueError, OverflowError, AttributeError) as error:
        message = f"this is not YAML: {str(error).splitlines()[0] if str(error) else 'malformed'}"
        raise MalformedYamlError(Fault(TOP, "", message)) from None
    if node is None:
        return Tree(TOP, None), []
    reader = _Reader()
    return reader.tree(node, ""), reader.faults


class _Reader:
    """Turns composed nodes into a tree."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._trees: dict[int, Tree] = {}
        self._sizes: dict[int, int] = {}
        self._open: list[int] = []

    def tree(self, node: Node, place: str) -> Tree:
        identity = id(node)
        if identity in self._trees:
            return self._trees[identity]
        spot = _spot(node.start_mark)
        if identity in self._open:
            raise MalformedYamlError(Fault(spot, place, "this value contains itself"))
        if len(self._open) >= MAX_DEPTH:
            raise _too_deep(spot)
        self._open.append(identity)
        content: Scalar | list[Tree] | dict[Scalar, Entry]
        size = 1
        if isinstance(node, MappingNode):
            content = self._mapping(node, place)
            size += sum(self._sizes[id(entry.value)] for entry in content.values())
        elif isinstance(node, SequenceNode):
            content = [self.tree(n, f"{place}[{i}]") for i, n in enumerate(node.value)]
            size += sum(self._sizes[id(item)] for item in content)
        else:
            content = _scalar(node)
            if isinstance(content, float) and not isfinite(content):
                self.faults.append(Fault(spot, place, "must be a finite number"))
        if size > MAX_VALUES:
            message = f"aliases make this larger than {MAX_VALUES} values"
            raise MalformedYamlError(Fault(spot, place, message))
        self._open.pop()
        tree = Tree(spot, content)
        self._trees[identity] = tree
        self._sizes[id(tree)] = size
        return tree

    def _mapping(self, node: MappingNode, place: str) -> dict[Scalar, Entry]:
        entries: dict[Scalar, Entry] = {}
        merged: list[Tree] = []
        for key_node, value_node in node.value:
            spot = _spot(key_node.start_mark)
            if not isinstance(key_node, ScalarNode):
                message = "a key must be a text, not a list or a mapping"
                raise MalformedYamlError(Fault(spot, place, message))
            key = _scalar(key_node)
            where = joined(place, key)
            if key == "<<" and key_node.style is None:
                merged.append(self.tree(value_node, where))
                continue
            if key in entries:
                first = entries[key].spot.line
                self.faults.append(Fault(spot, where, f"this key stands twice; see line {first}"))
                continue
            entries[key] = Entry(key, spot, self.tree(value_node, where))
        for tree in merged:
            for entry in _merged(tree):
                entries.setdefault(entry.key, entry)
        return entries


def _merged(tree: Tree) -> Iterator[Entry]:
    for source in tree.content if isinstance(tree.content, list) else [tree]:
        if not isinstance(source.content, dict):
            raise MalformedYamlError(Fault(tree.spot, "", "`<<` needs a mapping to take over"))
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


def joined(place: str, key: object) -> str:
    """A place with one more key, as people would write it."""
    name = str(key)
    simple = isinstance(key, str) and _SIMPLE_KEY.fullmatch(key) and key.isprintable()
    if simple and len(name) <= 60:
        return f"{place}.{name}" if place else name
    shown = name if len(name) <= 60 else f"{name[:57]}..."
    return f"{place}[{shown if not isinstance(key, str) else repr(shown)}]"


# ---------------------------------------------------------------- what is malformed


class _Mark(Protocol):
    line: int
    column: int


def _spot(mark: _Mark | None) -> Spot:
    return TOP if mark is None else Spot(mark.line + 1, mark.column + 1)


def _too_deep(spot: Spot) -> MalformedYamlError:
    message = f"the values are nested more than {MAX_DEPTH} deep"
    return MalformedYamlError(Fault(spot, "", message))


_QUOTE = "; put the text in quotes, or on lines of its own below `>-`"
_WORDS: tuple[tuple[str, str, str], ...] = (
    ("", r"could not find expected ':'", "a key needs a colon and a space after it"),
    ("", r"mapping values are not allowed here",
     "a colon stands where no key can be: either the indentation does not fit the line above,"
     f" or a text has a colon in it{_QUOTE}"),
    ("", r"sequence entries are not allowed here", "a list must begin on a line of its own"),
    ("", r"found character '\\t'", "a tab indents this line; use spaces"),
    ("", r"found character '(.)' that", rf"a text cannot begin with `{{0}}`{_QUOTE}"),
    ("quoted scalar", r"unexpected (end of stream|document separator)",
     "the quote that opens on line {context} is never closed"),
    ("", r"found unknown escape character '(.*)'",
     r"`\{0}` is no escape; write `\\{0}`, or use single quotes"),
    ("flow", r"expected ',' or '(.)'",
     "the bracket that opens on line {context} needs a comma or `{0}` here"),
    ("", r"expected '<document start>'", "nothing may follow here; a bracket or quote is too many"),
    ("block", r"expected <block end>, but found '<scalar>'",
     "this text does not belong to anything: a quote ends too early, or the indentation does not"
     " fit the lines above"),
    ("block", r"expected <block end>",
     "the indentation does not fit the lines above; the block began on line {context}"),
    ("", r"found undefined alias '(.*)'", "there is no `&{0}` before this `*{0}`"),
    ("block scalar", r"expected", "after `|` or `>` the text begins on the next line, indented"),
    ("single document", r"", "only one document can stand in a file; remove the `---`"),
)  # fmt: skip


def _malformed(error: Any, text: str) -> Fault:
    problem, context = str(error.problem or ""), str(error.context or "")
    spot = _spot(error.problem_mark or error.context_mark)
    begun = _spot(error.context_mark).line
    for where, pattern, words in _WORDS:
        match = re.search(pattern, problem)
        if where in context and match:
            if "unexpected" in pattern:
                spot = _spot(error.context_mark)
            return Fault(spot, "", words.format(*match.groups(), context=begun))
    line = text.split("\n")[spot.line - 1] if spot.line <= text.count("\n") + 1 else ""
    if "\t" in line[: spot.column]:
        return Fault(spot, "", "a tab indents this line; use spaces")
    return Fault(spot, "", f"this is not YAML: {problem or context}")


def _unreadable(error: Any, text: str) -> Fault:
    at = int(error.position)
    line = text.count("\n", 0, at) + 1
    spot = Spot(line, at - text.rfind("\n", 0, at))
    character = ord(text[at]) if at < len(text) else 0
    message = (
        f"the character U+{character:04X} cannot stand in YAML; remove it, or write it as"
        f' "\\u{character:04X}" in double quotes'
    )
    return Fault(spot, "", message)
