"""Chains with values that tests choose."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from simulator.analysis.culture.records import Chain, Floats, MeasuredChains
from tests.analysis.culture.published import PUBLISHED

MEASURES = ("toxicity", "positivity", "difficulty", "length")


def measured_of(
    values: Any,
    *,
    measure: str = "positivity",
    texts: int = 4,
    model: str = "m",
    task: str = "t",
    temperature: float | None = None,
) -> MeasuredChains:
    """Chains of so many texts in turn, shape of values (chains, generations + 1)."""
    values = np.asarray(values, dtype=np.float64)
    chains = tuple(
        Chain(
            model=model,
            task=task,
            text=f"text {row % texts}",
            seed=row // texts + 1,
            texts=("",) * values.shape[1],
            temperature=temperature,
        )
        for row in range(values.shape[0])
    )
    return MeasuredChains(chains, {measure: values})


def joined(*parts: MeasuredChains) -> MeasuredChains:
    """Chains of several groups, with the same measures and generations."""
    return MeasuredChains(
        tuple(chain for part in parts for chain in part.chains),
        {name: np.vstack([part.values[name] for part in parts]) for name in parts[0].values},
    )


def published_measures() -> MeasuredChains:
    """The published values of 900 chains; their texts are not read."""
    with np.load(PUBLISHED / "metrics.npz") as file:
        models, tasks, texts = (file[name].tolist() for name in ("models", "prompts", "texts"))
        values: dict[str, Floats] = {
            name: file[name].astype(np.float64).reshape(-1, 51) for name in MEASURES
        }
    chains = tuple(
        Chain(model, task, text, seed, ("",) * 51, expected=50)
        for model in models
        for task in tasks
        for text in texts
        for seed in range(1, 6)
    )
    return MeasuredChains(chains, values)


def published_attractors() -> Any:
    """By `positions`, `strengths`, `positions_10`, `strengths_10`; measure; model; task."""
    return json.loads((PUBLISHED / "attractors.json").read_text("utf-8"))
