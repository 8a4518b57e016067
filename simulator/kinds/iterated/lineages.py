"""What lineages of all games have in common: who is asked what, and what went wrong."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from pydantic import JsonValue

from simulator.domain.journal import Step
from simulator.domain.ports import Stage
from simulator.domain.prompts import Prompt
from simulator.domain.records import Agent, Outcome, Run
from simulator.domain.replies import ReplyParser
from simulator.kinds.iterated import places
from simulator.kinds.iterated.design import IteratedDesign
from simulator.kinds.iterated.prompts import Exchange, prompt_of, reasons_in


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
        told = [why or f"{wanted} generation{'' if wanted == 1 else 's'}"]
        if why:
            told.append(f"generations that went through: {self.complete} of {wanted}")
        counts = {
            "replies asked for again": self.asked_again,
            "lines left out": self.left_out,
            "learners without a rule": self.without_rule,
        }
        told += [f"{name}: {count}" for name, count in counts.items() if count]
        values: dict[str, JsonValue] = {
            "generations": wanted, "complete": self.complete, "asked_again": self.asked_again,
            "left_out": self.left_out, "without_rule": self.without_rule, **self.values,
        }  # fmt: skip
        return Outcome(reason=reason, detail="; ".join(told), values=values)


class Lineage:
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
        await self._note(
            "\n".join([f"Lines of the reply that were left out: {len(reasons)}.", *lines]), day
        )
