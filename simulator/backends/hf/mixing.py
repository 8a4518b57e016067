"""Soft tokens for many rows at once, in PyTorch; `latent_rules.mixture` says what they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from simulator.backends.latent_rules import overlap
from simulator.domain.latent import EmbeddingTable, LatentSampling

Tensor = Any

_STEADY_ROWS = 16
"""Rows of a product with a table by which the bits of each no longer depend on how many."""
_TRIED_ROWS = 64
_COLDEST = 1e-30
"""Temperatures below are 0 in float32, and divide nothing."""


@dataclass(frozen=True, slots=True)
class Mixtures:
    """One step of several rows."""

    weights: Tensor
    """(rows, vocabulary), float32: of each token's embedding; each row sums to 1."""
    vectors: Tensor
    """(rows, width), float32: the soft tokens."""
    nearest: list[int]
    """The token whose embedding is nearest by cosine, for each row."""
    entropies: list[float]
    """Of the distributions at temperature 1, in nats."""
    are_mixed: list[bool]
    """False where a row is a single token."""
    top: list[list[tuple[int, float]]]
    """The most probable tokens with their probabilities at the temperature of the mixture."""


class Mixer:
    """Makes soft tokens of logits, with one embedding table.

    Memory: a copy of the table in float32, of rows of length 1, and of the reciprocal lengths.
    """

    def __init__(self, table: Tensor, *, exact: bool) -> None:
        """Take a table (vocabulary, width)."""
        self.table = table.float()
        lengths = self.table.norm(dim=-1)
        self._inverse = torch.where(lengths > 0, 1.0 / lengths, torch.zeros_like(lengths))
        self._least = _STEADY_ROWS if exact else 1
        self._most = self._steady() if exact else None
        """Rows of one product at most; None does not limit."""

    def mix(self, logits: Tensor, samplings: Sequence[LatentSampling]) -> Mixtures:
        """Soft tokens for logits (rows, vocabulary)."""
        device = logits.device
        scales = torch.tensor([max(s.temperature, _COLDEST) for s in samplings], device=device)
        scales = scales[:, None]
        plain = torch.log_softmax(logits.float(), dim=-1)
        peaks = plain.amax(dim=-1, keepdim=True)
        entropies: list[float] = torch.special.entr(plain.exp()).sum(dim=-1).tolist()
        unsure: list[float] = (1.0 - peaks[:, 0].exp()).tolist()
        weights = torch.softmax((plain - peaks) / scales, dim=-1)
        for row, sampling in enumerate(samplings):
            if sampling.top_k is not None or sampling.top_p < 1.0:
                weights[row] = _pruned(weights[row], sampling.top_k, sampling.top_p)
        top = _top(weights, samplings)
        greedy = [
            sampling.greedy != "never"
            and ((entropy if sampling.criterion == "entropy" else doubt) <= sampling.threshold)
            == (sampling.greedy == "confident")
            for sampling, entropy, doubt in zip(samplings, entropies, unsure, strict=True)
        ]
        if any(greedy):
            rows = torch.tensor([row for row, one in enumerate(greedy) if one], device=device)
            best = logits.argmax(dim=-1)
            weights[rows] = 0.0
            weights[rows, best[rows]] = 1.0
        vectors = self.mixed(weights, self.table)
        for row, sampling in enumerate(samplings):
            if sampling.unit_length:
                vectors[row] = vectors[row] / vectors[row].norm().clamp(min=1e-30)
        return Mixtures(
            weights, vectors, self.nearest(vectors), entropies, [not one for one in greedy], top
        )

    def mixed(self, weights: Tensor, table: Tensor) -> Tensor:
        """Sums (rows, width) of a table's rows by weights (rows, vocabulary)."""
        return self._multiplied(weights, table)

    def nearest(self, vectors: Tensor) -> list[int]:
        """Numbers of the tokens nearest by cosine to vectors (rows, width)."""
        cosines = self._multiplied(vectors, self.table.T) * self._inverse
        found: list[int] = cosines.argmax(dim=-1).tolist()
        return found

    def _multiplied(self, rows: Tensor, matrix: Tensor) -> Tensor:
        """A product of as many rows at a time as the bits of each do not depend on."""
        if self._most is not None and len(rows) > self._most:
            return torch.cat([self._multiplied(part, matrix) for part in rows.split(self._most)])
        missing = max(0, self._least - len(rows))
        if missing:
            padded = torch.cat([rows, rows.new_zeros((missing, rows.shape[1]))])
            return (padded @ matrix)[: len(rows)]
        product: Tensor = rows @ matrix
        return product

    def _steady(self) -> int:
        """The most rows, by trying, that both products compute as they do the least."""
        random = torch.Generator().manual_seed(0)
        weights = torch.rand((_TRIED_ROWS, len(self.table)), generator=random)
        vectors = torch.rand((_TRIED_ROWS, self.table.shape[1]), generator=random)
        for rows in range(self._least + 1, _TRIED_ROWS + 1):
            for some, matrix in ((weights, self.table), (vectors, self.table.T)):
                few = some[: self._least] @ matrix
                if not torch.equal((some[:rows] @ matrix)[: self._least], few):
                    return rows - 1
        return _TRIED_ROWS


class Reader:
    """Writes soft tokens for another model to read; see `latent_rules.Reception`."""

    def __init__(self, own: tuple[bytes, ...], table: EmbeddingTable, device: Tensor) -> None:
        """Make one.

        Args:
            own: The vocabulary of the model that speaks.
            table: Of the model that reads.
            device: Where the model that speaks is.
        """
        rows = torch.tensor(np.ascontiguousarray(table.rows()), device=device)
        self.width = int(rows.shape[1])
        self._own: Tensor = None
        if own != table.tokens:
            shared = overlap(own, table.tokens)
            self._own = torch.tensor(shared.own, device=device)
            rows = rows[torch.tensor(shared.others, device=device)]
        self._rows = rows

    def read(self, mixer: Mixer, weights: Tensor, *, unit_length: bool) -> Tensor | None:
        """A soft token (width,) by weights (vocabulary,); None where no token is shared."""
        # Embeddings may have more rows than there are tokens, to fill a device's tiles.
        weights = weights[: len(self._rows)] if self._own is None else weights[self._own]
        mass = weights.sum()
        if not float(mass) > 0.0:
            return None
        weights = weights / mass
        vector = mixer.mixed(weights[None], self._rows)[0]
        return vector / vector.norm().clamp(min=1e-30) if unit_length else vector


def _top(weights: Tensor, samplings: Sequence[LatentSampling]) -> list[list[tuple[int, float]]]:
    count = min(max(sampling.top_tokens for sampling in samplings), weights.shape[-1])
    if count == 0:
        return [[] for _ in samplings]
    heights, places = weights.topk(count, dim=-1)
    return [
        [(n, p) for n, p in zip(numbers, shares, strict=True) if p > 0.0][: sampling.top_tokens]
        for numbers, shares, sampling in zip(
            places.tolist(), heights.tolist(), samplings, strict=True
        )
    ]


def _pruned(chances: Tensor, top_k: int | None, top_p: float) -> Tensor:
    """The `top_k` most probable tokens, of these the fewest that reach `top_p`; they sum to 1."""
    heights, order = chances.sort(descending=True, stable=True)
    heights, order = heights[:top_k], order[:top_k]
    mass = heights.cumsum(0)
    kept = int(torch.searchsorted(mass, top_p * float(mass[-1]))) + 1
    pruned = torch.zeros_like(chances)
    pruned[order[:kept]] = heights[:kept] / heights[:kept].sum()
    return pruned
