"""Toxicity: by a small lexicon of our own, and by Detoxify where it is installed."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from simulator.analysis.packages import imported
from simulator.analysis.texts.measure import TextMeasure, text_measure
from simulator.errors import NotFoundError

_WEIGHTS = {
    0.9: "scum vermin subhuman whore slut bitch bastard fuck fucking fucker motherfucker cunt "
    "asshole retard retarded",
    0.7: "idiot idiots moron morons imbecile filth filthy worthless pathetic loser losers shit "
    "shitty bullshit crap dickhead prick kill murder die rape hang",
    0.4: "stupid dumb ugly disgusting hate hates hated despise liar liars coward cowards trash "
    "garbage pig pigs rat rats freak freaks creep creeps damn hell suffer beat hurt destroy "
    "threaten punish shut",
    0.2: "fool fools foolish lazy useless weak ignorant annoying sick crazy nasty evil shame "
    "shameful ridiculous terrible awful",
}
_BY_WORD = {word: weight for weight, words in _WEIGHTS.items() for word in words.split()}
_WORD = re.compile(r"[^\W\d_]+")


@text_measure(
    name="toxicity_lexicon", unit="share",
    meaning="Hostile words by a small English list, more of them in fewer words being worse; "
    "it knows no irony, context or other language.",
    version="1", low=0, high=1, skips_hashtags=True,
)  # fmt: skip
def toxicity_lexicon(text: str) -> float:
    """1 - exp(-10 s), s being the sum of the weights of hostile words over the number of words.

    The list and the formula are ours. It is a stand-in for a classifier, and named as one.
    """
    words = _WORD.findall(text.lower())
    if not words:
        return 0.0
    return 1 - math.exp(-10 * math.fsum(_BY_WORD.get(word, 0.0) for word in words) / len(words))


@lru_cache(maxsize=1)
def _classifier() -> Any:
    detoxify = imported("detoxify", "The measure 'toxicity' needs detoxify", extra="toxicity")
    try:
        return detoxify.Detoxify("original")
    except Exception as error:
        # Its loader lets through whatever the network, the disk or PyTorch raise.
        raise NotFoundError(
            f"The weights of Detoxify cannot be had: {type(error).__name__}.",
            remedy="Download them once with a network, or measure toxicity_lexicon.",
        ) from error


def _toxicity(texts: Sequence[str]) -> list[float]:
    classifier = _classifier()
    values: list[float] = []
    for start in range(0, len(texts), 32):
        values += map(float, classifier.predict(list(texts[start : start + 32]))["toxicity"])
    return values


TOXICITY = TextMeasure(
    "toxicity", "probability",
    "Detoxify's `original` model (Hanu 2020); it reads the first 512 tokens only.",
    _toxicity, "detoxify-original", 0, 1, skips_hashtags=True,
)  # fmt: skip
