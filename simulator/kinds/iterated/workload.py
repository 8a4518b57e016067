"""What a lineage will ask of its models: `play` with lengths instead of words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from simulator.analysis.iterated.worlds.base import World
from simulator.domain.records import Agent
from simulator.domain.tokens import text_bytes
from simulator.domain.workloads import USUAL_HABITS, Habits, Workload
from simulator.kinds.iterated.design import IteratedDesign
from simulator.kinds.iterated.games import world_of
from simulator.kinds.iterated.lengths import Question, questions
from simulator.kinds.iterated.places import REFINEMENT, agent_of

FORM_BYTES_PER_TOKEN = 2.5
"""Of prompts in JSON and short lines, which have more tokens than prose; pocket's have 2.2 to 2.9.
Taken for whether they fit; what they cost is reckoned as of other prompts."""


def turns_of(design: IteratedDesign) -> int:
    """How many times learners speak, but for rules that are mended only where they are wrong.

    Questions outside of the transcript are not counted.
    """
    if not design.has_rules:
        return design.generations
    always = design.interaction.kind != "none" and not unforeseen(design)
    return (3 if always else 2) * design.generations - 1


def unforeseen(design: IteratedDesign) -> frozenset[str]:
    """Roles of messages that nobody knows of before: what is mended only where it is wrong."""
    way = design.interaction
    mends_some = way.kind == "hypothesis_search" and not way.classic
    return frozenset((REFINEMENT,)) if mends_some else frozenset()


def workload(
    design: IteratedDesign, agents: Sequence[Agent], habits: Mapping[str, Habits]
) -> tuple[Workload, ...]:
    """What each model will have to do, every reply having the form that is asked for.

    Scored answers take no calls; a model that is not known to score is sampled, and writes.

    Args:
        design: Resolved.
        agents: As it is cast.
        habits: How the models reply, by `provider/model`; those left out as `USUAL_HABITS`.
    """
    return Workload.total(_calls(design, agents, habits))


def _calls(
    design: IteratedDesign, agents: Sequence[Agent], habits: Mapping[str, Habits]
) -> Iterator[Workload]:
    generation, world = 1, world_of(design)
    rules = _rules(world)
    for like, asked in questions(design, agents[0].system_prompt):
        for number in range(1, len(agents) + 1):
            ahead = (number - agent_of(generation, len(agents))) % len(agents)
            turns = len(range(ahead, like, len(agents)))
            if turns:
                agent = agents[number - 1]
                own = habits.get(agent.model, USUAL_HABITS)
                writes = design.answers == "written" or not own.scores_choices
                for question in asked:
                    times = turns * (writes + _samples(design, question, own))
                    if times:
                        yield _work(agent, question, times, own)
                    each, answers = _scored(design, world, rules, question)
                    if own.scores_choices and each:
                        yield _scoring(agent, question, turns * each, answers, own)
        generation += like


def _samples(design: IteratedDesign, question: Question, habits: Habits) -> int:
    wanted = design.probabilities
    if question.part != "rule" or wanted.by == "none":
        return 0
    return 0 if wanted.by == "scores" and habits.scores_choices else wanted.samples


def _work(agent: Agent, question: Question, times: int, habits: Habits) -> Workload:
    limit = agent.sampling.max_tokens
    reply = habits.reply_length(is_helper=False, max_tokens=limit)
    prompt = habits.prompt_tokens(question.prompt_bytes, question.entries)
    room = max(limit or 0, reply.tokens) if habits.keeps_room else reply.tokens
    return Workload(
        agent.model, times, round(times * prompt), round(times * reply.tokens),
        math.ceil(_in_forms(habits).prompt_tokens(question.prompt_bytes, question.entries) + room),
        agent.sampling.context_length,
    )  # fmt: skip


# ---------------------------------------------------------------- answers that are scored


class _Answers(NamedTuple):
    """How many there are, and how long."""

    number: int
    size_bytes: int
    """Of all together."""
    longest_bytes: int

    @classmethod
    def of(cls, texts: Iterable[str]) -> _Answers:
        sizes = [*map(text_bytes, texts)]
        return cls(len(sizes), sum(sizes), max(sizes, default=0))


def _rules(world: World | None) -> _Answers:
    return _Answers.of(map(world.rule_text, world.hypotheses) if world is not None else ())


def _scored(
    design: IteratedDesign, world: World | None, rules: _Answers, question: Question
) -> tuple[float, _Answers]:
    """How often a model that can scores answers to a question, and which."""
    is_drawn = design.answers == "drawn"
    if world is None:
        return 0, rules
    if question.part == "data":
        inputs = max(1, len(world.inputs))
        # Each input is scored once, however often it is drawn.
        different = inputs * (1 - (1 - 1 / inputs) ** design.made)
        return different * is_drawn, _Answers.of(world.outputs)
    is_asked = question.part == "rule" and design.probabilities.by == "scores"
    return is_drawn or is_asked, rules


def _scoring(
    agent: Agent, question: Question, times: float, answers: _Answers, habits: Habits
) -> Workload:
    longest = question.prompt_bytes + answers.longest_bytes
    return Workload(
        agent.model, 0, 0, 0,
        math.ceil(_in_forms(habits).prompt_tokens(longest, question.entries)),
        agent.sampling.context_length, round(times * answers.number),
        round(times * answers.size_bytes),
    )  # fmt: skip


def _in_forms(habits: Habits) -> Habits:
    """As habits, for texts that are rules and examples more than words."""
    return replace(habits, bytes_per_token=min(habits.bytes_per_token, FORM_BYTES_PER_TOKEN))
