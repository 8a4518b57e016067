"""Random numbers as `numpy.random.RandomState` draws them, without NumPy.

NumPy keeps these streams fixed, so draws of programs that used them can be made again.
"""

from __future__ import annotations

from random import Random

SEEDS = 2**32
"""One more than the largest seed."""

_WORD = 0xFFFFFFFF
_STATE = 624
"""Words of the generator's state."""


def seeded(seed: int) -> Random:
    """The Mersenne Twister as `init_genrand` seeds it (Matsumoto and Nishimura, 2002).

    Its `random()` is `RandomState(seed).random_sample()`.

    Raises:
        ValueError: The seed is not 0 to 2**32 - 1.
    """
    if not 0 <= seed < SEEDS:
        raise ValueError(f"seed is {seed}; it must be 0 to {SEEDS - 1}")
    word = seed
    state = [word]
    for index in range(1, _STATE):
        word = (1812433253 * (word ^ (word >> 30)) + index) & _WORD
        state.append(word)
    generator = Random(0)
    generator.setstate((3, (*state, _STATE), None))
    return generator


def up_to(words: Random, largest: int) -> int:
    """A number from 0 to `largest`, under 2**32: bits are cut, and passed over while too large."""
    if not largest:
        return 0
    mask = (1 << largest.bit_length()) - 1
    while True:
        number = words.getrandbits(32) & mask
        if number <= largest:
            return number


def permutation(words: Random, count: int) -> list[int]:
    """`RandomState.permutation(count)`; its first k are `choice(count, k, replace=False)`."""
    order = list(range(count))
    for last in range(count - 1, 0, -1):
        other = up_to(words, last)
        order[last], order[other] = order[other], order[last]
    return order
