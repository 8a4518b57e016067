"""Draws tokens for many rows at once; a row's draw depends on its own logits and seed alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Tensor = Any

_FIRST_LOOK = 64
"""Most probable tokens that are looked at before the whole vocabulary is."""


@dataclass(frozen=True, slots=True)
class Draw:
    """How one row draws: all dimensionless."""

    temperature: float = 1.0
    """0 takes the most probable token."""
    top_p: float = 1.0
    """The fewest tokens whose probabilities, at this temperature, reach this are kept."""
    top_k: int | None = None
    """How many of the most probable tokens are kept, before `top_p`."""
    seed: int = 0

    @property
    def is_pruned(self) -> bool:
        """Whether some tokens can never be drawn."""
        return self.top_k is not None or self.top_p < 1.0


def draw_tokens(logits: Tensor, draws: Sequence[Draw], numbers: Sequence[int]) -> list[int]:
    """One token for each row.

    Args:
        logits: (rows, vocabulary), float32.
        draws: For each row.
        numbers: How many tokens each row has drawn before.
    """
    picked: list[int] = logits.argmax(dim=-1).tolist()
    drawn = [row for row, draw in enumerate(draws) if draw.temperature > 0]
    if not drawn:
        return picked
    shares = np.array([uniform(draws[row].seed, numbers[row]) for row in drawn])
    chosen = logits if len(drawn) == len(draws) else logits[drawn]
    pruned = [at for at, row in enumerate(drawn) if draws[row].is_pruned]
    left = [at for at, row in enumerate(drawn) if not draws[row].is_pruned]
    if pruned:
        part = chosen if len(pruned) == len(drawn) else chosen[pruned]
        few = [draws[drawn[at]] for at in pruned]
        for at, token in zip(pruned, _draw_first(part, few, shares[pruned]), strict=True):
            if token is None:
                left.append(at)
            else:
                picked[drawn[at]] = token
    for at in left:
        picked[drawn[at]] = _draw_slowly(chosen[at], draws[drawn[at]], float(shares[at]))
    return picked


def _draw_first(
    logits: Tensor, draws: Sequence[Draw], shares: NDArray[np.float64]
) -> list[int | None]:
    """Draws among the most probable tokens; None where more of them have to be looked at."""
    size = logits.shape[-1]
    look = min(size, _FIRST_LOOK)
    top, places = logits.topk(look, dim=-1)
    temperatures = np.array([draw.temperature for draw in draws])
    scales = torch.tensor(temperatures, dtype=logits.dtype, device=logits.device)[:, None]
    totals = ((logits - top[:, :1]) / scales).exp().sum(dim=-1).double().cpu().numpy()
    heights = top.double().cpu().numpy()
    with np.errstate(over="ignore"):  # at a temperature of almost nothing: minus infinity
        weights = np.exp((heights - heights[:, :1]) / temperatures[:, None])
    limits = np.array([look if draw.top_k is None else draw.top_k for draw in draws])
    weights[np.arange(look)[None, :] >= limits[:, None]] = 0.0
    mass = np.cumsum(weights, axis=1)
    limited = np.array([draw.top_k is not None for draw in draws])
    totals = np.where(limited, mass[:, -1], totals)
    wanted = np.array([draw.top_p for draw in draws]) * totals
    enough = np.where(limited, limits <= look, (mass[:, -1] >= wanted) | (look == size))
    kept = np.minimum((mass < wanted[:, None]).sum(axis=1), look - 1)
    reached = shares * mass[np.arange(len(draws)), kept]
    at = np.minimum((mass <= reached[:, None]).sum(axis=1), kept)
    order = places.cpu().numpy()
    return [int(order[row, at[row]]) if enough[row] else None for row in range(len(draws))]


def _draw_slowly(logits: Tensor, draw: Draw, share: float) -> int:
    """A draw that looks at the whole vocabulary (vocabulary,)."""
    heights, order = logits.double().sort(descending=True, stable=True)
    weights = ((heights - heights[0]) / draw.temperature).exp()[: draw.top_k]
    mass = weights.cumsum(0)
    wanted = draw.top_p * float(mass[-1])
    kept = mass[: int(torch.searchsorted(mass, wanted)) + 1]
    at = int(torch.searchsorted(kept, share * float(kept[-1]), right=True))
    return int(order[min(at, kept.shape[0] - 1)])


def uniform(seed: int, number: int) -> float:
    """The number-th random number of a seed, in [0, 1): 53 bits of BLAKE2b of both."""
    data = seed.to_bytes(8, "little", signed=False) + number.to_bytes(4, "little")
    digest = hashlib.blake2b(data, digest_size=8).digest()
    return (int.from_bytes(digest, "little") >> 11) / (1 << 53)
