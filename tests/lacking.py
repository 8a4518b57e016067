"""Machines that lack optional packages, or have broken ones."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest

from simulator.analysis import packages
from simulator.analysis.culture.similarity import usual_embedder
from simulator.analysis.texts import difficulty, language, positivity, toxicity

CORE = ("nltk", "vaderSentiment", "textstat", "pyphen", "py3langid", "sklearn", "scipy",
        "matplotlib", "detoxify", "sentence_transformers")  # fmt: skip
"""All that a core installation has not."""


def lack(monkeypatch: pytest.MonkeyPatch, *absent: str, broken: Exception | None = None) -> None:
    """Take packages away for the rest of a test, or let them raise an error when imported."""

    def without(module: str) -> Any:
        package = module.partition(".")[0]
        if package not in absent:
            return import_module(module)
        raise broken or ModuleNotFoundError(f"No module named {package!r}", name=package)

    monkeypatch.setattr(packages, "import_module", without)
    if broken is None:
        monkeypatch.setattr(
            packages, "find_spec", lambda name: None if name in absent else find_spec(name)
        )
    forget()


def forget() -> None:
    """Let everything be imported anew."""
    for known in (
        positivity._analyser, difficulty._difficult_words, language._identifier,
        toxicity._classifier, usual_embedder,
    ):  # fmt: skip
        known.cache_clear()
