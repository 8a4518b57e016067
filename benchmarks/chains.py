"""Measures of texts, on the published chains that lie beside the project: exactness and speed."""

from __future__ import annotations

import json
import lzma
import random
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.tables import Row, show
from simulator.analysis.culture.measuring import measure_chains
from simulator.analysis.culture.records import Chain
from simulator.analysis.texts.registry import measures_named
from simulator.store.measure_cache import MeasureCacheFile

PUBLISHED = Path(__file__).resolve().parents[2] / "shared" / "data" / "telephone"
SAMPLE = 2_000
MEASURES = (
    "toxicity_lexicon", "positivity", "difficulty", "length", "entropy", "repetition",
    "compression", "hashtags", "same_language",
)  # fmt: skip
"""All that need no model, but the similarities, which depend on all the texts and are not kept."""


def published() -> list[Chain]:
    initial = json.loads((PUBLISHED / "initial_texts.json").read_text("utf-8"))
    chains = []
    for path in sorted(PUBLISHED.glob("chains_*.jsonl.xz")):
        model = path.name.removeprefix("chains_").removesuffix(".jsonl.xz")
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                one = json.loads(line)
                texts = (initial[one["text"]], *one["chain"])
                chains.append(Chain(model, one["prompt"], one["text"], one["seed"], texts))
    return chains


def exact(chains: list[Chain]) -> dict[str, int]:
    """How many values of a sample equal the published ones, by measure."""
    data = np.load(PUBLISHED / "metrics.npz")
    names = ("positivity", "difficulty", "length")
    axes = [list(data[axis]) for axis in ("models", "prompts", "texts")]
    measured = measure_chains(chains, measures_named(names), classic=True)
    draw = random.Random(1)
    places = [(draw.randrange(len(chains)), draw.randrange(51)) for _ in range(SAMPLE)]
    equal = dict.fromkeys(names, 0)
    for place, generation in places:
        one = chains[place]
        labels = (one.model, one.task, one.text)
        cell = (
            *(axis.index(label) for axis, label in zip(axes, labels, strict=True)),
            one.seed - 1,
        )
        for name in names:
            equal[name] += measured.values[name][place, generation] == data[name][cell][generation]
    return equal


def main() -> None:
    if not PUBLISHED.is_dir():
        print("The published chains are not here; nothing was measured.")
        return
    chains = published()
    rows = [
        Row(f"{name} of {SAMPLE:,} texts equal to the published", f"{equal:,}", f"{SAMPLE:,}",
            equal == SAMPLE)
        for name, equal in exact(chains).items()
    ]  # fmt: skip
    times = []
    with TemporaryDirectory() as folder:
        for _ in range(2):
            cache = MeasureCacheFile(Path(folder) / "measures.db")
            start = time.perf_counter()
            measure_chains(chains, measures_named(MEASURES), cache)
            times.append(time.perf_counter() - start)
            cache.close()
    texts = sum(chain.generations for chain in chains)
    first, second = times
    rows += [
        Row(f"{len(MEASURES)} measures of {texts:,} texts", f"{first:.1f} s", "< 300 s",
            first < 300),
        Row("the same again, from the cache", f"{first / second:.1f} times as fast", ">= 10",
            first >= 10 * second),
    ]  # fmt: skip
    show(rows)


if __name__ == "__main__":
    main()
