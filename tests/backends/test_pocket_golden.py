"""The decoder against numbers recorded with another implementation."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.backends.pocket.model import PocketModel
from simulator.domain.prompts import ChatMessage

GOLDEN = Path(__file__).parents[1] / "data" / "pocket_golden.json"
CASES: list[dict[str, Any]] = json.loads(GOLDEN.read_text(encoding="utf-8"))["cases"]


@cache
def shared_model() -> PocketModel:
    return PocketModel()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{len(case['tokens'])} tokens")
def test_the_template_gives_the_recorded_tokens(case: dict[str, Any]) -> None:
    messages = [ChatMessage(m["role"], m["content"]) for m in case["messages"]]
    assert shared_model().chat.prompt_tokens(messages) == case["tokens"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{len(case['tokens'])} tokens")
def test_logits_are_the_recorded_ones(case: dict[str, Any]) -> None:
    logits = shared_model().read(case["tokens"]).start_logits
    recorded = case["logits"]
    ours = [logits[int(token)] for token in recorded]
    np.testing.assert_allclose(ours, list(recorded.values()), atol=1e-3)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{len(case['tokens'])} tokens")
def test_greedy_replies_are_the_recorded_ones(case: dict[str, Any]) -> None:
    model = shared_model()
    reading = model.read(case["tokens"])
    logits, reply = reading.start_logits, []
    for token in case["greedy"]:
        reply.append(int(np.argmax(logits)))
        logits = reading.step(model.embeddings[token])
    assert reply == case["greedy"]
