"""Sums of six numbers, the same for a seed as in the original program."""

from __future__ import annotations

from simulator.domain.legacy_numpy import SEEDS, seeded, up_to
from simulator.kinds.debate.questions import Question

LARGEST = 29
"""Largest operand of the original."""
FIRST_SEEDS = {"validation": 23, "test": 2024}
"""Seed of the first question of each split.

The published validation file has the 200 questions from 23 on. The published test file has 200 of
the 299 from 2024 on, in their order; read it by its path where exactly those are wanted.
"""


def arithmetic_questions(
    first_seed: int, count: int, largest: int = LARGEST
) -> tuple[Question, ...]:
    """Questions after a+b*c+d-e*f, each drawn with a seed of its own.

    Args:
        first_seed: Of the first question, 0 or more; the next ones count up from it.
        count: How many questions.
        largest: Operands are uniform from 0 to this, 0 to 2**32 - 2; the original has 29.

    Raises:
        ValueError: A seed or the largest operand is out of its range.
    """
    if not 0 <= first_seed <= SEEDS - count:
        raise ValueError(f"Seeds of sums are 0 to {SEEDS - 1}.")
    if not 0 <= largest < SEEDS - 1:
        raise ValueError(f"The largest operand of a sum is 0 to {SEEDS - 2}.")
    return tuple(sum_question(operands(first_seed + number, largest)) for number in range(count))


def operands(seed: int, largest: int = LARGEST) -> tuple[int, ...]:
    """Six numbers as `numpy.random.RandomState(seed).randint(0, largest + 1, 6)` draws them.

    NumPy keeps this stream fixed.
    """
    words = seeded(seed)
    return tuple(up_to(words, largest) for _ in range(6))


def sum_question(values: tuple[int, ...]) -> Question:
    """What a+b*c+d-e*f is, worked in steps."""
    a, b, c, d, e, f = values
    formula = f"{a}+{b}*{c}+{d}-{e}*{f}"
    x, y = b * c, e * f
    result = a + x + d - y
    steps = f"{a}+{x}+{d}-{y} = {a + x}+{d}-{y} = {a + x + d}-{y} = {result}"
    return Question(
        text=f"What is the result of {formula}?",
        gold=str(result),
        solution=f"{formula} = {steps}\nAnswer: {result}",
    )
