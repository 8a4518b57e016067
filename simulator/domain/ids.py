"""Identifiers that sort by creation time."""

from __future__ import annotations

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
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
