"""Positivity: VADER's compound score."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from simulator.analysis.packages import imported, packaged_text
from simulator.analysis.texts.measure import TextMeasure

_LEXICON = Path("vader_lexicon.txt")


def _positivity(texts: Sequence[str]) -> list[float]:
    analyser = _analyser()
    return [float(analyser.polarity_scores(text)["compound"]) for text in texts]


@lru_cache(maxsize=1)
def _analyser() -> Any:
    vader = imported("nltk.sentiment.vader", "The measure 'positivity' needs nltk")
    use = "The measure 'positivity' needs vaderSentiment"
    lexicon = packaged_text("vaderSentiment", _LEXICON, use)

    class Analyser(vader.SentimentIntensityAnalyzer):  # type: ignore[misc, name-defined]
        """NLTK's analyser, which would look for its lexicon among downloaded data."""

        def __init__(self) -> None:
            self.lexicon_file = lexicon
            self.lexicon = self.make_lex_dict()
            self.constants = vader.VaderConstants()

        def score_valence(self, sentiments: Sequence[float], text: str) -> dict[str, float]:
            # Python 3.12 and later sum floats exactly enough, earlier ones do not: a residue's
            # sign alone decides which way an exclamation mark counts.
            total = math.fsum(sentiments)
            emphasis = self._punctuation_emphasis(total, text)
            total += math.copysign(emphasis, total) if total else 0.0
            return {"compound": round(self.constants.normalize(total), 4)}

    return Analyser()


POSITIVITY = TextMeasure(
    "positivity", "compound",
    "VADER's compound score (Hutto and Gilbert 2014): -1 is negative, 1 positive; English only.",
    _positivity, "nltk-vader-3.2.1-fsum", -1, 1, skips_hashtags=True,
)  # fmt: skip
"""NLTK's algorithm with the lexicon of vaderSentiment 3.2.1, as the published values, which were
made on Python 3.12 or later; 0 for a text without words."""
