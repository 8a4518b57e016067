"""Answers as the original program finds them, its faults included.

They are needed wherever a published number depends on them; `grading` does better.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from fractions import Fraction

from simulator.analysis.debates.records import Answer

NOTHING = "-99999"
"""What stands for a number that was not found. Debaters who both give none agree on it."""

_DROPPED = str.maketrans("", "", '$,€"')
_DECIMAL = re.compile(r"Answer: (-?\d+\.\d+)")
_INTEGER = re.compile(r"Answer: (-?\d+)")
_BRACES = re.compile(r"\{(-?[\d.]*)\}", re.ASCII)
_ANYWHERE = re.compile(r"-?\d+\.?\d*")
_WIZARD = re.compile(r"[-+]?\d*[.,/]?\d+")
_LETTER = re.compile(r"Answer: (\w)")
_SAID = re.compile(r"(?:correct answer is|[tT]he answer is) (\w)")


def classic_number(text: str) -> str:
    """The number of a text: after "Answer: ", else in braces, else the last one.

    The first "Answer: " counts, but for a later one with decimals. A number in braces loses its
    sign, a fraction all but its numerator. Never missing: `NOTHING` stands for that.
    """
    text = text.translate(_DROPPED)
    said = _DECIMAL.search(text) or _INTEGER.search(text)
    if said:
        return shortest(said[1])
    groups = [group.replace("-", "") for group in _BRACES.findall(text)]
    if groups:
        return shortest(next((group for group in reversed(groups) if group), ""))
    numbers = _ANYWHERE.findall(text)
    return shortest(numbers[-1]) if numbers else NOTHING


def classic_whole_number(text: str) -> Answer:
    """As the original reads WizardMath: what follows "The answer is: ", rounded half to even.

    None where the phrase or a number is missing.
    """
    _, phrase, after = text.rpartition("The answer is: ")
    found = _WIZARD.search(after.strip()) if phrase else None
    if not found:
        return None
    top, over, below = found[0].partition("/")
    try:
        number = float(top.replace(",", ""))
        if over and below != "0":
            number = float(Fraction(found[0]))
        return str(round(number))
    except (ValueError, OverflowError, ZeroDivisionError):
        return None


def classic_choice(text: str) -> str:
    """The letter of a text: after "Answer: ", else after "the answer is", else its last character.

    The case of letters is kept but for the last character, which is made a capital. Of "(B)" the
    last character is the bracket. "-" stands for an empty text.
    """
    said = _LETTER.search(text) or _SAID.search(text)
    if said:
        return said[1]
    return text[-1].upper() if text else "-"


def most_frequent(answers: Sequence[Answer]) -> Answer:
    """The answer given most often; of a tie the one given last, as in the original.

    So the majority of two debaters who disagree is whatever the second one says.
    """
    backwards = list(reversed(answers))
    return max(backwards, key=backwards.count) if backwards else None


def shortest(digits: str) -> str:
    """A number as Python reads it into a float, written without needless digits."""
    try:
        number = float(digits)
    except ValueError:
        return NOTHING
    return str(int(number)) if math.isfinite(number) and number.is_integer() else repr(number)
