"""Questions of debates, read from files and from the hub."""

from __future__ import annotations

import hashlib
import json
import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from simulator.domain.designs import Design
from simulator.domain.legacy_numpy import SEEDS
from simulator.domain.nearest import nearest
from simulator.errors import DesignInvalidError, NotFoundError
from simulator.files import telephone_texts
from simulator.files.hub import REPOSITORIES, hub_records
from simulator.files.questions import MMLU_COLUMNS, reader_of
from simulator.files.reading import opened
from simulator.files.records import Record, records_of
from simulator.kinds.debate.arithmetic import FIRST_SEEDS, arithmetic_questions
from simulator.kinds.debate.asked import USUAL_COUNT
from simulator.kinds.debate.design import DebateDesign
from simulator.kinds.debate.questions import DataSource, Question
from simulator.kinds.telephone.design import TelephoneDesign, TextSource

_Source = TypeVar("_Source", DataSource, TextSource)

MAX_FILE_BYTES = 500_000_000
"""Largest file that is read; of it, only the questions that are asked stay in memory."""
MAX_QUESTION_BYTES = 8_000_000
"""Most UTF-8 bytes of all questions together, as they are stored with the experiment."""
PUBLISHED_SUMS = 200
"""How many sums the original's files have, which it shuffles before it takes the first."""


@dataclass(frozen=True, slots=True)
class Questions:
    """What a source came to."""

    questions: tuple[Question, ...]
    digest: str | None
    """32 hexadecimal digits that name what was read; None for sums that were generated."""
    warnings: tuple[str, ...] = ()
    """Sentences that the user should know, and that stop nothing."""


def read_questions(source: DataSource) -> Questions:
    """The questions that a source names, in the order in which they are asked.

    A seed shuffles as the original does: MMLU by `numpy.random.RandomState(seed).permutation`,
    which is what pandas samples with, everything else by `random.Random(seed).shuffle`. Then the
    first ones are left out, and `count` are taken. The original's file of GSM8K has 1,315 of the
    1,319 test questions of the hub, so that only by its path a seed asks what it asked there.

    Args:
        source: Its path is relative to the current directory.

    Raises:
        NotFoundError: There is no such file.
        DesignInvalidError: The source or a record is no good; the message has the line.
        SimulatorError: The file or the hub cannot be read.
        ServiceUnavailableError: The hub cannot be reached.
    """
    if source.path is None:
        if source.dataset == "arithmetic":
            return _generated(source)
        if source.dataset == "records":
            raise DesignInvalidError(
                "The data `records` needs a file.", remedy="Name it under `data.path`."
            )
        return _from_hub(source)
    with _data_file(source.path) as (file, path):
        digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
        columns = MMLU_COLUMNS if source.dataset == "mmlu" else ()

        def records() -> Iterator[Record]:
            return records_of(file, path, columns)

        chosen, warnings = _chosen(source, records, str(path))
        return _read(source, chosen, digest, warnings)


def complete(
    design: Design, folder: Path | None = None, warn: Callable[[str], None] = lambda told: None
) -> Design:
    """A design with the questions that its data names, so that nothing has to be read again.

    Games of telephone get their initial texts. Other designs are left alone, and so are debates
    that have all they need: questions of their own, sums that are made as they are asked, and
    questions that were read from the same data before. The data keeps the name of its file without
    the folder, which is nobody else's.

    Args:
        design: Of any kind.
        folder: What the path of the data is relative to; None is the current directory.
        warn: Hears what the user should know.

    Raises:
        SimulatorError: As `read_questions`.
    """
    if isinstance(design, TelephoneDesign):
        return telephone_texts.completed(design, _located(design.data, folder))
    if not isinstance(design, DebateDesign):
        return design
    data, named = design.data, design.data.digest
    if design.questions and (named is None or named.startswith(_mark(data))):
        return design
    if data.dataset == "arithmetic" and data.path is None and data.seed is None:
        if not design.questions:
            return design
        unread = data.model_copy(update={"digest": None})
        return design.model_copy(update={"data": unread, "questions": ()})
    found = read_questions(_located(data, folder))
    for sentence in found.warnings:
        warn(sentence)
    if data.path is not None:
        data = data.model_copy(update={"path": Path(data.path).name})
    data = data.model_copy(update={"digest": _mark(data) + (found.digest or "")})
    return design.model_copy(update={"data": data, "questions": found.questions})


def placed(design: Design, folder: Path) -> Design:
    """A design of a file in the folder, with a path of its data that means the same elsewhere."""
    if not isinstance(design, DebateDesign | TelephoneDesign) or design.data.path is None:
        return design
    if isinstance(design, TelephoneDesign):
        return design.model_copy(update={"data": _located(design.data, folder)})
    return design.model_copy(update={"data": _located(design.data, folder)})


def _located(data: _Source, folder: Path | None) -> _Source:
    if data.path is None or folder is None or "://" in data.path:
        return data
    path = os.path.normpath(folder.absolute() / Path(data.path).expanduser())
    return data.model_copy(update={"path": path})


def _mark(data: DataSource) -> str:
    """Tells whether somebody changed which questions are meant since they were read."""
    # Without defaults, so that what was stored is still known when there are more fields.
    fields = data.model_dump(mode="json", exclude={"digest"}, exclude_defaults=True)
    if data.path is not None:
        fields["path"] = Path(data.path).name
    said = json.dumps(fields, sort_keys=True)
    return hashlib.blake2b(said.encode(), digest_size=4).hexdigest() + "-"


# ---------------------------------------------------------------- sources


def _generated(source: DataSource) -> Questions:
    first_seed = FIRST_SEEDS.get(source.split)
    if first_seed is None:
        raise DesignInvalidError(
            f"Sums have no split {source.split!r}.", remedy=f"They have {', '.join(FIRST_SEEDS)}."
        )
    count = source.count or USUAL_COUNT
    wanted = source.first + count
    pool = wanted if source.seed is None else max(wanted, PUBLISHED_SUMS)
    if first_seed + pool > SEEDS:
        raise DesignInvalidError(
            f"There are no {wanted} sums from seed {first_seed} on.",
            remedy="Ask for fewer, or leave out fewer.",
        )
    if source.seed is None:
        return Questions(
            arithmetic_questions(first_seed + source.first, count, source.largest), None
        )
    order = list(range(pool))
    random.Random(source.seed).shuffle(order)
    questions = [
        arithmetic_questions(first_seed + place, 1, source.largest)[0]
        for place in order[source.first : wanted]
    ]
    return Questions(tuple(questions), None)


def _from_hub(source: DataSource) -> Questions:
    rows = hub_records(source.dataset, source.subject, source.split)
    name = REPOSITORIES[source.dataset]
    digest = hashlib.blake2b(digest_size=16)

    def records() -> Iterator[Record]:
        for number, row in enumerate(rows, 1):
            yield Record(f"{name}, {source.split}, record {number}", _flat(row))

    for row in rows:
        digest.update(json.dumps(row, sort_keys=True).encode())
    chosen, warnings = _chosen(source, records, name)
    return _read(source, chosen, digest.hexdigest(), warnings)


def _flat(row: Mapping[str, Any]) -> Mapping[str, object]:
    """A record of the hub as it would stand in a file: MMLU's choices in columns, its letter."""
    if "choices" not in row:
        return row
    cells = [row["question"], *row["choices"], "ABCD"[row["answer"]]]
    return dict(zip(MMLU_COLUMNS, cells, strict=True))


@contextmanager
def _data_file(name: str) -> Iterator[tuple[Any, Path]]:
    if "://" in name:
        raise DesignInvalidError(
            f"{name} is an address, no file.", remedy="Download it, and name the file."
        )
    path = Path(name).expanduser()
    try:
        with opened(path) as file:
            if not path.is_file():
                raise DesignInvalidError(f"{path} is no file that can be read twice.")
            if path.stat().st_size > MAX_FILE_BYTES:
                raise DesignInvalidError(
                    f"{path} is larger than {MAX_FILE_BYTES // 1_000_000} MB.",
                    remedy="Check that it is the file you meant, or take a part of it.",
                )
            yield file, path
    except NotFoundError as error:
        raise NotFoundError(error.message, remedy=_alternative(path)) from None


def _alternative(path: Path) -> str:
    try:
        near = nearest(path.name, [one.name for one in path.parent.iterdir()])
    except (OSError, ValueError):
        near = None
    if near:
        return f"Did you mean {path.parent / near}?"
    return "A path is relative to the design's folder, or to the current one; check it."


# ---------------------------------------------------------------- which questions


def _chosen(
    source: DataSource, records: Callable[[], Iterator[Record]], name: str
) -> tuple[Sequence[Record], list[str]]:
    """The records that are asked, in order; only they are in memory together."""
    stop = None if source.count is None else source.first + source.count
    if source.seed is None:
        chosen = _fitting(islice(records(), source.first, stop), name)
        if not chosen or (source.count or 0) > len(chosen):
            total = sum(1 for _ in records())
            return chosen, _shortage(source, total, len(chosen), name)
        return chosen, []
    order = _order(source, sum(1 for _ in records()))
    places = {place: rank for rank, place in enumerate(order[source.first : stop])}
    found = _fitting((one for at, one in enumerate(records()) if at in places), name)
    ranks = [places[at] for at in sorted(places)]
    chosen = [one for _, one in sorted(zip(ranks, found, strict=True), key=lambda pair: pair[0])]
    return chosen, _shortage(source, len(order), len(chosen), name)


def _fitting(records: Iterator[Record], name: str) -> list[Record]:
    """The records, if they are few enough to be stored with the experiment."""
    kept: list[Record] = []
    size = 0
    for record in records:
        size += sum(len(str(value).encode("utf-8", "replace")) for value in record.fields.values())
        if size > MAX_QUESTION_BYTES:
            raise DesignInvalidError(
                f"The questions of {name} are more than {MAX_QUESTION_BYTES // 1_000_000} MB, and "
                "are stored with the experiment.",
                remedy=f"Ask fewer with `data.count`; {len(kept)} would fit.",
            )
        kept.append(record)
    return kept


def _order(source: DataSource, total: int) -> list[int]:
    seed = source.seed or 0
    if source.dataset != "mmlu":
        order = list(range(total))
        random.Random(seed).shuffle(order)
        return order
    if seed >= SEEDS:
        raise DesignInvalidError(f"The seed of MMLU is at most {SEEDS - 1}, and not {seed}.")
    import numpy as np

    return [int(place) for place in np.random.RandomState(seed).permutation(total)]


def _shortage(source: DataSource, total: int, chosen: int, name: str) -> list[str]:
    if not total:
        raise DesignInvalidError(f"{name} has no records.", remedy="Name another file.")
    if not chosen:
        raise DesignInvalidError(
            f"No questions are left: {name} has {total}, and the first {source.first} are left "
            "out.",
            remedy="Make `data.first` smaller.",
        )
    if source.count is not None and chosen < source.count:
        return [f"{name} has only {chosen} of the {source.count} questions to ask."]
    return []


def _read(
    source: DataSource, records: Sequence[Record], digest: str, warnings: list[str]
) -> Questions:
    read = reader_of(source)
    questions = tuple(map(read, records))
    twice = len(questions) - len({question.text for question in questions})
    if twice:
        what = "question stands" if twice == 1 else "questions stand"
        warnings = [*warnings, f"{twice} {what} there more than once; each is asked and counted."]
    return Questions(questions, digest, (*warnings, *read.warnings()))
