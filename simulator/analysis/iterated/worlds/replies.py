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
_INPUT = re.compile(r"\binputs?\b[\s\d#\"'*]{0,6}[:=]", re.IGNORECASE)
_OUTPUT = re.compile(r"\b(?:outputs?|light)\b[\s\d#\"'*]{0,6}[:=]", re.IGNORECASE)
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

    Three forms: `Input: …` and `Output: …` on one line or on two; `… -> …`; `…: …` where what
    stands after the colon is one word, or what stands before it is in brackets. Other lines are
    prose.
    """
    waiting: str | None = None
    for line in text.splitlines():
        line = unmarked(line)
        asked, answered = _INPUT.search(line), _OUTPUT.search(line)
        if asked:
            if waiting is not None:
                yield waiting, ""
            ends = answered.start() if answered and answered.start() > asked.end() else None
            waiting = line[asked.end() : ends]
        if answered:
            yield waiting or "", line[answered.end() :]
            waiting = None
        if asked or answered:
            continue
        yield from _short_form(line)
    if waiting is not None:
        yield waiting, ""


def _short_form(line: str) -> Iterator[tuple[str, str]]:
    arrow = _ARROW.search(line)
    if arrow:
        yield line[: arrow.start()], line[arrow.end() :]
        return
    given, sign, output = line.partition(":")
    if not sign or not given.strip():
        return
    if len(output.split()) == 1 or given.strip()[0] in "{[(":
        yield given, output


def _parted(item: str) -> tuple[str, str, str]:
    arrow = _ARROW.search(item)
    if arrow:
        return item[: arrow.start()], arrow.group(), item[arrow.end() :]
    key, sign, value = item.partition(":")
    return (key, sign, value) if sign else item.partition("=")
