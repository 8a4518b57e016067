"""Length, variety, repetition and collapse of texts."""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter

from simulator.analysis.texts.measure import classic_text, text_measure

_WORD = re.compile(r"\w+")
_GRAM = 4


@text_measure(
    name="length", unit="characters", meaning="Unicode characters, white space included.",
    version="1", low=0, skips_hashtags=True,
)  # fmt: skip
def length(text: str) -> float:
    """Unicode characters, white space included."""
    return float(len(text))


@text_measure(
    name="entropy", unit="bits",
    meaning="Shannon entropy of the text's own words, in lower case.", version="1", low=0,
)  # fmt: skip
def entropy(text: str) -> float:
    """Entropy of the frequencies p of words, -sum p log2 p (Shannon 1948); 0 without words."""
    counts = Counter(_WORD.findall(text.lower()))
    total = counts.total()
    if len(counts) < 2:
        return 0.0
    return -math.fsum(n / total * math.log2(n / total) for n in counts.values())


@text_measure(
    name="repetition", unit="share",
    meaning="Share of runs of four words that stood in the text before; near 1 is collapse.",
    version="1", low=0, high=1,
)  # fmt: skip
def repetition(text: str) -> float:
    """1 less the share of distinct four-word runs; 0 in texts of less than five words.

    The complement of distinct-n (Li et al. 2016, arXiv 1510.03055) for n = 4.
    """
    words = _WORD.findall(text.lower())
    grams = list(zip(*(words[start:] for start in range(_GRAM)), strict=False))
    if len(grams) < 2:
        return 0.0
    return 1 - len(set(grams)) / len(grams)


@text_measure(
    name="compression", unit="share",
    meaning="Bytes after compression over bytes before; near 0 is collapse, short texts have most.",
    version="1", low=0,
)  # fmt: skip
def compression(text: str) -> float:
    """Size by DEFLATE (RFC 1951), of the highest level and without a header, over that in UTF-8.

    It sees repetition at all lengths, of letters as of paragraphs, within 32 KiB. Not a number for
    an empty text, which has no size.
    """
    if not text:
        return math.nan
    raw = text.encode("utf-8", "surrogatepass")
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return (len(packer.compress(raw)) + len(packer.flush())) / len(raw)


@text_measure(
    name="hashtags", unit="share",
    meaning="Share of characters in hashtags; near 1 the text collapsed into tags.",
    version="1", low=0, high=1,
)  # fmt: skip
def hashtags(text: str) -> float:
    """What classic values leave out of a text; 0 for an empty one."""
    return 1 - len(classic_text(text)) / len(text) if text else 0.0
