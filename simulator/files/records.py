"""Records of data files: JSON lines, JSON arrays and CSV, one at a time."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from simulator.errors import DesignInvalidError

MAX_LINE_BYTES = 4_000_000
"""Longest line that is read."""
MAX_ARRAY_BYTES = 64_000_000
"""Largest JSON array that is read, since it is read whole."""


@dataclass(frozen=True, slots=True)
class Record:
    """What stands in one line of a data file."""

    where: str
    """File and line, as errors are to show them."""
    fields: Mapping[str, object]

    def fault(self, message: str, remedy: str | None = None) -> DesignInvalidError:
        """An error of this record; `message` goes on after the place."""
        return DesignInvalidError(f"{self.where}: {message}", remedy=remedy)


def records_of(file: BinaryIO, path: Path, columns: tuple[str, ...] = ()) -> Iterator[Record]:
    """The records of an open file, from its beginning, in order.

    A name that ends in .csv or .tsv is a table, whose first row has the names of the columns.
    Everything else is JSON: an array of objects, or one object in each line.

    Args:
        file: Open for reading bytes.
        path: Its name, for errors and to tell what it is.
        columns: Names of all columns of a table that has no row of names.

    Raises:
        DesignInvalidError: A record cannot be read; the message has its line.
    """
    file.seek(0)
    suffix = path.suffix.lower()
    if columns or suffix in (".csv", ".tsv"):
        return _rows(file, path, columns, "\t" if suffix == ".tsv" else ",")
    start = file.read(MAX_LINE_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip()
    file.seek(0)
    return _array(file, path) if start.startswith(b"[") else _objects(file, path)


def _lines(file: BinaryIO, path: Path) -> Iterator[tuple[int, str]]:
    """Numbered lines, with what ends them."""
    number = 0
    while data := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(data) > MAX_LINE_BYTES:
            raise DesignInvalidError(
                f"{path}, line {number}: longer than {MAX_LINE_BYTES // 1_000_000} MB.",
                remedy="Check that it is the file you meant, with one record in each line.",
            )
        try:
            yield number, data.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise DesignInvalidError(
                f"{path}, line {number}: bytes that are no character of UTF-8.",
                remedy="Save the file as UTF-8.",
            ) from None


def _objects(file: BinaryIO, path: Path) -> Iterator[Record]:
    for number, line in _lines(file, path):
        if line.strip():
            where = f"{path}, line {number}"
            yield _record(_parsed(line.rstrip(), where), where)


def _array(file: BinaryIO, path: Path) -> Iterator[Record]:
    data = file.read(MAX_ARRAY_BYTES + 1)
    if len(data) > MAX_ARRAY_BYTES:
        raise DesignInvalidError(
            f"{path} is a JSON array of more than {MAX_ARRAY_BYTES // 1_000_000} MB.",
            remedy="Write it as JSON lines, one record in each; those are read piece by piece.",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DesignInvalidError(
            f"{path}, line {line}: bytes that are no character of UTF-8.",
            remedy="Save the file as UTF-8.",
        ) from None
    content = _parsed(text, str(path))
    if not isinstance(content, list):
        raise DesignInvalidError(f"{path} is no JSON array.")
    for number, one in enumerate(content, 1):
        where = f"{path}, record {number}"
        yield _record(one, where)


def _parsed(text: str, where: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        line = f", line {error.lineno}" if error.lineno > 1 else ""
        raise DesignInvalidError(
            f"{where}{line}: this is no JSON: {error.msg.lower()} at character {error.colno}.",
            remedy="Mend the line. A table has a name that ends in .csv.",
        ) from None
    except (ValueError, RecursionError):
        raise DesignInvalidError(f"{where}: numbers or lists beyond all measure.") from None


def _record(content: object, where: str) -> Record:
    if not isinstance(content, dict):
        raise DesignInvalidError(
            f'{where}: a record is an object such as {{"question": …, "answer": …}}.'
        )
    return Record(where, content)


def _rows(file: BinaryIO, path: Path, columns: tuple[str, ...], delimiter: str) -> Iterator[Record]:
    lines = (line for _, line in _lines(file, path))
    reader = csv.reader(lines, strict=True, delimiter=delimiter)
    line = 1
    try:
        for row in reader:
            where = f"{path}, line {line}"
            line = reader.line_num + 1
            if not row:
                continue
            if not columns:
                columns = _names(row, where)
                continue
            if len(row) != len(columns):
                raise DesignInvalidError(
                    f"{where}: {len(row)} columns instead of {len(columns)}.",
                    remedy="Cells with commas, quotes or line breaks stand in double quotes.",
                )
            yield Record(where, dict(zip(columns, row, strict=True)))
    except csv.Error as error:
        raise DesignInvalidError(
            f"{path}, line {line}: this is no CSV: {error}.",
            remedy="Cells with commas, quotes or line breaks stand in double quotes.",
        ) from None


def _names(row: list[str], where: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in row)
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise DesignInvalidError(f"{where}: two columns are called {twice!r}.")
    return names
