"""Keys and values of the requests that are being answered, in preallocated rows.

A row is a sequence, left-aligned: token i of it stands at place i. A model reaches the rows of its
present forward pass as its cache; what it writes goes to each row's own places.
"""

from __future__ import annotations

from typing import Any

import torch

from simulator.backends.hf.prefixes import Layers

Tensor = Any

STEP = 64
"""Places by which rows grow."""


class KeyValueRows:
    """The cache that a model of transformers is given. Buffers: (rows, places, heads, head size).

    The last place of each row takes what is written for padding.
    """

    is_compileable = False

    def __init__(self) -> None:
        self._layers: dict[int, tuple[Tensor, Tensor]] = {}
        self.rows = 0
        self.places = 0
        self._start = self._stop = self._reach = 0
        self._positions: Tensor = None
        self._numbers: Tensor = None

    # ------------------------------------------------------------ as models see it

    def update(
        self, keys: Tensor, values: Tensor, layer_idx: int, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        """Write new keys and values (rows, heads, tokens, head size).

        Rows after those that were aimed at are left out.

        Returns:
            All up to now, of the same form; maybe of fewer rows, see `attention.attend`.
        """
        if layer_idx not in self._layers:
            self._layers[layer_idx] = (self._new(keys), self._new(values))
        whole = []
        for buffer, new in zip(self._layers[layer_idx], (keys, values), strict=True):
            written = new[: self._stop - self._start].transpose(1, 2)
            buffer[self._numbers, self._positions] = written
            whole.append(buffer[self._start : self._stop, : self._reach].transpose(1, 2))
        return whole[0], whole[1]

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """Nothing that a model should count on: positions and masks are given to it."""
        return 0

    def get_max_length(self, layer_idx: int = 0) -> int:
        """No limit that a model should know of."""
        return -1

    # ------------------------------------------------------------ as the decoder sees it

    def aim(self, start: int, stop: int, reach: int, positions: Tensor) -> None:
        """Set where the next forward pass reads and writes.

        Args:
            start: First row.
            stop: The row after the last.
            reach: Places that are read, from the first.
            positions: (rows, tokens), where each token goes; -1 for padding.
        """
        self._start, self._stop, self._reach = start, stop, reach
        self._positions = torch.where(positions < 0, self.places - 1, positions)
        self._numbers = torch.arange(start, stop, device=positions.device)[:, None]

    def resize(self, rows: int, places: int) -> None:
        """Have so many rows of so many places; what they have in common with before stays."""
        if (rows, places) == (self.rows, self.places):
            return
        for number, pair in self._layers.items():
            resized = []
            for old in pair:
                new = old.new_zeros((rows, places, *old.shape[2:]))
                kept, width = min(rows, old.shape[0]), min(places, old.shape[1])
                new[:kept, :width] = old[:kept, :width]
                resized.append(new)
            self._layers[number] = (resized[0], resized[1])
        self.rows, self.places = rows, places

    def release(self) -> None:
        """Give all memory back; what layers are like stays known."""
        self._layers = {
            number: (
                keys.new_empty((0, 0, *keys.shape[2:])),
                values.new_empty((0, 0, *values.shape[2:])),
            )
            for number, (keys, values) in self._layers.items()
        }
        self.rows = self.places = 0

    def wipe(self, rows: list[int]) -> None:
        """Leave nothing in rows: what is no number would spread through masks."""
        for pair in self._layers.values() if rows else ():
            for part in pair:
                part[rows] = 0

    def move(self, source: int, target: int, length: int) -> None:
        """Copy the first places of a row over those of another."""
        for pair in self._layers.values():
            for part in pair:
                part[target, :length] = part[source, :length]

    def put(self, row: int, start: int, layers: Layers, length: int) -> None:
        """Write so many rows of a prefix to a sequence, from place `start` on."""
        for number, pair in layers.items():
            for part, new in zip(self._layers[number], pair, strict=True):
                part[row, start : start + length] = new[:length]

    def get(self, row: int, start: int, stop: int) -> Layers:
        """Copies of the rows of a range of a sequence."""
        return {
            number: (keys[row, start:stop].clone(), values[row, start:stop].clone())
            for number, (keys, values) in self._layers.items()
        }

    @property
    def bytes_per_place(self) -> int:
        """Of all layers together; 0 before the first forward pass."""
        return sum(
            part.element_size() * part.shape[2] * part.shape[3]
            for pair in self._layers.values()
            for part in pair
        )

    def _new(self, like: Tensor) -> Tensor:
        heads, size = like.shape[1], like.shape[3]
        return like.new_zeros((self.rows, self.places, heads, size))


def _emptied(buffer: Tensor) -> Tensor:
    return buffer.new_empty((0, 0, *buffer.shape[2:]))


def places(room: int) -> int:
    """Places of a row with so much room, one for padding included."""
    return -(-(room + 1) // STEP) * STEP
