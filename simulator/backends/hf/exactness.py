"""How many rows matrix products need, and bear, for a row's bits not to depend on the others."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import torch

Tensor = Any
Model = Any

_log = logging.getLogger(__name__)

_REFERENCE = 64
"""Rows of the product that all others are compared with."""
_FEWER = (2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 24, 31, 32, 33, 48, _REFERENCE)
_MORE = (65, 80, 96, 112, 128, 160, 192, 256, 384, 512, 768, 1024, 1536, 2048)
_LARGEST = 60_000_000
"""Multiplications by the widest layers, the output layer above all, are compared no further."""


def lay_out(model: Model) -> None:
    """Store the weights of linear layers by column, in place, on a processor.

    Products of few rows then take less time, and from two rows on their bits are steady. An output
    layer that shares its weights with the embeddings gets a copy.
    """
    for layer in model.modules():
        if type(layer) is torch.nn.Linear and layer.weight.device.type == "cpu":
            by_column = layer.weight.detach().t().contiguous().t()
            layer.weight = torch.nn.Parameter(by_column, requires_grad=False)
    head = model.get_output_embeddings() if hasattr(model, "get_output_embeddings") else None
    if head is not None:
        head.register_forward_pre_hook(_compact)


def _compact(layer: Model, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """The last tokens of several rows are scattered; PyTorch would multiply them row by row."""
    return (inputs[0].contiguous(), *inputs[1:])


def steady_rows(model: Model) -> tuple[int, int] | None:
    """The least and the most rows with which every kind of layer computes the same bits.

    Found by trying, on this machine and with the threads that are set. None when there are none.
    """
    least, most = _FEWER[0], _MORE[-1]
    with torch.inference_mode():
        for layer, width, cost in _kinds(model):
            inputs = torch.randn((_MORE[-1], width), generator=torch.Generator().manual_seed(0)).to(
                layer.weight.dtype
            )
            wanted = layer(inputs[:_REFERENCE])
            for rows in reversed(_FEWER):
                if rows >= least and not torch.equal(layer(inputs[:rows]), wanted[:rows]):
                    least = rows + 1
                    break
            for rows in _MORE:
                if rows > most or rows * cost > _LARGEST * _REFERENCE:
                    break
                if not torch.equal(layer(inputs[:rows])[:_REFERENCE], wanted):
                    most = rows - 1
                    break
    return (least, most) if least < _REFERENCE <= most else None


def _kinds(model: Model) -> Iterator[tuple[Model, int, int]]:
    """A layer of each shape, the width of its inputs, and multiplications for one row."""
    seen = set()
    for layer in model.modules():
        name = type(layer).__name__
        if name not in ("Linear", "Conv1D") or layer.weight.dim() != 2:
            continue
        shape = (name, *layer.weight.shape)
        if shape not in seen:
            seen.add(shape)
            width = layer.weight.shape[1 if name == "Linear" else 0]
            yield layer, width, layer.weight.nelement()
