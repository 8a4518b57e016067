"""The language of a text, told by its spelling."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from simulator.analysis.packages import imported
from simulator.analysis.texts.measure import ChainMeasure, TableOf, TextMeasure

if TYPE_CHECKING:
    from simulator.analysis.culture.records import Floats

_LETTERS = 10
_BASE = 256


def language_of(text: str) -> str | None:
    """The likeliest language as its ISO 639-1 code, such as `en`.

    Of short texts it is often wrong. None for one of fewer than ten letters and no sentence of
    Chinese, Japanese or Korean characters, where it would be a guess.

    Raises:
        NotFoundError: py3langid is not installed.
    """
    if sum(map(_weight, text[: _LETTERS * 100])) < _LETTERS:
        return None
    code, _ = _identifier().classify(text.encode("utf-8", "replace").decode("utf-8"))
    return str(code)


def language_code(value: float) -> str | None:
    """The code that a value of `LANGUAGE` stands for; None for not a number."""
    if math.isnan(value):
        return None
    number, letters = int(value), bytearray()
    while number:
        number, letter = divmod(number, _BASE)
        letters.append(letter)
    return bytes(reversed(letters)).decode("ascii")


def _weight(letter: str) -> int:
    # A character of Chinese, Japanese or Korean says about as much as three letters.
    return (3 if letter > "\u2e80" else 1) if letter.isalpha() else 0


@lru_cache(maxsize=1)
def _identifier() -> Any:
    return imported("py3langid.langid", "The measure 'language' needs py3langid")


def _languages(texts: Sequence[str]) -> list[float]:
    codes = map(language_of, texts)
    return [math.nan if code is None else float(_number(code)) for code in codes]


def _number(code: str) -> int:
    return int.from_bytes(code.encode("ascii"), "big")


LANGUAGE = TextMeasure(
    "language", "code", "Language by its spelling; `language_code` reads the number.",
    _languages, "py3langid-1",
)  # fmt: skip
"""The letters of the ISO 639-1 code as one number, so that it is kept as other measures are. It has
no order, so it is none of the measures that are offered; not a number where it would be a guess
(Lui and Baldwin 2012, langid.py)."""


def _same(chains: Sequence[Sequence[str]], table_of: TableOf) -> Floats:
    import numpy as np

    languages = table_of(LANGUAGE)
    unknown = np.isnan(languages) | np.isnan(languages[:, :1])
    return np.where(unknown, np.nan, languages == languages[:, :1])


SAME_LANGUAGE = ChainMeasure(
    "same_language", "share",
    "1 where the text is in the language of the initial one, 0 where it is in another.",
    _same, 0, 1,
)  # fmt: skip
