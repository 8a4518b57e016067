"""Record what transformers computes with the pocket model, for the decoder to be tested against.

python -m simulator.backends.pocket.training.golden tests/data/pocket_golden.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

from simulator.backends.pocket.chat import BOS, END
from simulator.backends.pocket.model import WEIGHTS_FOLDER
from simulator.backends.pocket.training.corpus import Corpus
from simulator.backends.pocket.training.rendering import load_designs

TASKS = ["prison_day", "class_day", "day_summary", "story", "arithmetic"]
REPLY_TOKENS = 24
LOGITS_KEPT = 40


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", type=Path, default=WEIGHTS_FOLDER)
    parser.add_argument("--designs", type=Path, default=Path("experiments_seed"))
    a = parser.parse_args()
    template = (a.model / "chat_template.jinja").read_text(encoding="utf-8")
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(a.model / "tokenizer.json"), bos_token=BOS, eos_token=END
    )
    model = AutoModelForCausalLM.from_pretrained(a.model, dtype=torch.float32).eval()
    corpus = Corpus(77, load_designs(a.designs))
    cases = []
    for task in TASKS:
        messages = corpus.sample(task)[1][:-1]
        with torch.no_grad():
            cases.append(_case(model, tokenizer, template, messages))
    a.out.write_text(json.dumps({"cases": cases}, indent=0), encoding="utf-8")


def _case(model: Any, tokenizer: Any, template: str, messages: list[dict[str, str]]) -> Any:
    tokens = tokenizer.apply_chat_template(
        messages, chat_template=template, add_generation_prompt=True, return_dict=False
    )
    logits = model(torch.tensor([tokens])).logits[0]
    highest = torch.topk(logits[-1], LOGITS_KEPT)
    reply: list[int] = []
    while len(reply) < REPLY_TOKENS and tokenizer.eos_token_id not in reply:
        reply.append(int(model(torch.tensor([[*tokens, *reply]])).logits[0, -1].argmax()))
    return {
        "messages": messages,
        "tokens": tokens,
        "logits": {
            str(token): round(value, 5)
            for token, value in zip(highest.indices.tolist(), highest.values.tolist(), strict=True)
        },
        "greedy": reply,
    }


if __name__ == "__main__":
    main()
