"""Measures of a text in its relation to others of its chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from simulator.analysis.texts.language import SAME_LANGUAGE
from simulator.analysis.texts.measure import ChainMeasure, TableOf

if TYPE_CHECKING:
    from simulator.analysis.culture.records import Floats


def _to_initial(chains: Sequence[Sequence[str]], table_of: TableOf) -> Floats:
    from simulator.analysis.culture.similarity import similarity_to

    return similarity_to("initial", chains)


def _to_previous(chains: Sequence[Sequence[str]], table_of: TableOf) -> Floats:
    from simulator.analysis.culture.similarity import similarity_to

    return similarity_to("previous", chains)


_COSINE = "cosine of the TF-IDF vectors of their words, English stop words left out."

CHAIN_MEASURES: Mapping[str, ChainMeasure] = {
    measure.name: measure
    for measure in (
        ChainMeasure(
            "similarity_to_initial", "cosine", f"Likeness to the initial text: {_COSINE}",
            _to_initial, 0, 1, skips_hashtags=True,
        ),
        ChainMeasure(
            "similarity_to_previous", "cosine", f"Likeness to the text before: {_COSINE}",
            _to_previous, 0, 1, skips_hashtags=True,
        ),
        SAME_LANGUAGE,
    )
}  # fmt: skip
"""By name. Their values depend on the other texts, so none are kept but those they are made of."""
