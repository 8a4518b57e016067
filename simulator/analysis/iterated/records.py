"""What a run of iterated learning came to, as measures, tables and figures read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.analysis.iterated.parts import Parts
from simulator.analysis.iterated.worlds.base import Data


@dataclass(frozen=True)
class Generation:
    """One learner: what it read, concluded, and passed on."""

    number: int
    """From 1."""
    model: str
    read: Data
    """The data that it learnt from."""
    said: str | None
    """The hypothesis that it first concluded, canonical; None where its reply held none, or where
    the world has no rules to write."""
    kept: str | None
    """The hypothesis after the interaction; `said` where there is none."""
    passed_on: Data
    """The data that it produced, after filters; empty in the last generation of rules."""
    produced: Data = ()
    """What it produced before filters."""
    probabilities: tuple[float, ...] | None = None
    """P(h) of all H hypotheses of the world in their order, sum 1; None where it was not taken."""
    wrong: int = 0
    """Examples that it wrote and that break the rules of the world; they are not in `produced`."""
    asked_again: int = 0
    """Replies that had to be asked for again."""
    reasons: tuple[str, ...] = ()
    """Why replies or lines of them were of no use, in words for people."""
    samples: int | None = None
    """Replies with a rule whose shares P(h) is; None where it is exact or was not taken."""


@dataclass(frozen=True)
class Lineage:
    """One chain of learners."""

    run: str
    """Id of the run, or name of the file or simulation."""
    world: str
    """Name of the world."""
    truth: str | None
    """The hypothesis that the first data come from; None in worlds without rules."""
    alternative: str | None
    """The hypothesis that a bias leads to, such as the truth with the screen off; None where that
    is the truth itself, or where nothing leads anywhere."""
    first: Data
    """The data that the first learner read."""
    generations: tuple[Generation, ...]
    seed: int
    condition: Mapping[str, str] = field(default_factory=dict)
    """What the run varies, such as bias, position, interaction, model."""
    expected: int | None = None
    """Generations that it should have; None where that is not known."""
    wanted: Parts = field(default_factory=dict)
    """What the bias wants of a hypothesis, by part, whatever the truth is; empty for nothing."""
    is_control: bool = False
    """Whether nothing leads to what is wanted, so that it counts only beside a bias that does."""
