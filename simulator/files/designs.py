"""Designs: read from YAML with every fault at its line, kept as documents, named by a hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import JsonValue, ValidationError

from simulator.domain.designs import Design, place_name
from simulator.domain.nearest import nearest
from simulator.domain.ports import Kind
from simulator.errors import DesignChangedError, DesignInvalidError
from simulator.files.faults import MAX_FAULTS, described, field_faults, listed, reported
from simulator.files.places import locate, misshapen
from simulator.files.reading import read_text
from simulator.files.schemas import json_schema
from simulator.files.writing import write_design
from simulator.files.yaml_tree import TOP, Fault, MalformedYamlError, Tree, parse

__all__ = [
    "design_document",
    "design_hash",
    "document_hash",
    "json_schema",
    "load_design",
    "read_design",
    "read_document",
    "write_design",
]

MAX_BYTES = 2_000_000
"""Largest design file that is read."""

_UNHASHED = ("name", "note", "parent")


def load_design(path: Path, kinds: Mapping[str, Kind]) -> Design:
    """The design in a file.

    Raises:
        NotFoundError: There is no such file.
        PermissionDeniedError: The file may not be read.
        DesignInvalidError: As `read_design`, or the file is no text in UTF-8.
    """
    return read_design(read_text(path, max_bytes=MAX_BYTES), str(path), kinds)


def read_design(text: str, source: str, kinds: Mapping[str, Kind]) -> Design:
    """The design that a YAML text describes.

    Args:
        text: What the user wrote.
        source: The file's name, as errors are to show it.
        kinds: The kinds of design by name.

    Raises:
        DesignInvalidError: `problems` lists everything that is wrong, in the order of the file.
    """
    try:
        tree, faults = parse(text)
    except MalformedYamlError as error:
        raise _invalid([error.fault], source) from None
    if tree.content is None:
        raise DesignInvalidError(
            f"{source} is empty.", remedy="Write a design, or copy one of the seed designs."
        )
    try:
        kind = _kind(tree, kinds)
        design = _validated(tree, kind, faults)
    except _FaultsError as error:
        raise _invalid([*faults, *error.faults], source) from None
    for problem in kind.problems(design):
        found = locate(tree, kind.design_type, problem.place)
        faults.append(Fault(found.spot, found.shown, problem.message))
    if faults:
        raise _invalid(faults, source)
    return design


class _FaultsError(Exception):
    def __init__(self, *faults: Fault) -> None:
        super().__init__()
        self.faults = faults


def _kind(tree: Tree, kinds: Mapping[str, Kind]) -> Kind:
    if not isinstance(tree.content, dict):
        message = f"a design is a mapping of keys to values, not {described(tree.plain())}"
        raise _FaultsError(Fault(tree.spot, "", message))
    entry = tree.content.get("kind")
    if entry is None:
        near = nearest("kind", (key for key in tree.content if isinstance(key, str)))
        if near is not None:
            message = f"unknown key `{near}`; did you mean `kind`?"
            raise _FaultsError(Fault(tree.content[near].spot, "", message))
        message = f"the key `kind` is missing; write `kind: {next(iter(kinds), '')}`"
        message += f" or another of {listed(kinds)}" if len(kinds) > 1 else ""
        raise _FaultsError(Fault(TOP, "", message))
    name = entry.value.content
    if isinstance(name, str) and name in kinds:
        return kinds[name]
    near = nearest(name, kinds) if isinstance(name, str) else None
    hint = f"did you mean `{near}`?" if near else f"the kinds are {listed(kinds)}"
    shown = f"`{name}`" if isinstance(name, str) else described(entry.value.plain())
    message = f"there is no kind {shown}; {hint}"
    raise _FaultsError(Fault(entry.spot, "kind", message))


def _validated(tree: Tree, kind: Kind, faults: list[Fault]) -> Design:
    data: dict[str, Any] = tree.plain()
    shapes = list(misshapen(tree, kind.design_type))
    broken = {name for name, _ in shapes}
    found = [fault for _, fault in shapes]
    for name in broken:
        del data[name]
    try:
        design = kind.design_type.model_validate(data)
    except ValidationError as error:
        for fault in field_faults(error, tree, kind.design_type):
            if not any(fault.message == f"the key `{name}` is missing" for name in broken):
                found.append(fault)
        raise _FaultsError(*found) from None
    if found or faults:
        raise _FaultsError(*found)
    return design


def _invalid(faults: list[Fault], source: str) -> DesignInvalidError:
    problems = tuple(reported(dict.fromkeys(faults), source))
    if len(problems) == 1:
        return DesignInvalidError(problems[0], problems=problems)
    count = f"{len(problems)}{' or more' if len(problems) >= MAX_FAULTS else ''}"
    return DesignInvalidError(
        f"{source} has {count} problems.",
        problems=problems,
        remedy="Mend the lines that are named, then try again.",
    )


# ---------------------------------------------------------------- documents


def design_document(design: Design) -> dict[str, JsonValue]:
    """The design as it is stored: every field, defaults too, but for what it is called.

    Defaults are written out so that a stored design keeps its meaning when a default changes.
    """
    document: dict[str, JsonValue] = design.model_dump(mode="json", exclude=set(_UNHASHED))
    return document


def design_hash(design: Design) -> str:
    """32 hexadecimal digits that name what a design says, whatever it is called."""
    return document_hash(design_document(design))


def document_hash(document: Mapping[str, JsonValue]) -> str:
    """The hash of a stored design, by which it was named whatever the program became since."""
    counted = {key: value for key, value in document.items() if key not in _UNHASHED}
    canonical = json.dumps(counted, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.blake2b(canonical.encode("ascii"), digest_size=16).hexdigest()


def read_document(kind: Kind, document: Mapping[str, JsonValue], name: str, note: str) -> Design:
    """The design of a stored document.

    Raises:
        DesignChangedError: This version of the program cannot read the document.
    """
    try:
        return kind.design_type.model_validate({**document, "name": name, "note": note})
    except ValidationError as error:
        problems = tuple(
            f"{place_name(detail['loc'])}: {detail['msg']}" if detail["loc"] else detail["msg"]
            for detail in error.errors(include_url=False)
        )
        raise DesignChangedError(
            f"The stored design {name!r} cannot be read: {problems[0]}.",
            problems=problems,
            remedy="It was stored by another version; open it with that version, or export and "
            "mend it.",
        ) from None
