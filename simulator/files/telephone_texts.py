"""Initial texts of games of telephone: those that come along, and those of users' files."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from simulator.domain.nearest import nearest
from simulator.domain.tokens import text_bytes
from simulator.errors import DesignInvalidError
from simulator.files.reading import opened, read_text
from simulator.files.records import records_of
from simulator.kinds.telephone.design import InitialText, TelephoneDesign, TextSource
from simulator.kinds.telephone.naming import whole_names

MAX_FILE_BYTES = 64_000_000
"""Largest file that is read."""
MAX_TEXT_BYTES = 8_000_000
"""Most UTF-8 bytes of all texts together, as they are stored with the experiment."""
_SHIPPED = "texts.json"
_HALF = re.compile(r"[\ud800-\udfff]")
_SUFFIXES = (".json", ".jsonl", ".ndjson", ".csv", ".tsv")


class _Found(NamedTuple):
    name: str
    text: str
    where: str
    """File and place, for errors."""


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
        found, where = _unique(_texts_at(path)), str(path)
    if not found:
        raise DesignInvalidError(f"{where} has no texts.", remedy="Name another file.")
    names = whole_names(source.names, found) or tuple(found)
    for name in names:
        if name not in found:
            meant = nearest(name, found)
            hint = f" Did you mean {meant!r}?" if meant else ""
            raise DesignInvalidError(
                f"{where}: there is no text {name!r}.{hint}",
                remedy=f"There are {len(found)}, such as {next(iter(found))!r}.",
            )
    twice, most = Counter(names).most_common(1)[0]
    if most > 1:
        raise DesignInvalidError(
            f"data.names: {twice!r} is named twice.", remedy="Name it once; `chains` repeats texts."
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


def _texts_at(path: Path) -> Iterator[_Found]:
    if path.is_dir():
        for one in sorted(path.iterdir()):
            if one.suffix.lower() == ".txt" and not one.name.startswith("."):
                yield _whole_file(one)
    elif path.suffix.lower() not in _SUFFIXES:
        yield _whole_file(path)
    elif path.suffix.lower() == ".json" and (pairs := _object_in(path)) is not None:
        for key, text in pairs:
            yield _found(key, text, f"{path}, {key!r}")
    else:
        with opened(path) as file:
            for record in records_of(file, path):
                if "text" not in record.fields:
                    raise record.fault(
                        "there is no field `text`.", "Give each record a `name` and a `text`."
                    )
                name = record.fields.get("name")
                if name is None or name == "":
                    name = f"Text {record.where.rpartition(' ')[2]}"
                yield _found(name, record.fields["text"], record.where)


def _whole_file(path: Path) -> _Found:
    """A file as one text, without the line break that editors put at its end."""
    text = read_text(path, max_bytes=MAX_TEXT_BYTES).replace("\r\n", "\n")
    return _Found(path.stem, text.removesuffix("\n"), str(path))


def _object_in(path: Path) -> list[tuple[str, object]] | None:
    """What a JSON file has by name, in order, with names that stand there twice.

    None for an array of records.
    """
    try:
        content = json.loads(
            read_text(path, max_bytes=MAX_FILE_BYTES), object_pairs_hook=_Pairs, parse_int=float
        )
    except json.JSONDecodeError as error:
        raise DesignInvalidError(
            f"{path}, line {error.lineno}: this is no JSON: {error.msg.lower()} at character "
            f"{error.colno}.",
            remedy="Mend the file, or name another.",
        ) from None
    except RecursionError:
        raise DesignInvalidError(f"{path}: lists beyond all measure.") from None
    if isinstance(content, list) and not isinstance(content, _Pairs):
        return None
    if not isinstance(content, _Pairs):
        raise DesignInvalidError(
            f"{path}: there are no texts by name.",
            remedy='Write {"a name": "a text", …}, or an array of records with `name` and `text`.',
        )
    return content


class _Pairs(list[tuple[str, object]]):
    """A JSON object."""


def _found(name: object, text: object, where: str) -> _Found:
    if not isinstance(text, str):
        raise DesignInvalidError(f"{where}: this is no text.", remedy="Texts stand in quotes.")
    if _HALF.search(f"{name}{text}"):
        raise DesignInvalidError(
            f"{where}: half of a character, as a surrogate without its other half.",
            remedy="Mend the file.",
        )
    if isinstance(name, bool) or not isinstance(name, str | int) or not str(name).strip():
        raise DesignInvalidError(
            f"{where}: this is no name.", remedy="Names have letters, and stand in quotes."
        )
    return _Found(str(name).strip(), text, where)


def _unique(texts: Iterable[_Found]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in texts:
        if one.name in found:
            raise DesignInvalidError(
                f"{one.where}: there are two texts called {one.name!r}.",
                remedy="Rename one of them.",
            )
        found[one.name] = one.text
    return found
