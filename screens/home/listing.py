"""Which experiments are listed, and in what order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import JsonValue

from simulator.domain.records import Experiment

Order = Literal["newest", "favourites", "name", "kind", "runs", "models", "creator", "lineage"]
ORDERS: dict[Order, str] = {
    "newest": "newest first",
    "favourites": "favourites first",
    "name": "by name",
    "kind": "by kind",
    "runs": "most runs first",
    "models": "by model",
    "creator": "by creator",
    "lineage": "copies under what they were copied from",
}
"""With what they are called."""

WithRuns = Literal["any", "some", "none"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What the list knows of an experiment."""

    id: str
    name: str
    kind: str
    note: str
    creator: str
    created_at: datetime
    parent_id: str | None
    models: tuple[str, ...]
    """Those that the design names."""
    is_starred: bool
    """Whether it is a favourite of the user's."""
    runs: int
    words: str = field(default="", compare=False)
    """What is searched, folded."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What an experiment must be like to be listed; None does not restrict."""

    words: str = ""
    """Each must occur in its name, note, creator or id."""
    kind: str | None = None
    creator: str | None = None
    model: str | None = None
    starred_only: bool = False
    runs: WithRuns = "any"

    def admit(self, entry: Entry) -> bool:
        """Whether an experiment is like that."""
        return (
            (self.kind is None or entry.kind == self.kind)
            and (self.creator is None or entry.creator == self.creator)
            and (self.model is None or self.model in entry.models)
            and (entry.is_starred or not self.starred_only)
            and (self.runs == "any" or (self.runs == "some") == (entry.runs > 0))
            and all(word in entry.words for word in self.words.casefold().split())
        )


@dataclass(frozen=True, slots=True)
class Line:
    """An experiment where it is listed."""

    entry: Entry
    depth: int = 0
    """How many of those above it are what it was copied from."""


def entry_of(experiment: Experiment, runs: int, user: str) -> Entry:
    """What the list keeps of an experiment."""
    parts = (experiment.name, experiment.note, experiment.creator, experiment.id)
    return Entry(
        id=experiment.id,
        name=experiment.name,
        kind=experiment.kind,
        note=experiment.note,
        creator=experiment.creator,
        created_at=experiment.created_at,
        parent_id=experiment.parent_id,
        models=tuple(dict.fromkeys(_models(experiment.design))),
        is_starred=user in experiment.starred_by,
        runs=runs,
        words="\n".join(parts).casefold(),
    )


def _models(value: JsonValue) -> Iterator[str]:
    """Every model that a design names, wherever its kind has it."""
    if isinstance(value, dict):
        model, several = value.get("model"), value.get("models")
        if isinstance(several, list) and several:  # they go before a single one
            yield from (one for one in several if isinstance(one, str))
        elif isinstance(model, str) and model:
            yield model
        for part in value.values():
            yield from _models(part)
    elif isinstance(value, list):
        for part in value:
            yield from _models(part)


# ---------------------------------------------------------------- order

_KEYS: dict[Order, Callable[[Entry], Any]] = {
    "newest": lambda entry: (),
    "favourites": lambda entry: not entry.is_starred,
    "name": lambda entry: entry.name.casefold(),
    "kind": lambda entry: entry.kind,
    "runs": lambda entry: -entry.runs,
    "models": lambda entry: entry.models,
    "creator": lambda entry: entry.creator.casefold(),
}


def arranged(
    entries: Iterable[Entry], filters: Filters, order: Order, *, is_reversed: bool = False
) -> list[Line]:
    """Those that are admitted, in order; where that leaves a choice, the newest first."""
    admitted = [entry for entry in entries if filters.admit(entry)]
    admitted.sort(key=lambda entry: (entry.created_at, entry.id), reverse=True)
    if order == "lineage":
        return list(_lineage(admitted[::-1] if is_reversed else admitted))
    admitted.sort(key=_KEYS[order])
    return [Line(entry) for entry in (reversed(admitted) if is_reversed else admitted)]


def _lineage(entries: Sequence[Entry]) -> Iterator[Line]:
    """Copies below what they were copied from, if that is listed; each experiment once."""
    listed = {entry.id for entry in entries}
    copies: dict[str | None, list[Entry]] = {}
    for entry in entries:
        parent = entry.parent_id if entry.parent_id in listed else None
        copies.setdefault(parent, []).append(entry)
    seen: set[str] = set()
    # What points at itself in a circle hangs on nothing, and stands at the end.
    for root in (*copies.get(None, ()), *entries):
        waiting = [Line(root)]
        while waiting:
            line = waiting.pop()
            if line.entry.id in seen:
                continue
            seen.add(line.entry.id)
            yield line
            below = copies.get(line.entry.id, ())
            waiting += [Line(copy, line.depth + 1) for copy in reversed(below)]
