"""Numbers as people and models write them, read exactly."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from fractions import Fraction

MAX_DIGITS = 300
"""Digits of the longest number that is read, and its largest power of ten; longer is no number."""

FIRST_LOOK = 2_000
"""Characters at the end of a text in which its last number is looked for first."""

_PLAIN = str.maketrans(
    "０１２３４５６７８９，．＋" + "−‐‑‒–—﹣－" + "／⁄∕÷",
    "0123456789,.+" + "-" * 8 + "/" * 4,
)
_MONEY = re.compile(r"(?P<sign>[-+]?)\\?[$€£¥₹]")
_APART = re.compile(r"(\A\s?|[=:(]\s?)([-+])\s(?=[.\d\\$€£¥₹])")
_GROUPS = re.compile(r"(?<=\d)(?:\{,\}|\\,|[\u00a0\u2009\u202f])(?=\d{3}(?!\d))")
_OVER = re.compile(
    r"(?P<sign>[-+]?)\\[dt]?frac\s?"
    r"(?:\{\s?(?P<top>-?[\d.,]{1,40})\s?\}\s?\{\s?(?P<below>[\d.,]{1,40})\s?\}"
    r"|(?P<one>\d)(?P<other>\d))"
)
_VULGAR = re.compile("[\u00bc-\u00be\u2150-\u215e]")
_WHOLE = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)"
_NUMBER = re.compile(
    rf"""
    (?:(?<![\w)\]}}.])(?P<sign>[-+]))?
    (?<![A-Za-z_])
    (?:
        (?P<units>\d{{1,9}})\ (?P<part>\d{{1,9}})/(?P<parts>\d{{1,9}})(?![\d.]*\d)
      |
        (?P<mantissa>{_WHOLE}(?:\.\d+)?|\.\d+)
        (?:
            [eE](?P<power>[-+]?\d+)(?!\w)
          | \ ?(?:×|x|\*|·|\\times|\\cdot)\ ?10\ ?(?:\^|\*\*)\ ?(?:
                \{{\ ?(?P<raised>[-+]?\d+)\ ?\}} | (?P<lifted>[-+]?\d+) )
        )?
        (?:\ ?/\ ?(?P<divisor>{_WHOLE}(?:\.\d+)?|\.\d+))?
    )
    """,
    re.VERBOSE | re.ASCII,
)


def numbers_in(text: str) -> Iterator[Fraction]:
    """The numbers of a text, in order.

    Read are signs, decimals with or without a leading zero, commas between thousands, amounts of
    money, fractions and mixed numbers (also in LaTeX), powers of ten. A per cent sign is dropped:
    50% is 50. Numbers without a value (1/0) or longer than `MAX_DIGITS` are passed over.
    """
    for match in _NUMBER.finditer(_plain(text)):
        value = _value(match)
        if value is not None:
            yield value


def last_number(text: str) -> Fraction | None:
    """The last of `numbers_in`; None for none."""
    wide = FIRST_LOOK
    while True:
        plain = _plain(text[-wide:])
        matches = list(_NUMBER.finditer(plain))
        if wide >= len(text):
            break
        # What a cut left over of a number stands first, so a second one is whole.
        if len(matches) > 1 and _value(matches[-1]) is not None:
            break
        wide *= 8
    return next((value for one in reversed(matches) if (value := _value(one)) is not None), None)


def canonical(number: Fraction) -> str:
    """The shortest way to write a number exactly: `18`, `-0.5`, or `1/3` where decimals never end.

    Two numbers are equal if and only if this is.
    """
    top, below = number.numerator, number.denominator
    twos = (below & -below).bit_length() - 1
    rest, fives = below >> twos, 0
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return f"{top}/{below}"
    places = max(twos, fives)
    digits = str(abs(top) * 10**places // below).rjust(places + 1, "0")
    whole, decimals = digits[: len(digits) - places], digits[len(digits) - places :]
    return ("-" if top < 0 else "") + whole + ("." + decimals if decimals else "")


def _plain(text: str) -> str:
    """A text with one way of writing each sign, amount and fraction."""
    text = _VULGAR.sub(_vulgar, text.translate(_PLAIN))
    text = _MONEY.sub(lambda match: match["sign"] or " ", _APART.sub(r"\1\2", text))
    return _OVER.sub(_over, _GROUPS.sub("", text))


def _vulgar(match: re.Match[str]) -> str:
    return " " + unicodedata.normalize("NFKC", match[0]).replace("\u2044", "/")


def _over(match: re.Match[str]) -> str:
    top, below = match["top"] or match["one"], match["below"] or match["other"]
    return f"{match['sign'] or ' '}{top}/{below}"


def _value(match: re.Match[str]) -> Fraction | None:
    sign = -1 if match["sign"] == "-" else 1
    if match["units"] is not None:
        part = _quotient(Fraction(match["part"]), match["parts"])
        return None if part is None else sign * (int(match["units"]) + part)
    mantissa = _decimal(match["mantissa"])
    written = match["power"] or match["raised"] or match["lifted"] or "0"
    if mantissa is None or len(written) > MAX_DIGITS or abs(int(written)) > MAX_DIGITS:
        return None
    scaled = sign * mantissa * Fraction(10) ** int(written)
    return _quotient(scaled, match["divisor"]) if match["divisor"] else scaled


def _decimal(digits: str) -> Fraction | None:
    return None if len(digits) > MAX_DIGITS else Fraction(digits.replace(",", ""))


def _quotient(number: Fraction, divisor: str) -> Fraction | None:
    below = _decimal(divisor)
    return number / below if below else None
