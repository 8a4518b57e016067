"""Into which languages chains drift."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from simulator.analysis.culture.overview import groups
from simulator.analysis.culture.records import Chain
from simulator.analysis.texts.language import language_of


@dataclass(frozen=True, slots=True)
class LanguageShares:
    """How common a language is among the chains of a group."""

    model: str
    task: str
    temperature: float | None
    """None where unknown."""
    language: str | None
    """ISO 639-1, such as `en`; None of texts whose language would be a guess."""
    initial: float
    """Share of the initial texts, 0 to 1; as all of them not a number where there is no text."""
    first: float
    """Share of the texts of generation 1."""
    last: float
    """Share of the last texts of complete chains."""
    chains: int
    """With a last text."""


def languages_of(chains: Sequence[Chain]) -> tuple[LanguageShares, ...]:
    """The languages of each model, task and temperature, the commonest last ones first.

    Languages are told as `language_of` does, often wrongly of short texts.

    Args:
        chains: Of any models and tasks.

    Raises:
        NotFoundError: py3langid is not installed.
    """
    known: dict[str, str | None] = {}

    def counted(texts: Sequence[str]) -> Counter[str | None]:
        known.update({text: language_of(text) for text in set(texts) - known.keys()})
        return Counter(known[text] for text in texts)

    found = []
    for group, places in groups(chains):
        members = [chain.texts for chain in (chains[place] for place in places) if chain.texts]
        ends = [
            chain.texts[-1]
            for chain in (chains[place] for place in places)
            if chain.is_complete and chain.generations > 0
        ]
        initial = counted([texts[0] for texts in members])
        first = counted([texts[1] for texts in members if len(texts) > 1])
        last = counted(ends)
        order = sorted(
            dict.fromkeys((*last, *first, *initial)),
            key=lambda one: (-last[one], -first[one], -initial[one], one or "~"),
        )
        found += [
            LanguageShares(
                group.model, group.task, group.temperature, language, _share(initial, language),
                _share(first, language), _share(last, language), len(ends),
            )
            for language in order
        ]  # fmt: skip
    return tuple(found)


def _share(counts: Counter[str | None], language: str | None) -> float:
    total = counts.total()
    return counts[language] / total if total else float("nan")
