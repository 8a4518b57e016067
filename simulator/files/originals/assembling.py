"""Puts the documents of the original program together: who lists whom, and what is left over.

Parents list their children and children know no parent, so experiments and conversations are held,
and a conversation's messages until the last of them was read.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol, get_args

from simulator.domain.journal import Step
from simulator.domain.records import Experiment, Run
from simulator.files.originals.documents import Fields, UnusableError, ids, name_of
from simulator.files.originals.experiments import experiment_of
from simulator.files.originals.runs import Draft, draft_of, finished

Collection = Literal["experiments", "conversations", "messages", "unknown", "chains"]
CHAT_LOG = "chat log"
"""Stands for the id of a talk, which is a file of its own."""
COLLECTIONS: tuple[Collection, ...] = get_args(Collection)[:3]


@dataclass(frozen=True, slots=True)
class Found:
    """Something that stands where documents are."""

    source: str
    """The file or the collection."""
    place: str
    """Where in it, such as `line 3`."""
    collection: Collection
    value: Any
    """The document, without types of MongoDB's own; or the ValueError that came instead."""


class Source(Protocol):
    """Where the documents are, each read when it is wanted."""

    @property
    def share(self) -> float:
        """How much was read, from 0 to 1."""
        ...

    def parents(self) -> AsyncIterator[Found]:
        """Everything but messages."""
        ...

    def messages(self) -> AsyncIterator[Found]:
        """The messages."""
        ...


@dataclass(frozen=True, slots=True)
class Loss:
    """A document, or something in one, that was not taken over."""

    source: str
    """The file or collection, or the document that names this one."""
    collection: Collection
    id: str
    """Its `_id`; its place where it has none."""
    reason: str
    whole: bool = True
    """Whether the document was left out; else only what the reason names."""

    @property
    def is_file(self) -> bool:
        """Whether it is a file of its own, whose name tells it; else its id does."""
        return self.collection == "chains" or self.id == CHAT_LOG


class ImportedRun(NamedTuple):
    """A run with its journal."""

    run: Run
    steps: tuple[Step, ...]


Record = Experiment | ImportedRun | Loss


async def read_originals(source: Source) -> AsyncIterator[Record]:
    """Read documents of the three collections, in whatever order they come.

    Experiments come first, the oldest before; each run as soon as the last of its messages was
    read. Every document that cannot be used is a loss.
    """
    originals = _Originals()
    async for found in source.parents():
        for loss in originals.keep(found):
            yield loss
    for record in originals.experiments():
        yield record
    async for found in source.messages():
        for record in originals.hear(found):
            yield record
    for record in originals.rest():
        yield record


@dataclass(frozen=True, slots=True)
class _Document:
    source: str
    id: str
    fields: Fields


@dataclass(slots=True)
class _Open:
    """A conversation whose messages are not all here."""

    document: _Document
    draft: Draft
    size: int = 0
    """How many messages are its own."""
    messages: dict[str, _Document] = field(default_factory=dict)


class _Originals:
    def __init__(self) -> None:
        self._experiments: dict[str, _Document] = {}
        self._conversations: dict[str, _Document] = {}
        self._open: dict[str, _Open] = {}
        self._lost: set[str] = set()
        """Conversations that are not imported."""
        self._owners: dict[str, str] = {}
        """The conversation of each message."""

    def keep(self, found: Found) -> Iterator[Loss]:
        """Hold an experiment or a conversation."""
        document = _document(found)
        if isinstance(document, Loss):
            yield document
            return
        kept = self._experiments if found.collection == "experiments" else self._conversations
        known = kept.setdefault(document.id, document)
        if known is not document and not _merged(known.fields, document.fields):
            yield _loss("another document has this `_id`", document, found.collection)

    def experiments(self) -> Iterator[Record]:
        """The experiments; when they are out, messages may come."""
        children: dict[str, list[str]] = {id_: [] for id_ in self._experiments}
        parents: dict[str, str] = {}
        for document in self._experiments.values():
            source = f"{document.source} (experiment {document.id})"
            for child in ids(document.fields, "conversation_ids"):
                if child not in self._conversations:
                    yield Loss(source, "conversations", child, "listed, but not there")
                elif child in parents:
                    reason = f"listed again; it belongs to experiment {parents[child]}"
                    yield Loss(source, "conversations", child, reason)
                else:
                    parents[child] = document.id
                    children[document.id].append(child)
        read: list[Experiment] = []
        for document in self._experiments.values():
            conversations = [self._conversations[child] for child in children[document.id]]
            for record in _experiment(document, conversations):
                if isinstance(record, Experiment):
                    read.append(record)
                else:
                    yield record
        read.sort(key=lambda experiment: (experiment.created_at, experiment.id))
        yield from read
        for experiment in read:
            original_id = experiment.original_id or ""
            for child in children[original_id]:
                yield from self._begun(child, experiment, self._experiments[original_id])
        for document in self._conversations.values():
            if document.id not in self._open and document.id not in self._lost:
                known = document.id in parents
                reason = "its experiment was not imported" if known else "no experiment lists it"
                yield from self._losing(document, reason)
        yield from self._message_owners()
        self._conversations.clear()

    def _begun(self, id_: str, experiment: Experiment, parent: _Document) -> Iterator[Loss]:
        document = self._conversations[id_]
        remarks: list[str] = []
        try:
            draft = draft_of(id_, document.fields, experiment, parent.fields, remarks)
        except UnusableError as error:
            yield from self._losing(document, str(error))
            return
        yield from (_loss(r, document, "conversations", whole=False) for r in remarks)
        self._open[id_] = _Open(document, draft)

    def _losing(self, document: _Document, reason: str) -> Iterator[Loss]:
        self._lost.add(document.id)
        yield _loss(reason, document, "conversations")

    def _message_owners(self) -> Iterator[Loss]:
        for document in self._conversations.values():
            for id_ in ids(document.fields, "messages_ids"):
                owner = self._owners.setdefault(id_, document.id)
                if owner != document.id:
                    source = f"{document.source} (conversation {document.id})"
                    reason = f"listed again; it belongs to conversation {owner}"
                    yield Loss(source, "messages", id_, reason)
                elif document.id in self._open:
                    self._open[document.id].size += 1

    def hear(self, found: Found) -> Iterator[Record]:
        """Put a message to its conversation; the run, if it was the last one missing."""
        document = _document(found)
        if isinstance(document, Loss):
            yield document
            return
        owner = self._owners.get(document.id)
        if owner is None:
            yield _loss("no conversation lists it", document, "messages")
        elif owner in self._lost:
            yield _loss("its conversation was not imported", document, "messages")
        elif owner in self._open:
            conversation = self._open[owner]
            known = conversation.messages.setdefault(document.id, document)
            if known.fields != document.fields:
                yield _loss("another document has this `_id`", document, "messages")
            if len(conversation.messages) == conversation.size:
                yield from _finished(self._open.pop(owner))

    def rest(self) -> Iterator[Record]:
        """The runs that lack messages."""
        for conversation in self._open.values():
            document = conversation.document
            source = f"{document.source} (conversation {document.id})"
            for id_ in ids(document.fields, "messages_ids"):
                if self._owners[id_] == document.id and id_ not in conversation.messages:
                    yield Loss(source, "messages", id_, "listed, but not there")
            yield from _finished(conversation)


def _document(found: Found) -> _Document | Loss:
    """What was found as a document with a name, or why it is none."""
    fields, id_, reason = found.value, found.place, None
    if isinstance(fields, ValueError):
        reason = str(fields)
    elif not isinstance(fields, dict):
        reason = "not a document"
    elif not isinstance(given := fields.get("_id"), str | int) or given in ("", True, False):
        reason = "the field `_id` is missing"
    else:
        id_ = name_of(given)
        if found.collection == "unknown":
            reason = "neither an experiment, a conversation nor a message"
    if reason is None:
        return _Document(found.source, id_, fields)
    return Loss(found.source, found.collection, id_, reason)


def _merged(known: Fields, other: Fields) -> bool:
    """Add what a later copy of an experiment lists; False where they are not of one document."""
    changing = {"conversation_ids", "note", "favourite"}
    if any(known.get(key) != other.get(key) for key in (known.keys() | other.keys()) - changing):
        return False
    listed = dict.fromkeys([*ids(known, "conversation_ids"), *ids(other, "conversation_ids")])
    if listed:
        known["conversation_ids"] = list(listed)
    return True


def _experiment(document: _Document, conversations: list[_Document]) -> Iterator[Experiment | Loss]:
    remarks: list[str] = []
    launches = [conversation.fields for conversation in conversations]
    try:
        yield experiment_of(document.id, document.fields, launches, remarks)
    except UnusableError as error:
        yield _loss(str(error), document, "experiments")
    else:
        yield from (_loss(r, document, "experiments", whole=False) for r in remarks)


def _finished(conversation: _Open) -> Iterator[ImportedRun | Loss]:
    documents = conversation.messages
    faults: dict[str, str] = {}
    fields: Mapping[str, Fields] = {id_: one.fields for id_, one in documents.items()}
    run, steps = finished(conversation.draft, fields, faults)
    yield from (_loss(reason, documents[id_], "messages") for id_, reason in faults.items())
    if steps:
        yield ImportedRun(run, steps)
    else:
        yield _loss("none of its messages can be read", conversation.document, "conversations")


def _loss(reason: str, document: _Document, collection: Collection, *, whole: bool = True) -> Loss:
    return Loss(document.source, collection, document.id, reason, whole)
