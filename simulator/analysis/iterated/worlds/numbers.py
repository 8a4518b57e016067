"""The number game: a concept is guessed from some of its members.

After Tenenbaum (1999, "A Bayesian framework for concept learning", PhD thesis, MIT). An example has
no input; its output is a member of the concept. All members are equally likely, so that small
concepts say more (the size principle): P(x | h) = 1 / |h| for x in h.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from simulator.analysis.iterated.worlds.base import Data, Example, ReadData, ReadRule
from simulator.analysis.iterated.worlds.concepts import (
    Members,
    concepts,
    is_interval,
    said_concept,
)
from simulator.analysis.iterated.worlds.noise import checked
from simulator.analysis.iterated.worlds.replies import Left, excerpt, unmarked

_NUMBERS = re.compile(
    r"(?:(?:numbers?|outputs?|examples?)[\s\d#]{0,6}[:=])?([\s\d,;.+-]*)", re.IGNORECASE
)


@dataclass(frozen=True)
class Numbers:
    """Concepts of whole numbers from 1: mathematical ones, and intervals of some widths.

    N = 1, the empty input; O = `largest`. With the settings here H = 363. Concepts of the same
    members count once, by the name that comes first: "numbers ending in 0" are multiples of 10.
    """

    largest: int = 100
    """Numbers are 1 to this; 10 to 1000."""
    widths: tuple[int, ...] = (5, 10, 20, 40)
    """How many numbers intervals have; they start anywhere."""
    name: str = "numbers"

    def __post_init__(self) -> None:
        """Check the settings.

        Raises:
            ValueError: A setting is out of its range.
        """
        if not 10 <= self.largest <= 1000:
            raise ValueError(f"largest is {self.largest}; it must be 10 to 1000")
        if not all(2 <= width < self.largest for width in self.widths):
            raise ValueError(f"widths are {self.widths}; each must be 2 to {self.largest - 1}")

    @property
    def hypotheses(self) -> tuple[str, ...]:
        """Each in words, such as `even numbers` or `numbers from 16 to 25`."""
        return tuple(self._concepts)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The empty input alone."""
        return ("",)

    @property
    def outputs(self) -> tuple[str, ...]:
        """The numbers."""
        return tuple(str(number) for number in range(1, self.largest + 1))

    @property
    def _concepts(self) -> Mapping[str, Members]:
        return concepts(self.largest, self.widths)

    def members(self, hypothesis: str) -> Members:
        """The numbers of a concept; never empty.

        Raises:
            ValueError: The hypothesis is not of this world.
        """
        if hypothesis not in self._concepts:
            raise ValueError(f"not a hypothesis of the world {self.name}: {hypothesis!r}")
        return self._concepts[hypothesis]

    @property
    def preferred(self) -> str:
        """See `WithPrior`."""
        return "mathematical concepts"

    @property
    def prior_share(self) -> float:
        """See `WithPrior`: Tenenbaum's (1999)."""
        return 2 / 3

    def prior(self, mathematical: float = 2 / 3) -> tuple[float, ...]:
        """P(h), sum 1: a share spread evenly over mathematical concepts, the rest over intervals.

        The share is Tenenbaum's; he spreads the rest by the width of intervals.
        """
        intervals = [is_interval(one) for one in self.hypotheses]
        shares = {True: 1 - mathematical, False: mathematical} if any(intervals) else {False: 1.0}
        return tuple(shares[one] / intervals.count(one) for one in intervals)

    def generalisation(
        self, data: Sequence[Example], prior: Sequence[float]
    ) -> Mapping[int, float]:
        """P(y is in the concept | data) for every number y: the sum of P(h | data) over h with y.

        Empty where the data leave no concept that the prior allows.
        """
        weights = {
            one: chance * math.exp(self.log_likelihood(one, data, 0.0))
            for one, chance in zip(self.hypotheses, prior, strict=True)
        }
        total = math.fsum(weights.values())
        if not total:
            return {}
        return {
            number: math.fsum(
                weight for one, weight in weights.items() if number in self._concepts[one]
            )
            / total
            for number in range(1, self.largest + 1)
        }

    def predict(self, hypothesis: str, given: str) -> str:
        """The smallest member."""
        self._check(given)
        return str(min(self.members(hypothesis)))

    def log_likelihood(self, hypothesis: str, data: Sequence[Example], noise: float) -> float:
        """Log P(numbers | hypothesis) in nats; the share `noise` falls evenly on non-members.

        There is no noise where all numbers are members.
        """
        members = self.members(hypothesis)
        others = self.largest - len(members)
        noise = checked(noise) if others else 0.0
        for given, _ in data:
            self._check(given)
        inside = math.log((1 - noise) / len(members)) if noise < 1 else -math.inf
        outside = math.log(noise / others) if noise > 0 else -math.inf
        numbers = [self._number(output) for _, output in data]
        if None in numbers:
            return -math.inf
        return sum(inside if one in members else outside for one in numbers)

    def drawn(self, hypothesis: str, count: int, rng: Random, *, noise: float = 0.0) -> Data:
        """Members, uniform and with replacement; with the chance `noise` a number that is none."""
        members = sorted(self.members(hypothesis))
        others = sorted({*range(1, self.largest + 1)} - {*members})
        noise = checked(noise) if others else 0.0
        pools = [others if rng.random() < noise else members for _ in range(count)]
        return tuple(Example("", str(rng.choice(pool))) for pool in pools)

    def described(self) -> str:
        """The rules of the game, for learners."""
        return (
            f"There is a hidden concept of whole numbers from 1 to {self.largest}: even or odd "
            "numbers, squares, cubes, primes, multiples or powers of a number, numbers ending in "
            "a digit, or all numbers from one number to another. "
            "Examples are numbers that belong to the concept, picked by chance."
        )

    def rule_form(self) -> str:
        """How learners shall write a rule."""
        return (
            "Write the concept on one line and nothing else, such as "
            "`Rule: multiples of K`, `Rule: numbers ending in D` or `Rule: numbers from A to B`."
        )

    def data_form(self) -> str:
        """How learners shall write examples."""
        return "Write each number on a line of its own, in digits and nothing else."

    def rule_text(self, hypothesis: str) -> str:
        """Such as `Rule: multiples of 3`."""
        return f"Rule: {hypothesis}"

    def data_text(self, data: Sequence[Example]) -> str:
        """A line for each number."""
        return "\n".join(one.output for one in data)

    def read_rule(self, text: str) -> ReadRule:
        """The concept on the line of the last `Rule:`, or else the last one in the reply."""
        words, members = said_concept(text, self.largest)
        if not words:
            return ReadRule(None, "no rule in the reply")
        if members is None:
            return ReadRule(None, f"`{excerpt(words)}` names several concepts")
        names = (one for one, those in self._concepts.items() if those == members)
        hypothesis = next(names, None)
        if hypothesis is None:
            return ReadRule(None, f"`{excerpt(words)}` is no concept of this world")
        return ReadRule(hypothesis)

    def read_data(self, text: str) -> ReadData:
        """The numbers on lines that hold numbers only."""
        lines = filter(None, map(_NUMBERS.fullmatch, map(unmarked, text.splitlines())))
        words = [
            word for line in lines for word in re.split(r"[\s,;]+", line[1]) if word.strip(".")
        ]
        found = [self._read(word.rstrip(".")) for word in words]
        left = [one for one in found if isinstance(one, Left)]
        data = tuple(one for one in found if isinstance(one, Example))
        return ReadData(data, tuple(one.reason for one in left), len(left))

    def _check(self, given: str) -> None:
        if given:
            raise ValueError(f"not an input of the world {self.name}: {given!r}")

    def _read(self, word: str) -> Example | Left:
        number = self._number(word)
        if number is None:
            return Left(f"`{excerpt(word)}` is no number from 1 to {self.largest}", wrong=True)
        return Example("", str(number))

    def _number(self, word: str) -> int | None:
        number = int(word) if word.isdecimal() and len(word) <= 9 else 0
        return number if 1 <= number <= self.largest else None
