"""What worlds read from replies alike: braces, pairs and examples, as loosely as models write.

All patterns take time in proportion to the text, whatever it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from simulator.analysis.iterated.worlds.base import Data, Example, ReadData

_BRACES = re.compile(r"\{[^{}]*(?:\}|\Z)")
_PIECES = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|[,;\n]|[^,;\n\"']+|[\"']")
_SEPARATORS = frozenset(",;\n")
_WRAPPING = " \t\r\n\"'`*_.,;()[]{}<>\u201c\u201d\u2018\u2019"
_BULLET = re.compile(r"\s*(?:[-*\u2022>#]+\s+|\(?\d{1,4}[.):](?:\s+(?=\S)|(?=[^\s\d])))*")
_ARROW = re.compile(r"-{1,3}>|={1,2}>|[\u2192\u21d2\u27f6\u27f9]")
_AFTER_BRACKET = re.compile(r"(?<=[}\])])\s{0,3}:")
_LABEL = re.compile(r"\b(?:(?P<input>inputs?)|outputs?|light)\b[\s\d#\"'*]{0,6}[:=]", re.IGNORECASE)
_LONGEST_EXCERPT = 40


@dataclass(frozen=True)
class Left:
    """Why an example is left out."""

    reason: str
    wrong: bool = False
    """Whether it is whole but breaks the rules of the world."""


def excerpt(text: str) -> str:
    """The start of a text on one line, short enough for a reason."""
    line = " ".join(text[: 4 * _LONGEST_EXCERPT].split())
    return line if len(line) <= _LONGEST_EXCERPT else line[: _LONGEST_EXCERPT - 1] + "…"


def listed(names: Sequence[str]) -> str:
    """Such as `A, B and C`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def bare(text: str) -> str:
    """Without quotes, brackets, marks of emphasis and full stops around it."""
    return text.strip(_WRAPPING)


def unmarked(line: str) -> str:
    """A line without the bullets and numbers of lists before it."""
    return _BULLET.sub("", line, count=1)


def braces(text: str) -> list[str]:
    """Innermost braces with what is in them; the last may lack its end."""
    return _BRACES.findall(text)


def without_braces(text: str, unwanted: Callable[[str], bool]) -> str:
    """A text less the innermost braces that are unwanted."""
    return _BRACES.sub(lambda found: " " if unwanted(found[0]) else found[0], text)


def pairs(text: str) -> list[tuple[str, str]]:
    """Keys and values, as in JSON or in lines such as `A: on`; quotes are optional."""
    found: list[tuple[str, str]] = []
    item = ""
    for piece in (*_PIECES.findall(text), "\n"):
        if piece not in _SEPARATORS:
            item += piece
            continue
        key, sign, value = _parted(unmarked(item))
        if sign and bare(key):
            found.append((bare(key), bare(value)))
        item = ""
    return found


def read_examples(text: str, made: Callable[[str, str], Example | Left]) -> ReadData:
    """The examples of a reply, each made of an input and an output as they are said."""
    found = [made(given, output) for given, output in said_examples(text)]
    left = [one for one in found if isinstance(one, Left)]
    data: Data = tuple(one for one in found if isinstance(one, Example))
    return ReadData(data, tuple(one.reason for one in left), sum(one.wrong for one in left))


def said_examples(text: str) -> Iterator[tuple[str, str]]:
    """Inputs and outputs as they are said, in their order; one of the two may be empty.

    Three forms, each once or more on a line: `Input: …` and `Output: …`, which may be on two lines;
    `… -> …`; `…: …` where what stands before the colon is in brackets, or what stands after it is
    one word. Other lines are prose.
    """
    waiting: str | None = None
    for line in _LABEL.sub(r"\n\g<0>", text).splitlines():
        label = _LABEL.match(line)
        if label is None:
            yield from _short_form(unmarked(line))
        elif label["input"]:
            if waiting is not None:
                yield waiting, ""
            waiting = line[label.end() :]
        else:
            yield waiting or "", line[label.end() :]
            waiting = None
    if waiting is not None:
        yield waiting, ""


def _short_form(line: str) -> Iterator[tuple[str, str]]:
    given, *said = _ARROW.split(line)
    if not said and line[:1] in "{[(":
        given, *said = _AFTER_BRACKET.split(line)
    if not said:
        given, sign, output = line.partition(":")
        said = [output] if sign and given.strip() and len(output.split()) == 1 else []
    for place, part in enumerate(said, 1):
        output, rest = (part, "") if place == len(said) else _first_word(part)
        yield given, output
        given = rest


def _first_word(text: str) -> tuple[str, str]:
    """And what follows it, as in `on, B` between two arrows."""
    word, *rest = text.replace(",", " ", 1).split(maxsplit=1) or [""]
    return word, "".join(rest)


def _parted(item: str) -> tuple[str, str, str]:
    arrow = _ARROW.search(item)
    if arrow:
        return item[: arrow.start()], arrow.group(), item[arrow.end() :]
    key, sign, value = item.partition(":")
    return (key, sign, value) if sign else item.partition("=")
