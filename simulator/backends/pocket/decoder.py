"""The transformer of the pocket model: a Llama decoder in NumPy, float32 throughout.

Two kernels compute the same function in different shapes. `read_block` reads a prompt in blocks
of 32 rows aligned to positions 0, 32, 64, …; every array in it has a shape that depends on the
number of the block alone, and a row takes in only rows before it, so the keys, values and logits
of a row are the same bits whatever follows it and whatever was computed before. `step` adds one
row at a time. The results of BLAS depend on shapes, so rows of `step` differ from rows of
`read_block` in the last bits: never let a later prompt reuse them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from simulator.backends.pocket.weights import Floats, Layer, Weights

BLOCK = 32
"""Rows of a block, in tokens."""
PAD = 0
"""Token that fills the last block; what is computed for it is never read."""


class KeyValues:
    """Keys and values of one sequence, room for a whole context.

    The arrays are not touched before they are written, so short sequences cost little memory.
    """

    __slots__ = ("keys", "values")

    def __init__(self, weights: Weights) -> None:
        padded = -(-weights.context // BLOCK) * BLOCK
        size = weights.hidden // weights.heads
        shape = (len(weights.layers), weights.heads, padded, size)
        self.keys: Floats = np.empty(shape, np.float32)
        """(layers, heads, context, head size), already rotated."""
        self.values: Floats = np.empty(shape, np.float32)
        """(layers, heads, context, head size)"""

    def copy_from(self, other: KeyValues, rows: int) -> None:
        """Take over the first `rows` rows of another sequence."""
        self.keys[:, :, :rows] = other.keys[:, :, :rows]
        self.values[:, :, :rows] = other.values[:, :, :rows]


class Decoder:
    """Computes; holds weights and scratch arrays but no sequence. Not for several threads."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        hidden, inner, heads = weights.hidden, weights.inner, weights.heads
        size = hidden // heads
        self._size = size
        self._rotations = _rotations(weights, size)
        self._row = _Scratch(1, hidden, inner, heads, size)
        self._block = _Scratch(BLOCK, hidden, inner, heads, size)
        self._row_scores: Floats = np.empty(heads * (weights.context + BLOCK), np.float32)
        self._block_scores: Floats = np.empty(heads * BLOCK * (weights.context + BLOCK), np.float32)
        self._logits: Floats = np.empty(weights.head.shape[1], np.float32)
        self._future: Floats = np.triu(np.full((BLOCK, BLOCK), -1e30, np.float32), 1)

    @property
    def embeddings(self) -> Floats:
        """(vocabulary, hidden): what each token is as an input."""
        return self.weights.embeddings

    def read_block(self, tokens: Sequence[int], index: int, sequence: KeyValues) -> Floats:
        """Read up to 32 tokens at positions `32 * index` and on.

        All blocks before must be in `sequence`. The hidden rows returned, (32, hidden), are
        overwritten by the next call; rows beyond the tokens mean nothing.
        """
        ids = [*tokens, *[PAD] * (BLOCK - len(tokens))]
        np.take(self.weights.embeddings, ids, axis=0, out=self._block.x)
        return self._read(index, sequence)

    def read_rows(self, rows: Floats, index: int, sequence: KeyValues) -> Floats:
        """As `read_block`, of up to 32 vectors (count, hidden), some of which may be soft."""
        self._block.x[: len(rows)] = rows
        self._block.x[len(rows) :] = self.weights.embeddings[PAD]
        return self._read(index, sequence)

    def _read(self, index: int, sequence: KeyValues) -> Floats:
        s = self._block
        self._layers(s, index * BLOCK, sequence, self._block_scores)
        return s.x

    def step(self, row: Floats, position: int, sequence: KeyValues) -> Floats:
        """Logits (vocabulary,) after one more input at `position`.

        `row`, (hidden,), is a row of `embeddings` or any other vector, such as a mean of
        embeddings weighted by probabilities. The logits are overwritten by the next call.
        """
        s = self._row
        s.x[0] = row
        self._layers(s, position, sequence, self._row_scores)
        return self.logits(s.x[0])

    def logits(self, row: Floats) -> Floats:
        """Logits (vocabulary,) of a hidden row (hidden,); overwritten by the next call."""
        norm = row * self._inverse_norm(row)
        return np.dot(norm, self.weights.head, out=self._logits)

    def _inverse_norm(self, row: Floats) -> np.float32:
        mean = np.dot(row, row) / np.float32(row.shape[0])
        inverse: np.float32 = np.float32(1.0) / np.sqrt(mean + np.float32(self.weights.epsilon))
        return inverse

    def _layers(self, s: _Scratch, start: int, sequence: KeyValues, scores: Floats) -> None:
        rows = s.x.shape[0]
        end = start + rows
        heads = self.weights.heads
        # Scores of each width are a contiguous piece of one scratch array.
        fit = scores[: heads * rows * end].reshape(heads, rows, end)
        rotation = self._rotations[start:end, None]
        for layer, keys, values in zip(
            self.weights.layers, sequence.keys, sequence.values, strict=True
        ):
            self._normalize(s)
            np.dot(s.norm, layer.qkv, out=s.qkv)
            np.multiply(s.qk_complex, rotation, out=s.qk_complex)
            keys[:, start:end] = s.k
            values[:, start:end] = s.v
            np.matmul(s.q, keys[:, :end].transpose(0, 2, 1), out=fit)
            if rows > 1:
                last = fit[:, :, start:]
                np.add(last, self._future, out=last)
            np.max(fit, axis=2, keepdims=True, out=s.peak)
            np.subtract(fit, s.peak, out=fit)
            np.exp(fit, out=fit)
            np.sum(fit, axis=2, keepdims=True, out=s.total)
            np.matmul(fit, values[:, :end], out=s.heads)
            np.divide(s.heads, s.total, out=s.mixed_heads)
            np.dot(s.mixed, layer.out, out=s.delta)
            np.add(s.x, s.delta, out=s.x)
            self._feed_forward(s, layer)

    def _feed_forward(self, s: _Scratch, layer: Layer) -> None:
        self._normalize(s)
        np.dot(s.norm, layer.gate_up, out=s.gate_up)
        # silu(g) = h * (1 + tanh(h)) with h = g / 2, and the weights give h.
        np.tanh(s.gate, out=s.act)
        np.add(s.act, np.float32(1.0), out=s.act)
        np.multiply(s.act, s.gate, out=s.act)
        np.multiply(s.act, s.up, out=s.act)
        np.dot(s.act, layer.down, out=s.delta)
        np.add(s.x, s.delta, out=s.x)

    def _normalize(self, s: _Scratch) -> None:
        if s.x.shape[0] == 1:
            np.multiply(s.x, self._inverse_norm(s.x[0]), out=s.norm)
            return
        np.multiply(s.x, s.x, out=s.norm)
        np.sum(s.norm, axis=1, keepdims=True, out=s.square)
        np.divide(s.square, np.float32(s.x.shape[1]), out=s.square)
        np.add(s.square, np.float32(self.weights.epsilon), out=s.square)
        np.sqrt(s.square, out=s.square)
        np.divide(s.x, s.square, out=s.norm)


class _Scratch:
    """Arrays that a kernel of `rows` rows writes into, and views of them by role."""

    def __init__(self, rows: int, hidden: int, inner: int, heads: int, size: int) -> None:
        def new(*shape: int) -> Floats:
            return np.empty(shape, np.float32)

        self.x = new(rows, hidden)
        self.norm = new(rows, hidden)
        self.square = new(rows, 1)
        self.qkv = new(rows, 3 * hidden)
        by_head = self.qkv.reshape(rows, 3, heads, size)
        self.qk_complex: NDArray[np.complex64] = self.qkv[:, : 2 * hidden].view(np.complex64)
        self.qk_complex = self.qk_complex.reshape(rows, 2 * heads, size // 2)
        self.q, self.k, self.v = (by_head[:, i].transpose(1, 0, 2) for i in range(3))
        self.peak = new(heads, rows, 1)
        self.total = new(heads, rows, 1)
        self.heads = new(heads, rows, size)
        self.mixed = new(rows, hidden)
        self.mixed_heads = self.mixed.reshape(rows, heads, size).transpose(1, 0, 2)
        self.delta = new(rows, hidden)
        self.gate_up = new(rows, 2 * inner)
        self.gate, self.up = self.gate_up[:, :inner], self.gate_up[:, inner:]
        self.act = new(rows, inner)


def _rotations(weights: Weights, size: int) -> NDArray[np.complex64]:
    """(context, head size / 2): the rotation of each pair at each position."""
    padded = -(-weights.context // BLOCK) * BLOCK
    speed = 1.0 / weights.rope_theta ** (np.arange(0, size, 2) / size)
    angle = np.arange(padded)[:, None] * speed
    turned: NDArray[np.complex64] = np.exp(1j * angle).astype(np.complex64)
    return turned
