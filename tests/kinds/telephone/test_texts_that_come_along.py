"""The texts that come along span four properties, five steps of each."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from simulator.analysis.culture.measuring import measure_chains
from simulator.analysis.culture.records import Chain
from simulator.analysis.texts.registry import measures_named
from simulator.files.telephone_texts import shipped_texts

PUBLISHED = Path(__file__).resolve().parents[4] / "shared" / "data" / "telephone"


@pytest.mark.parametrize(
    ("kind", "measure", "package", "lowest", "highest", "step"),
    [
        ("Toxicity", "toxicity_lexicon", "simulator", 0.0, 0.5, 0.05),
        ("Positivity", "positivity", "vaderSentiment", -0.9, 0.9, 0.2),
        ("Difficulty", "difficulty", "textstat", 3.0, 30.0, 4.0),
        ("Length", "length", "simulator", 60, 3500, 200),
    ],
)
def test_each_step_is_higher_than_the_one_before(
    kind: str, measure: str, package: str, lowest: float, highest: float, step: float
) -> None:
    pytest.importorskip(package, reason="the extra `analysis` is not installed")
    texts = [text for name, text in shipped_texts().items() if name.startswith(kind)]
    chains = [Chain("m", "rephrase", str(n), 1, (text,)) for n, text in enumerate(texts)]
    measured: Any = measure_chains(chains, measures_named((measure,))).values[measure]
    values = [float(one) for one in measured[:, 0]]
    assert values[0] <= lowest and values[-1] >= highest
    assert all(later - one >= step for one, later in pairwise(values))


def test_none_has_a_phrase_of_the_published_ones() -> None:
    path = PUBLISHED / "initial_texts.json"
    if not path.is_file():
        pytest.skip("the published texts are not beside the project")

    def phrases(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"\w+", text.lower())
        return {tuple(words[n : n + 5]) for n in range(len(words) - 4)}

    published = set[tuple[str, ...]]().union(
        *map(phrases, json.loads(path.read_text("utf-8")).values())
    )
    assert published
    for text in shipped_texts().values():
        assert published.isdisjoint(phrases(text))
