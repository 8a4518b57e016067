"""The questions of a debate and where they come from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from simulator.analysis.debates.grading import Grader as Grader
from simulator.domain.designs import Prose

Dataset = Literal["arithmetic", "gsm8k", "mmlu", "records"]
"""`records` is any JSON lines or CSV whose fields are named."""


MOST_QUESTIONS = 100_000
"""Of one debate."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Question(_Part):
    """One question with its right answer."""

    text: Prose = Field(min_length=1, pattern=r"\S")
    """As debaters read it, the options included."""
    gold: str = Field(min_length=1)
    """The right answer as graders compare it: a number, or the letter of an option."""
    options: tuple[str, ...] = ()
    """Letters to choose from; empty where the answer is free."""
    solution: Prose = ""
    """A worked solution that ends with the answer, which experts give; empty gives `gold`."""


class Fields(_Part):
    """Which fields of a record mean what; for `records`."""

    question: str = "question"
    answer: str = "answer"
    options: tuple[str, ...] = ()
    """Fields that hold the options, in order; the answer is then a letter, a number from 0, or the
    text of one of them."""
    solution: str | None = None


class DataSource(_Part):
    """Where questions come from, and which of them are asked."""

    dataset: Dataset = "arithmetic"
    path: str | None = None
    """A file. Without one, `arithmetic` is generated, `gsm8k` and `mmlu` come from the hub."""
    subject: str = "formal_logic"
    """Of `mmlu`."""
    split: str = "test"
    """Of data from the hub, and of `arithmetic`: `test` or `validation`."""
    fields: Fields = Fields()
    count: int | None = Field(default=None, ge=1, le=MOST_QUESTIONS)
    """How many questions are asked; None asks all of a file, and 50 that are generated."""
    first: int = Field(default=0, ge=0)
    """How many are left out before, after shuffling."""
    largest: int = Field(default=29, ge=1, lt=2**32 - 1)
    """The largest operand of `arithmetic` that is generated; 29 in the original."""
    seed: Annotated[int, Field(ge=0)] | None = None
    """Shuffles as the original does (2023 there); None keeps the order."""
    digest: str | None = None
    """Names the exact file that was read; written when the questions are taken in."""
