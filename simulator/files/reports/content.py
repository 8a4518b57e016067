"""What a report shows, and how it stands in the file as data."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from pydantic import JsonValue

from simulator.analysis.culture.records import Chain, MeasuredChains
from simulator.files.reports.drawings import Drawing
from simulator.files.reports.transcripts import Texts, Transcript, transcript_document

Facts: TypeAlias = tuple[tuple[str, str], ...]
"""Names with their values."""

LONGEST_NAME = 70
"""Characters of what is picked from a list; longer names are cut."""
_DIGITS = 4
"""Of a value that is drawn."""


@dataclass(frozen=True, slots=True)
class MeasureNote:
    """What a reader should know of a measure."""

    unit: str = ""
    meaning: str = ""
    """One sentence."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """How runs were played."""

    name: str
    facts: Facts
    texts: Facts = ()
    """Titles and texts: what is asked, and system prompts."""


@dataclass(frozen=True, slots=True)
class Report:
    """All that is in a report."""

    title: str
    facts: Facts
    """Of the whole: who made it when, with what, of how much."""
    remarks: tuple[str, ...]
    """Sentences on what is missing or was left out."""
    chains: MeasuredChains
    measures: Mapping[str, MeasureNote]
    """Of the measures of `chains`, where known."""
    transcripts: tuple[Transcript, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    """Figures, in the order in which they are read."""
    conditions: tuple[Conditions, ...] = ()
    """Of the runs whose chains are shown."""


def report_document(report: Report) -> dict[str, JsonValue]:
    """The report as JSON.

    Each text stands once, and chains and messages have its number; chains have values by measure
    and generation, null where there is none. Figures are only named: they stand apart.
    """
    texts = Texts()
    measured = report.chains
    names: dict[str, JsonValue] = {}
    picks: dict[str, list[int]] = {}
    for field, values in _fields(measured.chains).items():
        names[field], picks[field] = _numbered(values)
    chains: list[JsonValue] = []
    for place, chain in enumerate(measured.chains):
        length = len(chain.texts)
        one: dict[str, JsonValue] = {
            "picks": [picks[field][place] for field in picks],
            "texts": [texts.number(text) for text in chain.texts],
            "expected": chain.expected,
            "values": [
                [_rounded(value) for value in values[place][:length].tolist()]
                for values in measured.values.values()
            ],
        }
        chains.append(one)
    transcripts: list[JsonValue] = [
        transcript_document(transcript, texts) for transcript in report.transcripts
    ]
    conditions: list[JsonValue] = [
        [one.name, [list(fact) for fact in one.facts],
         [[title, texts.number(text)] for title, text in one.texts]]
        for one in report.conditions
    ]  # fmt: skip
    return {
        "title": report.title,
        "facts": [list(fact) for fact in report.facts],
        "remarks": list(report.remarks),
        "measures": [
            [name, report.measures.get(name, MeasureNote()).unit,
             report.measures.get(name, MeasureNote()).meaning]
            for name in measured.values
        ],
        "names": names,
        "chains": chains,
        "conditions": conditions,
        "transcripts": transcripts,
        "figures": [[one.name, one.title, one.meaning] for one in report.drawings],
        "texts": texts.all(),
    }  # fmt: skip


def _fields(chains: Iterable[Chain]) -> dict[str, list[str]]:
    """What chains are picked by, in the order in which a reader picks."""
    listed = tuple(chains)
    return {
        "model": [chain.model for chain in listed],
        "task": [chain.task for chain in listed],
        "temperature": [
            "unknown" if chain.temperature is None else f"{chain.temperature:g}" for chain in listed
        ],
        "text": [chain.text for chain in listed],
        "seed": [str(chain.seed) for chain in listed],
        "agent": [str(chain.agent) for chain in listed],
        "source": [chain.source for chain in listed],
    }


def _numbered(values: list[str]) -> tuple[list[JsonValue], list[int]]:
    """Short names that differ, and for each value the number of its name."""
    numbers = {value: place for place, value in enumerate(dict.fromkeys(values))}
    seen: set[str] = set()
    short: list[JsonValue] = []
    for value in numbers:
        name = " ".join(value.split())
        name = (name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…") or "(none)"
        tried, count = name, 1
        while tried in seen:
            count += 1
            tried = f"{name} ({count})"
        seen.add(tried)
        short.append(tried)
    return short, [numbers[value] for value in values]


def _rounded(value: float) -> float | None:
    return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None
