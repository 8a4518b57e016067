"""Published chains, where they lie beside the project; they are not part of it."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.analysis.culture.records import Chain

PUBLISHED = Path(__file__).parents[4] / "shared" / "data" / "telephone"

GPT = "gpt-3.5-turbo-0125"
LLAMA_8B = "Meta-Llama-3-8B-Instruct"
LLAMA_70B = "Meta-Llama-3-70B-Instruct"

published = pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published chains are not here")


def chains_of(model: str) -> Iterator[Chain]:
    """300 chains of 50 generations, the initial text first."""
    initial = json.loads((PUBLISHED / "initial_texts.json").read_text("utf-8"))
    with lzma.open(PUBLISHED / f"chains_{model}.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield Chain(
                model=model,
                task=row["prompt"],
                text=row["text"],
                seed=row["seed"],
                texts=(initial[row["text"]], *row["chain"]),
                expected=50,
            )
