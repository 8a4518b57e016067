"""Keys and values of recent prompts, so that the next turn of a conversation reads only its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.backends.pocket.decoder import BLOCK, KeyValues

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.backends.pocket.weights import Weights

DEFAULT_SLOTS = 16
"""Sequences kept; one takes about 6 KB for each of its tokens in the shipped model."""


class Slot:
    """A sequence and the prompt tokens whose rows it holds, all from the block kernel."""

    __slots__ = ("sequence", "tokens")

    def __init__(self, weights: Weights) -> None:
        self.sequence = KeyValues(weights)
        self.tokens: list[int] = []

    def shared_blocks(self, tokens: Sequence[int]) -> int:
        """Whole blocks that this slot and the tokens have in common from the start."""
        most = min(len(self.tokens), len(tokens)) // BLOCK
        for block in range(most):
            part = slice(block * BLOCK, (block + 1) * BLOCK)
            if self.tokens[part] != list(tokens[part]):
                return block
        return most


class SequenceCache:
    """The sequences used last, found by their longest common beginning.

    A slot that is handed out counts as holding only its shared blocks until the caller says
    what it has read with `keep`; so a reading that is broken off leaves nothing wrong behind.
    """

    def __init__(self, weights: Weights, slots: int = DEFAULT_SLOTS) -> None:
        if slots < 1:
            raise ValueError("a cache needs at least one slot")
        self._weights = weights
        self._most = slots
        self._slots: list[Slot] = []  # the one used last is at the end

    def __len__(self) -> int:
        return len(self._slots)

    def take(self, tokens: Sequence[int]) -> tuple[Slot, int]:
        """A slot for these tokens and how many whole blocks of them it already holds.

        A sequence that the tokens only partly share is copied where there is room, so that two
        conversations with one system prompt do not displace each other.
        """
        best, shared = None, 0
        for slot in reversed(self._slots):
            blocks = slot.shared_blocks(tokens)
            if blocks > shared:
                best, shared = slot, blocks
        if best is not None and shared == len(best.tokens) // BLOCK:
            chosen = best
        else:
            chosen = self._free_slot(best)
            if best is not None and chosen is not best:
                chosen.sequence.copy_from(best.sequence, shared * BLOCK)
        if chosen in self._slots:
            self._slots.remove(chosen)
        self._slots.append(chosen)
        chosen.tokens = list(tokens[: shared * BLOCK])
        return chosen, shared

    def keep(self, slot: Slot, tokens: Sequence[int]) -> None:
        """The slot now holds rows of the block kernel for all these tokens."""
        slot.tokens = list(tokens)

    def clear(self) -> None:
        """Forget everything."""
        self._slots.clear()

    def _free_slot(self, best: Slot | None) -> Slot:
        if len(self._slots) < self._most:
            return Slot(self._weights)
        oldest = self._slots[0]
        return oldest if oldest is not best or self._most == 1 else self._slots[1]
