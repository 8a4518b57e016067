"""Measures of all texts of chains, each distinct text once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np

from simulator.analysis.culture.records import Chain, Floats, MeasuredChains
from simulator.analysis.texts.measure import ChainMeasure, TextMeasure, classic_text
from simulator.analysis.texts.registry import measures_named
from simulator.errors import UsageError

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
    measures: Sequence[TextMeasure | ChainMeasure | str] = (),
    cache: MeasureCache | None = None,
    hear: Callable[[float], None] = lambda share: None,
    *,
    classic: bool = False,
) -> MeasuredChains:
    """Measure all texts.

    Args:
        chains: Of any lengths.
        measures: What to measure, itself or by its name; the usual ones where there is none.
        cache: Where values are kept; None measures all anew.
        hear: Is told the share that is done, 0 to 1.
        classic: Whether hashtags are taken out of all generations but the initial text for the
            measures that the original takes of such texts.

    Returns:
        Values of shape (chains, most generations + 1).

    Raises:
        SimulatorError: A measure is not known, lacks a package, or failed.
    """
    raw = [chain.texts for chain in chains]
    without = [(*texts[:1], *map(classic_text, texts[1:])) for texts in raw] if classic else raw
    chosen = _chosen(measures)
    once = _OnceMeasured(cache)
    values: dict[str, Floats] = {}
    for place, measure in enumerate(chosen):
        texts = without if measure.skips_hashtags else raw

        def tell(share: float, done: int = place) -> None:
            hear((done + share) / len(chosen))

        values[measure.name] = once.of_chains(measure, texts, tell)
    return MeasuredChains(tuple(chains), values)


def text_key(text: str) -> bytes:
    """Names a text: a hash of 16 bytes."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _chosen(
    measures: Sequence[TextMeasure | ChainMeasure | str],
) -> list[TextMeasure | ChainMeasure]:
    if not measures:
        return list(measures_named(()))
    return [measures_named((one,))[0] if isinstance(one, str) else one for one in measures]


class _OnceMeasured:
    """Measures each distinct text once, and hashes it once for all measures."""

    def __init__(self, cache: MeasureCache | None) -> None:
        self._cache = cache
        self._keys: dict[str, bytes] = {}

    def of_chains(
        self,
        measure: TextMeasure | ChainMeasure,
        chains: Sequence[Sequence[str]],
        hear: Callable[[float], None],
    ) -> Floats:
        if isinstance(measure, ChainMeasure):
            values = measure.of_chains(chains, lambda one: self.of_chains(one, chains, hear))
            hear(1.0)
            return values
        found = self._of_texts(measure, {text for texts in chains for text in texts}, hear)
        table = np.full((len(chains), max(map(len, chains), default=0)), np.nan)
        for row, texts in enumerate(chains):
            table[row, : len(texts)] = [found[text] for text in texts]
        return table

    def _of_texts(
        self, measure: TextMeasure, texts: set[str], hear: Callable[[float], None]
    ) -> dict[str, float]:
        ordered = sorted(texts)
        found = self._kept(measure, ordered)
        rest = [text for text in ordered if text not in found]
        for start in range(0, len(rest), _AT_ONCE):
            hear((len(ordered) - len(rest) + start) / len(ordered))
            measured = _measured(measure, rest[start : start + _AT_ONCE])
            if self._cache is not None:
                by_key = {self._keys[text]: value for text, value in measured.items()}
                self._cache.keep(measure.name, measure.version, by_key)
            found |= measured
        hear(1.0)
        return found

    def _kept(self, measure: TextMeasure, texts: Sequence[str]) -> dict[str, float]:
        if self._cache is None:
            return {}
        for text in texts:
            if text not in self._keys:
                self._keys[text] = text_key(text)
        keys = [self._keys[text] for text in texts]
        known = self._cache.values(measure.name, measure.version, keys)
        return {
            text: known[key] for text, key in zip(texts, keys, strict=True) if key in known
        }  # fmt: skip


def _measured(measure: TextMeasure, texts: Sequence[str]) -> dict[str, float]:
    values = list(map(float, measure.of_texts(texts)))
    if len(values) != len(texts):
        raise UsageError(
            f"The measure {measure.name!r} gave {len(values)} numbers for {len(texts)} texts.",
            remedy="Let it return one number for each text, in their order.",
        )
    return dict(zip(texts, values, strict=True))
