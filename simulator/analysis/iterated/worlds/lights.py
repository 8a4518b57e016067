"""The light that objects turn on: 243 hypotheses about five objects.

As in "Bias Amplification in Language Model Evolution" (arXiv 2404.04286), after the tasks of
blicket detectors (Gopnik & Sobel, 2000, Child Development 71). Each object turns the light on,
leaves it off, or is undecided. Several objects together: on if any is on, else undecided if any is
undecided, else off.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from simulator.analysis.iterated.worlds import agreement, light_words
from simulator.analysis.iterated.worlds.base import Data, Example, ReadData, ReadRule
from simulator.analysis.iterated.worlds.noise import log_of_output, noisy

STATUSES = ("on", "off", "und")
"""Of an object and of the light, in the order of hypotheses."""
LARGEST = 7
"""Most objects of a world, for 2187 hypotheses."""
SCREEN = "screen"
"""The object that the published biases are about."""
_WORD = re.compile(r"[^\W_](?:\w*[^\W_])?")


@dataclass(frozen=True)
class Lights:
    """Objects and a light: 3 statuses to the power of objects, every non-empty set an input.

    With five objects, H = 243, N = 31, O = 3. Hypotheses are in lexicographic order, on before
    off before und, the last object fastest; inputs are in binary counting, the first object the
    highest bit.
    """

    name: str = "lights"
    objects: tuple[str, ...] = ("A", "B", "C", "D", SCREEN)
    """2 to 7 different words of letters and digits."""

    def __post_init__(self) -> None:
        """Check the objects.

        Raises:
            ValueError: Too few, too many, two alike, or none that replies can name.
        """
        folded = {one.casefold() for one in self.objects} - light_words.NOT_NAMES
        words = all(_WORD.fullmatch(one) for one in self.objects)
        if not 2 <= len(self.objects) <= LARGEST or len(folded) < len(self.objects) or not words:
            raise ValueError(
                f"objects are {self.objects}; they must be 2 to {LARGEST} different words of "
                f"letters and digits, and none of {sorted(light_words.NOT_NAMES)}"
            )

    @property
    def hypotheses(self) -> tuple[str, ...]:
        """Each the JSON of objects in their order, such as `{"A": "on", "B": "und"}`."""
        return tuple(_tables(self.objects))

    @property
    def inputs(self) -> tuple[str, ...]:
        """Sets of objects, such as `A, screen`."""
        return _inputs(self.objects)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Statuses of the light."""
        return STATUSES

    @property
    def feasible(self) -> tuple[str, ...]:
        """Hypotheses that may be the truth.

        With a screen, the 162 in which it is not off. Else those with an object on and one off,
        180 of five objects, as the original draws them.
        """
        if SCREEN in self.objects:
            return tuple(one for one in self.hypotheses if self.statuses(one)[SCREEN] != "off")
        return tuple(
            one for one in self.hypotheses if {"on", "off"} <= set(self.statuses(one).values())
        )

    def hypothesis(self, statuses: Mapping[str, str]) -> str:
        """The canonical hypothesis in which objects have these statuses.

        Raises:
            ValueError: Not one status for each object.
        """
        if set(statuses) != set(self.objects) or not set(statuses.values()) <= set(STATUSES):
            raise ValueError(f"Not a status of {STATUSES} for each of {self.objects}: {statuses}")
        return json.dumps({one: statuses[one] for one in self.objects})

    def statuses(self, hypothesis: str) -> dict[str, str]:
        """The status of each object."""
        table = self._table(hypothesis)
        return {one: table[one] for one in self.objects}

    def alternative(self, hypothesis: str) -> str | None:
        """The hypothesis with the screen off, which the published biases lead to.

        None where the world has no screen. It is the hypothesis itself where its screen is off.
        """
        if SCREEN not in self.objects:
            return None
        return self.hypothesis({**self.statuses(hypothesis), SCREEN: "off"})

    def ambiguous(self, first: str, second: str) -> Data:
        """What both hypotheses say of the inputs on which they agree, in the order of inputs.

        Between a feasible truth and its `alternative` all of them leave 3 hypotheses, which differ
        in the screen alone; 2 where the screen and another object are undecided.
        """
        of_first, of_second = self._table(first), self._table(second)
        return tuple(
            Example(given, of_first[given])
            for given in self.inputs
            if of_first[given] == of_second[given]
        )

    def consistent(self, data: Sequence[Example]) -> tuple[str, ...]:
        """Hypotheses that explain all examples; none where examples contradict each other."""
        return agreement.consistent(self, data)

    def predict(self, hypothesis: str, given: str) -> str:
        """The status of the light.

        Raises:
            ValueError: The hypothesis or the input is not of this world, or not canonical.
        """
        return self._light(self._table(hypothesis), given)

    def log_likelihood(self, hypothesis: str, data: Sequence[Example], noise: float) -> float:
        """Log P(outputs | inputs, hypothesis) in nats; 0 for no data, -inf for unknown outputs."""
        table = self._table(hypothesis)
        right, wrong = (log_of_output(one, len(STATUSES), noise) for one in (True, False))
        total = 0.0
        for given, output in data:
            if output not in STATUSES:
                return -math.inf
            total += right if self._light(table, given) == output else wrong
        return total

    def drawn(self, hypothesis: str, count: int, rng: Random, *, noise: float = 0.0) -> Data:
        """Examples of inputs that are drawn uniformly and with replacement."""
        table = self._table(hypothesis)
        inputs = rng.choices(self.inputs, k=count)
        return tuple(Example(one, noisy(table[one], STATUSES, rng, noise)) for one in inputs)

    def described(self) -> str:
        """The rules of the game, for learners."""
        return light_words.described(self.objects)

    def rule_form(self) -> str:
        """How learners shall write a rule."""
        return light_words.rule_form(self.objects)

    def data_form(self) -> str:
        """How learners shall write examples."""
        return light_words.data_form(self.objects)

    def rule_text(self, hypothesis: str) -> str:
        """Such as `Rule: {"A": "on", "B": "und"}`."""
        return f"Rule: {hypothesis}"

    def data_text(self, data: Sequence[Example]) -> str:
        """Two lines for each example, such as `Input: A, screen` and `Output: on`."""
        return "\n".join(f"Input: {given}\nOutput: {output}" for given, output in data)

    def read_rule(self, text: str) -> ReadRule:
        """The last rule in a reply, or why there is none."""
        statuses, reason = light_words.read_statuses(text, self.objects)
        return ReadRule(None, reason) if reason else ReadRule(self.hypothesis(statuses))

    def read_data(self, text: str) -> ReadData:
        """The examples in a reply, and why others are left out."""
        return light_words.read_lights(text, self.objects)

    def _light(self, table: Mapping[str, str], given: str) -> str:
        try:
            return table[given]
        except KeyError:
            message = f"not a set of objects of the world {self.name}: {given!r}"
            raise ValueError(message) from None

    def _table(self, hypothesis: str) -> Mapping[str, str]:
        try:
            return _tables(self.objects)[hypothesis]
        except KeyError:
            message = f"not a hypothesis of the world {self.name}: {hypothesis!r}"
            raise ValueError(message) from None


@lru_cache(maxsize=8)
def _inputs(objects: tuple[str, ...]) -> tuple[str, ...]:
    masks = itertools.product((False, True), repeat=len(objects))
    return tuple(", ".join(itertools.compress(objects, mask)) for mask in masks if any(mask))


@lru_cache(maxsize=8)
def _tables(objects: tuple[str, ...]) -> Mapping[str, Mapping[str, str]]:
    """The light of every input under every hypothesis, both in their order."""
    sets = {given: given.split(", ") for given in _inputs(objects)}
    tables: dict[str, dict[str, str]] = {}
    for statuses in itertools.product(STATUSES, repeat=len(objects)):
        of = dict(zip(objects, statuses, strict=True))
        tables[json.dumps(of)] = {
            given: _light({of[one] for one in named}) for given, named in sets.items()
        }
    return tables


def _light(statuses: set[str]) -> str:
    return next(one for one in ("on", "und", "off") if one in statuses)
