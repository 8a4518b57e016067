"""Train the pocket model from scratch on one CPU core.

python -m simulator.backends.pocket.training.train --cpu-seconds 5200 --out FOLDER

A seeded corpus, byte-level BPE with single digits, a Llama of about two million parameters,
Muon for the matrices and AdamW for the rest, bfloat16 autocast.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    GenerationConfig,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
)

from simulator.backends.pocket.training.corpus import Corpus
from simulator.backends.pocket.training.rendering import load_designs

SPECIAL = ["<|pad|>", "<|bos|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>"]
TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'assistant' %}<|assistant|>"
    "{% generation %}{{ m['content'] | trim }}<|end|>{% endgeneration %}"
    "{% else %}<|{{ m['role'] }}|>{{ m['content'] | trim }}<|end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
CONTEXT = 1024
PROMPT_WEIGHT = 0.2  # loss weight of a token that is not the assistant's


def build_tokenizer(corpus: Corpus, vocab: int, samples: int = 12000) -> Any:
    """A byte-level BPE of `vocab` entries, digits kept single."""
    texts = (m["content"] for _ in range(samples) for m in corpus.sample()[1])
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    bpe.decoder = decoders.ByteLevel()
    bpe.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=vocab,
            special_tokens=SPECIAL,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        bos_token="<|bos|>",
        eos_token="<|end|>",
        pad_token="<|pad|>",
        padding_side="left",
        additional_special_tokens=SPECIAL[3:],
        clean_up_tokenization_spaces=False,
        model_max_length=CONTEXT,
    )
    tokenizer.chat_template = TEMPLATE
    return tokenizer


class Stream:
    """Blocks of whole samples, the best fitting first, the rest padded."""

    def __init__(self, tokenizer: Any, corpus: Corpus, block: int, pool: int = 48) -> None:
        self.corpus, self.block, self.pool = corpus, block, pool
        self.p_copy = 0.0
        self._encode = tokenizer.backend_tokenizer.encode
        ids = tokenizer.convert_tokens_to_ids
        self._role = {r: ids(f"<|{r}|>") for r in ("system", "user", "assistant")}
        self._bos, self._end, self._pad = (ids(t) for t in ("<|bos|>", "<|end|>", "<|pad|>"))
        self._waiting: list[tuple[list[int], list[float]]] = []

    def _sample(self) -> tuple[list[int], list[float]]:
        copy = self.corpus.rng.random() < self.p_copy
        _, messages = self.corpus.sample("copying" if copy else None)
        tokens, weights = [self._bos], [0.0]
        for m in messages:
            body = self._encode(m["content"].strip(), add_special_tokens=False).ids
            mine = m["role"] == "assistant"
            tokens += [self._role[m["role"]], *body, self._end]
            weights += [0.0] + [1.0 if mine else PROMPT_WEIGHT] * (len(body) + 1)
        return tokens[: self.block + 1], weights[: self.block + 1]

    def one(self) -> tuple[list[int], list[float]]:
        """A block of `block + 1` tokens and its loss weights."""
        tokens: list[int] = []
        weights: list[float] = []
        while len(self._waiting) < self.pool:
            self._waiting.append(self._sample())
        room = self.block + 1
        at: int | None = 0  # the oldest sample always goes in
        while at is not None:
            t, w = self._waiting.pop(at)
            tokens += t
            weights += w
            room -= len(t)
            fits = [(len(s[0]), i) for i, s in enumerate(self._waiting) if len(s[0]) <= room]
            at = max(fits)[1] if fits else None
        return tokens + [self._pad] * room, weights + [0.0] * room

    def batch(self, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Tokens and weights, each (size, block + 1)."""
        tokens, weights = zip(*(self.one() for _ in range(size)), strict=True)
        return torch.tensor(tokens), torch.tensor(weights)


def parse_args() -> argparse.Namespace:
    """The command line."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--cpu-seconds", type=float, default=5200)
    p.add_argument("--wall-seconds", type=float, default=1e9, help="the schedule ends by then")
    p.add_argument("--designs", type=Path, default=Path("experiments_seed"))
    p.add_argument("--out", type=Path, default=Path("pocket-model"))
    p.add_argument("--save-every", type=float, default=600, help="CPU seconds")
    p.add_argument("--vocab", type=int, default=2048)
    p.add_argument("--hidden", type=int, default=192)
    p.add_argument("--layers", type=int, default=4)
    p.add_argument("--heads", type=int, default=4)
    p.add_argument("--ff", type=int, default=512)
    p.add_argument("--block", type=int, default=1024)
    p.add_argument("--batch", type=int, default=2)
    p.add_argument("--lr", type=float, default=0.01)
    p.add_argument("--embedding-lr", type=float, default=8e-3)
    p.add_argument("--copy", type=float, default=0.8, help="share of copy tasks at the start")
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--resume", type=Path, help="a saved model to go on from")
    p.add_argument("--done", type=float, default=0.0, help="share of the schedule it has behind it")
    p.add_argument("--seed", type=int, default=0)
    return p.parse_args()


def save(model: Any, tokenizer: Any, out: Path, record: dict[str, Any]) -> None:
    """Half-precision weights, tokenizer, configuration and training record into `out`."""
    from copy import deepcopy

    out.mkdir(parents=True, exist_ok=True)
    deepcopy(model).half().save_pretrained(out)
    tokenizer.save_pretrained(out)
    GenerationConfig(
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        do_sample=True,
        temperature=0.7,
        top_p=0.9,
        max_new_tokens=128,
    ).save_pretrained(out)
    (out / "train_log.json").write_text(json.dumps(record, indent=1), encoding="utf-8")


def losses(model: Any, x: torch.Tensor, w: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Loss of every token and its weight, both flat."""
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(input_ids=x[:, :-1], use_cache=False).logits
    loss = torch.nn.functional.cross_entropy(
        logits.float().flatten(0, 1), x[:, 1:].flatten(), reduction="none"
    )
    return loss, w[:, 1:].flatten()


def main() -> None:
    """Train and save."""
    a = parse_args()
    torch.manual_seed(a.seed)
    torch.set_num_threads(a.threads)
    designs = load_designs(a.designs)
    if a.resume is None:
        tokenizer = build_tokenizer(Corpus(12345, designs), a.vocab)
    else:
        tokenizer = PreTrainedTokenizerFast.from_pretrained(a.resume)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=a.hidden,
        intermediate_size=a.ff,
        num_hidden_layers=a.layers,
        num_attention_heads=a.heads,
        num_key_value_heads=a.heads,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        rms_norm_eps=1e-5,
        initializer_range=0.02,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = LlamaForCausalLM(config)
    if a.resume is not None:
        saved_model = LlamaForCausalLM.from_pretrained(a.resume, dtype=torch.float32)
        model.load_state_dict(saved_model.state_dict())
    named = dict(model.named_parameters())
    matrices = [p for k, p in named.items() if p.ndim == 2 and "embed" not in k]
    others = [p for p in named.values() if all(p is not m for m in matrices)]
    stream = Stream(tokenizer, Corpus(1 + a.seed, designs), a.block)
    held_out = Stream(tokenizer, Corpus(999, designs), a.block).batch(8)
    print(f"parameters {sum(p.numel() for p in named.values())}", flush=True)
    optimizers: list[Any] = [
        torch.optim.Muon(
            matrices,
            lr=a.lr,
            momentum=0.95,
            weight_decay=0.01,
            adjust_lr_fn="original",
            ns_steps=4,
        ),
        torch.optim.AdamW(others, lr=a.embedding_lr, betas=(0.9, 0.97), weight_decay=0.0),
    ]
    rates = [a.lr, a.embedding_lr]
    log: list[tuple[int, float, float, float]] = []
    record: dict[str, Any] = {"args": {k: str(v) for k, v in vars(a).items()}, "log": log}
    start, wall, saved, step, seen, data = time.process_time(), time.time(), 0.0, 0, 0, 0.0
    while True:
        spent = time.process_time() - start
        done = max(spent / a.cpu_seconds, (time.time() - wall) / a.wall_seconds)
        done = a.done + (1 - a.done) * done
        if done >= 1:
            break
        rate = min(1.0, (step + 1) / 50)
        rate *= 1.0 if done < 0.25 else max(0.02, 1 - (done - 0.25) / 0.75)
        for optimizer, base in zip(optimizers, rates, strict=True):
            optimizer.param_groups[0]["lr"] = base * rate
        # Copying first makes attention to earlier text form early; the extra share fades out.
        stream.p_copy = a.copy * min(1.0, max(0.0, (0.12 - done) / 0.06))
        began = time.process_time()
        x, w = stream.batch(a.batch)
        data += time.process_time() - began
        loss, weight = losses(model, x, w)
        mean = (loss * weight).sum() / weight.sum()
        mean.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        seen += x.numel() - x.shape[0]
        step += 1
        if step % 100 == 0 or step in (1, 20):
            model.eval()
            with torch.no_grad():
                loss, weight = losses(model, *held_out)
            model.train()
            value = loss[weight == 1.0].mean().item()
            log.append((step, round(spent, 1), round(mean.item(), 4), round(value, 4)))
            print(
                f"step {step} cpu {spent:.0f}s wall {time.time() - wall:.0f}s "
                f"tok/s {seen / max(spent, 1e-3):.0f} data {data:.0f}s "
                f"train {mean.item():.3f} held out (assistant) {value:.3f}",
                flush=True,
            )
        if spent - saved > a.save_every:
            saved = spent
            save(model, tokenizer, a.out, record)
    record |= {"steps": step, "tokens": seen, "cpu_seconds": round(spent, 1)}
    save(model.eval(), tokenizer, a.out, record)
    print(f"saved {a.out}", flush=True)


if __name__ == "__main__":
    main()
