"""Documents and indexes on disk, in an SQLite file: a write survives a SIGKILL once it returned."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from bson import Binary

from tests.servers.mongo.errors import CommandError
from tests.servers.mongo.indexes import Index, duplicate, make_index
from tests.servers.mongo.values import (
    Document,
    decode,
    encode,
    key,
    shown,
)

MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
_SCHEMA = """
CREATE TABLE IF NOT EXISTS collections (
    id INTEGER PRIMARY KEY, db TEXT, name TEXT, UNIQUE (db, name));
CREATE TABLE IF NOT EXISTS indexes (
    id INTEGER PRIMARY KEY, collection INTEGER, spec BLOB);
CREATE TABLE IF NOT EXISTS multikeys (
    idx INTEGER, path TEXT, PRIMARY KEY (idx, path)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (position INTEGER PRIMARY KEY AUTOINCREMENT, event BLOB);
CREATE TABLE IF NOT EXISTS retryable (
    session BLOB, number INTEGER, statement INTEGER, result BLOB,
    PRIMARY KEY (session, statement)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sessions (session BLOB PRIMARY KEY, number INTEGER) WITHOUT ROWID;
"""
_NAMESPACE = UUID("7d0a4e9c-6a53-4d5c-9a6e-0d6f4c0b6f10")


@dataclass(slots=True)
class Collection:
    """A collection and its indexes, the one on `_id` first."""

    id: int
    db: str
    name: str
    indexes: list[Index] = field(default_factory=list)

    @property
    def namespace(self) -> str:
        return f"{self.db}.{self.name}"

    @property
    def uuid(self) -> Binary:
        return Binary.from_uuid(uuid5(_NAMESPACE, f"{self.id}"))


class Storage:
    """All databases of the server. One command at a time; commit after each."""

    def __init__(self, folder: Path) -> None:
        self.db = sqlite3.connect(
            folder / "standin.sqlite", isolation_level=None, cached_statements=2000
        )
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = OFF")
        self.db.execute("PRAGMA cache_size = -65536")
        self.db.executescript(_SCHEMA)
        (term,) = self.db.execute("PRAGMA user_version").fetchone()
        self.term: int = term + 1
        """How often the server has been started on this folder."""
        self.db.execute(f"PRAGMA user_version = {self.term}")
        self.collections: dict[tuple[str, str], Collection] = {}
        self._load()

    def _load(self) -> None:
        by_id: dict[int, Collection] = {}
        for number, db, name in self.db.execute("SELECT id, db, name FROM collections"):
            by_id[number] = self.collections[db, name] = Collection(number, db, name)
        arrays = self.db.execute("SELECT idx, path FROM multikeys").fetchall()
        rows = self.db.execute("SELECT id, collection, spec FROM indexes ORDER BY id")
        for number, owner, spec in rows:
            paths = {path for index, path in arrays if index == number}
            by_id[owner].indexes.append(make_index(number, decode(spec), paths))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is written inside is kept together once it is left, even after an error."""
        self.db.execute("BEGIN")
        try:
            yield
        finally:
            self.db.execute("COMMIT")

    # ------------------------------------------------------------ collections

    def collection(self, db: str, name: str) -> Collection | None:
        """None when it does not exist."""
        return self.collections.get((db, name))

    def ensure(self, db: str, name: str) -> Collection:
        """The collection, made if need be."""
        if found := self.collections.get((db, name)):
            return found
        _check_names(db, name)
        number = self._inserted("INSERT INTO collections (db, name) VALUES (?, ?)", db, name)
        self.db.execute(f"CREATE TABLE c{number} (rid INTEGER PRIMARY KEY, body BLOB)")
        made = self.collections[db, name] = Collection(number, db, name)
        self.add_index(made, {"v": 2, "key": {"_id": 1}, "name": "_id_"})
        return made

    def drop(self, collection: Collection) -> None:
        """Remove it with its documents."""
        for index in list(collection.indexes):
            self.drop_index(collection, index)
        self.db.execute(f"DROP TABLE c{collection.id}")
        self.db.execute("DELETE FROM collections WHERE id = ?", (collection.id,))
        del self.collections[collection.db, collection.name]

    def _inserted(self, statement: str, *values: Any) -> int:
        number = self.db.execute(statement, values).lastrowid
        assert number is not None
        return number

    # ------------------------------------------------------------ indexes

    def add_index(self, collection: Collection, spec: Document) -> Index:
        """Make an index over what the collection holds. Raises CommandError for duplicates."""
        number = self._inserted(
            "INSERT INTO indexes (collection, spec) VALUES (?, ?)", collection.id, encode(spec)
        )
        self.db.execute(
            f"CREATE TABLE i{number} (key BLOB, rid INTEGER, PRIMARY KEY (key, rid)) WITHOUT ROWID"
        )
        index = make_index(number, spec, set())
        collection.indexes.append(index)
        try:
            for rid, body in self.db.execute(f"SELECT rid, body FROM c{collection.id}"):
                document = decode(body)
                keys, arrays = index.entries(document)
                self._check_unique(collection, index, keys, rid, document)
                self._write_entries(index, keys, rid, arrays)
        except CommandError:
            self.drop_index(collection, index)
            raise
        return index

    def drop_index(self, collection: Collection, index: Index) -> None:
        """Remove an index."""
        self.db.execute(f"DROP TABLE i{index.id}")
        self.db.execute("DELETE FROM indexes WHERE id = ?", (index.id,))
        self.db.execute("DELETE FROM multikeys WHERE idx = ?", (index.id,))
        collection.indexes.remove(index)

    def _check_unique(
        self, collection: Collection, index: Index, keys: Sequence[bytes], rid: int, document: Any
    ) -> None:
        if not index.unique:
            return
        for entry in keys:
            taken = self.db.execute(
                f"SELECT 1 FROM i{index.id} WHERE key = ? AND rid <> ?", (entry, rid)
            ).fetchone()
            if taken:
                raise duplicate(collection.namespace, index, entry, document)

    def _write_entries(
        self, index: Index, keys: Sequence[bytes], rid: int, arrays: Sequence[str]
    ) -> None:
        statement = f"INSERT INTO i{index.id} VALUES (?, ?)"
        for entry in keys:
            self.db.execute(statement, (entry, rid))
        for path in arrays:
            if path not in index.multikeys:
                index.multikeys.add(path)
                self.db.execute("INSERT INTO multikeys VALUES (?, ?)", (index.id, path))

    # ------------------------------------------------------------ documents

    def insert(self, collection: Collection, document: Document) -> None:
        """Raises CommandError, and leaves nothing behind, when a unique index stands against it."""
        body = _body(document, "object to insert too large. size in bytes")
        made = [(index, *index.entries(document)) for index in collection.indexes]
        for index, keys, _ in made:
            self._check_unique(collection, index, keys, -1, document)
        rid = self._inserted(f"INSERT INTO c{collection.id} (body) VALUES (?)", body)
        for index, keys, arrays in made:
            self._write_entries(index, keys, rid, arrays)

    def replace(self, collection: Collection, rid: int, old: Document, new: Document) -> None:
        """As `insert`, for a document that is there already."""
        body = _body(new, "Resulting document after update is larger than 16777216; size", 17419)
        changed = []
        for index in collection.indexes:
            keys, arrays = index.entries(new)
            before, _ = index.entries(old)
            if keys != before:
                self._check_unique(collection, index, keys, rid, new)
                changed.append((index, keys, before, arrays))
        self.db.execute(f"UPDATE c{collection.id} SET body = ? WHERE rid = ?", (body, rid))
        for index, keys, before, arrays in changed:
            for entry in before:
                self.db.execute(f"DELETE FROM i{index.id} WHERE key = ? AND rid = ?", (entry, rid))
            self._write_entries(index, keys, rid, arrays)

    def delete(self, collection: Collection, rid: int, document: Document) -> None:
        """Remove a document and its entries."""
        self.db.execute(f"DELETE FROM c{collection.id} WHERE rid = ?", (rid,))
        for index in collection.indexes:
            for entry in index.entries(document)[0]:
                self.db.execute(f"DELETE FROM i{index.id} WHERE key = ? AND rid = ?", (entry, rid))

    def body(self, collection: Collection, rid: int) -> bytes:
        """The BSON of a document."""
        row = self.db.execute(f"SELECT body FROM c{collection.id} WHERE rid = ?", (rid,)).fetchone()
        return bytes(row[0])

    def by_id(self, collection: Collection, identity: Any) -> Document | None:
        """The document of this `_id`, if there is one."""
        row = self.db.execute(
            f"SELECT rid FROM i{collection.indexes[0].id} WHERE key = ?", (key(identity),)
        ).fetchone()
        return None if row is None else decode(self.body(collection, row[0]))

    def count(self, collection: Collection) -> int:
        """How many documents it holds."""
        row = self.db.execute(f"SELECT count(*) FROM c{collection.id}").fetchone()
        return int(row[0])

    def bodies(
        self, collection: Collection, *, reverse: bool = False
    ) -> Iterator[tuple[int, bytes]]:
        """All documents in the order of their insertion."""
        order = "DESC" if reverse else "ASC"
        yield from self.db.execute(f"SELECT rid, body FROM c{collection.id} ORDER BY rid {order}")

    def count_span(self, index: Index, low: bytes, high: bytes) -> int:
        """How many entries there are from `low` to before `high`."""
        row = self.db.execute(
            f"SELECT count(*) FROM i{index.id} WHERE key >= ? AND key < ?", (low, high)
        ).fetchone()
        return int(row[0])

    def scan(
        self, index: Index, low: bytes, high: bytes, *, reverse: bool = False
    ) -> Iterator[tuple[bytes, int]]:
        """Entries from `low` to before `high`, in the order of the index."""
        order = "DESC" if reverse else "ASC"
        yield from self.db.execute(
            f"SELECT key, rid FROM i{index.id} WHERE key >= ? AND key < ? "
            f"ORDER BY key {order}, rid {order}",
            (low, high),
        )

    # ------------------------------------------------------------ retried writes

    def begin_retryable(self, asked: Document) -> None:
        """Take note of a write's number. Raises CommandError for one older than the session's."""
        if "txnNumber" not in asked:
            return
        session, number = bytes(asked["lsid"]["id"]), asked["txnNumber"]
        row = self.db.execute(
            "SELECT number FROM sessions WHERE session = ?", (session,)
        ).fetchone()
        if row and row[0] > number:
            raise CommandError(225, f"Retryable write with txnNumber {number} is prohibited on "
                               "session because a newer retryable write with txnNumber "
                               f"{row[0]} has already started on this session.")  # fmt: skip
        if row is None or row[0] < number:
            self.db.execute("INSERT OR REPLACE INTO sessions VALUES (?, ?)", (session, number))
            self.db.execute("DELETE FROM retryable WHERE session = ?", (session,))

    def done_before(self, asked: Document, statement: int) -> Document | None:
        """What a statement did when it was sent the first time, if it did anything."""
        if "txnNumber" not in asked:
            return None
        row = self.db.execute(
            "SELECT result FROM retryable WHERE session = ? AND statement = ?",
            (bytes(asked["lsid"]["id"]), statement),
        ).fetchone()
        return None if row is None else decode(row[0])

    def remember(self, asked: Document, statement: int, result: Document) -> None:
        """Put down what a statement did, so that it is not done again."""
        if "txnNumber" in asked:
            self.db.execute(
                "INSERT INTO retryable VALUES (?, ?, ?, ?)",
                (bytes(asked["lsid"]["id"]), asked["txnNumber"], statement, encode(result)),
            )

    # ------------------------------------------------------------ events

    def add_event(self, event: Document) -> None:
        """Append to the log that change streams read."""
        self.db.execute("INSERT INTO events (event) VALUES (?)", (encode(event),))

    def events(self, after: int, limit: int = 1000) -> list[tuple[int, Document]]:
        """Events of positions greater than `after`."""
        rows = self.db.execute(
            "SELECT position, event FROM events WHERE position > ? ORDER BY position LIMIT ?",
            (after, limit),
        )
        return [(position, decode(event)) for position, event in rows]

    def last_event(self) -> int:
        """The position of the newest event; 0 when there is none."""
        row = self.db.execute("SELECT max(position) FROM events").fetchone()
        return row[0] or 0


def _check_names(db: str, name: str) -> None:
    if not name or "\0" in name or "$" in name or name.startswith("."):
        raise CommandError(73, f"Invalid collection name: {name}" if name else
                           f"Invalid namespace specified '{db}.'")  # fmt: skip
    if len(f"{db}.{name}".encode()) > 255:
        raise CommandError(73, f"Fully qualified namespace is too long. Namespace: {db}.{name} "
                           "Max: 255")  # fmt: skip
    if not db or any(letter in db for letter in '/\\. "$\0') or len(db.encode()) > 63:
        raise CommandError(73, f"Invalid database name: '{db}'")


def _body(document: Document, problem: str, code: int = 2) -> bytes:
    body = encode(document)
    if len(body) > MAX_DOCUMENT_BYTES + 16 * 1024:
        raise CommandError(10334, f"BSONObj size: {len(body)} ({len(body):#x}) is invalid. Size "
                           "must be between 0 and 16793600(16MB) First element: _id: "
                           f"{shown(document.get('_id'))}")  # fmt: skip
    if len(body) > MAX_DOCUMENT_BYTES:
        raise CommandError(code, f"{problem}: {len(body)}, max size: {MAX_DOCUMENT_BYTES}")
    return body
