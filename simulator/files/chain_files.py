"""Chains of texts in files: the published ones, and transcripts that `export` wrote.

A file of published chains is `chains_MODEL.jsonl`, or `.jsonl.xz`. Each line is an object with
`prompt` (the task), `text` (the name of the initial text), `seed` and `chain`, the texts from
generation 1 on. The initial texts stand by name in `initial_texts.json` beside it.
"""

from __future__ import annotations

import json
import lzma
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, cast

from simulator.analysis.culture.records import Chain
from simulator.errors import DesignInvalidError
from simulator.files.chain_lines import exported_chains
from simulator.files.reading import opened, read_text

INITIAL_TEXTS = "initial_texts.json"
SUFFIXES = (".jsonl", ".jsonl.xz")
MAX_BYTES = 4_000_000_000
"""Of a file, unpacked."""
MAX_TEXTS_BYTES = 64_000_000
NAMED = 3
"""Faulty lines of a file that are named; the others are counted."""
_TEMPERATURE = re.compile(r"_Temp(\d+(?:\.\d+)?)\Z")


@dataclass(frozen=True, slots=True)
class ChainFile:
    """What a file came to."""

    chains: tuple[Chain, ...]
    left_out: int
    """Rows that are no chains, or no messages."""
    remarks: tuple[str, ...]
    """Sentences on what was left out, and why."""


def is_chain_file(path: Path) -> bool:
    """Whether a name is that of a file with chains in lines."""
    return path.name.lower().endswith(SUFFIXES)


def read_chain_file(path: Path) -> ChainFile:
    """Read published chains, or transcripts that `export` wrote as JSON lines.

    Rows that cannot be read are left out, named with their lines and counted. The longest chain
    tells how many generations were asked for.

    Raises:
        NotFoundError: There is no such file, or initial texts are needed and not beside it.
        PermissionDeniedError: It may not be read.
        DesignInvalidError: It is packed wrongly or too large, it has no such row, or the initial
            texts are malformed.
    """
    faults = _Faults(path)
    rows = list(_rows(path, faults))
    if rows and all("scope" in row and "content" in row for _, row in rows[:1]):
        chains, told = exported_chains(path.name, rows, faults.add)
    else:
        chains, told = _published(path, rows, faults), ()
    if not chains:
        raise DesignInvalidError(
            f"{path} holds no chain of texts{faults.first}.",
            remedy="Each line is an object with prompt, text, seed and chain, or a message that "
            "`export` wrote.",
        )
    return ChainFile(tuple(chains), faults.count, (*told, *faults.remarks()))


def temperature_in(model: str) -> float | None:
    """The temperature at the end of a folder's or file's name, such as `llama_Temp0.4`."""
    found = _TEMPERATURE.search(model)
    return float(found[1]) if found else None


def without_temperature(model: str) -> str:
    """The name of the model alone, so that its chains at several temperatures can be compared."""
    return _TEMPERATURE.sub("", model) or model


def read_initial_texts(path: Path) -> dict[str, str]:
    """Initial texts by name, from a JSON object.

    Raises:
        DesignInvalidError: It is no such object; else as `read_text`.
    """
    text = read_text(path, max_bytes=MAX_TEXTS_BYTES)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise DesignInvalidError(
            f"{path}{line} is no JSON.", remedy="It is one object: a text for each name."
        ) from None
    if not isinstance(document, dict) or not all(isinstance(t, str) for t in document.values()):
        raise DesignInvalidError(
            f"{path} does not have initial texts.", remedy="It is one object: a text for each name."
        )
    return cast("dict[str, str]", document)


# ---------------------------------------------------------------- rows


@dataclass(slots=True)
class _Faults:
    """Rows that were left out."""

    path: Path
    count: int = 0
    named: list[str] = field(default_factory=list)

    def add(self, line: int, why: str) -> None:
        self.count += 1
        if len(self.named) < NAMED:
            self.named.append(f"line {line}: {why}")

    @property
    def first(self) -> str:
        return f" ({self.named[0]})" if self.named else ""

    def remarks(self) -> tuple[str, ...]:
        if not self.count:
            return ()
        more = self.count - len(self.named)
        listed = "; ".join((*self.named, *([f"and {more} more"] if more else [])))
        return (f"{self.path.name}: left out {listed}.",)


@contextmanager
def _unpacked(path: Path) -> Iterator[BinaryIO]:
    with opened(path) as file:
        if not path.name.lower().endswith(".xz"):
            yield file
            return
        with lzma.open(file) as packed:
            try:
                yield cast("BinaryIO", packed)
            except (lzma.LZMAError, EOFError) as error:
                raise DesignInvalidError(
                    f"{path} is not packed with xz, or was cut: {error}.",
                    remedy="Fetch or pack it again.",
                ) from None


def _rows(path: Path, faults: _Faults) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects with the numbers of their lines, from 1."""
    read = 0
    with _unpacked(path) as file:
        for number, line in enumerate(_lines(file), 1):
            read += len(line)
            if read > MAX_BYTES:
                raise DesignInvalidError(
                    f"{path} is larger than {MAX_BYTES // 1_000_000} MB.",
                    remedy="Check that it is the file you meant.",
                )
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except UnicodeDecodeError:
                faults.add(number, "bytes that are no UTF-8")
            except (ValueError, RecursionError):
                faults.add(number, "no JSON")
            else:
                if isinstance(row, dict):
                    yield number, row
                else:
                    faults.add(number, "no object")


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Lines of at most `MAX_BYTES`, so that a bomb is found out before it is in memory."""
    while line := file.readline(MAX_BYTES + 1):
        yield line


# ---------------------------------------------------------------- published chains


def _published(path: Path, rows: list[tuple[int, dict[str, Any]]], faults: _Faults) -> list[Chain]:
    if not rows:
        return []
    initial = read_initial_texts(path.with_name(INITIAL_TEXTS))
    model = path.name
    for suffix in reversed(SUFFIXES):
        model = model.removesuffix(suffix)
    model = model.removeprefix("chains_")
    chains: list[Chain] = []
    seen: set[tuple[str, str, int]] = set()
    for number, row in rows:
        wrong = _wrong(row, initial)
        if wrong is not None:
            faults.add(number, wrong)
            continue
        key = (row["prompt"], row["text"], row["seed"])
        if key in seen:
            faults.add(number, f"prompt, text and seed {row['seed']} were there before")
            continue
        seen.add(key)
        chains.append(
            Chain(
                without_temperature(model), *key, texts=(initial[row["text"]], *row["chain"]),
                temperature=temperature_in(model), source=f"{path.name}, line {number}",
            )
        )  # fmt: skip
    longest = max((chain.generations for chain in chains), default=0)
    return [replace(chain, expected=longest) for chain in chains]


_FIELDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "prompt": (lambda value: isinstance(value, str), "a text"),
    "text": (lambda value: isinstance(value, str), "a text"),
    "seed": (lambda value: isinstance(value, int) and not isinstance(value, bool), "an integer"),
    "chain": (
        lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value),
        "a list of texts",
    ),
}


def _wrong(row: dict[str, Any], initial: dict[str, str]) -> str | None:
    for name, (fits, what) in _FIELDS.items():
        if name not in row:
            return f"no `{name}`"
        if not fits(row[name]):
            return f"`{name}` is not {what}"
    if not row["chain"]:
        return "a chain without texts"
    if row["text"] not in initial:
        return f"{INITIAL_TEXTS} has no text {row['text'][:60]!r}"
    return None
