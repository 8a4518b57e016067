"""Seeds that depend on what they are for, never on when they are asked for."""

from __future__ import annotations

import hashlib
from random import Random


def derive_seed(*parts: str | int) -> int:
    """A seed of 63 bits from a run's seed and what the randomness is for.

    The parts are hashed with their lengths (BLAKE2b), so ("a", "bc") and ("ab", "c") differ, and
    the result is the same on every machine and Python version.
    """
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        data = str(part).encode()
        digest.update(len(data).to_bytes(4, "big") + data)
    return int.from_bytes(digest.digest(), "big") >> 1


def derive_rng(*parts: str | int) -> Random:
    """A random generator of its own for one purpose; see `derive_seed`."""
    return Random(derive_seed(*parts))
