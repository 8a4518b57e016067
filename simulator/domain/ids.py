"""Identifiers that sort by creation time."""

from __future__ import annotations

import re

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_OBJECT_ID = re.compile(r"[0-9a-fA-F]{24}")
ID_LENGTH = 26


def make_id(time_ms: int, entropy: bytes) -> str:
    """A ULID: 48 bits of time, then 80 bits of entropy, in Crockford base 32.

    Args:
        time_ms: Milliseconds since 1970-01-01 UTC, 0 to 2**48 - 1.
        entropy: Exactly 10 random bytes.

    Returns:
        26 upper-case characters; ids of later milliseconds sort after earlier ones.
    """
    if len(entropy) != 10:
        raise ValueError(f"entropy must be 10 bytes, not {len(entropy)}")
    number = (time_ms << 80) | int.from_bytes(entropy, "big")
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


def is_object_id(text: str) -> bool:
    """Whether it is an ObjectId of MongoDB: 24 hexadecimal digits."""
    return _OBJECT_ID.fullmatch(text) is not None


def id_of_object(object_id: str) -> str:
    """The id of what was imported under an ObjectId: its seconds as the time, then its rest."""
    data = bytes.fromhex(object_id)
    return make_id(int.from_bytes(data[:4], "big") * 1000, bytes(2) + data[4:])


def id_fragment(name: str) -> str:
    """What to look for among ids where a user writes a part of one, or an ObjectId."""
    return id_of_object(name) if is_object_id(name) else name.upper()
