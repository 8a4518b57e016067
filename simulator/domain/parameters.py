"""What a launch may set over a design, described so that whoever asks for it needs no kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from simulator.domain.grids import Axis, Option, combined

ParameterType = Literal["count", "number", "choice", "model", "text"]
"""`count` is a whole number; `model` is a `provider/model`."""

LONGEST_RANGE = 1000
"""Numbers that a range such as `1..10` may stand for."""
_RANGE = re.compile(r"(\d{1,18})\s*(?:\.\.+|…|-|–)\s*(\d{1,18})")
_FORMS = {"count": "such as 2, or several: 1..4 or 2, 5", "number": "such as 0.7, or 0.2, 0.7"}

Setting = Callable[[JsonValue], dict[str, JsonValue]]
"""What of a launch's parameters a value stands for."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """Something that a launch may set over a design, and vary between its runs."""

    name: str
    """Unique among those of a design; names the axis that it varies along."""
    label: str
    """What people call it, within its group."""
    type: ParameterType
    setting: Setting = field(repr=False)
    check: Callable[[JsonValue], JsonValue] = field(default=lambda value: value, repr=False)
    """Gives the value as it is set, or raises ValueError with what is wrong."""
    group: str = ""
    """What it belongs together with; empty where it stands alone."""
    usual: str = ""
    """The design's own value; empty where it has none."""
    meaning: str = ""
    """A sentence or two for whoever sets it."""
    choices: tuple[str, ...] = ()
    """All values of a `choice`."""
    words: tuple[str, ...] = ()
    """What a number may be beside numbers, such as `drawn`."""
    separator: str = ""
    """What stands between several texts; with a backslash before it, it belongs to a text. Empty
    takes all that is written as one text."""
    may_count_up: bool = False
    """Whether a number can be meant as a maximum: every number from 1 up to it. Those of a group
    are then combined into one axis."""
    rotates: bool = False
    """Whether its choices go round over repetitions, where a launch counterbalances them."""

    def read(self, text: str, *, counting_up: bool = False) -> tuple[JsonValue, ...]:
        """The values of a text; several stand between commas, or as a range of whole numbers.

        Args:
            text: As somebody writes it. Of texts, several stand between separators.
            counting_up: Whether a single number stands for every number from 1 up to it, where
                the parameter may be meant so.

        Raises ValueError with what is wrong, in a sentence.
        """
        if self.type == "text":
            return tuple(dict.fromkeys(map(self._checked, self._texts(text))))
        found: list[JsonValue] = []
        for part in filter(None, (piece.strip() for piece in text.split(","))):
            found += self._values(part)
            if len(found) > LONGEST_RANGE:
                raise ValueError(f"These are more than {LONGEST_RANGE:,} values.")
        if counting_up and self.may_count_up and len(found) == 1:
            found = self._values(f"1..{found[0]}")
        return tuple(dict.fromkeys(found))

    def axis(self, values: Sequence[JsonValue]) -> Axis:
        """These values as an axis. Raises UsageError when there are none, or one comes twice."""
        return Axis(
            self.name, tuple(Option(_label(value), self.setting(value)) for value in values)
        )

    def _texts(self, text: str) -> Iterator[str]:
        mark = self.separator
        pieces = re.split(rf"(?<!\\){re.escape(mark)}", text) if mark else [text]
        for piece in filter(None, map(str.strip, pieces)):
            yield piece.replace(f"\\{mark}", mark) if mark else piece

    def _values(self, part: str) -> list[JsonValue]:
        if part in self.words:
            return [self._checked(part)]
        ends = _RANGE.fullmatch(part) if self.type == "count" else None
        if ends is not None:
            first, last = int(ends[1]), int(ends[2])
            if last - first >= LONGEST_RANGE:
                raise ValueError(
                    f"{part} stands for {last - first + 1:,} values; at most {LONGEST_RANGE:,} "
                    "can be varied."
                )
            if last < first:
                raise ValueError(f"{part} runs backwards; write {last}..{first}.")
            return [self._checked(number) for number in range(first, last + 1)]
        return [self._checked(self._number(part) if self.type in _FORMS else part)]

    def _number(self, part: str) -> JsonValue:
        try:
            return int(part) if self.type == "count" else float(part)
        except ValueError:
            what = "whole number" if self.type == "count" else "number"
            words = "".join(f", or {word}" for word in self.words)
            raise ValueError(
                f"{part!r} is no {what}; write one {_FORMS[self.type]}{words}."
            ) from None

    def _checked(self, value: JsonValue) -> JsonValue:
        if self.choices and value not in self.choices:
            raise ValueError(f"{value!r} is none of {', '.join(self.choices)}.")
        return self.check(value)


def axes_of(
    parameters: Sequence[Parameter], values: Mapping[str, Sequence[JsonValue]]
) -> tuple[Axis, ...]:
    """The axes that values of parameters mean, in the order of the parameters.

    Args:
        parameters: Those of a design.
        values: By the parameters' names; those without any are left as the design has them.
    """
    groups: dict[str, list[Axis]] = {}
    for parameter in parameters:
        if values.get(parameter.name):
            key = parameter.group if parameter.may_count_up and parameter.group else parameter.name
            groups.setdefault(key, []).append(parameter.axis(values[parameter.name]))
    return tuple(
        axes[0] if len(axes) == 1 else combined(group, axes, "v") for group, axes in groups.items()
    )


def parameters_of(
    model: type[BaseModel], usual: BaseModel, *, group: str = ""
) -> tuple[Parameter, ...]:
    """The parameters that are plain fields of a model, or of models in it.

    Fields of other types, such as lists, are left out: only their kind knows what they mean.

    Args:
        model: What a launch's parameters are read with.
        usual: Has the design's own values under the same names.
        group: Name of the field that the model stands in, if it does in one.
    """
    found: list[Parameter] = []
    for name, info in model.model_fields.items():
        annotation, own = _without_none(info.annotation), getattr(usual, name, None)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            if not group and isinstance(own, BaseModel):
                found += parameters_of(annotation, own, group=name)
            continue
        choices = _choices(annotation)
        type_ = "choice" if choices else _TYPES.get(annotation)
        if type_ is not None:
            found.append(
                Parameter(
                    f"{group}.{name}" if group else name, name.replace("_", " "), type_,
                    _set_in(group, name), _checks(info), group,
                    "" if own is None else _label(own),
                    (info.description or "").replace("\n", " "), choices,
                )
            )  # fmt: skip
    return tuple(found)


_TYPES: Mapping[Any, ParameterType] = {int: "count", float: "number", str: "text"}


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, UnionType):
        rest = [one for one in get_args(annotation) if one is not type(None)]
        return rest[0] if len(rest) == 1 else annotation
    return annotation


def _choices(annotation: Any) -> tuple[str, ...]:
    return tuple(map(str, get_args(annotation))) if get_origin(annotation) is Literal else ()


def _set_in(group: str, name: str) -> Setting:
    def setting(value: JsonValue) -> dict[str, JsonValue]:
        return {group: {name: value}} if group else {name: value}

    return setting


def _checks(info: FieldInfo) -> Callable[[JsonValue], JsonValue]:
    adapter = TypeAdapter[JsonValue](info.rebuild_annotation())

    def check(value: JsonValue) -> JsonValue:
        try:
            return adapter.validate_python(value)
        except ValidationError as error:
            raise ValueError(f"{_label(value)}: {error.errors()[0]['msg']}.") from None

    return check


def _label(value: object) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)
