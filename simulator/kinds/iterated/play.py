"""What happens in a lineage: one learner after another, from data to a rule to data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from simulator.analysis.iterated.worlds.agreement import contradictory
from simulator.analysis.iterated.worlds.base import Data, Example, World
from simulator.domain.journal import Step
from simulator.domain.ports import Stage
from simulator.domain.prompts import Prompt
from simulator.domain.records import Agent, Outcome, Run
from simulator.kinds.debate.side_by_side import side_by_side
from simulator.kinds.iterated import places
from simulator.kinds.iterated.beginnings import begun
from simulator.kinds.iterated.design import IteratedDesign
from simulator.kinds.iterated.drawing import drawn_place
from simulator.kinds.iterated.games import world_of
from simulator.kinds.iterated.lengths import end_bias
from simulator.kinds.iterated.lineages import Lineage
from simulator.kinds.iterated.prompts import (
    Exchange,
    asked_for_data,
    asked_for_output,
    asked_for_rule,
    asked_to_mend,
    asked_to_refine,
    checked,
    data_parser,
    kept_parser,
    rule_parser,
)
from simulator.kinds.iterated.spelling import AcronymLineage

AT_ONCE = 16
"""Samples under way at the same time."""
MOST_COMPARED = 1_000_000
"""Hypotheses times examples that are searched for contradictions."""


async def play(run: Run, design: IteratedDesign, stage: Stage) -> Outcome:
    """Play a lineage from the top."""
    world = world_of(design)
    if world is None:
        return await AcronymLineage(run, design, stage).played()
    return await RuleLineage(run, design, stage, world).played()


class RuleLineage(Lineage):
    """Learners who write rules, and examples of them."""

    def __init__(self, run: Run, design: IteratedDesign, stage: Stage, world: World) -> None:
        super().__init__(run, design, stage)
        self._world = world
        self._parse = rule_parser(self._world)
        self._bias = end_bias(design, self._world)
        self._rules = tuple(map(world.rule_text, world.hypotheses))
        self._unscored: set[str] = set()
        self._truth = ""
        self._told_of_zero: set[str] = set()

    async def played(self) -> Outcome:
        """All generations, as far as they come."""
        design, world = self._design, self._world
        start = begun(design, world, self._run.seed, self._stage.rng)
        self._truth = start.truth
        alternative = start.alternative if design.has_direction else None
        await self._said_of_rules(start.truth, alternative)
        if not start.data:
            await self._note(start.reason, 0)
            return self._tally.outcome(design, "no_first_data", start.reason.rstrip("."))
        said = await self._stage.say(
            places.FIRST_DATA_SPEAKER, world.data_text(start.data), role=places.FIRST_DATA, day=0
        )
        first = data = world.read_data(said.content).data
        kept: str | None = None
        for generation in range(1, design.generations + 1):
            await self._contradictions(data, generation)
            found = await self._concluded(data, kept, generation)
            if found is None:
                why = f"learner {generation} found no rule, and there is none before it"
                return self._tally.outcome(design, "no_rule", why)
            kept = await self._after_interaction(found, first, generation)
            if generation < design.generations:
                data = await self._passed_on(kept, generation)
                if not data:
                    why = f"learner {generation} passed no examples on"
                    return self._tally.outcome(design, "no_data", why)
            self._tally.complete += 1
        self._tally.values["rule"] = kept
        self._tally.values["is_truth"] = kept == start.truth
        return self._tally.outcome(design, "generations")

    async def _said_of_rules(self, truth: str, alternative: str | None) -> None:
        text = self._world.rule_text(truth)
        await self._stage.say(places.TRUTH_SPEAKER, text, role=places.TRUTH, day=0)
        if alternative is not None:
            text = self._world.rule_text(alternative)
            speaker = places.ALTERNATIVE_SPEAKER
            await self._stage.say(speaker, text, role=places.ALTERNATIVE, day=0)

    async def _contradictions(self, data: Data, day: int) -> None:
        world = self._world
        if not world.hypotheses or len(world.hypotheses) * len(data) > MOST_COMPARED:
            return
        if contradictory(world, data):
            text = f"No rule of this world explains all {len(data)} examples; they contradict it."
            await self._note(text, day)

    async def _concluded(self, data: Data, before: str | None, day: int) -> str | None:
        """The rule that a learner finds, or else the one before it."""
        asked = asked_for_rule(
            self._world, data, looks_back=self._design.look_back > 0, bias=self._bias
        )
        scores = await self._probabilities(asked, day)
        step = await self._drawn_rule(places.RULE, asked, scores, day)
        if step is None:
            step = await self._asked(places.RULE, asked, self._parse, day)
        return await self._rule_in(step, before, day)

    async def _rule_in(self, step: Step, before: str | None, day: int) -> str | None:
        found = self._world.read_rule(step.content)
        if found.hypothesis is not None:
            return found.hypothesis
        self._tally.without_rule += 1
        asked = 1 + (len(step.call.earlier_raw) if step.call is not None else 0)
        then = "There is none before it." if before is None else "The rule before it is kept."
        times = "once" if asked == 1 else f"{asked} times"
        await self._note(f"Asked {times} in vain: {found.reason}. {then}", day)
        return before

    async def _after_interaction(self, rule: str, first: Data, day: int) -> str:
        kind, classic = self._design.interaction.kind, self._design.interaction.classic
        world, right = self._world, False
        if kind == "none":
            return rule
        if kind == "self_refine":
            asked = asked_to_refine(world, rule, first, bias=self._bias)
        else:
            check, fitting = checked(world, rule, first)
            right = len(fitting) == len(first)
            said = await self._stage.say(
                places.WORLD_SPEAKER, check, role=places.CHECK, day=day
            )  # fmt: skip
            if right and not classic:
                return rule
            kept = None if classic else fitting
            asked = asked_to_mend(
                world, rule, said.content, right=right, kept=kept, bias=self._bias
            )  # fmt: skip
        step = None
        if self._design.answers == "drawn" and not right:
            scores = await self._scored(places.WEIGHING, asked, self._rules, day)
            step = await self._drawn_rule(
                places.REFINEMENT, asked, scores, day, is_remembered=not classic
            )
        if step is None:
            parse = kept_parser(world, rule) if right else self._parse
            step = await self._asked(
                places.REFINEMENT, asked, parse, day, is_remembered=not classic
            )  # fmt: skip
        return await self._rule_in(step, rule, day) or rule

    async def _passed_on(self, rule: str, day: int) -> Data:
        count = self._design.made
        asked = asked_for_data(self._world, rule, count)
        if self._design.answers == "drawn" and (data := await self._drawn_data(rule, asked, day)):
            return data
        step = await self._asked(places.DATA, asked, data_parser(self._world, count), day)
        await self._told_of_lines(step, day)
        data = self._world.read_data(step.content).data
        if not data:
            await self._note("The reply holds no examples, so that nothing is passed on.", day)
        return data

    # ------------------------------------------------------------ P(h)

    async def _probabilities(self, asked: str, day: int) -> tuple[float, ...]:
        """Take P(h), as it is wanted; the scores of all hypotheses, if that was by scores."""
        by = self._design.probabilities.by
        scores: tuple[float, ...] = ()
        if by == "scores" or self._design.answers == "drawn":
            scores = await self._scored(places.SCORES, asked, self._rules, day)
            await self._zeros(scores, day)
        if by == "samples" or (by == "scores" and not scores):
            agent = self._learner(day)
            await self._sampled(agent, self._shown(agent, asked), day)
        return scores

    async def _scored(
        self, role: str, asked: str, options: Sequence[str], day: int
    ) -> tuple[float, ...]:
        """Log-probabilities of answers; none of a model that cannot score, which is told once."""
        agent = self._learner(day)
        if agent.model in self._unscored:
            return ()
        step = await self._stage.score(
            agent.model_copy(update={"role": role}), self._shown(agent, asked), options, day=day,
            where_possible=True,
        )  # fmt: skip
        if not step.scores:
            self._unscored.add(agent.model)
            then = []
            if self._design.probabilities.by == "scores":
                then.append(f"it is asked for {self._design.probabilities.samples} samples instead")
            if self._design.answers == "drawn":
                then.append("it writes its answers itself")
            told = " and ".join(then)
            await self._note(f"{agent.model} cannot say how probable rules are; {told}.", day)
        return step.scores

    async def _zeros(self, scores: Sequence[float], day: int) -> None:
        """Say it where the truth, or every rule, is impossible for a model; once of each model."""
        model = self._learner(day).model
        place = self._world.hypotheses.index(self._truth) if scores else 0
        if not scores or scores[place] > -math.inf or model in self._told_of_zero:
            return
        self._told_of_zero.add(model)
        if max(scores) > -math.inf:
            told = f"{model} gives the truth a probability of 0: no examples can lead to it."
        else:
            told = f"{model} gives every rule a probability of 0: P(h) is not known."
        await self._note(told, day)

    async def _sampled(self, agent: Agent, prompt: Prompt, day: int) -> None:
        works = [
            partial(
                self._stage.branch(places.sample_scope(day, number)).ask,
                agent.model_copy(update={"role": places.SAMPLE}), prompt, parse=self._parse,
                attempts=1, day=day, in_transcript=False,
            )
            for number in range(1, self._design.probabilities.samples + 1)
        ]  # fmt: skip
        steps = await side_by_side(works, at_once=AT_ONCE)
        lost = sum(self._world.read_rule(step.content).hypothesis is None for step in steps)
        if lost:
            await self._note(f"Samples without a rule: {lost} of {len(steps)}.", day)

    # ------------------------------------------------------------ answers that are drawn

    async def _drawn_rule(
        self,
        part: str,
        asked: str,
        scores: Sequence[float],
        day: int,
        *,
        is_remembered: bool = True,
    ) -> Step | None:
        """Say a rule that is drawn by its scores; None where rules are written."""
        if self._design.answers != "drawn" or not scores:
            return None
        agent = self._learner(day)
        place = drawn_place(scores, agent.sampling.temperature, self._stage.rng(f"{part} {day}"))
        step = await self._stage.say(agent.name, self._rules[place], role=part, day=day)
        if is_remembered:
            self._earlier.append(Exchange(asked, step.content))
        return step

    async def _drawn_data(self, rule: str, asked: str, day: int) -> Data:
        """Say examples whose outputs are drawn by their scores; none of a model without any."""
        world, agent = self._world, self._learner(day)
        rng = self._stage.rng(f"data {day}")
        inputs = rng.choices(world.inputs, k=self._design.made)
        scores: dict[str, tuple[float, ...]] = {}
        for one in dict.fromkeys(inputs):
            question = asked_for_output(world, rule, one)
            scores[one] = await self._scored(places.WEIGHING, question, world.outputs, day)
            if not scores[one]:
                return ()
        heat = agent.sampling.temperature
        data = [Example(one, world.outputs[drawn_place(scores[one], heat, rng)]) for one in inputs]
        step = await self._stage.say(agent.name, world.data_text(data), role=places.DATA, day=day)
        self._earlier.append(Exchange(asked, step.content))
        return world.read_data(step.content).data
