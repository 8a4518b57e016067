"""From records of data files to questions of debates."""

from __future__ import annotations

import re
from collections.abc import Sequence

from simulator.analysis.debates.grading import ALPHABET
from simulator.analysis.debates.numbers import canonical, numbers_in
from simulator.domain.nearest import nearest
from simulator.files.records import Record
from simulator.kinds.debate.arithmetic import sum_question
from simulator.kinds.debate.questions import DataSource, Fields, Question

MMLU_COLUMNS = ("question", "A", "B", "C", "D", "answer")
"""Of files of MMLU, which do not say so themselves."""

_CALCULATION = re.compile(r"<<[^<>\n]*>>")
_SUM = re.compile(
    r"(\d{1,9})\+(\d{1,9})\*(\d{1,9})\+(\d{1,9})-(\d{1,9})\*(\d{1,9})(?!\d)", re.ASCII
)
_MARK = "####"


class Reader:
    """Reads one record after another; the first that is no question raises DesignInvalidError."""

    def __call__(self, record: Record) -> Question:
        """The question of a record."""
        raise NotImplementedError

    def warnings(self) -> tuple[str, ...]:
        """What the user should know of what was read."""
        return ()


def reader_of(source: DataSource) -> Reader:
    """Who reads the records of a source."""
    if source.dataset == "gsm8k":
        return _Gsm8k()
    if source.dataset == "arithmetic":
        return _Sums()
    if source.dataset == "mmlu":
        return _Fields(Fields(options=MMLU_COLUMNS[1:5]), answers_are_letters=True)
    return _Fields(source.fields)


class _Gsm8k(Reader):
    """Rationales with calculations in <<angles>> and the answer after ####."""

    def __call__(self, record: Record) -> Question:
        rationale = _text(record, "answer")
        worked, mark, last = rationale.rpartition(_MARK)
        number = next(numbers_in(last), None)
        if not mark or number is None:
            raise record.fault(f"the field `answer` has no number after {_MARK}.")
        gold = canonical(number)
        worked = _CALCULATION.sub("", worked).strip()
        return Question(
            text=_text(record, "question"), gold=gold, solution=f"{worked}\nAnswer: {gold}".strip()
        )


class _Sums(Reader):
    """Questions after a+b*c+d-e*f, worked in steps where the answer is right."""

    def __call__(self, record: Record) -> Question:
        text, answer = _text(record, "question"), _text(record, "answer")
        number = next(numbers_in(answer), None)
        if number is None:
            raise record.fault("the field `answer` is no number.")
        gold = canonical(number)
        found = _SUM.search(text)
        worked = sum_question(tuple(map(int, found.groups()))) if found else None
        solution = worked.solution if worked is not None and worked.gold == gold else ""
        return Question(text=text, gold=gold, solution=solution)


class _Fields(Reader):
    """Any records, by the names of their fields."""

    def __init__(self, fields: Fields, *, answers_are_letters: bool = False) -> None:
        self._fields = fields
        self._only_letters = answers_are_letters
        self._unclear = 0

    def __call__(self, record: Record) -> Question:
        fields = self._fields
        text = _text(record, fields.question)
        solution = _text(record, fields.solution, may_be_empty=True) if fields.solution else ""
        if not fields.options:
            return Question(text=text, gold=_text(record, fields.answer), solution=solution)
        options = self._options(record)
        letters = ALPHABET[: len(options)]
        listed = "\n".join(
            f"{letter}. {option}" for letter, option in zip(letters, options, strict=True)
        )
        return Question(
            text=f"{text}\n{listed}", gold=self._letter(record, letters, options),
            options=letters, solution=solution,
        )  # fmt: skip

    def warnings(self) -> tuple[str, ...]:
        if not self._unclear:
            return ()
        return (
            f"In {self._unclear} of the records, the answer is the text of one option and could be "
            "the number of another; it was taken as the text.",
        )

    def _options(self, record: Record) -> list[str]:
        names = self._fields.options
        if len(names) == 1 and isinstance(listed := _value(record, names[0]), list):
            found = [_written(record, names[0], one) for one in listed]
        else:
            found = [_text(record, name) for name in names]
        if not 2 <= len(found) <= len(ALPHABET):
            raise record.fault(f"{len(found)} options; 2 to {len(ALPHABET)} are needed.")
        return found

    def _letter(self, record: Record, letters: Sequence[str], options: list[str]) -> str:
        name = self._fields.answer
        answer = _text(record, name)
        plain = answer.strip("().: ").upper()
        if plain in letters:
            return plain
        place = int(answer) if re.fullmatch(r"\d{1,3}", answer, re.ASCII) else None
        is_number = isinstance(record.fields.get(name), int)
        if not self._only_letters:
            if not is_number and options.count(answer) == 1:
                self._unclear += place is not None and place < len(options)
                return letters[options.index(answer)]
            if place is not None and place < len(options):
                return letters[place]
        shown = answer if len(answer) <= 40 else answer[:40] + "…"
        how = "" if self._only_letters else ", a number from 0, or the text of one of the options"
        raise record.fault(
            f"the answer {shown!r} is none of {len(options)} options.",
            f"It is a letter, {letters[0]} to {letters[-1]}{how}.",
        )


def _value(record: Record, name: str) -> object:
    if name not in record.fields:
        there = [key for key in record.fields if isinstance(key, str)]
        near = nearest(name, there)
        listed = ", ".join(f"`{key}`" for key in there[:12]) or "none"
        meant = f"Did you mean `{near}`? " if near else ""
        raise record.fault(
            f"there is no field `{name}`; the fields are {listed}.",
            f"{meant}Name the right ones under `data.fields`.",
        )
    return record.fields[name]


def _text(record: Record, name: str, *, may_be_empty: bool = False) -> str:
    return _written(record, name, _value(record, name), may_be_empty=may_be_empty)


def _written(record: Record, name: str, value: object, *, may_be_empty: bool = False) -> str:
    if value is None and may_be_empty:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise record.fault(f"the field `{name}` is neither text nor a number.")
    text = str(value).strip()
    if not text and not may_be_empty:
        raise record.fault(f"the field `{name}` is empty.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise record.fault(f"the field `{name}` has a half character that is no text.") from None
    return text
