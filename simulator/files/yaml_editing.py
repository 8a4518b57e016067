"""Edits of a YAML text that leave every other character of it as it is.

What an edit makes of the values is for the caller to check: YAML has corners where what stands
beside an edit changes its meaning, such as a text that keeps the blank lines behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from simulator.errors import UsageError
from simulator.files import block_edits, bracket_edits
from simulator.files.styles import dumped, in_brackets
from simulator.files.yaml_nodes import (
    Address,
    Alias,
    begin_of,
    children,
    end_of,
    is_block,
    is_empty,
)
from simulator.files.yaml_spans import (
    Span,
    column_of,
    is_first_on_line,
    lead_of,
    line_end,
    spans_of,
)

_COMMENT = re.compile(r"[ \t]+#[^\r\n]*\Z")


class YamlText:
    """A text of which pairs and entries are changed by their addresses.

    Every edit raises UsageError for what stands in several places at once by an anchor.
    """

    def __init__(self, text: str, top: Node | None, *, in_quotes: bool = False) -> None:
        """Begin with a text and its outermost node; new texts may all be put in quotes."""
        self._text = text
        self._top = top
        self._break = "\r\n" if "\r\n" in text else "\n"
        self._in_quotes = in_quotes

    def put(self, address: Address, value: Any) -> str:
        """The text with another value in a pair or an entry, or as a whole."""
        if not address:
            return self._with_top(value)
        holder = self._nodes(address)[-2]
        span = self._spans(holder)[address[-1]]
        if not is_block(holder):
            return bracket_edits.put(self._text, span, in_brackets(value))
        column = column_of(self._text, span)
        like = span.value.style if isinstance(span.value, ScalarNode) else None
        first, *more = self._written(value, column, is_entry=span.key is None, like=like)
        comment, gap = self._comment(span), self._gap(span) if first else ""
        kept = self._text[line_end(self._text, span.end) :]
        return self._text[: span.head] + self._break.join([gap + first + comment, *more]) + kept

    def renamed(self, address: Address, key: str) -> str:
        """The text with another key in a pair, at its place."""
        holder = self._nodes(address)[-2]
        span = self._spans(holder)[address[-1]]
        if is_block(holder):
            indent = " " * column_of(self._text, span)
            lines = dumped({key: 0}).removesuffix(" 0\n").split("\n")
            written = f"{self._break}{indent}".join(lines)
        else:
            written = f"{in_brackets(key)}:"
        rest = self._text[span.head :]
        gap = "" if not rest or rest[0].isspace() else " "
        return self._text[: span.start] + written + gap + rest

    def inserted(self, address: Address, position: int, value: Any, key: Any = None) -> str:
        """The text with a pair or an entry more in a collection that has some already.

        Args:
            address: Of the collection.
            position: Among its pairs or entries, as they are written.
            value: Of the new one.
            key: Of the new pair.
        """
        node = self._nodes(address, inside=True)[-1]
        spans = self._spans(node)
        pair = {key: value} if isinstance(node, MappingNode) else None
        if not is_block(node):
            new = in_brackets(value) if pair is None else in_brackets(pair)[1:-1]
            return bracket_edits.inserted(self._text, spans, position, new)
        column = column_of(self._text, spans[0])
        if pair is None:
            first, *more = self._written(value, column, is_entry=True)
            lines = [f"{' ' * column}- {first}", *more]
        else:
            lines = self._indented(self._dumped(pair, column), column)
        return block_edits.inserted(self._text, spans, position, lines, self._break)

    def removed(self, address: Address) -> str:
        """The text without a pair or an entry, and the comments above it."""
        holder = self._nodes(address, inside=True)[-2]
        spans = self._spans(holder)
        if len(spans) == 1:
            return self.put(address[:-1], {} if isinstance(holder, MappingNode) else [])
        if is_block(holder):
            return block_edits.removed(self._text, spans, address[-1])
        return bracket_edits.removed(self._text, spans, address[-1])

    def moved(self, address: Address, old: int, new: int) -> str:
        """The text with a pair or an entry of a collection in another position of it."""
        node = self._nodes(address, inside=True)[-1]
        spans = self._spans(node)
        order = list(range(len(spans)))
        order.insert(new, order.pop(old))
        if is_block(node):
            return block_edits.permuted(self._text, spans, order)
        return bracket_edits.permuted(self._text, spans, order)

    def lines(self, address: Address) -> list[str] | None:
        """The lines of a pair or an entry and of the comments above it, without indentation.

        None where it has no lines of its own.
        """
        holder = self._nodes(address, inside=True)[-2]
        span = self._spans(holder)[address[-1]]
        if not is_block(holder) or not is_first_on_line(self._text, span.start):
            return None
        indent = " " * column_of(self._text, span)
        written = self._text[lead_of(self._text, span) : line_end(self._text, span.end)]
        return [line.removeprefix(indent) for line in written.split(self._break)]

    def with_lines(self, address: Address, lines: list[str]) -> str:
        """The text with a pair or an entry, and the comments above it, written in these lines."""
        span = self._spans(self._nodes(address)[-2])[address[-1]]
        written = self._break.join(self._indented(lines, column_of(self._text, span)))
        kept = self._text[line_end(self._text, span.end) :]
        return self._text[: lead_of(self._text, span)] + written + kept

    def keys(self, address: Address) -> list[str]:
        """The keys of a mapping, as they are written."""
        node = self._nodes(address)[-1]
        node = node.value if isinstance(node, Alias) else node
        return [key.value for key, _ in node.value] if isinstance(node, MappingNode) else []

    def brackets(self, address: Address) -> Address | None:
        """The outermost list or mapping in brackets that is or holds what is at an address.

        None if there is none, or if it has comments or is empty.
        """
        for n, node in enumerate(self._nodes(address)):
            if children(node) and not is_block(node):
                inside = self._text[node.start_mark.index : end_of(node, self._text)]
                return None if "#" in inside else address[:n]
        return None

    # ------------------------------------------------------------ looking up

    def _nodes(self, address: Address, *, inside: bool = False) -> list[Node]:
        """The nodes from the outermost one to an address.

        Args:
            address: Of the last.
            inside: Whether an alias at the address would be followed.
        """
        assert self._top is not None
        nodes = [self._top]
        for position in address:
            _refuse_alias(nodes[-1])
            below = nodes[-1].value[position]
            nodes.append(below[1] if isinstance(below, tuple) else below)
        if inside:
            _refuse_alias(nodes[-1])
        aliased = {id(node.value) for node in _all(self._top) if isinstance(node, Alias)}
        for node in nodes:
            if id(node) in aliased:
                raise _several(node)
        return nodes

    def _spans(self, node: Node) -> list[Span]:
        """Where the parts of a collection stand, if they stand where edits expect them."""
        spans = spans_of(node, self._text)
        for n, span in enumerate(spans):
            is_odd = n > 0 and is_block(node) and not is_first_on_line(self._text, span.start)
            if is_odd or (span.key is not None and is_empty(span.key)):
                line = self._text.count("\n", 0, span.start) + 1
                raise UsageError(
                    f"The YAML is written in a rare way near line {line}.",
                    remedy="Make the edit in the YAML, or give each key a line and a text there.",
                )
        return spans

    def _gap(self, span: Span) -> str:
        """What stands between a colon or a dash and a value behind it on its line."""
        gap = self._text[span.head : int(span.value.start_mark.index)]
        return gap if gap and not gap.strip(" \t") and not is_empty(span.value) else " "

    def _comment(self, span: Span) -> str:
        """The comment that stays when a value in a block is replaced, with the blanks before it."""
        text, value = self._text, span.value
        start = begin_of(value, text)
        is_below = line_end(text, span.head) < start
        if is_empty(value):
            candidates = [span.head]
        elif isinstance(value, ScalarNode) and is_block(value):
            candidates = [start]
        elif is_block(value):
            candidates = [span.head] if is_below else []
        else:
            candidates = [span.end, span.head] if is_below else [span.end]
        for index in candidates:
            found = _COMMENT.search(text[index : line_end(text, index)])
            if found:
                return found[0]
        return ""

    # ------------------------------------------------------------ writing

    def _with_top(self, value: Any) -> str:
        text, top = self._text, self._top
        written = self._break.join(self._dumped(value, 0))
        if top is None:
            ended = not text or text.endswith(("\n", "\r"))
            return f"{text}{'' if ended else self._break}{written}{self._break}"
        self._nodes(())
        start = begin_of(top, text)
        return text[:start] + written + text[line_end(text, end_of(top, text)) :]

    def _written(
        self, value: Any, column: int, *, is_entry: bool, like: str | None = None
    ) -> list[str]:
        """The lines of a value behind a key or a dash: the first without it, the others whole."""
        if is_entry:
            lines = self._dumped([value], column - 2, like)
            return [lines[0][4:], *self._indented([line[2:] for line in lines[1:]], column)]
        lines = self._dumped({"k": value}, column, like)
        return [lines[0][3:], *self._indented(lines[1:], column)]

    def _dumped(self, value: Any, indent: int, like: str | None = None) -> list[str]:
        written = dumped(value, indent=indent, like=like, in_quotes=self._in_quotes)
        return written.removesuffix("\n").split("\n")

    def _indented(self, lines: list[str], column: int) -> list[str]:
        return [" " * column + line if line else line for line in lines]


def _all(node: Node) -> Iterator[Node]:
    pending = [node]
    while pending:
        node = pending.pop()
        yield node
        pending += children(node)


def _refuse_alias(node: Node) -> None:
    if isinstance(node, Alias):
        raise _several(node.value)


def _several(node: Node) -> UsageError:
    line = node.start_mark.line + 1
    return UsageError(
        f"What is written as `&{node.anchor}` on line {line} stands in several places.",
        remedy=f"Write it out in the YAML wherever `*{node.anchor}` stands, then edit it.",
    )
