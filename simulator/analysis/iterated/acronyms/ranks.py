"""How common words are: their ranks in a list of the 30,000 commonest of English.

One list for everybody, shipped beside this module, so that ranks are the same on every machine
and at all times. It comes from wordfreq (see `lists/NOTICE.md`).
"""

from __future__ import annotations

import gzip
from functools import cache
from importlib.resources import files

LISTED = 30_000
"""Words in the list."""
ABSENT = LISTED + 1
"""The rank of all words that are not in it: one worse than the worst."""


def rank_of(word: str) -> int:
    """The rank of a word, 1 for the commonest; `ABSENT` where it is not in the list.

    Args:
        word: In any case.
    """
    return _ranks().get(word.lower(), ABSENT)


def is_listed(word: str) -> bool:
    """Whether a word is one of the commonest: an easy one in the words of the paper."""
    return rank_of(word) != ABSENT


@cache
def _ranks() -> dict[str, int]:
    packed = files(__package__).joinpath("lists", "commonest.txt.gz").read_bytes()
    words = gzip.decompress(packed).decode("ascii").split()
    return {word: rank for rank, word in enumerate(words, 1)}
