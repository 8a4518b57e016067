"""BSON values: their order, their equality, and where paths lead in documents."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import bson
from bson import Binary, DatetimeMS, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.raw_bson import RawBSONDocument

from tests.servers.mongo.errors import CommandError, not_implemented

Document = dict[str, Any]

OPTIONS: Final[CodecOptions[Document]] = CodecOptions(
    document_class=dict, datetime_conversion=DatetimeConversion.DATETIME_MS
)
"""Dates as whole milliseconds; 64-bit integers stay apart from 32-bit ones."""


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()
"""No value, which is not null."""

NULL, NUMBER, STRING, OBJECT, ARRAY, BINARY, OBJECT_ID, BOOL, DATE, TIMESTAMP, REGEX = (
    5, 10, 15, 20, 25, 30, 35, 40, 45, 47, 50,
)  # fmt: skip
_MIN, _UNDEFINED, _MAX = 1, 3, 127
EMPTY_ARRAY: Final = bytes([_UNDEFINED])
"""How an index and a sort see a field that is an empty array."""

_RANKS: dict[type, int] = {
    type(None): NULL, _Missing: NULL, bool: BOOL, int: NUMBER, Int64: NUMBER, float: NUMBER,
    str: STRING, dict: OBJECT, list: ARRAY, bytes: BINARY, Binary: BINARY, ObjectId: OBJECT_ID,
    DatetimeMS: DATE, Timestamp: TIMESTAMP, Regex: REGEX, MinKey: _MIN, MaxKey: _MAX,
}  # fmt: skip
_TYPE_NAMES: dict[type, tuple[int, str]] = {
    float: (1, "double"), str: (2, "string"), dict: (3, "object"), list: (4, "array"),
    bytes: (5, "binData"), Binary: (5, "binData"), ObjectId: (7, "objectId"), bool: (8, "bool"),
    DatetimeMS: (9, "date"), type(None): (10, "null"), Regex: (11, "regex"), int: (16, "int"),
    Timestamp: (17, "timestamp"), Int64: (18, "long"), MinKey: (-1, "minKey"),
    MaxKey: (127, "maxKey"), _Missing: (0, "missing"),
}  # fmt: skip
TYPE_NUMBERS = {name: number for number, name in _TYPE_NAMES.values() if name != "missing"}
_NUMBER_KEY = struct.Struct(">BQH")
_INVERTED = bytes(255 - byte for byte in range(256))


def decode(data: bytes) -> Document:
    """A document from its BSON."""
    return bson.decode(data, OPTIONS)


def encode(document: Mapping[str, Any]) -> bytes:
    """The BSON of a document."""
    return bson.encode(document, codec_options=OPTIONS)


def raw(data: bytes) -> RawBSONDocument:
    """A document to send on without decoding it."""
    return RawBSONDocument(data)


def rank(value: Any) -> int:
    """Where the value's type stands among types; values are only compared within one rank."""
    try:
        return _RANKS[type(value)]
    except KeyError:
        raise not_implemented(f"BSON values of type {type(value).__name__}") from None


def type_name(value: Any) -> str:
    """As `$type` in an expression names it."""
    rank(value)
    return _TYPE_NAMES[type(value)][1]


def type_number(value: Any) -> int:
    """As `$type` in a filter numbers it."""
    rank(value)
    return _TYPE_NAMES[type(value)][0]


def is_number(value: Any) -> bool:
    """Whether it is an integer or a double."""
    return rank(value) == NUMBER


def key(value: Any) -> bytes:
    """Bytes that compare as MongoDB compares values, and are equal when values are equal.

    No key is the beginning of another one, so that keys can be put one after the other.
    """
    try:
        return _KEYS[type(value)](value)
    except KeyError:
        raise not_implemented(f"BSON values of type {type(value).__name__}") from None


def inverted(encoded: bytes) -> bytes:
    """The key in descending order."""
    return encoded.translate(_INVERTED)


def _text(data: bytes) -> bytes:
    return data.replace(b"\0", b"\0\xff") + b"\0\0"


def _number_key(value: float) -> bytes:
    if value != value:
        return _NUMBER_KEY.pack(NUMBER, 0, 0x8000)
    near = float(value) + 0.0  # a negative zero becomes zero
    rest = 0 if isinstance(value, float) else value - int(near)
    bits: int = struct.unpack(">Q", struct.pack(">d", near))[0]
    ordered = bits ^ 0xFFFFFFFFFFFFFFFF if bits >> 63 else bits | 1 << 63
    return _NUMBER_KEY.pack(NUMBER, ordered, 0x8000 + rest)


def _string_key(value: str) -> bytes:
    return bytes([STRING]) + _text(value.encode())


def _object_key(value: Mapping[str, Any]) -> bytes:
    parts = [bytes([OBJECT])]
    for name, inner in value.items():
        encoded = key(inner)
        parts += (encoded[:1], _text(name.encode()), encoded[1:])
    return b"".join(parts) + b"\0"


def _array_key(value: Sequence[Any]) -> bytes:
    return bytes([ARRAY]) + b"".join(map(key, value)) + b"\0"


def _binary_key(value: bytes) -> bytes:
    subtype = value.subtype if isinstance(value, Binary) else 0
    return struct.pack(">BIB", BINARY, len(value), subtype) + value


def _regex_key(value: Regex[str]) -> bytes:
    return bytes([REGEX]) + _text(str(value.pattern).encode()) + _text(str(value.flags).encode())


_KEYS: dict[type, Callable[[Any], bytes]] = {
    type(None): lambda value: b"\x05",
    _Missing: lambda value: b"\x05",
    bool: lambda value: bytes([BOOL, value]),
    int: _number_key,
    Int64: _number_key,
    float: _number_key,
    str: _string_key,
    dict: _object_key,
    list: _array_key,
    bytes: _binary_key,
    Binary: _binary_key,
    ObjectId: lambda value: bytes([OBJECT_ID]) + value.binary,
    DatetimeMS: lambda value: struct.pack(">BQ", DATE, int(value) + (1 << 63)),
    Timestamp: lambda value: struct.pack(">BII", TIMESTAMP, value.time, value.inc),
    Regex: _regex_key,
    MinKey: lambda value: bytes([_MIN]),
    MaxKey: lambda value: bytes([_MAX]),
}


def same(one: Any, other: Any) -> bool:
    """Whether both are stored as the same bytes; 1 and 1.0 are equal but not the same."""
    return encode({"": one}) == encode({"": other})


# ---------------------------------------------------------------- paths


def split_path(path: str) -> list[str]:
    """Parts of a dotted path."""
    return path.split(".")


def reached(value: Any, parts: Sequence[str]) -> Iterator[Any]:
    """What a filter's path leads to: MISSING once for each document that lacks it.

    Arrays on the way are gone through, one that stands at the end is one value.
    """
    if not parts:
        yield value
    elif isinstance(value, dict):
        inner = value.get(parts[0], MISSING)
        if inner is MISSING:
            yield MISSING
        else:
            yield from reached(inner, parts[1:])
    elif isinstance(value, list):
        for element in value:
            if isinstance(element, dict):
                yield from reached(element, parts)
        if parts[0].isdigit() and int(parts[0]) < len(value):
            yield from reached(value[int(parts[0])], parts[1:])
    else:
        yield MISSING


def index_keys(document: Any, path: str) -> tuple[list[bytes], bool]:
    """What an index or a sort sees at the path, and whether there is an array on the way."""
    value = document
    parts = split_path(path)
    for number, part in enumerate(parts):
        if isinstance(value, dict):
            value = value.get(part, None)
        elif isinstance(value, list):
            return _array_keys(value, parts[number:]), True
        else:
            value = None
    if isinstance(value, list):
        return [key(element) for element in value] or [EMPTY_ARRAY], True
    return [key(value)], False


def _array_keys(elements: Sequence[Any], parts: Sequence[str]) -> list[bytes]:
    if parts[0].isdigit():
        raise not_implemented("indexes and sorts by the position in an array")
    keys: list[bytes] = []
    for element in elements:
        keys += index_keys(element if isinstance(element, dict) else {}, ".".join(parts))[0]
    return keys or [key(None)]


def sort_key(document: Document, fields: Sequence[tuple[str, int]]) -> bytes:
    """A key that puts documents into the order of a sort."""
    parts = []
    for path, direction in fields:
        keys, _ = index_keys(document, path)
        parts.append(min(keys) if direction > 0 else inverted(max(keys)))
    return b"".join(parts)


def sort_fields(spec: Any) -> list[tuple[str, int]]:
    """The fields of a sort; raises for directions other than 1 and -1."""
    if not isinstance(spec, dict):
        raise CommandError(14, "Expected field sortto be of type object")
    fields = []
    for path, direction in spec.items():
        if isinstance(direction, dict):
            raise not_implemented("sorts by $meta")
        if isinstance(direction, bool) or direction not in (1, -1):
            raise CommandError(
                15975, "$sort key ordering must be 1 (for ascending) or -1 (for descending)"
            )
        if not all(split_path(path)) or path.startswith("$"):
            raise CommandError(16410, "FieldPath field names may not be empty or start with '$'.")
        fields.append((path, int(direction)))
    return fields


def shown(value: Any) -> str:
    """The value as MongoDB's messages write it."""
    if isinstance(value, dict):
        inner = ", ".join(f"{name}: {shown(part)}" for name, part in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list):
        return f"[ {', '.join(map(shown, value))} ]" if value else "[]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, ObjectId):
        return f"ObjectId('{value}')"
    if isinstance(value, DatetimeMS):
        return f"new Date({int(value)})"
    if isinstance(value, bytes):
        subtype = value.subtype if isinstance(value, Binary) else 0
        return f"BinData({subtype}, {value.hex().upper()})"
    return str(value)
