"""What every world offers: hypotheses, data, likelihoods, and the words for them.

A hypothesis is a text in one canonical form, so that it can stand in a journal, be scored by a
model letter by letter, and be compared with `==`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple, Protocol, runtime_checkable


class Example(NamedTuple):
    """One datum, in canonical form."""

    input: str
    """What is given, such as `A, screen`."""
    output: str
    """What comes of it, such as `on`."""


Data = tuple[Example, ...]


@dataclass(frozen=True)
class ReadRule:
    """What was found in a reply that should hold a rule."""

    hypothesis: str | None
    """Canonical; None where there is none."""
    reason: str = ""
    """Why there is none, in words for people; empty where there is one."""


@dataclass(frozen=True)
class ReadData:
    """What was found in a reply that should hold examples."""

    data: Data
    """Those that belong to the world, in their order, each as often as it was said."""
    left_out: tuple[str, ...] = ()
    """Why lines were left out: one reason for each line, in words for people."""
    wrong: int = 0
    """How many of these are examples that break the rules of the world; the others hold none."""


class Game(Protocol):
    """Data that learners read and write, whether or not rules can be told behind them.

    Games are values: two of the same settings are equal, and no method changes them.
    """

    @property
    def name(self) -> str:
        """As designs write it."""
        ...

    def described(self) -> str:
        """The rules of the game, for learners: what inputs, outputs and rules are."""
        ...

    def data_form(self) -> str:
        """How learners shall write examples."""
        ...

    def data_text(self, data: Sequence[Example]) -> str:
        """Examples as learners read and write them; `read_data` reads them back."""
        ...

    def read_data(self, text: str) -> ReadData:
        """The examples in a reply; never raises, whatever the text."""
        ...


class World(Game, Protocol):
    """A game with a space of hypotheses that can be told, scored and compared."""

    @property
    def hypotheses(self) -> tuple[str, ...]:
        """All of them in their order, H of them; empty where they cannot be listed."""
        ...

    @property
    def inputs(self) -> tuple[str, ...]:
        """All that examples can be about, N of them; empty where they cannot be listed."""
        ...

    @property
    def outputs(self) -> tuple[str, ...]:
        """All that examples can say, O of them; empty where they cannot be listed."""
        ...

    def predict(self, hypothesis: str, given: str) -> str:
        """The output of an input under a hypothesis, where there is no noise.

        The first of them where a hypothesis has several, as concepts have members; `agreement.fits`
        says whether an example could come from it.
        """
        ...

    def log_likelihood(self, hypothesis: str, data: Sequence[Example], noise: float) -> float:
        """Log P(data | hypothesis), of outputs given inputs; nats, -inf where it cannot be.

        Args:
            hypothesis: Canonical.
            data: Examples, independent of each other.
            noise: Share of outputs, 0 to 1, that are any other one, all equally often.
        """
        ...

    def drawn(self, hypothesis: str, count: int, rng: Random, *, noise: float = 0.0) -> Data:
        """Examples drawn from a hypothesis, inputs uniform and with replacement."""
        ...

    def rule_form(self) -> str:
        """How learners shall write a rule: one or two sentences and a pattern."""
        ...

    def rule_text(self, hypothesis: str) -> str:
        """A hypothesis as a learner writes it in the form asked for; `read_rule` reads it back."""
        ...

    def read_rule(self, text: str) -> ReadRule:
        """The rule in a reply; never raises, whatever the text."""
        ...


@runtime_checkable
class WithPrior(World, Protocol):
    """A world that says how probable its hypotheses are before any data."""

    @property
    def preferred(self) -> str:
        """The hypotheses that the prior tells from the others, in words, plural."""
        ...

    @property
    def prior_share(self) -> float:
        """What they have together usually, 0 to 1."""
        ...

    def prior(self, share: float, /) -> tuple[float, ...]:
        """P(h), sum 1, in the order of hypotheses.

        Args:
            share: What those that are preferred have together, 0 to 1.
        """
        ...
