"""The weights of the pocket model, rearranged for the decoder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pathlib import Path

Floats = NDArray[np.float32]

SUPPORTED = {
    "model_type": "llama",
    "hidden_act": "silu",
    "tie_word_embeddings": True,
    "attention_bias": False,
    "mlp_bias": False,
}


@dataclass(frozen=True, slots=True)
class Layer:
    """One block; the gains of the norms and the scale of the attention are folded in."""

    qkv: Floats
    """(hidden, 3 * hidden); the two halves of each query and key head are interleaved."""
    out: Floats
    """(hidden, hidden)"""
    gate_up: Floats
    """(hidden, 2 * inner); the gate is halved, see `Decoder`."""
    down: Floats
    """(inner, hidden)"""


@dataclass(frozen=True, slots=True)
class Weights:
    """All weights in float32."""

    layers: tuple[Layer, ...]
    embeddings: Floats
    """(vocabulary, hidden)"""
    head: Floats
    """(hidden, vocabulary); the gain of the last norm is folded in."""
    heads: int
    context: int
    """Tokens of prompt and reply together."""
    epsilon: float
    rope_theta: float

    @property
    def hidden(self) -> int:
        """Width of the residual stream."""
        return int(self.embeddings.shape[1])

    @property
    def inner(self) -> int:
        """Width of the feed-forward layer."""
        return int(self.layers[0].down.shape[0])


def load_weights(folder: Path) -> Weights:
    """Read `config.json` and `model.safetensors`.

    Raises:
        ValueError: The configuration is not one that the decoder computes.
        OSError: A file is missing or unreadable.
    """
    from safetensors.numpy import load_file

    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    heads = _checked_heads(config, folder)
    raw = {k: v.astype(np.float32) for k, v in load_file(folder / "model.safetensors").items()}
    embeddings = raw["model.embed_tokens.weight"]
    gain = raw["model.norm.weight"]
    return Weights(
        layers=tuple(_layer(raw, i, heads) for i in range(config["num_hidden_layers"])),
        embeddings=np.ascontiguousarray(embeddings),
        head=np.ascontiguousarray((embeddings * gain).T),
        heads=heads,
        context=config["max_position_embeddings"],
        epsilon=config["rms_norm_eps"],
        rope_theta=config["rope_parameters"]["rope_theta"],
    )


def _checked_heads(config: dict[str, Any], folder: Path) -> int:
    wrong = [k for k, v in SUPPORTED.items() if config.get(k) != v]
    heads = int(config["num_attention_heads"])
    if config["num_key_value_heads"] != heads:
        wrong.append("num_key_value_heads")
    if config["rope_parameters"].get("rope_type") != "default":
        wrong.append("rope_parameters")
    if wrong:
        raise ValueError(f"{folder / 'config.json'}: the decoder cannot compute {wrong}")
    return heads


def _layer(raw: dict[str, Floats], index: int, heads: int) -> Layer:
    def part(name: str) -> Floats:
        return raw[f"model.layers.{index}.{name}.weight"]

    before_attention = part("input_layernorm")
    before_feed = part("post_attention_layernorm")
    q, k, v = (part(f"self_attn.{name}_proj") for name in "qkv")
    scale = np.float32(1.0 / np.sqrt(q.shape[0] // heads))
    qkv = np.concatenate([_interleaved(q, heads) * scale, _interleaved(k, heads), v])
    gate_up = np.concatenate([part("mlp.gate_proj") * np.float32(0.5), part("mlp.up_proj")])
    return Layer(
        qkv=np.ascontiguousarray((qkv * before_attention).T),
        out=np.ascontiguousarray(part("self_attn.o_proj").T),
        gate_up=np.ascontiguousarray((gate_up * before_feed).T),
        down=np.ascontiguousarray(part("mlp.down_proj").T),
    )


def _interleaved(projection: Floats, heads: int) -> Floats:
    """Rows reordered so that the pair that rotates together is one complex number."""
    rows, columns = projection.shape
    halves = projection.reshape(heads, 2, rows // heads // 2, columns)
    return np.ascontiguousarray(halves.transpose(0, 2, 1, 3)).reshape(rows, columns)
