"""Measures of a text in its relation to others of its chain, and to other chains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from simulator.analysis.texts.language import SAME_LANGUAGE
from simulator.analysis.texts.measure import ChainMeasure, TableOf

if TYPE_CHECKING:
    from simulator.analysis.culture.records import Floats
    from simulator.analysis.culture.similarity import Target, Way

_MEANINGS: Mapping[Way, tuple[str, str]] = {
    "tfidf": ("cosine", "cosine of the TF-IDF vectors of their words, English stop words left out"),
    "edit": ("share", "1 - the edit distance over the length of the longer text"),
    "embedding": ("cosine", "cosine of their sentence embeddings"),
}


def chain_measures(way: Way = "tfidf") -> dict[str, ChainMeasure]:
    """The measures of this module, by name.

    Args:
        way: How texts are compared.
    """
    unit, formula = _MEANINGS[way]
    low = -1 if way == "embedding" else 0

    def to(target: Target) -> ChainMeasure:
        def of_chains(chains: Sequence[Sequence[str]], table_of: TableOf) -> Floats:
            from simulator.analysis.culture.similarity import similarity_to

            return similarity_to(target, chains, way)

        which = "initial text" if target == "initial" else "text before"
        return ChainMeasure(
            f"similarity_to_{target}", unit, f"Likeness to the {which}: {formula}.",
            of_chains, low, 1, skips_hashtags=True,
        )  # fmt: skip

    def across(chains: Sequence[Sequence[str]], table_of: TableOf) -> Floats:
        from simulator.analysis.culture.similarity import similarity_to_others

        return similarity_to_others(chains, way)

    to_others = ChainMeasure(
        "similarity_across", unit,
        "Mean likeness to the texts of the other chains of its model, task and temperature at the "
        f"same generation: {formula}.",
        across, low, 1, skips_hashtags=True, by_group=True,
    )  # fmt: skip
    measures = (to("initial"), to("previous"), to_others, SAME_LANGUAGE)
    return {measure.name: measure for measure in measures}


CHAIN_MEASURES: Mapping[str, ChainMeasure] = chain_measures()
"""By name, texts compared by TF-IDF. Their values depend on the other texts, so none are kept but
those they are made of."""
