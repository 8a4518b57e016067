"""Projections, `$set` and `$unset`: what of a document is kept, and what is put into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.servers.mongo.errors import CommandError, not_implemented
from tests.servers.mongo.expressions import Expression, Scope, compile_expression, is_known
from tests.servers.mongo.values import MISSING, Document, is_number, split_path, type_name

Transform = Callable[[Document], Document]


def compile_projection(spec: Any, *, stage: bool = False) -> Transform:
    """A find's projection, or the stage `$project`. Raises CommandError for what it must not have.

    Args:
        spec: Fields to include, or to exclude, or to compute.
        stage: Whether it is the stage, which must not be empty.
    """
    if not isinstance(spec, dict):
        raise CommandError(14, "a projection must be an object")
    if not spec:
        if stage:
            raise CommandError(51272, "Invalid $project :: caused by :: projection specification "
                               "must have at least one field")  # fmt: skip
        return lambda document: document
    kept: dict[str, Any] = {}
    dropped: dict[str, Any] = {}
    computed: dict[str, Expression] = {}
    for path, what in _flat(spec):
        _check_path(path)
        if isinstance(what, bool) or is_number(what):
            _put(kept if what else dropped, path)
        else:
            if isinstance(what, dict) and next(iter(what), "") in ("$slice", "$elemMatch", "$meta"):
                raise not_implemented(f"{next(iter(what))} in a projection")
            if isinstance(what, dict) and len(what) == 1 and not is_known(next(iter(what))):
                raise CommandError(31325, f"Unknown expression {next(iter(what))}")
            computed[path] = compile_expression(what)
    id_dropped = dropped.pop("_id", None) is not None
    id_kept = kept.pop("_id", None) is not None
    if dropped and (kept or computed):
        first = next(path for path in spec if path != "_id")
        if first in dropped:
            other = next(iter({**kept, **computed}))
            raise CommandError(31253, f"Cannot do inclusion on field {other} in exclusion "
                               "projection")  # fmt: skip
        other = next(iter(dropped))
        raise CommandError(31254, f"Cannot do exclusion on field {other} in inclusion projection")
    if dropped or (id_dropped and not (kept or computed)):
        if id_dropped:
            dropped["_id"] = {}
        return lambda document: dict(_without(document, dropped))
    if id_kept or not id_dropped:
        kept = {"_id": {}} | kept
    return _including(kept, computed)


def _flat(spec: Document) -> Iterator[tuple[str, Any]]:
    """The fields of a projection, those in nested objects with their whole paths."""
    for path, what in spec.items():
        if isinstance(what, dict) and what and not next(iter(what)).startswith("$"):
            yield from ((f"{path}.{below}", inner) for below, inner in _flat(what))
        else:
            yield path, what


def _including(kept: Mapping[str, Any], computed: Mapping[str, Expression]) -> Transform:
    if not computed:
        return lambda document: _only(document, kept)

    def project(document: Document) -> Document:
        result = _only(document, kept)
        scope = Scope(document)
        for path, expression in computed.items():
            _assign(result, split_path(path), expression(scope))
        return result

    return project


def compile_set(spec: Any, name: str = "$set") -> Transform:
    """The stage `$set`, which is also `$addFields`."""
    if not isinstance(spec, dict):
        raise CommandError(40272, f"{name} specification stage must be an object, got "
                           f"{type_name(spec)}")  # fmt: skip
    if not spec:
        raise CommandError(40177, f"Invalid {name} :: caused by :: specification must have at "
                           "least one field")  # fmt: skip
    fields: list[tuple[list[str], Expression]] = []
    for path, what in spec.items():
        _check_path(path)
        fields += _leaves(split_path(path), what)

    def apply(document: Document) -> Document:
        scope = Scope(document)
        values = [(parts, expression(scope)) for parts, expression in fields]
        result = document
        for parts, value in values:
            result = _assigned(result, parts, value)
        return result

    return apply


def _leaves(parts: list[str], what: Any) -> list[tuple[list[str], Expression]]:
    """Nested objects in `$set` name fields below; they do not replace the object as a whole."""
    if isinstance(what, dict) and what and not next(iter(what)).startswith("$"):
        found: list[tuple[list[str], Expression]] = []
        for name, inner in what.items():
            _check_path(name)
            found += _leaves(parts + split_path(name), inner)
        return found
    return [(parts, compile_expression(what))]


def compile_unset(spec: Any) -> Transform:
    """The stage `$unset`."""
    paths = spec if isinstance(spec, list) else [spec]
    if not paths or not all(isinstance(path, str) and path for path in paths):
        raise CommandError(31002, "$unset specification must be a string or an array of strings")
    dropped: dict[str, Any] = {}
    for path in paths:
        _check_path(path)
        _put(dropped, path)
    return lambda document: dict(_without(document, dropped))


def compile_replace(spec: Any, name: str) -> Transform:
    """The stages `$replaceRoot` and `$replaceWith`, given the new root."""
    expression = compile_expression(spec)

    def apply(document: Document) -> Document:
        value = expression(Scope(document))
        if not isinstance(value, dict):
            raise CommandError(40228, f"'{name}' expression must evaluate to an object, but "
                               f"resulting value was of type {type_name(value)}")  # fmt: skip
        return dict(value)

    return apply


_UPDATE_STAGES: dict[str, Callable[[Any], Transform]] = {
    "$set": compile_set,
    "$addFields": lambda spec: compile_set(spec, "$addFields"),
    "$unset": compile_unset,
    "$project": lambda spec: compile_projection(spec, stage=True),
    "$replaceWith": lambda spec: compile_replace(spec, "newRoot"),
}


def update_stages(spec: list[Any]) -> Transform:
    """The stages of an update with a pipeline."""
    stages: list[Transform] = []
    for stage in spec:
        if not isinstance(stage, dict) or len(stage) != 1:
            raise CommandError(40323, "A pipeline stage specification object must contain exactly "
                               "one field.")  # fmt: skip
        ((name, argument),) = stage.items()
        if name == "$replaceRoot":
            raise not_implemented(f"the stage {name} in an update")
        if name not in _UPDATE_STAGES:
            raise CommandError(72, f"{name} is not allowed to be used within an update")
        stages.append(_UPDATE_STAGES[name](argument))

    def apply(document: Document) -> Document:
        for stage in stages:
            document = stage(document)
        return document

    return apply


# ---------------------------------------------------------------- trees of paths


def _check_path(path: str) -> None:
    for part in split_path(path):
        if not part:
            raise CommandError(40353, "FieldPath must not end with a '.' or have empty parts.")
        if part.startswith("$"):
            raise CommandError(16410, "FieldPath field names may not start with '$'. Consider "
                               "using $getField or $setField.")  # fmt: skip


def _put(tree: dict[str, Any], path: str) -> None:
    *above, last = split_path(path)
    place = tree
    for part in above:
        if part in place and not place[part]:
            raise CommandError(31249, f"Path collision at {path}")
        place = place.setdefault(part, {})
    if last in place:
        raise CommandError(31250, f"Path collision at {path}")
    place[last] = {}


def _only(value: Document, tree: Mapping[str, Any]) -> Document:
    result: Document = {}
    for name, inner in value.items():
        if name not in tree:
            continue
        if not tree[name]:
            result[name] = inner
        elif isinstance(inner, dict):
            result[name] = _only(inner, tree[name])
        elif isinstance(inner, list):
            result[name] = _only_elements(inner, tree[name])
    return result


def _only_elements(values: list[Any], tree: Mapping[str, Any]) -> list[Any]:
    kept: list[Any] = []
    for value in values:
        if isinstance(value, dict):
            kept.append(_only(value, tree))
        elif isinstance(value, list):
            kept.append(_only_elements(value, tree))
    return kept


def _without(value: Any, tree: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_without(element, tree) for element in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _without(inner, tree[name]) if name in tree else inner
        for name, inner in value.items()
        if name not in tree or tree[name]
    }


def _assign(document: Document, parts: list[str], value: Any) -> None:
    document_with = _assigned(document, parts, value)
    document.clear()
    document.update(document_with)


def _assigned(holder: Any, parts: list[str], value: Any) -> Any:
    """As `$set` puts values into documents and into every element of arrays."""
    if isinstance(holder, list):
        return [_assigned(element, parts, value) for element in holder]
    result: Document = dict(holder) if isinstance(holder, dict) else {}
    name, *below = parts
    if below:
        inner = _assigned(result.get(name, {}), below, value)
        if value is not MISSING or inner:
            result[name] = inner
    elif value is MISSING:
        result.pop(name, None)
    else:
        result[name] = value
    return result
