"""Keys and values of prompts that were read, by their tokens: a radix tree with a byte budget.

A node holds the rows of the tokens on the edge to it. What is looked up is copied out, so nodes
can go at any time; the least recently used leaf goes first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

Tensor = Any
Layers = dict[int, tuple[Tensor, Tensor]]
"""By layer: keys and values, each (tokens, heads, head size)."""

RowsOf = Callable[[int, int], Layers]
"""Gives copies of the rows of a range of a prompt's tokens."""

SHORTEST = 16
"""Tokens; shorter pieces are not worth a node."""


@dataclass(eq=False, slots=True)
class _Node:
    tokens: tuple[int, ...]
    layers: Layers
    size_bytes: int
    parent: _Node | None
    used: int
    children: dict[int, _Node] = field(default_factory=dict)


class PrefixTree:
    """Prefixes of prompts with their rows. Not for several threads at once."""

    def __init__(self, budget_bytes: int) -> None:
        self._budget_bytes = budget_bytes
        self._root = _Node((), {}, 0, None, 0)
        self._clock = 0
        self.size_bytes = 0

    def match(self, tokens: Sequence[int]) -> int:
        """How many tokens at the beginning have rows here."""
        return sum(length for _, length in self._path(tokens))

    def pieces(self, tokens: Sequence[int]) -> Iterator[tuple[Layers, int]]:
        """The rows of the tokens at the beginning, piece after piece: rows and how many of them.

        They count as used.
        """
        self._clock += 1
        for node, length in self._path(tokens):
            node.used = self._clock
            yield node.layers, length

    def add(self, tokens: Sequence[int], rows: RowsOf) -> None:
        """Keep the rows of tokens, as far as they are not here and the budget allows.

        Args:
            tokens: From the beginning of a prompt.
            rows: Gives copies of the rows of a range of them.
        """
        self._clock += 1
        node, start = self._root, 0
        for found, length in self._path(tokens):
            found.used = self._clock
            start += length
            if length < len(found.tokens):
                found = self._split(found, length)
            node = found
        if len(tokens) - start < SHORTEST:
            return
        layers = rows(start, len(tokens))
        size = _size_bytes(layers)
        if size > self._budget_bytes or not self._make_room(size, node):
            return
        rest = tuple(tokens[start:])
        node.children[rest[0]] = _Node(rest, layers, size, node, self._clock)
        self.size_bytes += size

    def clear(self) -> None:
        """Forget everything."""
        self._root.children.clear()
        self.size_bytes = 0

    def _path(self, tokens: Sequence[int]) -> Iterator[tuple[_Node, int]]:
        node, start = self._root, 0
        while start < len(tokens):
            child = node.children.get(tokens[start])
            if child is None:
                return
            length = common_length(child.tokens, tokens[start : start + len(child.tokens)])
            yield child, length
            if length < len(child.tokens):
                return
            node, start = child, start + length

    def _split(self, node: _Node, length: int) -> _Node:
        """Make a node of the first tokens of another, which becomes its child."""
        parent = node.parent
        assert parent is not None
        # Copies, so that one part can go without the other.
        first = {at: (k[:length].clone(), v[:length].clone()) for at, (k, v) in node.layers.items()}
        last = {at: (k[length:].clone(), v[length:].clone()) for at, (k, v) in node.layers.items()}
        upper = _Node(node.tokens[:length], first, _size_bytes(first), parent, node.used)
        parent.children[upper.tokens[0]] = upper
        node.tokens, node.layers, node.parent = node.tokens[length:], last, upper
        node.size_bytes = _size_bytes(last)
        upper.children[node.tokens[0]] = node
        return upper

    def _make_room(self, size: int, wanted: _Node) -> bool:
        """Let leaves go until so many bytes fit; False when only what is wanted would be left."""
        while self.size_bytes + size > self._budget_bytes:
            leaves = [leaf for leaf in self._leaves(self._root) if leaf is not wanted]
            if not leaves:
                return False
            oldest = min(leaves, key=lambda leaf: leaf.used)
            assert oldest.parent is not None
            del oldest.parent.children[oldest.tokens[0]]
            self.size_bytes -= oldest.size_bytes
        return True

    def _leaves(self, node: _Node) -> Iterator[_Node]:
        waiting = list(node.children.values())
        while waiting:
            one = waiting.pop()
            if one.children:
                waiting.extend(one.children.values())
            else:
                yield one


def common_length(one: Sequence[int], other: Sequence[int]) -> int:
    """How many tokens two sequences have in common from the start."""
    length = min(len(one), len(other))
    if tuple(one[:length]) == tuple(other[:length]):
        return length
    low, high = 0, length
    while low + 1 < high:  # equal up to low, different before high
        middle = (low + high) // 2
        if tuple(one[low:middle]) == tuple(other[low:middle]):
            low = middle
        else:
            high = middle
    return low


def _size_bytes(layers: Layers) -> int:
    return sum(part.element_size() * part.nelement() for pair in layers.values() for part in pair)
