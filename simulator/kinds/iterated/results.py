"""What a stored lineage came to, as analyses read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import exp, fsum, isfinite

from simulator.analysis.iterated.records import Generation, Lineage
from simulator.analysis.iterated.worlds.base import Data, Game, ReadData, World
from simulator.domain.journal import Step
from simulator.domain.records import Run
from simulator.kinds.iterated.biases import alternative_to, wanted_by
from simulator.kinds.iterated.conditions import condition_of
from simulator.kinds.iterated.design import IteratedDesign
from simulator.kinds.iterated.games import game_of, world_of
from simulator.kinds.iterated.places import (
    DATA,
    FIRST_DATA,
    REFINEMENT,
    RULE,
    SAMPLE,
    SCORES,
    SELECTION,
    TRUTH,
)
from simulator.kinds.iterated.prompts import reasons_in


def lineage_of(run: Run, design: IteratedDesign, steps: Iterable[Step]) -> Lineage:
    """The learners of a run in their order, as far as it was played.

    A learner whose reply held no rule keeps the rule of the one before it, as in play. A learner
    who was asked for nothing but P(h) has not concluded anything yet, and is left out.

    Args:
        run: Finished or not.
        design: Resolved.
        steps: The journal, in any order; what is missing of it is missing in the lineage.
    """
    game, world = game_of(design), world_of(design)
    days: dict[int, list[Step]] = {}
    for step in sorted(steps, key=lambda step: step.position):
        days.setdefault(step.day or 0, []).append(step)
    begun = {step.role: step.content for step in days.pop(0, [])}
    first = game.read_data(begun[FIRST_DATA]).data if FIRST_DATA in begun else ()
    generations: list[Generation] = []
    read, kept = first, None
    for number in sorted(days):
        told = _Told(game, world)
        for step in days[number]:
            told.hear(step)
        if not told.concluded:
            continue
        kept = told.refined or told.said or kept
        generations.append(
            Generation(
                number=number,
                model=told.model or design.all_models[(number - 1) % len(design.all_models)],
                read=read,
                said=told.said,
                kept=kept,
                passed_on=told.passed_on,
                produced=told.produced.data,
                probabilities=told.probabilities(),
                wrong=told.produced.wrong,
                asked_again=told.asked_again,
                reasons=tuple(told.reasons),
                samples=told.samples(),
            )
        )
        read = told.passed_on
    truth, direction = _rule(world, begun.get(TRUTH)), design.bias.direction
    return Lineage(
        run=run.id, world=design.world.name, truth=truth,
        alternative=alternative_to(truth, world, direction) if truth and world else None,
        first=first, generations=tuple(generations), seed=run.seed, condition=condition_of(design),
        expected=design.generations, wanted=wanted_by(direction, world),
        is_control=not design.has_direction,
    )  # fmt: skip


@dataclass(slots=True)
class _Told:
    """What the steps of one generation tell."""

    game: Game
    world: World | None
    model: str = ""
    concluded: bool = False
    """Whether there is a rule, or are examples, well said or not."""
    said: str | None = None
    refined: str | None = None
    produced: ReadData = field(default_factory=lambda: ReadData(()))
    selected: Data | None = None
    scored: Sequence[float] = ()
    sampled: Counter[str] = field(default_factory=Counter)
    asked_again: int = 0
    reasons: list[str] = field(default_factory=list)

    @property
    def passed_on(self) -> Data:
        """What the next learner reads."""
        return self.produced.data if self.selected is None else self.selected

    def hear(self, step: Step) -> None:
        """Take one step in, in the order in which they happened."""
        if step.call is not None and step.role in (RULE, REFINEMENT, DATA):
            self.model = step.call.model
            self.asked_again += len(step.call.earlier_raw)
        if step.role in (RULE, REFINEMENT):
            self.concluded = True
            found = self._hypothesis(step)
            if step.role == RULE:
                self.said = found
            else:
                self.refined = found
        elif step.role == SAMPLE:
            self.sampled.update(filter(None, [_rule(self.world, step.content)]))
        elif step.role == SCORES:
            self.scored = step.scores
        elif step.role == DATA:
            self.concluded = True
            self.produced = self._examples(step)
            self.reasons += reasons_in(step.parsing)
        elif step.role == SELECTION:
            self.selected = self.game.read_data(step.content).data

    def samples(self) -> int | None:
        """Replies with a rule whose shares P(h) is; None where it is exact or was not taken."""
        if self._is_scored:
            return None
        return sum(self.sampled[one] for one in self._hypotheses) or None

    def probabilities(self) -> tuple[float, ...] | None:
        """P(h) of all hypotheses in their order, sum 1; None where it was not taken."""
        hypotheses = self._hypotheses
        if self._is_scored:
            return _normalised(self.scored)
        total = self.samples()
        return tuple(self.sampled[one] / total for one in hypotheses) if total else None

    @property
    def _hypotheses(self) -> Sequence[str]:
        return () if self.world is None else self.world.hypotheses

    @property
    def _is_scored(self) -> bool:
        return bool(self._hypotheses) and len(self.scored) == len(self._hypotheses)

    def _hypothesis(self, step: Step) -> str | None:
        if self.world is None:
            return None
        found = self.world.read_rule(step.content)
        if found.hypothesis is None:
            self.reasons.append(found.reason)
        return found.hypothesis

    def _examples(self, step: Step) -> ReadData:
        """Those of the message; what was wrong stands only in the reply as it came."""
        found = self.game.read_data(step.content)
        if step.call is None or step.edited:
            return found
        return ReadData(found.data, wrong=self.game.read_data(step.call.raw).wrong)


def _normalised(scores: Sequence[float]) -> tuple[float, ...] | None:
    """Log-probabilities as shares of their sum; None where none is finite."""
    highest = max(scores)
    if not isfinite(highest):
        return None
    weights = [exp(score - highest) for score in scores]
    total = fsum(weights)
    return tuple(weight / total for weight in weights)


def _rule(world: World | None, text: str | None) -> str | None:
    return None if world is None or text is None else world.read_rule(text).hypothesis
