"""Indexes: which keys they hold for a document."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

from tests.servers.mongo.errors import CommandError, not_implemented
from tests.servers.mongo.matching import Matcher, compile_filter
from tests.servers.mongo.values import Document, index_keys, inverted, key, shown, split_path


@dataclass(slots=True)
class Index:
    """An index and how it makes its entries."""

    id: int
    spec: Document
    multikeys: set[str] = field(default_factory=set)
    """The paths on which some document has an array; it keeps a path for good, as MongoDB does."""
    partial: Matcher | None = None

    @property
    def name(self) -> str:
        return str(self.spec["name"])

    @property
    def fields(self) -> list[tuple[str, int]]:
        return [(path, int(direction)) for path, direction in self.spec["key"].items()]

    @property
    def unique(self) -> bool:
        return bool(self.spec.get("unique", False)) or self.name == "_id_"

    def entries(self, document: Document) -> tuple[list[bytes], list[str]]:
        """Its keys for the document, and the paths that have arrays in it."""
        if self.partial is not None and not self.partial(document):
            return [], []
        per_field: list[list[bytes]] = []
        arrays: list[str] = []
        missing = True
        for path, direction in self.fields:
            keys, is_array = index_keys(document, path)
            if is_array:
                arrays.append(path)
            missing = missing and not is_array and not _is_present(document, path)
            per_field.append(keys if direction > 0 else [inverted(part) for part in keys])
        if len(arrays) > 1:
            if len({split_path(path)[0] for path in arrays}) == 1:
                raise not_implemented("an index with two fields in one array")
            one, other = (split_path(path)[-1] for path in arrays[:2])
            raise CommandError(171, f"cannot index parallel arrays [{other}] [{one}]")
        if missing and self.spec.get("sparse"):
            return [], []
        if len(per_field) == 1 and not arrays:
            return per_field[0], []
        made = {b"".join(parts) for parts in itertools.product(*per_field)}
        return list(made), arrays


def _is_present(document: Any, path: str) -> bool:
    for part in split_path(path):
        if not isinstance(document, dict) or part not in document:
            return False
        document = document[part]
    return True


def make_index(number: int, spec: Document, multikeys: set[str]) -> Index:
    """An index of this specification, whose `multikeys` are known."""
    partial = spec.get("partialFilterExpression")
    return Index(number, spec, multikeys, None if partial is None else compile_filter(partial))


def duplicate(namespace: str, index: Index, entry: bytes, document: Document) -> CommandError:
    """The refusal of a document whose key another document has."""
    values: Document = {}
    for path, _ in index.fields:
        value: Any = document
        for part in split_path(path):
            value = value.get(part) if isinstance(value, dict) else None
        if isinstance(value, list):
            value = next((v for v in value if key(v) in entry or inverted(key(v)) in entry), None)
        values[path] = value
    return CommandError(
        11000,
        f"E11000 duplicate key error collection: {namespace} index: {index.name} "
        f"dup key: {shown(values)}",
        keyPattern=index.spec["key"],
        keyValue=values,
    )
