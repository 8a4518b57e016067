"""Where exported documents of the original program are: files, and folders of them."""

from __future__ import annotations

import asyncio
import gzip
import io
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, cast

from simulator.errors import DesignInvalidError, NotFoundError, UsageError
from simulator.files import extended_json
from simulator.files.originals.assembling import COLLECTIONS, Collection, Found
from simulator.files.reading import opened

BsonReader = Callable[[BinaryIO], Iterator[tuple[str, Any]]]
"""Reads the documents of a BSON file, each with its place; ValueError stands for a bad one."""

ENDINGS = (".json", ".jsonl", ".ndjson", ".bson")
_GZIP = b"\x1f\x8b"
_ARCHIVE = b"\x6d\xe2\x99\x81"
"""How the single file begins that `mongodump --archive` writes."""
_PICKLES = (".pkl", ".pickle")
_BESIDE = ("prelude.json", ".metadata.json")
"""What mongodump writes beside the documents."""
_BREATH = 200
"""Documents after which other tasks have their turn."""
_EXPORT = "Export the database with `mongodump --out FOLDER`, or its collections with mongoexport."


class OriginalFiles:
    """Documents in files, as `mongoexport`, `mongodump` or Compass write them.

    JSON (an array, or one object a line; extended JSON of version 1 or 2, or plain), one object
    that maps the collections' names to their documents, or BSON; each may be compressed with
    gzip. What a document is shows in its fields, so files may hold any of them. Each file is read
    twice: messages are held back until all conversations are known.
    """

    def __init__(self, paths: Sequence[Path], bson: BsonReader) -> None:
        """Find the files.

        Args:
            paths: Files, and folders of files.
            bson: Reads BSON.

        Raises:
            NotFoundError: A folder has no exported documents.
            UsageError: Several folders in a folder have some.
        """
        self._bson = bson
        self._files = list(
            dict.fromkeys(
                file for path in paths for file in (_exports(path) if path.is_dir() else [path])
            )
        )
        self._with_messages: list[Path] = []
        self._total = 2 * sum(file.stat().st_size for file in self._files if file.exists())
        self._done = 0
        self._position = 0

    @property
    def share(self) -> float:
        """How much was read, from 0 to 1."""
        return min(1.0, (self._done + self._position) / self._total) if self._total else 0.0

    async def parents(self) -> AsyncIterator[Found]:
        """Everything but messages."""
        for path in self._files:
            has_messages = False
            async for found in self._read(path):
                if found.collection == "messages":
                    has_messages = True
                else:
                    yield found
            if has_messages:
                self._with_messages.append(path)
            else:
                self._done += path.stat().st_size

    async def messages(self) -> AsyncIterator[Found]:
        """The messages."""
        for path in self._with_messages:
            async for found in self._read(path):
                if found.collection == "messages":
                    yield found

    async def _read(self, path: Path) -> AsyncIterator[Found]:
        named = _collection_in(path.name)
        with opened(path) as file:
            for number, (place, value) in enumerate(self._documents(path, file)):
                self._position = file.tell()
                for collection, document in _collected(value):
                    known = named if collection == "unknown" and named else collection
                    yield Found(str(path), place, known, document)
                if number % _BREATH == 0:
                    await asyncio.sleep(0)
            self._done += file.tell()
            self._position = 0

    def _documents(self, path: Path, file: BinaryIO) -> Iterator[tuple[str, Any]]:
        stream = file
        if file.read(len(_GZIP)) == _GZIP:
            stream = cast("BinaryIO", gzip.GzipFile(fileobj=file))
        file.seek(0)
        try:
            beginning = stream.read(len(_ARCHIVE))
            stream.seek(0)
            _refuse(path, beginning)
            if ".bson" in path.suffixes[-2:]:
                yield from self._bson(stream)
            else:
                text = io.TextIOWrapper(stream, "utf-8-sig")
                yield from extended_json.documents(text)
                text.detach()
        except UnicodeDecodeError:
            raise DesignInvalidError(
                f"{path} is not UTF-8 text.", remedy="Export it again as UTF-8; on Windows, with "
                "mongoexport's own option --out rather than with >.",
            ) from None  # fmt: skip
        except (gzip.BadGzipFile, EOFError, zlib.error):
            raise DesignInvalidError(
                f"{path} is damaged: its compressed data breaks off or makes no sense.",
                remedy="Copy or export it again.",
            ) from None


def _refuse(path: Path, beginning: bytes) -> None:
    """Raises UsageError for files that hold documents in forms that are not read."""
    if beginning == _ARCHIVE:
        raise UsageError(
            f"{path} is an archive of mongodump, which is not read.",
            remedy="Restore it with `mongorestore --archive=FILE` and name the database, or dump "
            "with `mongodump --out FOLDER`.",
        )
    if path.suffix in _PICKLES or (beginning[:1] == b"\x80" and beginning[1:2] in b"\2\3\4\5"):
        raise UsageError(
            f"{path} is a pickle, which could run any program when it is read; it is not read.",
            remedy=_EXPORT,
        )


def _exports(folder: Path) -> list[Path]:
    """The exported files in a folder, or in the one folder within it that has some."""
    files = _named(folder)
    if not files:
        inner = [each for each in sorted(folder.iterdir()) if each.is_dir() and _named(each)]
        if len(inner) > 1:
            raise UsageError(
                f"Several folders in {folder} have exported collections: "
                f"{', '.join(each.name for each in inner)}.",
                remedy=f"Name one of them, such as {inner[0]}.",
            )
        files = _named(inner[0]) if inner else [p for p in _readable(folder)]
    if not files:
        pickles = [p.name for p in folder.iterdir() if p.suffix in _PICKLES]
        note = f" {pickles[0]} is not read: a pickle could run any program." if pickles else ""
        raise NotFoundError(
            f"There are no exported collections in {folder}: no {', '.join(ENDINGS)} files.{note}",
            remedy=_EXPORT,
        )
    return files


def _named(folder: Path) -> list[Path]:
    """The files named after the collections."""
    return [path for path in _readable(folder) if _collection_in(path.name)]


def _readable(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.iterdir()
        if path.name.removesuffix(".gz").endswith(ENDINGS)
        and not path.name.removesuffix(".gz").endswith(_BESIDE)
        and path.is_file()
    )


def _collection_in(name: str) -> Collection | None:
    """The collection that a file is named after, as `messages.bson.gz` or `lab.messages.json`."""
    parts = name.removesuffix(".gz").rpartition(".")[0].rpartition(".")
    return next((each for each in COLLECTIONS if each == parts[2]), None)


def _collected(value: Any) -> Iterator[tuple[Collection, Any]]:
    """Each document of a value with the collection that it belongs to."""
    if isinstance(value, dict) and value and not value.keys() - set(COLLECTIONS):
        for collection in COLLECTIONS:
            found = value.get(collection, [])
            for item in found if isinstance(found, list) else [found]:
                yield collection, item
    else:
        yield _collection_of(value), value


def _collection_of(value: Any) -> Collection:
    if not isinstance(value, dict):
        return "unknown"
    if value.keys() & {"conversation_ids", "shared_sections", "summarizer_sections", "llms"}:
        return "experiments"
    if value.keys() & {"messages_ids", "agent_combination", "speaker_selection_method"}:
        return "conversations"
    return "messages" if value.keys() & {"speaker", "content"} else "unknown"
