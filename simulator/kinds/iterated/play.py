"""What happens in a lineage: one learner after another, from data to a rule to data."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from pydantic import JsonValue

from simulator.analysis.iterated.worlds.agreement import contradictory
from simulator.analysis.iterated.worlds.base import Data, Game, World
from simulator.domain.journal import Step
from simulator.domain.ports import Stage
from simulator.domain.prompts import Prompt
from simulator.domain.records import Agent, Outcome, Run
from simulator.domain.replies import ReplyParser
from simulator.kinds.debate.side_by_side import side_by_side
from simulator.kinds.iterated import places
from simulator.kinds.iterated.beginnings import begun
from simulator.kinds.iterated.design import IteratedDesign
from simulator.kinds.iterated.games import game_of, world_of
from simulator.kinds.iterated.lengths import end_bias
from simulator.kinds.iterated.pools import first_acronyms, read_next
from simulator.kinds.iterated.prompts import (
    Exchange,
    asked_for_data,
    asked_for_more,
    asked_for_rule,
    asked_to_mend,
    asked_to_refine,
    checked,
    data_parser,
    kept_parser,
    prompt_of,
    reasons_in,
    rule_parser,
)

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


@dataclass(slots=True)
class Tally:
    """What went wrong, by how often."""

    asked_again: int = 0
    """Replies that were thrown away."""
    left_out: int = 0
    """Lines of replies that are no examples of the world."""
    without_rule: int = 0
    """Learners whose replies held no rule."""
    complete: int = 0
    """Generations that went through."""
    values: dict[str, JsonValue] = field(default_factory=dict)

    def outcome(self, design: IteratedDesign, reason: str, why: str = "") -> Outcome:
        """What a lineage came to.

        Args:
            design: Resolved.
            reason: `generations` where all went through.
            why: What ended it before; empty where nothing did.
        """
        wanted = design.generations
        told = [why or f"{wanted} generations"]
        if why:
            told.append(f"generations that went through: {self.complete} of {wanted}")
        counts = {
            "replies asked for again": self.asked_again,
            "examples left out": self.left_out,
            "learners without a rule": self.without_rule,
        }
        told += [f"{name}: {count}" for name, count in counts.items() if count]
        values: dict[str, JsonValue] = {
            "generations": wanted, "complete": self.complete, "asked_again": self.asked_again,
            "left_out": self.left_out, "without_rule": self.without_rule, **self.values,
        }  # fmt: skip
        return Outcome(reason=reason, detail="; ".join(told), values=values)


class _Lineage:
    """What lineages of all worlds do."""

    def __init__(self, run: Run, design: IteratedDesign, stage: Stage) -> None:
        self._run = run
        self._design = design
        self._stage = stage
        self._tally = Tally()
        self._earlier: deque[Exchange] = deque(maxlen=design.look_back)

    def _learner(self, generation: int) -> Agent:
        number = places.agent_of(generation, len(self._run.agents))
        return self._run.agents[number - 1]

    def _shown(self, agent: Agent, asked: str) -> Prompt:
        return prompt_of(agent.system_prompt, tuple(self._earlier), asked)

    async def _note(self, text: str, day: int) -> None:
        await self._stage.say(places.WORLD_SPEAKER, text, role=places.NOTE, day=day)

    async def _asked(
        self,
        part: str,
        asked: str,
        parse: ReplyParser,
        day: int,
        *,
        is_remembered: bool = True,
    ) -> Step:
        agent = self._learner(day)
        step = await self._stage.ask(
            agent.model_copy(update={"role": part}), self._shown(agent, asked), parse=parse,
            attempts=self._design.attempts, day=day,
        )  # fmt: skip
        if is_remembered:
            self._earlier.append(Exchange(asked, step.content))
        if step.call is not None:
            self._tally.asked_again += len(step.call.earlier_raw)
        return step

    async def _told_of_lines(self, step: Step, day: int) -> None:
        """Say what was left out of a reply with examples."""
        reasons = reasons_in(step.parsing)
        if not reasons:
            return
        counted = {reason: reasons.count(reason) for reason in dict.fromkeys(reasons)}
        self._tally.left_out += len(reasons)
        lines = [f"- {why}" + (f" ({n} times)" if n > 1 else "") for why, n in counted.items()]
        await self._note("\n".join([f"Left out of the examples: {len(reasons)}.", *lines]), day)


class RuleLineage(_Lineage):
    """Learners who write rules, and examples of them."""

    def __init__(self, run: Run, design: IteratedDesign, stage: Stage, world: World) -> None:
        super().__init__(run, design, stage)
        self._world = world
        self._parse = rule_parser(self._world)
        self._bias = end_bias(design, self._world)
        self._unscored: set[str] = set()

    async def played(self) -> Outcome:
        """All generations, as far as they come."""
        design, world = self._design, self._world
        start = begun(design, world, self._run.seed, self._stage.rng)
        await self._said_of_rules(start.truth, start.alternative)
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
        await self._probabilities(asked, day)
        step = await self._asked(places.RULE, asked, self._parse, day)
        return await self._rule_in(step, before, day)

    async def _rule_in(self, step: Step, before: str | None, day: int) -> str | None:
        found = self._world.read_rule(step.content)
        if found.hypothesis is not None:
            return found.hypothesis
        self._tally.without_rule += 1
        asked = 1 + (len(step.call.earlier_raw) if step.call is not None else 0)
        then = "There is none before it." if before is None else "The rule before it is kept."
        times = "one reply" if asked == 1 else f"{asked} replies"
        await self._note(f"No rule in {times}: {found.reason}. {then}", day)
        return before

    async def _after_interaction(self, rule: str, first: Data, day: int) -> str:
        kind, classic = self._design.interaction.kind, self._design.interaction.classic
        world, right = self._world, False
        if kind == "none":
            return rule
        if kind == "self_refine":
            asked = asked_to_refine(world, rule, first, bias=self._bias)
        else:
            check, right = checked(world, rule, first)
            said = await self._stage.say(
                places.WORLD_SPEAKER, check, role=places.CHECK, day=day
            )  # fmt: skip
            if right and not classic:
                return rule
            asked = asked_to_mend(world, rule, said.content, right=right, bias=self._bias)
        parse = kept_parser(world, rule) if right else self._parse
        step = await self._asked(
            places.REFINEMENT, asked, parse, day, is_remembered=not classic
        )  # fmt: skip
        return await self._rule_in(step, rule, day) or rule

    async def _passed_on(self, rule: str, day: int) -> Data:
        count = self._design.made
        asked = asked_for_data(self._world, rule, count)
        step = await self._asked(places.DATA, asked, data_parser(self._world, count), day)
        await self._told_of_lines(step, day)
        data = self._world.read_data(step.content).data
        if not data:
            await self._note("The reply holds no examples, so that nothing is passed on.", day)
        return data

    # ------------------------------------------------------------ P(h)

    async def _probabilities(self, asked: str, day: int) -> None:
        wanted = self._design.probabilities
        agent = self._learner(day)
        if wanted.by == "scores" and agent.model not in self._unscored:
            step = await self._stage.score(
                agent.model_copy(update={"role": places.SCORES}), self._shown(agent, asked),
                [self._world.rule_text(one) for one in self._world.hypotheses], day=day,
                where_possible=True,
            )  # fmt: skip
            if step.scores:
                return
            self._unscored.add(agent.model)
            await self._note(
                f"{agent.model} cannot say how probable rules are; it is asked for "
                f"{wanted.samples} samples instead.",
                day,
            )
        if wanted.by != "none":
            await self._sampled(agent, self._shown(agent, asked), day)

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


class AcronymLineage(_Lineage):
    """Learners who read examples and write more of them."""

    async def played(self) -> Outcome:
        """All generations, as far as they come."""
        design, game = self._design, game_of(self._design)
        share = design.acronyms.easy_share
        start = first_acronyms(design.world.examples, share, self._stage.rng("first data"))
        said = await self._stage.say(
            places.FIRST_DATA_SPEAKER, game.data_text(start), role=places.FIRST_DATA, day=0
        )
        data = game.read_data(said.content).data
        written, bias = [data], end_bias(design, None)
        for generation in range(1, design.generations + 1):
            asked = asked_for_more(game, data, design.made, bias=bias)
            parse = data_parser(game, design.made)
            step = await self._asked(places.DATA, asked, parse, generation)
            await self._told_of_lines(step, generation)
            written.append(game.read_data(step.content).data)
            data = await self._read_next(game, written, generation)
            if not data:
                why = f"nothing is left to read after generation {generation}"
                return self._tally.outcome(design, "no_data", why)
            self._tally.complete += 1
        return self._tally.outcome(design, "generations")

    async def _read_next(self, game: Game, written: Sequence[Data], day: int) -> Data:
        """What the filter leaves for the next learner."""
        found = read_next(self._design, written, self._stage.rng(f"filter {day}"))
        if found.reason:
            await self._note(found.reason, day)
        if found.data == written[-1]:
            return found.data
        said = await self._stage.say(
            places.WORLD_SPEAKER, game.data_text(found.data), role=places.SELECTION, day=day
        )
        return game.read_data(said.content).data
