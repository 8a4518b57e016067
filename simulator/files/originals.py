"""Import of what the original program keeps in MongoDB: experiments, conversations, messages.

An experiment becomes a classic conversation design, a conversation a completed run, a message a
step that was said. Ids are derived from the ObjectIds, so importing again gives the same ids.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from simulator.domain.ids import make_id
from simulator.domain.journal import Step
from simulator.domain.records import Experiment, Run
from simulator.files.extended_json import documents
from simulator.files.originals_mapping import (
    UnusableError,
    experiment_of,
    run_of,
    steps_of,
)

Collection = Literal["experiments", "conversations", "messages", "unknown"]
_COLLECTIONS: tuple[Collection, ...] = ("experiments", "conversations", "messages")


@dataclass(frozen=True, slots=True)
class Dropped:
    """A document that was not imported."""

    source: str
    """The file, or the document that names this one."""
    collection: Collection
    id: str
    """Its ObjectId; `line N` of the file where it has none."""
    reason: str


class ImportedRun(NamedTuple):
    """A run with its journal."""

    run: Run
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What was read from the original's documents."""

    experiments: tuple[Experiment, ...]
    runs: tuple[ImportedRun, ...]
    dropped: tuple[Dropped, ...]
    """Every document that could not be used."""

    def reasons(self) -> dict[str, int]:
        """How many documents were dropped for each reason."""
        return dict(Counter(f"{entry.collection}: {entry.reason}" for entry in self.dropped))


@dataclass(frozen=True, slots=True)
class _Document:
    source: str
    id: str
    fields: dict[str, Any]


def read_originals(texts: Mapping[str, str]) -> Imported:
    """Read documents of the three collections, spread over texts in any way.

    A text is JSON as `mongoexport` writes it (an array, or one object a line; extended JSON of
    version 1 or 2, or plain), or one object that maps the collections' names to their documents.

    Args:
        texts: Contents of files by the name to show.

    Returns:
        Experiments and runs in order of creation, and what was dropped.
    """
    return _Import(texts).result()


class _Import:
    def __init__(self, texts: Mapping[str, str]) -> None:
        self._dropped: list[Dropped] = []
        self._found: dict[Collection, dict[str, _Document]] = {c: {} for c in _COLLECTIONS}
        for source, text in texts.items():
            for line, value in documents(text):
                for collection, fields in _collected(value):
                    self._keep(source, line, collection, fields)

    def _drop(self, source: str, collection: Collection, id_: str, reason: str) -> None:
        self._dropped.append(Dropped(source, collection, id_, reason))

    def _keep(self, source: str, line: int, collection: Collection, fields: Any) -> None:
        if isinstance(fields, ValueError):
            return self._drop(source, collection, f"line {line}", str(fields))
        id_ = fields.get("_id") if isinstance(fields, dict) else None
        if not isinstance(fields, dict):
            return self._drop(source, collection, f"line {line}", "not a document")
        if not isinstance(id_, (str, int)) or isinstance(id_, bool) or id_ == "":
            return self._drop(source, collection, f"line {line}", "the field `_id` is missing")
        name = str(id_)
        if collection == "unknown":
            return self._drop(
                source, collection, name, "neither an experiment, a conversation nor a message"
            )
        known = self._found[collection]
        if name in known:
            same = known[name].fields == fields
            reason = "stands twice" if same else "another document has this `_id`"
            return self._drop(source, collection, name, reason)
        known[name] = _Document(source, name, fields)
        return None

    def result(self) -> Imported:
        experiments: list[Experiment] = []
        runs: list[ImportedRun] = []
        owners = self._owners("experiments", "conversation_ids", "conversations")
        listed = self._owners("conversations", "messages_ids", "messages")
        broken: set[str] = set()
        for document in self._found["experiments"].values():
            try:
                experiment = self._experiment(document, owners)
            except UnusableError as error:
                broken.add(document.id)
                self._drop(document.source, "experiments", document.id, str(error))
                continue
            experiments.append(experiment)
            for conversation in self._children(document, "conversation_ids", "conversations"):
                if owners[conversation.id] == document.id:
                    runs += self._run(conversation, experiment, listed)
        self._strays("conversations", owners, broken, "experiment")
        kept = {imported.run.id for imported in runs}
        lost = {
            id_
            for id_ in self._found["conversations"]
            if _identity("conversation", id_)[0] not in kept
        }
        self._strays("messages", listed, lost, "conversation")
        experiments.sort(key=lambda e: (e.created_at, e.id))
        runs.sort(key=lambda r: (r.run.created_at, r.run.id))
        return Imported(tuple(experiments), tuple(runs), tuple(self._dropped))

    def _owners(self, parents: Collection, field: str, children: Collection) -> dict[str, str]:
        """The first parent that lists each child; children that are not here are dropped."""
        owners: dict[str, str] = {}
        for document in self._found[parents].values():
            source = f"{document.source} ({parents[:-1]} {document.id})"
            for child in dict.fromkeys(_ids(document.fields.get(field))):
                if child not in self._found[children]:
                    self._drop(source, children, child, "listed, but not in the files")
                elif child in owners:
                    reason = f"listed again; it belongs to {parents[:-1]} {owners[child]}"
                    self._drop(source, children, child, reason)
                owners.setdefault(child, document.id)
        return owners

    def _children(self, document: _Document, field: str, children: Collection) -> list[_Document]:
        found = self._found[children]
        return [found[i] for i in dict.fromkeys(_ids(document.fields.get(field))) if i in found]

    def _strays(
        self, collection: Collection, owners: Mapping[str, str], lost: set[str], parent: str
    ) -> None:
        for document in self._found[collection].values():
            owner = owners.get(document.id)
            if owner is None:
                reason = f"no {parent} lists it"
            elif owner in lost:
                reason = f"its {parent} was not imported"
            else:
                continue
            self._drop(document.source, collection, document.id, reason)

    def _experiment(self, document: _Document, owners: Mapping[str, str]) -> Experiment:
        conversations = [
            conversation.fields
            for conversation in self._children(document, "conversation_ids", "conversations")
            if owners[conversation.id] == document.id
        ]
        id_, created = _identity("experiment", document.id)
        return experiment_of(document.fields, conversations, id_, created)

    def _run(
        self, document: _Document, experiment: Experiment, listed: Mapping[str, str]
    ) -> list[ImportedRun]:
        messages = []
        id_, created = _identity("conversation", document.id)
        try:
            run = run_of(document.fields, experiment, id_, created, document.id)
            for message in self._children(document, "messages_ids", "messages"):
                if listed[message.id] == document.id:
                    messages.append(message)
            steps, faults = steps_of(run, {m.id: m.fields for m in messages})
            if not steps:
                raise UnusableError("none of its messages can be read")
        except UnusableError as error:
            self._drop(document.source, "conversations", document.id, str(error))
            return []
        for message in messages:
            if message.id in faults:
                self._drop(message.source, "messages", message.id, faults[message.id])
        return [ImportedRun(run.model_copy(update={"agents": steps.agents}), steps.steps)]


def _collected(value: Any) -> Iterator[tuple[Collection, Any]]:
    """Each document of a JSON value with the collection that it belongs to."""
    if isinstance(value, list):
        for item in value:
            yield from _collected(item)
    elif isinstance(value, dict) and not value.keys() - set(_COLLECTIONS) and value:
        for collection in _COLLECTIONS:
            found = value.get(collection, [])
            for item in found if isinstance(found, list) else [found]:
                yield collection, item
    else:
        yield _collection(value), value


def _collection(value: Any) -> Collection:
    if not isinstance(value, dict):
        return "unknown"
    if value.keys() & {"conversation_ids", "shared_sections", "summarizer_sections", "llms"}:
        return "experiments"
    if value.keys() & {"messages_ids", "agent_combination", "speaker_selection_method"}:
        return "conversations"
    return "messages" if value.keys() & {"speaker", "content"} else "unknown"


def _ids(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _identity(collection: str, object_id: str) -> tuple[str, datetime]:
    """Our id for one of theirs, and the time that an ObjectId holds (1970 for other ids)."""
    try:
        seconds = int(object_id[:8], 16) if len(bytes.fromhex(object_id)) == 12 else 0
    except ValueError:
        seconds = 0
    key = f"{collection}:{object_id}".encode("utf-8", "surrogatepass")
    entropy = hashlib.blake2b(key, digest_size=10).digest()
    return make_id(seconds * 1000, entropy), datetime.fromtimestamp(seconds, UTC)
