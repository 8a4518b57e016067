"""The letters in which byte-level tokenizers (GPT-2's and most since) write bytes."""

from __future__ import annotations

from collections.abc import Mapping


def _alphabet() -> dict[str, int]:
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    letters = {chr(byte): byte for byte in printable}
    return letters | {chr(256 + number): byte for number, byte in enumerate(others)}


BYTES: Mapping[str, int] = _alphabet()
"""The byte that each letter stands for; all 256 are there."""
