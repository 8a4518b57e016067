"""The pocket model and CIPHER as their papers write them, in float64, with no cache at all."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np

from simulator.backends.pocket.model import WEIGHTS_FOLDER


@cache
def _files() -> tuple[dict[str, Any], dict[str, Any]]:
    from safetensors.numpy import load_file

    weights = load_file(WEIGHTS_FOLDER / "model.safetensors")
    config = json.loads((WEIGHTS_FOLDER / "config.json").read_text(encoding="utf-8"))
    return {name: part.astype(np.float64) for name, part in weights.items()}, config


def table() -> Any:
    """The embeddings (vocabulary, hidden)."""
    return _files()[0]["model.embed_tokens.weight"]


def logits_after(inputs: Any) -> Any:
    """Logits (vocabulary,) after the input vectors (positions, hidden)."""
    weights, config = _files()
    heads = config["num_attention_heads"]
    x = inputs
    length, width = x.shape
    size = width // heads
    speed = config["rope_parameters"]["rope_theta"] ** (-np.arange(0, size, 2) / size)
    angle = np.tile(np.outer(np.arange(length), speed), 2)
    cos, sin = np.cos(angle), np.sin(angle)
    future = np.triu(np.full((length, length), -np.inf), 1)

    def norm(rows: Any, gain: Any) -> Any:
        mean = (rows**2).mean(axis=1, keepdims=True)
        return rows / np.sqrt(mean + config["rms_norm_eps"]) * gain

    def by_head(rows: Any) -> Any:
        return rows.reshape(length, heads, size).transpose(1, 0, 2)

    def turned(rows: Any) -> Any:
        half = size // 2
        return rows * cos + np.concatenate([-rows[..., half:], rows[..., :half]], axis=2) * sin

    for number in range(config["num_hidden_layers"]):
        at = f"model.layers.{number}."
        h = norm(x, weights[f"{at}input_layernorm.weight"])
        q, k, v = (by_head(h @ weights[f"{at}self_attn.{n}_proj.weight"].T) for n in "qkv")
        scores = turned(q) @ turned(k).transpose(0, 2, 1) / np.sqrt(size) + future
        scores = np.exp(scores - scores.max(axis=2, keepdims=True))
        mixed = (scores / scores.sum(axis=2, keepdims=True) @ v).transpose(1, 0, 2)
        x = x + mixed.reshape(length, width) @ weights[f"{at}self_attn.o_proj.weight"].T
        h = norm(x, weights[f"{at}post_attention_layernorm.weight"])
        gate = h @ weights[f"{at}mlp.gate_proj.weight"].T
        gate = gate / (1 + np.exp(-gate)) * (h @ weights[f"{at}mlp.up_proj.weight"].T)
        x = x + gate @ weights[f"{at}mlp.down_proj.weight"].T
    return table() @ norm(x[-1:], weights["model.norm.weight"])[0]


def soft_tokens(inputs: Any, temperature: float, count: int, never: Any) -> Any:
    """So many vectors (count, hidden) after input vectors (positions, hidden)."""
    made: list[Any] = []
    for _ in range(count):
        logits = logits_after(np.vstack([inputs, *made]))
        logits[list(never)] = -np.inf
        p = np.exp((logits - logits.max()) / temperature)
        made.append((p / p.sum()) @ table())
    return np.array(made)
