"""What learners of the acronym game reply: examples in whatever form, each one checked.

All forms take time in proportion to the text, but for JSON that is opened again and again and
never closed; that is given up after some tries.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from simulator.analysis.iterated.worlds.base import Example, ReadData
from simulator.analysis.iterated.worlds.replies import excerpt

_FAILURES = 50
"""Texts that begin like JSON and are none, before the rest is read line by line."""
_OUTPUT = r"(?:(?:output|acronym)s?(?:[ _](?:word|upper|lower))?|word)"
_INPUT = r"(?:inputs?(?:[ _]words?)?|words)"
_OUTPUT_KEY = re.compile(_OUTPUT, re.IGNORECASE)
_INPUT_KEY = re.compile(_INPUT, re.IGNORECASE)
_LABEL = re.compile(
    rf"(?<![a-z])(?:(?P<output>{_OUTPUT})|{_INPUT})[ \d#\"'*`_]{{0,6}}[:=]", re.IGNORECASE
)
_MARK = re.compile(r"^[\s>*\-\u2022#|]*(?:\(?\d{1,4}[.):]+\s*)?[\s*`_]*")
_FENCE = re.compile(r"^\s*(?:```|~~~)\s*\w*\s*$")
_WORD_FIRST = re.compile(
    r"^([^\s:=,|]+)\s*(?:[:|]|=>?|-{1,2}>|\u2192|\u21d2|\s[-\u2013\u2014])(.*)$"
)
_WORD_LAST = re.compile(r"^([^:=>\u2192\u21d2]+?)(?:=>?|-{1,2}>|\u2192|\u21d2)\s*(\S+)$")
_SPEAKS = re.compile(r"[^\W_]")
_BETWEEN = re.compile(r"[\s,;|/+&]+")
_AROUND = " \t\r\n\"'`*_.,;:!|()[]{}<>\u201c\u201d\u2018\u2019"
_LETTERS = re.compile(r"[a-z]+")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True)
class _Said:
    """An example as it was said, unchecked."""

    output: str
    input: str


@dataclass(frozen=True)
class _Prose:
    """A line or value that holds no example."""

    reason: str


def read(text: str) -> ReadData:
    """The examples of a reply in lower case, in their order, repeats included.

    JSON objects, one a line or in a list, with or without a fence; `Output: …` and `Input: …`;
    `WORD: words`; keys in any case and order. An example is right where its input words are of
    letters only and their first letters spell its output. Never raises.
    """
    data: list[Example] = []
    left_out: list[str] = []
    wrong = 0
    for item in _items(text):
        if isinstance(item, _Prose):
            left_out.append(item.reason)
            continue
        found = _checked(item)
        if isinstance(found, Example):
            data.append(found)
        else:
            wrong += 1
            left_out.append(found)
    return ReadData(tuple(data), tuple(left_out), wrong)


def _checked(said: _Said) -> Example | str:
    """The example, or why it is none."""
    output = said.output.strip(_AROUND).lower()
    words = _words_of(said.input)
    name = f"`{excerpt(output)}`"
    if not output and not words:
        return "An example has neither output nor input words."
    if not output:
        return f"The input `{excerpt(said.input)}` has no output."
    if not _LETTERS.fullmatch(output):
        return f"The output {name} is not of the letters a to z only."
    if not words:
        return f"The output {name} has no input words."
    odd = next((word for word in words if not _LETTERS.fullmatch(word)), None)
    if odd is not None:
        return f"The input word `{excerpt(odd)}` of {name} is not of the letters a to z only."
    spelt = "".join(word[0] for word in words)
    if spelt != output:
        return f"The first letters of the input words spell `{excerpt(spelt)}`, not {name}."
    return Example(", ".join(words), output)


def _words_of(text: str) -> list[str]:
    bare = (word.strip(_AROUND).lower() for word in _BETWEEN.split(text))
    return [word for word in bare if word]


def _items(text: str) -> Iterator[_Said | _Prose]:
    """Examples and what is none, in their order: from JSON where it is, else from lines."""
    place, failures = 0, 0
    lines: list[str] = []
    while place < len(text):
        end = text.find("\n", place)
        end = len(text) if end < 0 else end
        start = place + len(text[place:end]) - len(text[place:end].lstrip(" \t\r,;"))
        mark = _MARK.match(text, start, end)
        start = mark.end() if mark and text[mark.end() : mark.end() + 1] in ("{", "[") else start
        if text[start : start + 1] in ("{", "[") and failures < _FAILURES:
            try:
                value, after = _DECODER.raw_decode(text, start)
            except (ValueError, RecursionError):
                failures += 1
            else:
                yield from _from_lines(lines)
                lines = []
                yield from _from_json(value)
                place = after
                continue
        lines.append(text[start:end])
        place = end + 1
    yield from _from_lines(lines)


def _from_json(value: object) -> Iterator[_Said | _Prose]:
    waiting: list[object] = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, _Said):
            yield value
        elif isinstance(value, list):
            waiting.extend(reversed(value))
        elif isinstance(value, str):
            yield from _from_lines(value.splitlines())
        elif not isinstance(value, dict):
            yield _Prose(f"`{excerpt(str(value))}` holds no example.")
        elif (said := _of_keys(value)) is not None:
            yield said
        else:
            waiting.extend(
                _Said(key, _joined(inner)) if _is_words(inner) else inner
                for key, inner in reversed(value.items())
            )


def _of_keys(value: dict[str, object]) -> _Said | None:
    """The example of an object that has the keys for it, or one of them."""
    output = next((value[key] for key in value if _OUTPUT_KEY.fullmatch(key.strip())), None)
    words = next((value[key] for key in value if _INPUT_KEY.fullmatch(key.strip())), None)
    if not isinstance(output, str) and not isinstance(words, str | list):
        return None
    return _Said(output if isinstance(output, str) else "", _joined(words))


def _is_words(value: object) -> bool:
    """Whether it is a text, or a list of texts of one word each."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(one, str) and len(one.split()) == 1 for one in value)
    return isinstance(value, str)


def _joined(words: object) -> str:
    if isinstance(words, list):
        return ", ".join(word for word in words if isinstance(word, str))
    return words if isinstance(words, str) else ""


def _from_lines(lines: list[str]) -> Iterator[_Said | _Prose]:
    output: str | None = None
    words: str | None = None
    for line in lines:
        if not _SPEAKS.search(line) or _FENCE.match(line):
            continue
        labels = list(_LABEL.finditer(line))
        if not labels:
            yield from _waiting(output, words)
            output = words = None
            yield _of_line(line[_end_of_mark(line) :])
            continue
        for label, following in zip(labels, [*labels[1:], None], strict=True):
            content = line[label.end() : following.start() if following else None]
            is_output = label["output"] is not None
            if (output if is_output else words) is not None:
                yield from _waiting(output, words)
                output = words = None
            if is_output:
                output = content
            else:
                words = content
            if output is not None and words is not None:
                yield _Said(output, words)
                output = words = None
    yield from _waiting(output, words)


def _waiting(output: str | None, words: str | None) -> Iterator[_Said]:
    """Half an example, whose other half never came."""
    if output is not None or words is not None:
        yield _Said(output or "", words or "")


def _of_line(line: str) -> _Said | _Prose:
    """An example without labels, such as `WORD: words` or `words -> WORD`."""
    for pattern, output, words in ((_WORD_FIRST, 1, 2), (_WORD_LAST, 2, 1)):
        match = pattern.match(line)
        if match is None:
            continue
        said = _Said(match[output], match[words])
        parts, letters = _words_of(said.input), said.output.strip(_AROUND)
        if parts and ("," in said.input or len(parts) == len(letters)):
            return said
    return _Prose(f"`{excerpt(line)}` holds no example.")


def _end_of_mark(line: str) -> int:
    match = _MARK.match(line)
    return match.end() if match else 0
