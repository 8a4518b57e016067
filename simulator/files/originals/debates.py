"""The output of the original debate program (CIPHER): read, graded anew, and written.

It is one JSON object. A key is a question; its value lists the messages of each debater, round by
round, and then the right answer as the dataset has it. All that is known of the setting stands in
the file's name.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.analysis.debates.answers import FinalRule, Grading, options_of, settled
from simulator.analysis.debates.grading import Grader
from simulator.analysis.debates.records import Debated, DebateRecord
from simulator.analysis.debates.standing import standing
from simulator.errors import DesignInvalidError, UsageError
from simulator.files.originals.debate_names import DebateName, read_name
from simulator.files.reading import read_text

MAX_BYTES = 512_000_000
_SHOWN = 60
"""Characters of a question that errors show."""
_GRADERS: dict[str, Grader] = {
    "gsm8k": "number", "arithmetic": "number", "mmlu": "choice", "biography": "text",
}  # fmt: skip
_NUMBER = re.compile(r"-?[\d.,]*\d")


@dataclass(frozen=True, slots=True)
class OriginalDebates:
    """What a file of the original came to."""

    record: DebateRecord
    name: DebateName | None
    """What the file's name says; None where it is not one of the original's."""
    grader: Grader
    """By which the answers were found."""
    remarks: tuple[str, ...]
    """Sentences on what the file leaves open, and how it was taken."""


def read_debates(
    path: Path,
    *,
    grader: Grader | None = None,
    classic: bool = False,
    mode: str | None = None,
    temperatures: Sequence[float] = (),
    final: FinalRule | None = None,
) -> OriginalDebates:
    """Read a file of the original.

    Args:
        path: The file.
        grader: What answers are; None takes what fits the dataset of the file's name, else what
            the right answers look like.
        classic: Whether answers are found as the original finds them.
        mode: As records call it; None takes that of the file's name.
        temperatures: One for each debater, or by debater and round; none takes those of the
            file's name.
        final: Whose answer counts; None is the majority for majority votes, else the debater with
            the lowest temperature.

    Raises:
        NotFoundError: There is no such file.
        DesignInvalidError: It is not a file of the original.
        UsageError: The number of temperatures does not fit.
    """
    return parse_debates(
        read_text(path, max_bytes=MAX_BYTES), path.name,
        grader=grader, classic=classic, mode=mode, temperatures=temperatures, final=final,
    )  # fmt: skip


def parse_debates(
    text: str,
    file_name: str,
    *,
    grader: Grader | None = None,
    classic: bool = False,
    mode: str | None = None,
    temperatures: Sequence[float] = (),
    final: FinalRule | None = None,
) -> OriginalDebates:
    """As `read_debates`, from the text of a file."""
    entries = _entries(text, file_name)
    name = read_name(file_name)
    debaters, rounds = _shape(entries, file_name)
    remarks: list[str] = []
    if mode is None:
        mode = name.mode if name else "majority" if debaters == 1 and rounds > 1 else ""
        if name is None:
            remarks.append("Its name does not tell the mode or the dataset.")
    if mode == "majority" and debaters == 1:
        # The samples are listed as if they were rounds.
        entries = [
            _Entry(entry.question, tuple((words,) for words in entry.said[0]), entry.gold)
            for entry in entries
        ]
        debaters, rounds = rounds, 1
    grader = grader or _grader(name, entries)
    grading = Grading(grader, classic, "wizardmath" in file_name.lower() and grader == "number")
    heat = _temperatures(temperatures, name, debaters, rounds, file_name)
    if not heat and mode != "majority":
        remarks.append("Its temperatures are not known: the first debater's answer counts.")
    rule: FinalRule = final or ("majority" if mode == "majority" else "lowest_temperature")
    record = DebateRecord(
        name=file_name.removesuffix(".json"),
        mode=mode,
        debaters=_debaters(name, debaters, mode),
        temperatures=heat,
        debated=tuple(_debated(entry, grading, rule, heat) for entry in entries),
        missing=max(0, ((name and name.questions) or 0) - len(entries)),
    )
    return OriginalDebates(record, name, grader, tuple(remarks))


# ---------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True)
class _Entry:
    question: str
    said: tuple[tuple[str, ...], ...]
    gold: str


class _Pairs(list[tuple[str, Any]]):
    """An object of JSON, with keys that stand there twice."""


def _entries(text: str, file_name: str) -> list[_Entry]:
    try:
        document = json.loads(text, object_pairs_hook=_Pairs)
    except json.JSONDecodeError as error:
        raise DesignInvalidError(
            f"{file_name} is no JSON: line {error.lineno}, column {error.colno}: {error.msg}.",
            remedy="The original writes its file at the very end; one that was cut cannot be used.",
        ) from None
    except RecursionError:
        raise _no_debates(file_name, "its values are nested too deep") from None
    if not isinstance(document, _Pairs):
        raise _no_debates(file_name, "it is not an object with a question for each key")
    if not document:
        raise _no_debates(file_name, "it holds no questions")
    faults: list[str] = []
    entries: list[_Entry] = []
    for number, (question, value) in enumerate(document, 1):
        fault = _fault(question, value)
        if fault is None:
            entries.append(_Entry(question, tuple(map(tuple, value[:-1])), value[-1]))
        else:
            faults.append(f"question {number} ({_shown(question)}): {fault}")
    if faults:
        raise _no_debates(file_name, faults[0], faults)
    return entries


def _fault(question: str, value: Any) -> str | None:
    if not question.strip():
        return "the question is empty"
    if isinstance(value, _Pairs) or not isinstance(value, list):
        return "its value is no list of debaters' messages with the right answer at the end"
    if len(value) < 2:
        return "it has no debaters, or no right answer"
    for number, messages in enumerate(value[:-1], 1):
        if isinstance(messages, _Pairs) or not isinstance(messages, list):
            return f"the messages of debater {number} are no list"
        for place, message in enumerate(messages, 1):
            if not isinstance(message, str):
                return f"message {place} of debater {number} is no text"
        if len(messages) != len(value[0]):
            return f"debater {number} has {len(messages)} messages, the first {len(value[0])}"
    if not value[0]:
        return "nobody said anything"
    if not isinstance(value[-1], str) or not value[-1].strip():
        return "the right answer at its end is no text"
    return None


def _shape(entries: Sequence[_Entry], file_name: str) -> tuple[int, int]:
    """The number of debaters, and of rounds or samples."""
    first = entries[0].said
    for number, entry in enumerate(entries, 1):
        if len(entry.said) != len(first):
            raise _no_debates(
                file_name,
                f"question {number} ({_shown(entry.question)}) has {len(entry.said)} debaters, "
                f"the first {len(first)}",
            )
    return len(first), max(len(entry.said[0]) for entry in entries)


def _shown(question: str) -> str:
    words = " ".join(question.split())
    return repr(words if len(words) <= _SHOWN else f"{words[: _SHOWN - 1].rstrip()}…")


def _no_debates(file_name: str, why: str, problems: Iterable[str] = ()) -> DesignInvalidError:
    return DesignInvalidError(
        f"{file_name} is no output of the original debate program: {why}.",
        problems=tuple(problems),
        remedy="Name a file such as the original writes into its folder `output`.",
    )


def _grader(name: DebateName | None, entries: Sequence[_Entry]) -> Grader:
    if name is not None:
        return _GRADERS[name.dataset]
    golds = [entry.gold.strip() for entry in entries]
    if all("####" in gold or _NUMBER.fullmatch(gold) for gold in golds):
        return "number"
    if all(gold in options_of(entry.question) for gold, entry in zip(golds, entries, strict=True)):
        return "choice"
    return "text"


def _temperatures(
    given: Sequence[float], name: DebateName | None, debaters: int, rounds: int, file_name: str
) -> tuple[tuple[float, ...], ...]:
    if not given:
        return name.by_round(debaters, rounds) if name else ()
    if len(given) == debaters * rounds:
        return tuple(tuple(given[d * rounds : (d + 1) * rounds]) for d in range(debaters))
    if len(given) == debaters:
        return tuple((one,) * rounds for one in given)
    raise UsageError(
        f"{len(given)} temperatures were given, but {file_name} has {debaters} debaters and "
        f"{rounds} rounds.",
        remedy=f"Give {debaters}, or {debaters * rounds} with those of the first debater first.",
    )


def _debaters(name: DebateName | None, debaters: int, mode: str) -> tuple[str, ...]:
    if mode == "majority":
        return tuple(f"sample {n + 1}" for n in range(debaters))
    models = (name.model_names if name else ())[:debaters]
    called = [*models, *("debater" for _ in range(debaters - len(models)))]
    times = Counter(called)
    return tuple(
        f"{one} {n + 1}" if times[one] > 1 or one == "debater" else one
        for n, one in enumerate(called)
    )


def _debated(
    entry: _Entry,
    grading: Grading,
    rule: FinalRule,
    temperatures: Sequence[Sequence[float]],
) -> Debated:
    gold, options = grading.gold(entry.gold), options_of(entry.question)
    said = tuple(
        tuple(grading.said(text, gold, options) for text in rounds) for rounds in entry.said
    )
    # The original goes by the temperatures of the first round.
    chosen = settled(said, rule, [heat[0] for heat in temperatures])
    return Debated(
        question=entry.question,
        gold=gold,
        said=said,
        final=chosen.answer if chosen else None,
        is_right=chosen is not None and chosen.is_right,
    )


# ---------------------------------------------------------------- writing


def write_debates(record: DebateRecord) -> str:
    """The text of a file that the original's own analysis reads.

    Every debater has a message in every round there: one who was not asked, or whose debate was
    over, has the last one again, or an empty one. The samples of a majority vote stand in one
    list. Final answers, tokens and times have no place in it.

    Raises:
        UsageError: A question stands in the record twice, which that form cannot hold.
    """
    rounds = range(record.rounds)
    body: dict[str, list[list[str] | str]] = {}
    for one in record.debated:
        if one.question in body:
            raise UsageError(
                f"The question {_shown(one.question)} was asked twice, and a file of the original "
                "can hold it only once.",
                remedy="Write the debates in another form.",
            )
        debaters = range(len(record.debaters))
        messages = [[_latest(one, debater, r) for r in rounds] for debater in debaters]
        if record.mode == "majority":
            messages = [[text for samples in messages for text in samples]]
        body[one.question] = [*messages, one.gold]
    return json.dumps(body)


def _latest(one: Debated, debater: int, round_: int) -> str:
    """What a debater said in a round, or last before."""
    for r in range(round_, -1, -1):
        words = standing(one, debater, r)
        if words is not None:
            return words.text
    return ""


def name_of(
    record: DebateRecord, *, dataset: str, data_file: str, models: Sequence[str], seed: int
) -> DebateName:
    """How the original would name the file of a record.

    Args:
        record: Any.
        dataset: One of `DATASETS` of `debate_names`.
        data_file: Name of the file with the questions, without its ending.
        models: Of the debaters, in order.
        seed: Of the run.
    """
    is_vote = record.mode == "majority"
    heat = [temperatures[0] for temperatures in record.temperatures if temperatures]
    varies = any(len(set(temperatures)) > 1 for temperatures in record.temperatures)
    if varies:
        heat = [one for temperatures in record.temperatures for one in temperatures]
    plain = [re.sub(r"[\s/\\_]+", "-", model) for model in models] or ["unknown"]
    return DebateName(
        debaters=1 if is_vote else len(record.debaters),
        models=f"{plain[0]}_{plain[min(1, len(plain) - 1)]}",
        dataset=dataset,
        data_file=re.sub(r"[\s/\\]+", "-", data_file),
        seed=seed,
        vectors=record.mode == "cipher",
        samples=len(record.debaters) if is_vote else 1,
        rounds=1 if is_vote else record.rounds,
        temperatures=tuple(heat[:1] if is_vote else heat),
        questions=len(record.debated),
    )
