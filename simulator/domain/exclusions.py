"""What a launch leaves out of its grid, in the words of whoever launches it.

`goal=escape & risks=yes` leaves out the cells that have both values. An axis may have one of
several, `goal=escape|yard`, or any but these, `goal!=escape`. An axis goes by its name, or by the
part behind the dot where no other axis has the same. Names and values with `&`, `|` or spaces at
their ends stand in double quotes; a backslash goes before a quote that belongs to one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from simulator.domain.nearest import nearest
from simulator.errors import UsageError

_PIECE = r'(?:"(?:[^"\\]|\\.)*"|[^"{}])'
_CLAUSE = re.compile(_PIECE.replace("{}", "&") + "+")
_VALUE = re.compile(_PIECE.replace("{}", "|") + "+")
_TEST = re.compile(_PIECE.replace("{}", "=!") + r"+?(?P<test>!?=)")
_QUOTED = re.compile(r'\s*"((?:[^"\\]|\\.)*)"\s*')
_LISTED = 12


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that a cell must have for an exclusion to take it."""

    axis: str
    """As written."""
    labels: tuple[str, ...]
    """One of these; as written."""
    is_other: bool
    """Whether it must have none of them instead."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Cells that are left out: those that every clause is true of."""

    text: str
    clauses: tuple[Clause, ...]

    def __str__(self) -> str:
        return self.text


def read_exclusion(text: str) -> Exclusion:
    """The exclusion that somebody wrote.

    Raises:
        UsageError: It cannot be read.
    """
    clauses = _split(text, _CLAUSE, "&")
    if clauses is None:
        raise _unclear(text, "a quote is not closed, or nothing stands beside an `&`")
    return Exclusion(text.strip(), tuple(_clause(text, clause) for clause in clauses))


def excluded_options(
    exclusion: Exclusion, axes: Mapping[str, Sequence[str]]
) -> dict[str, frozenset[str]]:
    """The labels that a cell must have on each axis for an exclusion to take it.

    Args:
        exclusion: Any.
        axes: The labels of each axis of a grid, by its name.

    Returns:
        By the names of the axes that are mentioned. A set may be empty.

    Raises:
        UsageError: There is no such axis, or no such label on it.
    """
    needed: dict[str, frozenset[str]] = {}
    for clause in exclusion.clauses:
        name = _axis_called(clause.axis, axes, exclusion)
        for label in clause.labels:
            if label not in axes[name]:
                raise _unknown(exclusion, f"{name!r} has no value {label!r}", label, axes[name])
        named = frozenset(clause.labels)
        taken = frozenset(axes[name]) - named if clause.is_other else named
        needed[name] = needed.get(name, taken) & taken
    return needed


def _clause(text: str, clause: str) -> Clause:
    match = _TEST.match(clause)
    values = None if match is None else _split(clause[match.end() :], _VALUE, "|")
    if match is None or values is None:
        raise _unclear(text, f"{clause.strip()!r} is no axis and value")
    axis = _bare(clause[: match.start("test")])
    labels = tuple(map(_bare, values))
    if not axis or not all(labels):
        raise _unclear(text, f"{clause.strip()!r} is no axis and value")
    return Clause(axis, labels, match["test"] == "!=")


def _split(text: str, piece: re.Pattern[str], mark: str) -> list[str] | None:
    """The pieces between marks that stand in no quotes; None when one is empty or open."""
    pieces, at = [], 0
    while match := piece.match(text, at):
        pieces.append(match[0])
        at = match.end()
        if at == len(text):
            return pieces if all(map(str.strip, pieces)) else None
        if text[at] != mark:
            return None
        at += 1
    return None


def _bare(text: str) -> str:
    quoted = _QUOTED.fullmatch(text)
    return re.sub(r"\\(.)", r"\1", quoted[1], flags=re.DOTALL) if quoted else text.strip()


def _axis_called(word: str, axes: Mapping[str, Sequence[str]], exclusion: Exclusion) -> str:
    if word in axes:
        return word
    meant = [name for name in axes if name.partition(".")[2] == word]
    if len(meant) > 1:
        raise UsageError(
            f"Exclusion {exclusion.text!r}: {word!r} can be {' or '.join(meant)}.",
            remedy="Write it out.",
        )
    if not meant:
        titles = (name.partition(".")[2] for name in axes)
        raise _unknown(
            exclusion, f"nothing called {word!r} is varied", word,
            list(axes), [title for title in titles if title],
        )  # fmt: skip
    return meant[0]


def _unclear(text: str, fault: str) -> UsageError:
    return UsageError(
        f"Exclusion {text!r}: {fault}.",
        remedy='Write such as `goal=escape & risks=yes`, with "quotes" around values that have & '
        "or | in them.",
    )


def _unknown(
    exclusion: Exclusion, fault: str, word: str, names: Sequence[str], others: Sequence[str] = ()
) -> UsageError:
    return UsageError(
        f"Exclusion {exclusion.text!r}: {fault}.", remedy=" ".join(_hints(word, names, others))
    )


def _hints(word: str, names: Sequence[str], others: Sequence[str]) -> Iterator[str]:
    meant = nearest(word, [*names, *others])
    if meant is not None:
        yield f"Did you mean {meant!r}?"
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    yield f"There is {', '.join(map(repr, names[:_LISTED])) or 'nothing'}{more}."
