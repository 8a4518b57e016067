"""Sums of six numbers, the same for a seed as in the original program."""

from __future__ import annotations

from random import Random

from simulator.kinds.debate.questions import Question

LARGEST = 29
"""Largest operand of the original."""
FIRST_SEEDS = {"validation": 23, "test": 2024}
"""Seed of the first question of each split.

The published validation file has the 200 questions from 23 on. The published test file has 200 of
the 299 from 2024 on, in their order; read it by its path where exactly those are wanted.
"""
SEEDS = 2**32
"""One more than the largest seed."""

_WORD = 0xFFFFFFFF
_STATE = 624
"""Words of the generator's state."""


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
    if not 0 <= largest < _WORD:
        raise ValueError(f"The largest operand of a sum is 0 to {_WORD - 1}.")
    return tuple(sum_question(operands(first_seed + number, largest)) for number in range(count))


def operands(seed: int, largest: int = LARGEST) -> tuple[int, ...]:
    """Six numbers as `numpy.random.RandomState(seed).randint(0, largest + 1, 6)` draws them.

    NumPy keeps this stream fixed: the Mersenne Twister's 32-bit words, cut to as many bits as the
    largest number has, and passed over while they are larger.
    """
    if not largest:
        return (0,) * 6
    words = _generator(seed)
    mask = (1 << largest.bit_length()) - 1
    drawn: list[int] = []
    while len(drawn) < 6:
        number = words.getrandbits(32) & mask
        if number <= largest:
            drawn.append(number)
    return tuple(drawn)


def _generator(seed: int) -> Random:
    """The Mersenne Twister as `init_genrand` seeds it (Matsumoto and Nishimura, 2002)."""
    word = seed & _WORD
    state = [word]
    for index in range(1, _STATE):
        word = (1812433253 * (word ^ (word >> 30)) + index) & _WORD
        state.append(word)
    generator = Random(0)
    generator.setstate((3, (*state, _STATE), None))
    return generator


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
