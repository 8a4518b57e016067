"""Measures of all texts of chains, each distinct text once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from simulator.analysis.culture.groups import Group, group_of
from simulator.analysis.culture.records import Chain, Floats, MeasuredChains
from simulator.analysis.texts.measure import ChainMeasure, TextMeasure, classic_text
from simulator.analysis.texts.registry import INSTEAD, TEXT_MEASURES, measures_named
from simulator.errors import SimulatorError, UsageError

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
    once = _OnceMeasured(chains, cache, classic=classic)
    chosen = _chosen(measures)
    values: dict[str, Floats] = {}
    for place, measure in enumerate(chosen):
        values[measure.name] = once.values_of(measure, _part(hear, place, len(chosen)))
    return MeasuredChains(tuple(chains), values)


@dataclass(frozen=True, slots=True)
class Available:
    """What could be measured."""

    measured: MeasuredChains
    measures: tuple[TextMeasure | ChainMeasure, ...]
    """Those that have values."""
    remarks: tuple[str, ...]
    """A sentence or two for each reason why others have none."""


def measure_available(
    chains: Sequence[Chain],
    measures: Sequence[TextMeasure | ChainMeasure],
    cache: MeasureCache | None = None,
    hear: Callable[[float], None] = lambda share: None,
    *,
    classic: bool = False,
    required: Container[str] = (),
) -> Available:
    """Measure all texts by what is installed here, and say what is left out.

    A measure that has a stand-in, as toxicity has the lexicon, is replaced by it.

    Args:
        chains: As of `measure_chains`.
        measures: What to measure, as far as it can be.
        cache: As of `measure_chains`.
        hear: As of `measure_chains`.
        classic: As of `measure_chains`.
        required: Names of measures without which there is no result.

    Raises:
        SimulatorError: A required measure lacks a package, or failed.
    """
    once = _OnceMeasured(chains, cache, classic=classic)
    values: dict[str, Floats] = {}
    done: dict[str, TextMeasure | ChainMeasure] = {}
    lacking: dict[str, list[str]] = {}
    for place, measure in enumerate(measures):
        told = _part(hear, place, len(measures))
        try:
            values[measure.name] = once.values_of(measure, told)
        except SimulatorError as error:
            if measure.name in required:
                raise
            why = " ".join(filter(None, (error.message, error.remedy)))
            name = measure.name
            if name in INSTEAD:
                measure = TEXT_MEASURES[INSTEAD[name]]
                values[measure.name] = once.values_of(measure, told)
                name = f"{name}, in whose place stands {measure.name}"
            lacking.setdefault(why, []).append(name)
        if measure.name in values:
            done[measure.name] = measure
    remarks = tuple(f"Without {', '.join(names)}: {why}" for why, names in lacking.items())
    return Available(MeasuredChains(tuple(chains), values), tuple(done.values()), remarks)


def _part(hear: Callable[[float], None], done: int, of: int) -> Callable[[float], None]:
    return lambda share: hear((done + share) / of)


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

    def __init__(
        self, chains: Sequence[Chain], cache: MeasureCache | None, *, classic: bool
    ) -> None:
        raw: list[Sequence[str]] = [chain.texts for chain in chains]
        self._raw = self._without = raw
        if classic:
            self._without = [(*texts[:1], *map(classic_text, texts[1:])) for texts in raw]
        self._groups: dict[Group, list[int]] = {}
        for place, chain in enumerate(chains):
            self._groups.setdefault(group_of(chain), []).append(place)
        self._cache = cache
        self._keys: dict[str, bytes] = {}

    def values_of(
        self, measure: TextMeasure | ChainMeasure, hear: Callable[[float], None]
    ) -> Floats:
        """Shape (chains, most generations + 1)."""
        chains = self._without if measure.skips_hashtags else self._raw
        if isinstance(measure, TextMeasure) or not measure.by_group:
            return self._of_chains(measure, chains, hear)
        table = np.full((len(chains), max(map(len, chains), default=0)), np.nan)
        for number, places in enumerate(self._groups.values()):
            some = [chains[place] for place in places]
            values = self._of_chains(measure, some, _part(hear, number, len(self._groups)))
            table[places, : values.shape[1]] = values
        return table

    def _of_chains(
        self,
        measure: TextMeasure | ChainMeasure,
        chains: Sequence[Sequence[str]],
        hear: Callable[[float], None],
    ) -> Floats:
        if isinstance(measure, ChainMeasure):
            values = measure.of_chains(chains, lambda one: self._of_chains(one, chains, hear))
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
