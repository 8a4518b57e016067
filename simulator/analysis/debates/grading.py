"""What a debater answered, whether it is right, and what most of them answered."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from simulator.analysis.debates.classic import (
    classic_choice,
    classic_number,
    classic_whole_number,
    most_frequent,
)
from simulator.analysis.debates.numbers import canonical, last_number, numbers_in
from simulator.analysis.debates.records import Answer

__all__ = [
    "Grader",
    "answer_of",
    "classic_whole_number",
    "is_right",
    "most_frequent",
    "plurality",
]

Grader = Literal["number", "choice", "text"]
"""What an answer is: a number, the letter of an option, or words that must agree."""

REACH = 400
"""Characters after a word such as "Answer:" in which the answer has to begin."""
ALPHABET = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")

_ANSWER = re.compile(r"\banswer[\s*_`\"'”’]{0,4}(?:\([^()\n]{0,40}\)\s?)?[*_`]{0,3}[:：=]", re.I)
_BOXED = re.compile(r"\\boxed\s?\{")
_IS = re.compile(r"\banswer\s{1,2}is\b\s?:?", re.I)
_HASHES = re.compile(r"####")
_MARKS = (_ANSWER, _BOXED, _IS, _HASHES)

_WORD = re.compile(r"[^\W\d_]{2,}")
_COMMAND = re.compile(r"\\[A-Za-z]+")
_LEAD = r"[\s*_`\"'“‘(\[{$\\]*(?:(?:option|choice|letter|text(?:bf)?)[\s*_({]{1,3})?"
_FIRST_LETTER = re.compile(_LEAD + r"([A-Za-z])(?![\w'’])", re.I)
_NO_LETTER = re.compile(r"[aAI]\s[A-Za-z]")
_CLEAR_LETTER = re.compile(r"\(([A-Za-z])\)|\b([B-HJ-Z])\b(?!['’])")
_LONE_LETTER = re.compile(r"[\s*_`\"'“‘(\[{$\\]*([A-Za-z])(?:[).:\]}*_`]|\s*\Z)")
_ODD = re.compile(r"[^\w\s.-]|(?<!\d)\.|\.(?!\d)|(?<=\w)-|-(?!\d)|_")
_LEADING_ARTICLE = re.compile(r"(?:the|an|a)\s(?=\S)")


def answer_of(
    text: str, grader: Grader, *, classic: bool = False, options: Sequence[str] = ()
) -> Answer:
    """The answer that a text comes to; None for none.

    The last "Answer:" that has one counts, else the last LaTeX box, else the last "the answer is",
    else what follows "####"; else the last number of the text, a line that is nothing but a
    letter, or the last line.

    Args:
        text: What a debater said.
        grader: What kind of answer it is.
        classic: Whether to find it as the original program does; see `classic`. That is never
            None. `text` is no grader of the original, so nothing changes for it.
        options: Letters that are answers; empty for all. The original takes any character.

    Returns:
        A number in its shortest exact form, a capital letter, or words without case, punctuation
        and a leading article. Equal answers are equal strings.
    """
    if classic and grader != "text":
        return classic_number(text) if grader == "number" else classic_choice(text)
    if grader == "number":
        return _number(text)
    if grader == "choice":
        return _choice(text, tuple(letter.upper() for letter in options) or ALPHABET)
    return _phrase(text)


def is_right(answer: Answer, gold: str, grader: Grader) -> bool:
    """Whether an answer is the right one; numbers are compared exactly.

    Args:
        answer: From `answer_of`.
        gold: The right answer, written in any way that `answer_of` understands.
        grader: What kind of answer it is.
    """
    if answer is None:
        return False
    if grader == "number":
        given, right = next(numbers_in(answer), None), next(numbers_in(gold), None)
        return given is not None and given == right
    if grader == "choice":
        return answer == gold.strip().upper()
    return _words(answer) == _words(gold)


def plurality(answers: Sequence[Answer], breaker: Sequence[Answer] = ()) -> Answer:
    """The answer given most often; None for a tie that nothing breaks.

    Args:
        answers: One each; None is no vote.
        breaker: Answers in order of trust; the first of them that is among the tied ones wins.
    """
    votes = Counter(answer for answer in answers if answer is not None)
    most = max(votes.values(), default=0)
    tied = [answer for answer, count in votes.items() if count == most]
    if len(tied) == 1:
        return tied[0]
    return next((answer for answer in breaker if answer in tied), None)


# ---------------------------------------------------------------- where answers stand


def _sought(text: str, read: Callable[[str], Answer]) -> Answer:
    for mark in _MARKS:
        for place in _places(text, mark):
            answer = read(place)
            if answer is not None:
                return answer
    return None


def _places(text: str, mark: re.Pattern[str]) -> Iterator[str]:
    """What stands after each mark, the last one first: the line, or the next that says anything."""
    end = len(text)
    for match in reversed(list(mark.finditer(text))):
        after = text[match.end() : min(end, match.end() + REACH)]
        end = match.start()
        if mark is _BOXED:
            yield _within_braces(after)
        else:
            yield next((line for line in after.splitlines() if any(map(str.isalnum, line))), "")


def _within_braces(text: str) -> str:
    depth = 1
    for index, character in enumerate(text):
        depth += (character == "{") - (character == "}")
        if not depth:
            return text[:index]
    return text


# ---------------------------------------------------------------- numbers


def _number(text: str) -> Answer:
    found = _sought(text, _number_of_line)
    if found is not None:
        return found
    number = last_number(text)
    return None if number is None else canonical(number)


def _number_of_line(line: str) -> Answer:
    """The first number of a line, but the result where the line is a calculation."""
    parts = line.split("=")
    first = 0
    while first < len(parts) - 1 and not _WORD.search(_COMMAND.sub("", parts[first])):
        first += 1
    for candidate in ("=".join(parts[first:]), line):
        number = next(numbers_in(candidate), None)
        if number is not None:
            return canonical(number)
    return None


# ---------------------------------------------------------------- letters and words


def _choice(text: str, letters: Sequence[str]) -> Answer:
    found = _sought(text, lambda line: _letter(line, letters))
    if found is not None:
        return found
    lines = [line for line in text.splitlines() if line.strip()]
    for line in (*lines[-1:], *lines[:1]):
        lone = _LONE_LETTER.match(line)
        if lone and lone[1].upper() in letters:
            return lone[1].upper()
    return None


def _letter(line: str, letters: Sequence[str]) -> Answer:
    """The letter that a line begins with, else the only one that stands in it clearly."""
    first = _FIRST_LETTER.match(line)
    if first and first[1].upper() in letters and not _NO_LETTER.match(line, first.start(1)):
        return first[1].upper()
    clear = {(one or other).upper() for one, other in _CLEAR_LETTER.findall(line)}
    clear.intersection_update(letters)
    return clear.pop() if len(clear) == 1 else None


def _phrase(text: str) -> Answer:
    found = _sought(text, lambda line: _words(line) or None)
    if found is not None:
        return found
    lines = (line for line in reversed(text.splitlines()) if any(map(str.isalnum, line)))
    return _words(next(lines, "")[:REACH]) or None


def _words(text: str) -> str:
    """A text as it is compared: no case, punctuation, leading article or needless space."""
    words = _plain_words(text)
    # Taking one thing off may bare another.
    while (fewer := _plain_words(words)) != words:
        words = fewer
    return words


def _plain_words(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).replace("−", "-").casefold()
    words = " ".join(_ODD.sub(" ", folded).split())
    return _LEADING_ARTICLE.sub("", words, count=1) if words else " ".join(folded.split())
