"""A Llama with random weights and a tokenizer of its own, saved as transformers saves models."""

from __future__ import annotations

import json
import logging
import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

from simulator.domain.prompts import ChatMessage

VOCABULARY = 8000
CONTEXT = 4096
MARKERS = ("<|pad|>", "<|bos|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>")
PAD, BOS, END = MARKERS[:3]
TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}<|end|>"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
SHAPES = {
    "small": {
        "hidden_size": 384,
        "intermediate_size": 1024,
        "num_hidden_layers": 6,
        "num_attention_heads": 6,
        "num_key_value_heads": 6,
    },
    "large": {
        "hidden_size": 2048,
        "intermediate_size": 8192,
        "num_hidden_layers": 16,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
    },
}
"""Of 13.7 million and, for GPUs, 1.0 billion parameters."""


def is_installed() -> bool:
    """Whether the libraries are there; says so if not."""
    if all(map(find_spec, ("torch", "transformers"))):
        return True
    print("Needs the extra `hf`.")
    return False


def quiet() -> None:
    """Keep transformers from reporting what is meant here, and from looking for a network."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    for name in ("transformers", "torch", "simulator"):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module=r"(torch|transformers)\.")
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()


def words(count: int, rng: Random) -> list[str]:
    """Words of two to four syllables that nobody uses."""
    syllables = [first + second for first in "bdfgklmnprstvz" for second in "aeiou"]
    made: dict[str, None] = {}
    while len(made) < count:
        made["".join(rng.choices(syllables, k=rng.randint(2, 4)))] = None
    return list(made)


def save_tokenizer(folder: Path) -> None:
    """Byte-level BPE that was trained on random words, filled up with markers nobody uses."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    rng = Random(0)
    known = words(7000, rng)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=list(MARKERS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator((" ".join(["", *known]) for _ in range(2)), trainer)
    spare = VOCABULARY - tokenizer.get_vocab_size()
    tokenizer.add_special_tokens([f"<|spare_{number}|>" for number in range(spare)])
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": BOS,
        "eos_token": END,
        "pad_token": PAD,
        "chat_template": TEMPLATE,
        "model_max_length": CONTEXT,
        "clean_up_tokenization_spaces": False,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")


def make(folder: Path, shape: str = "small") -> Path:
    """Save a model whose weights come from a fixed seed.

    Replies never end by themselves and can all be read: the embeddings of markers and single bytes,
    which are also the output's weights, are so short that none is ever the most probable token.
    """
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    folder.mkdir(parents=True, exist_ok=True)
    save_tokenizer(folder)
    torch.manual_seed(1)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        initializer_range=0.05,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        **SHAPES[shape],
    )
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        model.model.embed_tokens.weight[: len(MARKERS) + 256] *= 0.1
    if shape == "large":
        model = model.to(torch.bfloat16)
    model.save_pretrained(folder)
    return folder


@dataclass(frozen=True)
class Loaded:
    """A saved model as transformers loads it."""

    folder: Path
    device: str = "cpu"
    dtype: str = "float32"

    @cached_property
    def model(self) -> Any:
        """For `generate`."""
        import torch
        from transformers import AutoModelForCausalLM

        model = AutoModelForCausalLM.from_pretrained(
            self.folder, dtype=getattr(torch, self.dtype), local_files_only=True
        )
        return model.to(self.device).eval()

    @cached_property
    def tokenizer(self) -> Any:
        """With its chat template."""
        from transformers import AutoTokenizer

        found = AutoTokenizer.from_pretrained(self.folder, local_files_only=True)
        # A folder may leave its markers to the model's config.
        for marker in ("bos_token", "eos_token"):
            number = getattr(self.model.config, f"{marker}_id")
            if getattr(found, marker) is None and number is not None:
                setattr(found, marker, found.convert_ids_to_tokens(number))
        return found

    @cached_property
    def parameters(self) -> int:
        """How many weights there are."""
        return sum(each.numel() for each in self.model.parameters())

    @cached_property
    def vocabulary(self) -> list[str]:
        """Words that are one token each after a space."""
        tokens = self.tokenizer.get_vocab()
        return sorted(t[1:] for t in tokens if t[0] == "Ġ" and t[1:].isascii() and t[1:].isalpha())

    def tokens(self, messages: Sequence[ChatMessage]) -> list[int]:
        """What the model reads before it replies."""
        entries = [{"role": each.role, "content": each.content} for each in messages]
        found: list[int] = self.tokenizer.apply_chat_template(
            entries, add_generation_prompt=True, return_dict=False
        )
        return found

    def message(self, tokens: int, rng: Random) -> ChatMessage:
        """A message of random words that is a prompt of so many tokens, markers included."""
        chosen = rng.choices(self.vocabulary, k=tokens)
        surplus = len(self.tokens([ChatMessage("user", " ".join(chosen))])) - tokens
        message = ChatMessage("user", " ".join(chosen[: tokens - surplus]))
        if len(self.tokens([message])) != tokens:
            raise RuntimeError(f"no prompt of exactly {tokens} tokens: {message.content!r}")
        return message

    def text(self, tokens: Sequence[int]) -> str:
        """What a reply says."""
        said: str = self.tokenizer.decode(tokens, skip_special_tokens=True)
        return said
