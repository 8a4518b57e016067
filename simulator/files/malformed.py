"""Where a text stops being YAML that we read, and why, in plain words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Protocol

Scalar = str | int | float | bool | None

MAX_DEPTH = 60

_SIMPLE_KEY = re.compile(r"[^\s.\[\]]([^.\[\]]*[^\s.\[\]])?")


@dataclass(frozen=True, order=True, slots=True)
class Spot:
    """A place in a text."""

    line: int
    """From 1."""
    column: int
    """From 1."""


TOP = Spot(1, 1)


@dataclass(frozen=True, order=True, slots=True)
class Fault:
    """Something wrong at a place of a file."""

    spot: Spot
    path: tuple[Scalar, ...]
    """Keys and positions from the top, as the file has them; empty for the file as a whole."""
    message: str

    @property
    def shown(self) -> str:
        """The path as people would write it, such as `roles[0].count`."""
        place = ""
        for part in self.path:
            place = joined(place, part)
        return place


class MalformedYamlError(ValueError):
    """The text is not YAML that we read; `fault` says where and why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def joined(place: str, key: object) -> str:
    """A place with one more key, as people would write it."""
    name = str(key)
    simple = isinstance(key, str) and _SIMPLE_KEY.fullmatch(key) and key.isprintable()
    if simple and len(name) <= 60:
        return f"{place}.{name}" if place else name
    shown = name if len(name) <= 60 else f"{name[:57]}..."
    return f"{place}[{shown if not isinstance(key, str) else repr(shown)}]"


class _Mark(Protocol):
    line: int
    column: int


def spot_of(mark: _Mark | None) -> Spot:
    """Where a mark of ruamel's stands; the top of the text without one."""
    return TOP if mark is None else Spot(mark.line + 1, mark.column + 1)


def too_deep(spot: Spot) -> MalformedYamlError:
    """The error for a value that stands below too many others."""
    message = f"the values are nested more than {MAX_DEPTH} deep"
    return MalformedYamlError(Fault(spot, (), message))


_QUOTE = "; put the text in quotes, or on lines of its own below `>-`"
_WORDS: tuple[tuple[str, str, str], ...] = (
    ("", r"could not find expected ':'", "a key needs a colon and a space after it"),
    ("", r"mapping values are not allowed here",
     "a colon stands where no key can be: either the indentation does not fit the line above,"
     f" or a text has a colon in it{_QUOTE}"),
    ("", r"sequence entries are not allowed here", "a list must begin on a line of its own"),
    ("", r"found character '\\t'", "a tab indents this line; use spaces"),
    ("", r"found character '(.)' that", rf"a text cannot begin with `{{0}}`{_QUOTE}"),
    ("quoted scalar", r"unexpected (end of stream|document separator)",
     "the quote that opens on line {context} is never closed"),
    ("", r"found unknown escape character '(.*)'",
     r"`\{0}` is no escape; write `\\{0}`, or use single quotes"),
    ("flow", r"expected ',' or '(.)'",
     "the bracket that opens on line {context} needs a comma or `{0}` here"),
    ("", r"expected '<document start>'", "nothing may follow here; a bracket or quote is too many"),
    ("block", r"expected <block end>, but found '<scalar>'",
     "this text does not belong to anything: a quote ends too early, or the indentation does not"
     " fit the lines above"),
    ("block", r"expected <block end>",
     "the indentation does not fit the lines above; the block began on line {context}"),
    ("", r"found undefined alias '(.*)'", "there is no `&{0}` before this `*{0}`"),
    ("block scalar", r"expected", "after `|` or `>` the text begins on the next line, indented"),
    ("single document", r"", "only one document can stand in a file; remove the `---`"),
)  # fmt: skip


def malformed(error: Any, text: str) -> Fault:
    """What ruamel's scanner, parser or composer stumbled over."""
    problem, context = str(error.problem or ""), str(error.context or "")
    spot = spot_of(error.problem_mark or error.context_mark)
    begun = spot_of(error.context_mark).line
    for where, pattern, words in _WORDS:
        match = re.search(pattern, problem)
        if where in context and match:
            if "unexpected" in pattern:
                spot = spot_of(error.context_mark)
            return Fault(spot, (), words.format(*match.groups(), context=begun))
    line = text.split("\n")[spot.line - 1] if spot.line <= text.count("\n") + 1 else ""
    if "\t" in line[: spot.column]:
        return Fault(spot, (), "a tab indents this line; use spaces")
    return Fault(spot, (), f"this is not YAML: {problem or context}")


def unreadable(error: Any, text: str) -> Fault:
    """The character that ruamel's reader refused."""
    at = int(error.position)
    line = text.count("\n", 0, at) + 1
    spot = Spot(line, at - text.rfind("\n", 0, at))
    character = ord(text[at]) if at < len(text) else 0
    message = (
        f"the character U+{character:04X} cannot stand in YAML; remove it, or write it as"
        f' "\\u{character:04X}" in double quotes'
    )
    return Fault(spot, (), message)
