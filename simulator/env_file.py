"""Writes variables into a `.env` file without touching anything else in it."""

from __future__ import annotations

import contextlib
import io
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from simulator.errors import PermissionDeniedError, UsageError

_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=?&~-]*")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"}
_ASSIGNMENT = re.compile(
    r"""(?xs) (?P<name> \s* (?:export[^\S\r\n]+)? (?:'[^']+'|[^=\#\s]+) )
    (?: [^\S\r\n]* = (?: [^\S\r\n]* (?: '(?:\\.|[^'\\])*' | "(?:\\.|[^"\\])*" )
    (?P<after_quotes> [^\S\r\n]*\#[^\r\n]* )? | [^\r\n]*? (?P<comment> [^\S\r\n]+\#[^\r\n]* )? ) )?
    [^\S\r\n]* (?P<end> \r\n | \n | \r )? \Z"""
)
"""One binding as python-dotenv takes it: the name, a value in quotes or not, a comment."""


def merge_env_file(path: Path, variables: Mapping[str, str]) -> None:
    """Set variables in the file, which is made if it is not there.

    Everything else stays: other variables, comments, order, line ends. The file is replaced as a
    whole or not at all, and only its owner may read it from then on.

    Args:
        path: Of the file; where it is a link, what it leads to is replaced.
        variables: By names in capitals; in the file, settings are found in any case.

    Raises:
        UsageError: The file or a value is no text, or the file is so faulty that what is written
            would not be read.
        PermissionDeniedError: It cannot be read or written.
    """
    file = path.resolve()
    try:
        old = file.read_bytes().decode("utf-8-sig") if file.exists() else ""
        new = merged(old, variables)
        content = new.encode()
        _check(file, old, new, variables)
        _replace(file, content)
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{file} is not text in UTF-8.", remedy="Write it again as UTF-8."
        ) from error
    except UnicodeEncodeError:
        raise UsageError(
            f"What is to be written to {file} is not text.", remedy="Use letters of Unicode only."
        ) from None
    except OSError as error:
        raise PermissionDeniedError(
            f"{file} cannot be written: {error.strerror or error}.",
            remedy="Make the file and its folder writable for you.",
        ) from error


def merged(text: str, variables: Mapping[str, str]) -> str:
    """The text of a `.env` file with variables set in it; see `merge_env_file`."""
    line_end = "\r\n" if "\r\n" in text else "\n"
    missing = dict(variables)
    parts = []
    for binding in parse_stream(io.StringIO(text, newline="")):
        part, name = binding.original.string, (binding.key or "").upper()
        if name in variables:
            part = _assigned(part, variables[name])
            missing.pop(name, None)
        parts.append(part)
    if missing and parts and not parts[-1].endswith(("\n", "\r")):
        parts.append(line_end)
    parts += [f"{name}={quoted(value)}{line_end}" for name, value in missing.items()]
    return "".join(parts)


def quoted(value: str) -> str:
    """A value as it must stand in a `.env` file to be read back equal."""
    if _PLAIN.fullmatch(value):
        return value
    escaped = "".join(_ESCAPES.get(character, character) for character in value)
    # What looks like a variable would be replaced: its `$` comes from one that has no name.
    return '"' + escaped.replace("${", "${:-$}{") + '"'


def _assigned(binding: str, value: str) -> str:
    found = _ASSIGNMENT.match(binding)
    assert found is not None, "python-dotenv reads bindings by another grammar"
    comment = (found["comment"] or found["after_quotes"] or "").strip()
    return f"{found['name']}={quoted(value)}{comment and f'  {comment}'}{found['end'] or ''}"


def _check(file: Path, old: str, new: str, variables: Mapping[str, str]) -> None:
    """See that all of it can be read: a faulty line may swallow what follows it."""
    kept = {name: value for name, value in _values(old).items() if name.upper() not in variables}
    now = _values(new)
    lost = [name for name, value in kept.items() if now.get(name) != value]
    set_now = {name.upper(): value for name, value in _values(new, interpolate=True).items()}
    lost += [name for name, value in variables.items() if set_now.get(name) != value]
    if lost:
        faulty = [part.original.line for part in parse_stream(io.StringIO(old)) if part.error]
        where = f", line {faulty[0]}," if faulty else ""
        raise UsageError(
            f"{file}{where} has a fault that keeps {lost[0]} from being read.",
            remedy="Mend it, such as a quote that is not closed; nothing was written.",
        )


def _values(text: str, *, interpolate: bool = False) -> dict[str, str | None]:
    return dotenv_values(stream=io.StringIO(text, newline=None), interpolate=interpolate)


def _replace(file: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=".env-", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as temporary:
            temporary.write(content)
            temporary.flush()
            os.fsync(temporary.fileno())
        Path(name).replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
