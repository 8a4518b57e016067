"""Initial texts of games of telephone: those that come along, and those of users' files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from simulator.domain.nearest import nearest
from simulator.domain.tokens import text_bytes
from simulator.errors import DesignInvalidError
from simulator.files.reading import opened, read_text
from simulator.files.records import records_of
from simulator.kinds.telephone.design import InitialText, TelephoneDesign, TextSource

MAX_FILE_BYTES = 64_000_000
"""Largest file that is read."""
MAX_TEXT_BYTES = 8_000_000
"""Most UTF-8 bytes of all texts together, as they are stored with the experiment."""
_SHIPPED = "texts.json"
_SUFFIXES = (".json", ".jsonl", ".ndjson", ".csv", ".tsv")


@cache
def shipped_texts() -> Mapping[str, str]:
    """The 20 texts that come along, by name: five for each property that they span."""
    found = resources.files("simulator.kinds.telephone").joinpath(_SHIPPED)
    texts: dict[str, str] = json.loads(found.read_text(encoding="utf-8"))
    return texts


def read_texts(source: TextSource) -> tuple[InitialText, ...]:
    """The texts that a source names, in their order.

    Args:
        source: Its path is relative to the current directory. A folder has a text in each .txt
            file; a name that ends in .json, .jsonl, .csv or .tsv has many; any other file is one
            text.

    Raises:
        NotFoundError: There is nothing at the path.
        DesignInvalidError: What stands there is no good, or has not the texts that are named.
        SimulatorError: A file cannot be read.
    """
    if source.path is None:
        found, where = dict(shipped_texts()), "The texts that come along"
    else:
        path = Path(source.path).expanduser()
        found, where = _unique(_texts_at(path), path), str(path)
    if not found:
        raise DesignInvalidError(f"{where} has no texts.", remedy="Name another file.")
    names = source.names or tuple(found)
    for name in names:
        if name not in found:
            meant = nearest(name, found)
            hint = f" Did you mean {meant!r}?" if meant else ""
            raise DesignInvalidError(
                f"{where}: there is no text {name!r}.{hint}",
                remedy=f"There are {len(found)}, such as {next(iter(found))!r}.",
            )
    texts = tuple(InitialText(name=name, text=found[name]) for name in names)
    if sum(text_bytes(text.text) for text in texts) > MAX_TEXT_BYTES:
        raise DesignInvalidError(
            f"{where}: the texts are more than {MAX_TEXT_BYTES // 1_000_000} MB, and are stored "
            "with the experiment.",
            remedy="Name fewer of them under `data.names`.",
        )
    return texts


def completed(design: TelephoneDesign, data: TextSource) -> TelephoneDesign:
    """The design with its texts, read unless it has them already.

    Args:
        design: Any.
        data: The design's, with a path that can be opened.

    Raises:
        SimulatorError: As `read_texts`.
    """
    named = design.data.digest
    if design.texts and (named is None or named.startswith(_mark(design.data))):
        return design
    texts = read_texts(data)
    said = json.dumps([(text.name, text.text) for text in texts])
    digest = hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    update: dict[str, Any] = {"digest": _mark(design.data) + digest}
    if design.data.path is not None:
        update["path"] = Path(design.data.path).name
    return design.model_copy(update={"data": design.data.model_copy(update=update), "texts": texts})


def _mark(data: TextSource) -> str:
    """Tells whether somebody changed which texts are meant since they were read."""
    fields = data.model_dump(mode="json", exclude={"digest"}, exclude_defaults=True)
    if data.path is not None:
        fields["path"] = Path(data.path).name
    said = json.dumps(fields, sort_keys=True)
    return hashlib.blake2b(said.encode(), digest_size=4).hexdigest() + "-"


def _texts_at(path: Path) -> Iterator[tuple[str, str]]:
    if path.is_dir():
        for one in sorted(path.glob("*.txt")):
            yield one.stem, read_text(one, max_bytes=MAX_TEXT_BYTES)
        return
    if path.suffix.lower() not in _SUFFIXES:
        yield path.stem, read_text(path, max_bytes=MAX_TEXT_BYTES)
        return
    if path.suffix.lower() == ".json":
        try:
            content = json.loads(read_text(path, max_bytes=MAX_FILE_BYTES))
        except (json.JSONDecodeError, RecursionError) as error:
            line = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
            raise DesignInvalidError(
                f"{path}{line}: this is no JSON.", remedy="Mend the file, or name another."
            ) from None
        if isinstance(content, dict):
            for name, text in content.items():
                yield _pair(name, text, f"{path}, {name!r}")
            return
    with opened(path) as file:
        for record in records_of(file, path):
            if "text" not in record.fields:
                raise record.fault(
                    "there is no field `text`.", "Give each record a `name` and a `text`."
                )
            number = record.where.rpartition(" ")[2]
            name = record.fields.get("name") or f"Text {number}"
            yield _pair(name, record.fields["text"], record.where)


def _pair(name: object, text: object, where: str) -> tuple[str, str]:
    if not isinstance(text, str) or not isinstance(name, str | int):
        raise DesignInvalidError(
            f"{where}: this is no text.", remedy="Names and texts stand in quotes."
        )
    return str(name).strip() or "Text", text


def _unique(texts: Iterable[tuple[str, str]], path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, text in texts:
        if name in found:
            raise DesignInvalidError(
                f"{path}: there are two texts called {name!r}.", remedy="Rename one of them."
            )
        found[name] = text
    return found
