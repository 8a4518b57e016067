"""Designs: read from YAML with every fault at its line, kept as documents, named by a hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import JsonValue, ValidationError

from simulator.domain.designs import Design, place_name
from simulator.domain.ports import Kind
from simulator.errors import DesignChangedError, DesignInvalidError
from simulator.files.checking import check
from simulator.files.faults import MAX_FAULTS, DesignFault, reported
from simulator.files.reading import read_text
from simulator.files.schemas import json_schema
from simulator.files.writing import write_design

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
    checked = check(text, kinds)
    if checked.tree is not None and checked.tree.content is None:
        raise DesignInvalidError(
            f"{source} is empty.", remedy="Write a design, or copy one of the seed designs."
        )
    if checked.design is None:
        raise _invalid(checked.faults, source)
    return checked.design


def _invalid(faults: Sequence[DesignFault], source: str) -> DesignInvalidError:
    problems = tuple(reported(faults, source))
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
