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
BLOCK = 256
"""Places that several inputs of a row look at in one product; of more than 384, kernels add up
parts whose size depends on how many there are."""
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

    def __init__(self, *, exact: bool) -> None:
        """Make one; with `exact`, the bits of a row do not depend on the rows beside it."""
        self._exact = exact
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
        if attention_mask is not None and self._can_look(
            query, key, value, attention_mask, options
        ):
            mixed = self._look(query, key, value, attention_mask, options.get("scaling"))
        else:
            mixed = sdpa_attention_forward(module, query, key, value, attention_mask, **options)[0]
        if spare:
            mixed = torch.cat([mixed, mixed.new_zeros((spare, *mixed.shape[1:]))])
        return mixed, None

    def _can_look(
        self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor, options: dict[str, Any]
    ) -> bool:
        return (
            (self._exact or bool(self.splits))
            and query.device.type == "cpu"
            and key.shape[-1] == value.shape[-1]
            and options.get("position_bias") is None
            and mask.dtype == query.dtype
        )

    def _look(
        self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor, scale: float | None
    ) -> Tensor:
        rows, heads, tokens, size = query.shape
        if tokens > 1:
            groups = heads // key.shape[1]
            looked, _ = _look_by_blocks(query, key, value, mask, scale, groups)
            return looked.transpose(1, 2).contiguous()
        # Heads that share keys stand beside each other, as if they were so many inputs.
        query = query.reshape(rows, key.shape[1], -1, size)
        if not self.splits:
            return _look_one_by_one(query, key, value, mask, scale)[0].reshape(rows, 1, heads, size)
        mixed = torch.empty_like(query)
        for split in self.splits:
            at = _span(split.rows)
            part = (query[at], key[at], value[at], mask[at], scale)
            mixed[at] = _look_in_two(split, *part) if split.place else _look_one_by_one(*part)[0]
        return mixed.reshape(rows, 1, heads, size)


def _look_in_two(
    split: Split, query: Tensor, key: Tensor, value: Tensor, mask: Tensor, scale: float | None
) -> Tensor:
    """Attention (rows, key heads, heads of each, head size) of the rows of a split."""
    heads, size = key.shape[1], query.shape[3]
    near = _look_one_by_one(
        query, key[:, :, split.place :], value[:, :, split.place :], mask[..., split.place :], scale
    )
    far = (torch.empty_like(near[0]), torch.empty_like(near[1]))
    for group in split.groups:
        at, first = _span(group), group[0]
        asked = query[at].transpose(0, 1).reshape(1, heads, -1, size)
        inputs = asked.shape[2]
        missing = -inputs % QUERIES
        if missing:
            asked = torch.cat([asked, asked.new_zeros((1, heads, missing, size))], dim=2)
        common = slice(first, first + 1)
        whole, sums = _look_by_blocks(
            asked, key[common, :, : split.place], value[common, :, : split.place], None, scale, 1
        )
        shape = (heads, len(group), -1)
        far[0][at] = whole[0, :, :inputs].reshape(*shape, size).transpose(0, 1)
        far[1][at] = sums[0, :, :inputs].reshape(shape).transpose(0, 1)
    return _joined(near, far)[0]


def _look_one_by_one(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor, scale: float | None
) -> tuple[Tensor, Tensor]:
    """Attention of heads that share keys, one product each: (rows, key heads, heads of each, …)."""
    parts = [
        _attend(query[:, :, head : head + 1], key, value, mask, scale)
        for head in range(query.shape[2])
    ]
    if len(parts) == 1:
        return parts[0]
    mixed, sums = zip(*parts, strict=True)
    return torch.cat(mixed, dim=2), torch.cat(sums, dim=2)


def _look_by_blocks(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None,
    scale: float | None,
    groups: int,
) -> tuple[Tensor, Tensor]:
    """Attention of several inputs of each row, block of places after block.

    Args:
        query: (rows, heads, inputs, head size).
        key: (rows, heads / groups, places, head size).
        value: As `key`.
        mask: (rows, 1, inputs, places); None hides nothing.
        scale: Of the products.
        groups: Heads that share keys.
    """
    looked: tuple[Tensor, Tensor] | None = None
    for start in range(0, key.shape[2], BLOCK):
        places = slice(start, start + BLOCK)
        keys, values = key[:, :, places], value[:, :, places]
        if groups > 1:
            keys, values = (part.repeat_interleave(groups, dim=1) for part in (keys, values))
        hidden = None if mask is None else mask[..., places]
        block = _attend(query, keys, values, hidden, scale)
        looked = block if looked is None else _joined(looked, block)
    assert looked is not None
    return looked


def _joined(one: tuple[Tensor, Tensor], other: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """Attention over the places of both, and its log-sum-exp."""
    peak = torch.maximum(one[1], other[1])
    weight, other_weight = (one[1] - peak).exp(), (other[1] - peak).exp()
    total = weight + other_weight
    mixed = one[0] * weight[..., None] + other[0] * other_weight[..., None]
    return mixed / total[..., None], peak + total.log()


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
