"""Positivity: VADER's compound score."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from simulator.analysis.texts.measure import TextMeasure
from simulator.analysis.texts.missing import imported

_LEXICON = "vader_lexicon.txt"


def _positivity(texts: Sequence[str]) -> list[float]:
    analyser = _analyser()
    return [float(analyser.polarity_scores(text)["compound"]) for text in texts]


@lru_cache(maxsize=1)
def _analyser() -> Any:
    vader = imported("nltk.sentiment.vader", "nltk", "positivity")
    found = find_spec("vaderSentiment")
    if found is None or found.origin is None:
        imported("vaderSentiment", "vaderSentiment", "positivity")
    folder = Path(str(found.origin if found is not None else "")).parent

    class Analyser(vader.SentimentIntensityAnalyzer):  # type: ignore[misc, name-defined]
        """NLTK's analyser, which would look for its lexicon among downloaded data."""

        def __init__(self) -> None:
            self.lexicon_file = (folder / _LEXICON).read_text("utf-8")
            self.lexicon = self.make_lex_dict()
            self.constants = vader.VaderConstants()

    return Analyser()


POSITIVITY = TextMeasure(
    "positivity", "compound",
    "VADER's compound score (Hutto and Gilbert 2014): -1 is negative, 1 positive; English only.",
    _positivity, "nltk-vader-3.2.1", -1, 1, skips_hashtags=True,
)  # fmt: skip
"""NLTK's algorithm with the lexicon of vaderSentiment 3.2.1, as the published values."""
