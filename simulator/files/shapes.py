"""What the fields of a design look like, and the shorter forms in which people write them.

A field with a before-validator may be written shorter than its type says, by two conventions:

* a list of records as nested mappings: `{Goal: text}` for `[{title: Goal, content: text}]`, and
  `{guard: {Goal: text}}` for `[{target: guard, title: Goal, content: text}]`. The last field of
  the record is the innermost value; lists of records in it are written as mappings too;
* a record as the value of its first field: `random` for `{method: random}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator
from pydantic.fields import FieldInfo

Model = type[BaseModel]


def has_short_form(field: FieldInfo) -> bool:
    """Whether a field may be written shorter than its type says."""
    return any(isinstance(entry, BeforeValidator) for entry in field.metadata)


def options(annotation: Any) -> Iterator[Any]:
    """The types that an annotation allows, without None and without what annotates them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from options(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for argument in get_args(annotation):
            yield from options(argument)
    elif annotation is not NoneType:
        yield annotation


def models(annotation: Any) -> tuple[Model, ...]:
    """The models that a value of this type may be."""
    return tuple(o for o in options(annotation) if isinstance(o, type) and issubclass(o, BaseModel))


def item_type(annotation: Any) -> Any:
    """The type of the entries of a list, or of the values of a mapping; None for other types."""
    for option in options(annotation):
        origin, arguments = get_origin(option), get_args(option)
        if origin in (tuple, list, set, frozenset) and arguments:
            return arguments[0]
        if origin is dict:
            return arguments[1]
    return None


def record(annotation: Any) -> Model | None:
    """The model whose records a list holds, if nested mappings can stand for it."""
    found = models(item_type(annotation))
    return found[0] if len(found) == 1 and len(found[0].model_fields) > 1 else None


def choices(annotation: Any) -> tuple[str, ...]:
    """The words that a field allows; empty when it is no choice."""
    return tuple(
        word
        for option in options(annotation)
        if get_origin(option) is Literal
        for word in get_args(option)
        if isinstance(word, str)
    )


def fields_of(found: tuple[Model, ...]) -> dict[str, FieldInfo]:
    """The fields of these models, by the names that users write."""
    return {
        field.alias or name: field for model in found for name, field in model.model_fields.items()
    }


def default_of(model: Model, place: Iterable[str | int]) -> dict[str, Any]:
    """What a record says while it is not written, but for what its fields say by themselves.

    Args:
        model: Of the outermost record.
        place: Keys and positions from it to the record.
    """
    annotation: Any = model
    default: object = None
    for step in place:
        field = fields_of(models(annotation)).get(str(step)) if isinstance(step, str) else None
        annotation = field.annotation if field else item_type(annotation)
        default = None
        if field and not field.is_required():
            default = field.get_default(call_default_factory=True, validated_data={})
    if not isinstance(default, BaseModel):
        return {}
    return default.model_dump(mode="json", exclude_defaults=True)
