"""A lineage while its steps come, in any order: what learners concluded, and how sure they were."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import compress
from math import fsum

from simulator.analysis.iterated.acronyms.ranks import is_listed
from simulator.analysis.iterated.measures import entropy
from simulator.analysis.iterated.parts import Parts, parts_of
from simulator.analysis.iterated.worlds.agreement import explained
from simulator.analysis.iterated.worlds.base import Data, Game, World
from simulator.domain.journal import Step
from simulator.domain.shares import shares
from simulator.errors import DesignInvalidError, SimulatorError
from simulator.kinds.iterated.biases import wanted_by
from simulator.kinds.iterated.design import IteratedDesign
from simulator.kinds.iterated.games import game_of, world_of
from simulator.kinds.iterated.places import (
    ALTERNATIVE,
    DATA,
    FIRST_DATA,
    REFINEMENT,
    RULE,
    SAMPLE,
    SCORES,
    TRUTH,
)
from simulator.kinds.iterated.prompts import reasons_in


@dataclass(frozen=True, slots=True)
class Concluded:
    """What was found in a reply that should hold a rule."""

    hypothesis: str | None
    """Canonical; None where there is none."""
    reason: str = ""
    """Why there is none."""
    right: int | None = None
    """Its parts that are as in the truth; None where that is not known."""
    parts: int = 1
    """How many there are; 1 where hypotheses have no parts."""
    explained: int | None = None
    """First examples that it explains; None where they are not known."""


@dataclass(frozen=True, slots=True)
class Produced:
    """The examples in a message."""

    data: Data
    left_out: tuple[str, ...] = ()
    """Why lines of the reply were left out."""


@dataclass(slots=True)
class Standing:
    """One generation so far."""

    said: str | None = None
    """The rule that it first concluded; None where it has none."""
    refined: str | None = None
    """The rule after the interaction; None where there is none."""
    has_rule: bool = False
    """Whether it was asked for a rule."""
    has_refinement: bool = False
    """Whether it was asked for another."""
    has_data: bool = False
    """Whether it was asked for examples."""
    left_out: int = 0
    """Lines with its examples that were of no use."""
    asked_again: int = 0
    """Replies that were asked for again."""
    scored: tuple[float, ...] | None = None
    """P(h) of all hypotheses by scores, sum 1; None where there are none."""
    sampled: Counter[str] = field(default_factory=Counter)
    """Rules that were asked for to count."""


class Following:
    """Keeps count of one run."""

    def __init__(self, design: IteratedDesign) -> None:
        """Begin without steps.

        Args:
            design: Resolved.

        Raises:
            DesignInvalidError: Its world cannot be made.
        """
        self.design = design
        try:
            self.game: Game = game_of(design)
            self.world: World | None = world_of(design)
            """The game, where rules can be told in it."""
            self.wanted: Parts = {}
            """What the bias wants of a rule, by part; empty where nothing leads anywhere."""
            if design.has_direction:
                self.wanted = wanted_by(design.bias.direction, self.world)
        except (SimulatorError, TypeError, ValueError) as error:
            name = design.world.name
            raise DesignInvalidError(f"The world {name} cannot be made: {error}") from None
        self.truth: str | None = None
        self.alternative: str | None = None
        self.first: Data = ()
        self._standings: dict[int, Standing] = {}
        self._seen: set[int] = set()
        self._biased: list[bool] | None = None
        """Whether each hypothesis has what the bias wants, once that was looked up."""

    @property
    def generation(self) -> int:
        """The latest that has begun; 0 before the first."""
        return max(self._standings, default=0)

    @property
    def is_over(self) -> bool:
        """Whether the last learner has said all that it is asked for."""
        last = self._standings.get(self.design.generations)
        if last is None:
            return False
        if self.world is None:
            return last.has_data
        return last.has_rule and self.kept(self.design.generations) is not None

    def numbers(self) -> tuple[int, ...]:
        """Generations that have begun, from 1."""
        return tuple(sorted(self._standings))

    def standing(self, number: int) -> Standing | None:
        """A generation by its number; None where it has not begun."""
        return self._standings.get(number)

    def kept(self, number: int) -> str | None:
        """The rule that a learner makes examples from; without one of its own, the one before."""
        for earlier in range(number, 0, -1):
            one = self._standings.get(earlier)
            if one is None:
                continue
            own = one.said if self._is_settled(one) else one.refined or one.said
            if own is not None:
                return own
        return None

    def add(self, step: Step) -> int | None:
        """Take a step in; the number of the generation that is better known now."""
        if step.position in self._seen:
            return None
        self._seen.add(step.position)
        if not step.day:
            self._begin(step)
            return None
        one = self._standings.setdefault(step.day, Standing())
        if step.call is not None and step.role in (RULE, REFINEMENT, DATA):
            one.asked_again += len(step.call.earlier_raw)
        if step.role == SCORES:
            one.scored = self._scored(step)
        elif step.role == SAMPLE:
            one.sampled.update(filter(None, [self._hypothesis(step)]))
        elif step.role == RULE:
            one.has_rule, one.said = True, self._hypothesis(step)
        elif step.role == REFINEMENT:
            one.has_refinement, one.refined = True, self._hypothesis(step)
        elif step.role == DATA:
            one.has_data, one.left_out = True, len(self.produced(step).left_out)
        else:
            return None
        return step.day

    # ------------------------------------------------------------ messages

    def concluded(self, step: Step) -> Concluded:
        """What a rule, a refinement or a sample comes to, as far as steps are here."""
        assert self.world is not None
        found = self.world.read_rule(step.content)
        if found.hypothesis is None:
            return Concluded(None, found.reason)
        return self.compared(found.hypothesis)

    def compared(self, hypothesis: str) -> Concluded:
        """A rule beside the truth and the first examples."""
        world = self.world
        assert world is not None
        own = parts_of(world, hypothesis)
        true = parts_of(world, self.truth) if self.truth is not None else None
        return Concluded(
            hypothesis,
            right=None if true is None else sum(true.get(name) == own[name] for name in own),
            parts=len(own),
            explained=explained(world, hypothesis, self.first) if self.first else None,
        )

    def produced(self, step: Step) -> Produced:
        """The examples of a message, with what was left out of the reply."""
        found = self.game.read_data(step.content)
        replied = step.call is not None and not step.edited
        return Produced(found.data, reasons_in(step.parsing) if replied else found.left_out)

    def common(self, data: Data) -> int:
        """How many examples of acronyms have an output that is a common word."""
        return sum(is_listed(one.output) for one in data)

    # ------------------------------------------------------------ P(h)

    def probabilities(self, number: int) -> tuple[float, ...] | None:
        """P(h) of all hypotheses before a learner said its rule, sum 1; None where not taken."""
        one = self._standings.get(number)
        if one is None or self.world is None:
            return None
        if one.scored is not None:
            return one.scored
        total = one.sampled.total()
        if not total:
            return None
        return tuple(one.sampled[hypothesis] / total for hypothesis in self.world.hypotheses)

    def entropy(self, number: int) -> float | None:
        """Of P(h) in a generation, nats; None where it was not taken."""
        found = self.probabilities(number)
        return None if found is None else entropy(found)

    def bias_probability(self, number: int) -> float | None:
        """P of the hypotheses with what the bias wants; None where that is not known."""
        found, world = self.probabilities(number), self.world
        if found is None or world is None or not self.wanted:
            return None
        if self._biased is None:
            wanted = self.wanted.items()
            self._biased = [wanted <= parts_of(world, one).items() for one in world.hypotheses]
        return min(1.0, fsum(compress(found, self._biased)))

    # ------------------------------------------------------------ steps

    def _is_settled(self, one: Standing) -> bool:
        """Whether a rule stands whatever is said after it, as in the original where it is right."""
        way = self.design.interaction
        if not way.classic or way.kind != "hypothesis_search" or one.said is None:
            return False
        return self.compared(one.said).explained == len(self.first)

    def _begin(self, step: Step) -> None:
        if step.role == FIRST_DATA:
            self.first = self.game.read_data(step.content).data
        elif step.role == TRUTH:
            self.truth = self._hypothesis(step)
        elif step.role == ALTERNATIVE:
            self.alternative = self._hypothesis(step)

    def _hypothesis(self, step: Step) -> str | None:
        return None if self.world is None else self.world.read_rule(step.content).hypothesis

    def _scored(self, step: Step) -> tuple[float, ...] | None:
        """Scores as shares of their sum; None where there is not one for each hypothesis."""
        world = self.world
        if world is None or len(step.scores) != len(world.hypotheses):
            return None
        return shares(step.scores) or None
