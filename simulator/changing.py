"""Designs changed by what a command line says, whatever their kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from simulator.domain.designs import Design, place_name
from simulator.errors import UsageError

_Design = TypeVar("_Design", bound=Design)


def of_kind(design: Design, wanted: type[_Design], what: str) -> _Design:
    """The design, which must be of a kind.

    Args:
        design: Of any kind.
        wanted: The type of the kind's designs.
        what: People call one so, such as `chatroom`, or `design of iterated learning`.

    Raises:
        UsageError: It is of another kind.
    """
    if not isinstance(design, wanted):
        raise UsageError(
            f"{design.name!r} is no {what} but of the kind {design.kind}.",
            remedy=f"Play it with `run`, or name a {what}.",
        )
    return design


def document_of(
    wanted: type[_Design], design: _Design | None, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """What changes go over: a design as somebody wrote it, or one that says nothing.

    Sampling that is changed begins with what is usual, so that the rest of it stays.

    Args:
        wanted: The type of the kind's designs.
        design: None begins with what is usual.
        changes: Fields by name.
    """
    document: dict[str, Any] = {"kind": wanted.model_fields["kind"].default}
    if design is not None:
        document = design.model_dump(mode="json", exclude_unset=True)
    if "sampling" in changes and "sampling" not in document:
        usual = wanted.model_fields["sampling"].default
        document["sampling"] = usual.model_dump(mode="json", exclude_unset=True)
    return document


def merged(document: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A document with other values; those of parts go over theirs one by one."""
    whole = dict(document)
    for key, value in changes.items():
        old = whole.get(key)
        are_parts = isinstance(old, Mapping) and isinstance(value, Mapping)
        whole[key] = merged(old, value) if are_parts and isinstance(old, Mapping) else value
    return whole


def design_read(wanted: type[_Design], document: Mapping[str, Any]) -> _Design:
    """The design that a document is.

    Raises:
        UsageError: A value is no good; it names the first one.
    """
    try:
        return wanted.model_validate(document)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        raise UsageError(f"{place_name(fault['loc'])}: {fault['msg']}.") from None
