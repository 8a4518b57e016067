"""Measures of all texts of chains, each distinct text once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np

from simulator.analysis.culture.records import Chain, MeasuredChains
from simulator.analysis.texts.measure import TextMeasure

_HASHTAG = re.compile(r"#\w+")
_AT_ONCE = 1000


class MeasureCache(Protocol):
    """Keeps values of measures by text."""

    def values(self, measure: str, version: str, keys: Sequence[bytes]) -> dict[bytes, float]:
        """The values that are kept, by key."""
        ...

    def keep(self, measure: str, version: str, values: Mapping[bytes, float]) -> None:
        """Keep values by key."""
        ...


def measure_chains(
    chains: Sequence[Chain],
    measures: Sequence[TextMeasure],
    cache: MeasureCache | None = None,
    hear: Callable[[float], None] = lambda share: None,
    *,
    classic: bool = False,
) -> MeasuredChains:
    """Measure all texts.

    Args:
        chains: Of any lengths.
        measures: What to measure.
        cache: Where values are kept; None measures all anew.
        hear: Is told the share that is done, 0 to 1.
        classic: Whether hashtags are taken out of all generations but the initial text before
            toxicity, positivity, difficulty and length, as the original does.

    Returns:
        Values of shape (chains, most generations + 1).
    """
    width = max((len(chain.texts) for chain in chains), default=1)
    values: dict[str, np.ndarray[tuple[int, int], np.dtype[np.float64]]] = {}
    for place, measure in enumerate(measures):
        stripped = classic and (measure.skips_hashtags or measure.name == "length")
        texts = [
            [_HASHTAG.sub("", t) if stripped and g else t for g, t in enumerate(chain.texts)]
            for chain in chains
        ]

        def tell(share: float, done: int = place) -> None:
            hear((done + share) / len(measures))

        found = _of_texts(measure, {t for row in texts for t in row}, cache, tell)
        table = np.full((len(chains), width), np.nan)
        for row, of_chain in enumerate(texts):
            table[row, : len(of_chain)] = [found[text] for text in of_chain]
        values[measure.name] = table
    return MeasuredChains(tuple(chains), values)


def text_key(text: str) -> bytes:
    """Names a text: a hash of 16 bytes."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _of_texts(
    measure: TextMeasure,
    texts: set[str],
    cache: MeasureCache | None,
    hear: Callable[[float], None],
) -> dict[str, float]:
    ordered = sorted(texts)
    keys = dict(zip(ordered, map(text_key, ordered), strict=True)) if cache else {}
    known = cache.values(measure.name, measure.version, list(keys.values())) if cache else {}
    found = {text: known[key] for text, key in keys.items() if key in known}
    rest = [text for text in ordered if text not in found]
    for start in range(0, len(rest), _AT_ONCE):
        part = rest[start : start + _AT_ONCE]
        measured = dict(zip(part, map(float, measure.of_texts(part)), strict=True))
        if cache is not None:
            cache.keep(measure.name, measure.version, {keys[t]: v for t, v in measured.items()})
        found |= measured
        hear(min(1.0, (len(ordered) - len(rest) + start + len(part)) / len(ordered)))
    hear(1.0)
    return found
