"""Attention for rows of which some are padding."""

from __future__ import annotations

from typing import Any

import torch
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

Tensor = Any
Model = Any

_NAME = "simulator_rows"


def attend(
    module: Any, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor, **options: Any
) -> tuple[Tensor, None]:
    """PyTorch's attention for as many rows as there are keys of; padding attends to nothing.

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
    mixed: Tensor = sdpa_attention_forward(
        module, query[:live], key, value, attention_mask, **options
    )[0]
    if spare:
        mixed = torch.cat([mixed, mixed.new_zeros((spare, *mixed.shape[1:]))])
    return mixed, None


def use_rows(model: Model) -> bool:
    """Let a model attend so; whether it does. Models with an attention of their own keep it."""
    if model.config._attn_implementation != "sdpa":
        return False
    AttentionInterface.register(_NAME, attend)
    AttentionMaskInterface.register(_NAME, sdpa_mask)
    model.set_attn_implementation(_NAME)
    return bool(model.config._attn_implementation == _NAME)
