"""What the form shows of a design's model: every field with its control, whatever the kind."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import JsonValue
from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python

from simulator.domain.designs import Design, Long
from simulator.files.shapes import Model, choices, item_type, models, options

Control = Literal[
    "line", "prose", "integer", "number", "switch", "choice", "group", "records", "list", "other"
]
"""`records` is a list of models, `list` one of plain values, `other` is left to the file."""

_HIDDEN = ("kind", "parent")
"""Fields of every design that are not the form's to change."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a model."""

    name: str
    """As the file has it."""
    label: str
    help: str
    """What it means, what it may be, and its default."""
    control: Control
    default: JsonValue
    """What holds where nothing is written; None also where something must be."""
    is_required: bool
    is_nullable: bool
    """Whether null is a value."""
    choices: tuple[str, ...] = ()
    model: Model | None = None
    """Of a group, or of the records."""


def shown(value: JsonValue) -> str:
    """A plain value as people write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, (str, int, float)) else ""


@cache
def fields_of(model: Model) -> tuple[Field, ...]:
    """The fields in the order of the model."""
    hidden = _HIDDEN if issubclass(model, Design) else ()
    return tuple(
        _field(info.alias or name, info)
        for name, info in model.model_fields.items()
        if name not in hidden
    )


def _field(name: str, info: FieldInfo) -> Field:
    control = _control(info)
    found = models(info.annotation) if control == "group" else models(item_type(info.annotation))
    default = None if info.is_required() else info.get_default(call_default_factory=True)
    return Field(
        name=name,
        label=label_of(name),
        help=_help(info, found[0] if found else None),
        control=control,
        default=to_jsonable_python(default),
        is_required=info.is_required(),
        is_nullable=type(None) in get_args(info.annotation),
        choices=_choices(info.annotation) if control == "choice" else (),
        model=found[0] if control in ("group", "records") else None,
    )


def label_of(name: str) -> str:
    """A key as a label: `starting_message` is "Starting message"."""
    words = name.replace("_", " ").strip()
    return f"{words[:1].upper()}{words[1:]}"


def _control(info: FieldInfo) -> Control:
    allowed = list(options(info.annotation))
    if len(allowed) != 1:
        return "other"
    only = allowed[0]
    if models(only):
        return "group"
    if choices(only) and len(choices(only)) == len(get_args(only)):
        return "choice"
    if only is bool:
        nullable = type(None) in get_args(info.annotation)
        return "choice" if nullable else "switch"
    if only is int:
        return "integer"
    if only is float:
        return "number"
    if only is str:
        return "prose" if _is_long(info) else "line"
    if get_origin(only) in (tuple, list):
        return _list_control(only)
    return "other"


def _list_control(annotation: Any) -> Control:
    arguments = [one for one in get_args(annotation) if one is not Ellipsis]
    if len(arguments) != 1:
        return "other"
    inner = list(options(arguments[0]))
    if len(inner) == 1 and models(inner[0]):
        return "records"
    return "list" if inner == [str] else "other"


def _choices(annotation: Any) -> tuple[str, ...]:
    return choices(annotation) or ("yes", "no")


def _is_long(info: FieldInfo) -> bool:
    marks = [*info.metadata]
    for option in (info.annotation, *get_args(info.annotation)):
        if get_origin(option) is Annotated:
            marks += get_args(option)[1:]
    return any(isinstance(mark, Long) for mark in marks)


def _help(info: FieldInfo, model: Model | None) -> str:
    words = info.description or ((model.__doc__ or "") if model else "")
    return " ".join(
        part for part in (" ".join(words.replace("`", "").split()), _limits(info)) if part
    )


def _limits(info: FieldInfo) -> str:
    said = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    limits = " and ".join(
        f"{words} {getattr(mark, name):g}"
        for mark in info.metadata
        for name, words in said.items()
        if isinstance(getattr(mark, name, None), (int, float))
    )
    return f"{limits[:1].upper()}{limits[1:]}." if limits else ""


def boolean_of(choice: str) -> bool | None:
    """What a choice of yes or no means; None for other choices."""
    return {"yes": True, "no": False}.get(choice)
