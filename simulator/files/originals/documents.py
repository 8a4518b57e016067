"""Documents of the original program: their fields, names and times."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from simulator.domain.ids import id_of_object, is_object_id, make_id
from simulator.files.extended_json import moment

Fields = dict[str, Any]
"""A document, its ids as texts and its times aware."""

_FARTHEST = timedelta(hours=15)
"""More than any local time is away from UTC."""

UNKNOWN_TIME = datetime(2024, 1, 1, tzinfo=UTC)
"""Stands where a file does not say when it was made."""


class UnusableError(ValueError):
    """A document that cannot be imported, and why."""


def required(document: Mapping[str, Any], name: str, kind: type) -> Any:
    """A field of a document. Raises UnusableError when it is missing or of another type."""
    value = document.get(name)
    if value is None:
        raise UnusableError(f"the field `{name}` is missing")
    if isinstance(value, float) and value.is_integer() and kind is int:
        return int(value)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise UnusableError(f"the field `{name}` is not what it should be")
    return value


def part(value: Any) -> Fields:
    """A document within a document. Raises UnusableError when it is none."""
    if not isinstance(value, dict):
        raise UnusableError("a part of it is no document")
    return value


def parts(document: Mapping[str, Any], name: str) -> list[Fields]:
    """The documents that a field lists; none where it is empty. Raises UnusableError."""
    return [part(value) for value in required(document, name, list)] if document.get(name) else []


def name_of(id_: Any) -> str:
    """An `_id` as a text; of an ObjectId its digits in small letters."""
    name = str(id_)
    return name.lower() if is_object_id(name) and not name.islower() else name


def ids(document: Mapping[str, Any], name: str) -> list[str]:
    """The ids that a field lists, each once."""
    value = document.get(name)
    return list(dict.fromkeys(map(name_of, value))) if isinstance(value, list) else []


def record_id(collection: str, id_: str) -> str:
    """Our id for one of theirs, always the same."""
    if is_object_id(id_):
        return id_of_object(id_)
    key = f"{collection}:{id_}".encode("utf-8", "surrogatepass")
    return make_id(0, hashlib.blake2b(key, digest_size=10).digest())


def created(document: Mapping[str, Any], id_: str) -> datetime:
    """When a record was made, in UTC.

    The original writes `creation_date` in the local time of nobody knows where, and makes an
    ObjectId, which holds the seconds in UTC, in the same moment. Where the two differ by more than
    local times do, `creation_date` is taken for UTC.

    Raises:
        UnusableError: `creation_date` is no time.
    """
    made = datetime.fromtimestamp(int(id_[:8], 16), UTC) if is_object_id(id_) else None
    value = document.get("creation_date")
    if value is None:
        return made or datetime.fromtimestamp(0, UTC)
    try:
        written = moment(value)
        near = made is not None and abs(written - made) < _FARTHEST
    except (ValueError, OverflowError):
        raise UnusableError("the field `creation_date` is no time") from None
    return made if made is not None and near else written


def people(document: Mapping[str, Any]) -> dict[str, Any]:
    """Who made a record, and whose favourite it is: its creator's, if it is one."""
    creator = str(document.get("creator") or "unknown")
    return {
        "creator": creator,
        "starred_by": (creator,) if document.get("favourite") is True else (),
    }
