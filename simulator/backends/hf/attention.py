"""Attention for rows of which some are padding, and some begin alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import torch
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

Tensor = Any
Model = Any

QUERIES = 16
"""Attention is exact to the bit for inputs and for places in multiples of this: kernels add in
another order, and take other ways, at the ends of other numbers."""
_names = count()


@dataclass(frozen=True, slots=True)
class Split:
    """Rows that look at their first places and at the rest in two parts."""

    place: int
    """The first of the rest; 0 where rows look at all in one."""
    rows: tuple[int, ...]
    groups: tuple[tuple[int, ...], ...]
    """Those of the rows whose first places hold the same, as places in `rows`."""


class RowAttention:
    """PyTorch's attention for as many rows as there are keys of; padding attends to nothing.

    Where rows of a step begin alike (`splits`), their inputs look at these places together, which
    reads keys and values once for all of them. The two parts are joined by their log-sum-exp, as
    in FlashAttention (arXiv 2205.14135, section 3.1). Where a row is split depends on itself
    alone, so that its bits do not depend on the rows beside it.
    """

    def __init__(self) -> None:
        self.splits: tuple[Split, ...] = ()
        """Of the next forward pass; rows that are in none look at all in one."""

    def use(self, model: Model) -> bool:
        """Let a model attend so; whether it does. Models with an attention of their own keep it."""
        if model.config._attn_implementation != "sdpa":
            return False
        name = f"simulator_rows_{next(_names)}"
        AttentionInterface.register(name, self)
        AttentionMaskInterface.register(name, sdpa_mask)
        model.set_attn_implementation(name)
        return bool(model.config._attn_implementation == name)

    def __call__(
        self,
        module: Any,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        attention_mask: Tensor,
        **options: Any,
    ) -> tuple[Tensor, None]:
        """Attend.

        Args:
            module: The layer.
            query: (rows, heads, tokens, head size).
            key: (rows or fewer, heads, places, head size).
            value: As `key`.
            attention_mask: (rows or fewer, 1, tokens, places).
            options: As transformers gives them.

        Returns:
            (rows, tokens, heads, head size), and no weights.
        """
        live = key.shape[0]
        spare = query.shape[0] - live
        query = query[:live]
        if any(split.place for split in self.splits) and query.shape[2] == 1:
            mixed = query.new_empty((live, 1, query.shape[1], value.shape[-1]))
            for split in self.splits:
                at = _span(split.rows)
                part = (query[at], key[at], value[at], attention_mask[at])
                if split.place:
                    mixed[at] = _in_two(split, *part, options.get("scaling"))
                else:
                    mixed[at] = sdpa_attention_forward(module, *part, **options)[0]
        else:
            mixed = sdpa_attention_forward(module, query, key, value, attention_mask, **options)[0]
        if spare:
            mixed = torch.cat([mixed, mixed.new_zeros((spare, *mixed.shape[1:]))])
        return mixed, None


def _in_two(
    split: Split, query: Tensor, key: Tensor, value: Tensor, mask: Tensor, scale: float | None
) -> Tensor:
    """Attention (rows, 1, heads, head size) of the rows of a split."""
    rows, heads, _, size = query.shape
    # Heads that share keys stand beside each other, as if they were so many inputs.
    query = query.reshape(rows, key.shape[1], heads // key.shape[1], size)
    near, near_sum = _attend(query, key[:, :, split.place :], value[:, :, split.place :],
                             mask[..., split.place :], scale)  # fmt: skip
    far, far_sum = torch.empty_like(near), torch.empty_like(near_sum)
    for group in split.groups:
        at, first = _span(group), group[0]
        asked = query[at].transpose(0, 1).reshape(1, key.shape[1], -1, size)
        inputs = asked.shape[2]
        missing = -inputs % QUERIES
        if missing:
            asked = torch.cat([asked, asked.new_zeros((1, key.shape[1], missing, size))], dim=2)
        whole, sums = _attend(
            asked, key[first : first + 1, :, : split.place],
            value[first : first + 1, :, : split.place], None, scale,
        )  # fmt: skip
        shape = (key.shape[1], len(group), -1)
        far[at] = whole[0, :, :inputs].reshape(*shape, value.shape[-1]).transpose(0, 1)
        far_sum[at] = sums[0, :, :inputs].reshape(shape).transpose(0, 1)
    peak = torch.maximum(near_sum, far_sum)
    near_weight, far_weight = (near_sum - peak).exp(), (far_sum - peak).exp()
    mixed = (near * near_weight[..., None] + far * far_weight[..., None]) / (
        near_weight + far_weight
    )[..., None]
    return mixed.reshape(rows, 1, heads, value.shape[-1])


def _attend(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, scale: float | None
) -> tuple[Tensor, Tensor]:
    """Attention (rows, heads, tokens, head size), and its log-sum-exp (rows, heads, tokens)."""
    found: tuple[Tensor, Tensor] = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(
        query, key, value, 0.0, False, attn_mask=mask, scale=scale
    )
    return found


def _span(rows: Sequence[int]) -> slice | list[int]:
    """The rows as a slice, which copies nothing, where they stand together."""
    first, last = rows[0], rows[-1]
    if tuple(rows) == tuple(range(first, last + 1)):
        return slice(first, last + 1)
    return list(rows)
