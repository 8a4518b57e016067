"""Writes the pocket model as GGUF, for llama.cpp."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
"""The parts of a block, here and in llama.cpp."""


def write_gguf(folder: Path, path: Path) -> None:
    """Write the model of a folder (`config.json`, `tokenizer.json`, …) as one GGUF file."""
    from gguf import GGUFWriter
    from safetensors.numpy import load_file

    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    writer = GGUFWriter(path, "llama")
    _add_shape(writer, config)
    _add_tokenizer(writer, folder, config)
    for name, values in load_file(folder / "model.safetensors").items():
        writer.add_tensor(_gguf_name(name), _gguf_values(name, values, config))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_shape(writer: Any, config: dict[str, Any]) -> None:
    writer.add_name("pocket")
    writer.add_vocab_size(config["vocab_size"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_rope_dimension_count(config["head_dim"])
    writer.add_rope_freq_base(config["rope_parameters"]["rope_theta"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])


def _add_tokenizer(writer: Any, folder: Path, config: dict[str, Any]) -> None:
    from gguf import TokenType

    source = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    model = source["model"]
    markers = {token["id"] for token in source["added_tokens"]}
    tokens = sorted(model["vocab"], key=model["vocab"].__getitem__)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")  # single digits, then GPT-2's words, as the pocket model has
    writer.add_token_list(tokens)
    writer.add_token_types(
        [TokenType.CONTROL if n in markers else TokenType.NORMAL for n in range(len(tokens))]
    )
    writer.add_token_merges([" ".join(pair) for pair in model["merges"]])
    writer.add_bos_token_id(config["bos_token_id"])
    writer.add_eos_token_id(config["eos_token_id"])
    writer.add_pad_token_id(config["pad_token_id"])
    writer.add_add_bos_token(False)  # the template has it
    template = (folder / "chat_template.jinja").read_text(encoding="utf-8")
    writer.add_chat_template(re.sub(r"{% (end)?generation %}", "", template))


def _gguf_name(name: str) -> str:
    whole = {
        "model.embed_tokens.weight": "token_embd.weight",
        "model.norm.weight": "output_norm.weight",
    }
    if name in whole:
        return whole[name]
    _, _, block, part = name.removesuffix(".weight").split(".", 3)
    return f"blk.{block}.{_NAMES[part]}.weight"


def _gguf_values(name: str, values: NDArray[Any], config: dict[str, Any]) -> NDArray[Any]:
    """Matrices in 16 bits; queries and keys in the order in which llama.cpp rotates them."""
    if values.ndim == 1:
        return values.astype(np.float32)
    if name.endswith(("q_proj.weight", "k_proj.weight")):
        heads = config["num_attention_heads"]
        rows, columns = values.shape
        halves = values.reshape(heads, 2, rows // heads // 2, columns)
        return np.ascontiguousarray(halves.swapaxes(1, 2)).reshape(rows, columns)
    return values
