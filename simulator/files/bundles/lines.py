"""Records as lines of JSON that come back equal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, TypeVar

from pydantic import BaseModel, ValidationError

from simulator.domain.designs import place_name
from simulator.domain.journal import Step
from simulator.errors import BundleDamagedError
from simulator.files.transcripts import message_document

_Record = TypeVar("_Record", bound=BaseModel)

LONGEST_LINE = 1_000_000_000
"""Bytes of a line that are read at most: no store holds a longer record."""


def line_of(record: BaseModel) -> str:
    """A record as a line in ASCII; infinite numbers of users' own stand as Python writes them."""
    if isinstance(record, Step):
        return f"{json.dumps(message_document(record))}\n"
    return f"{json.dumps(record.model_dump(), default=datetime.isoformat)}\n"


def records_in(file: BinaryIO, where: str, record_type: type[_Record]) -> Iterator[_Record]:
    """The records of an open file, in order.

    Args:
        file: With a line for each record.
        where: Its name, as errors are to show it.
        record_type: What each line is.

    Raises:
        BundleDamagedError: A line is no such record; the message has its number.
    """
    number = 0
    while data := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(data) > LONGEST_LINE:
            raise BundleDamagedError(f"{where}, line {number} is too long to be a record.")
        yield _record(data, f"{where}, line {number}", record_type)


def record_in(data: bytes, where: str, record_type: type[_Record]) -> _Record:
    """The one record that a whole file is. Raises BundleDamagedError."""
    return _record(data, where, record_type)


def _record(data: bytes, where: str, record_type: type[_Record]) -> _Record:
    try:
        return record_type.model_validate(json.loads(data))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = f"{place_name(first['loc'])}: " if first["loc"] else ""
        reason = f"{place}{first['msg']}"
    except (ValueError, RecursionError):
        reason = "no JSON"
    raise BundleDamagedError(
        f"{where} is no {record_type.__name__.lower()} that this version reads: {reason}.",
        remedy="Fetch the bundle again; if it is whole, read it with the version in its README.md.",
    )
