"""What a lineage will ask of its models: `play` with lengths instead of words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from simulator.domain.records import Agent
from simulator.domain.workloads import USUAL_HABITS, Habits, Workload
from simulator.kinds.iterated.design import IteratedDesign
from simulator.kinds.iterated.lengths import Question, questions
from simulator.kinds.iterated.places import agent_of


def turns_of(design: IteratedDesign) -> int:
    """How many times learners speak, if a wrong rule is mended in every generation.

    Questions outside of the transcript are not counted.
    """
    if not design.has_rules:
        return design.generations
    each = 3 if design.interaction.kind != "none" else 2
    return each * design.generations - 1


def workload(
    design: IteratedDesign, agents: Sequence[Agent], habits: Mapping[str, Habits]
) -> tuple[Workload, ...]:
    """What each model will have to do, every reply having the form that is asked for.

    Probabilities by scores take no calls; a model that is not known to score is sampled.

    Args:
        design: Resolved.
        agents: As it is cast.
        habits: How the models reply, by `provider/model`; those left out as `USUAL_HABITS`.
    """
    return Workload.total(_calls(design, agents, habits))


def _calls(
    design: IteratedDesign, agents: Sequence[Agent], habits: Mapping[str, Habits]
) -> Iterator[Workload]:
    generation = 1
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
    return Workload(
        agent.model, times, round(times * prompt), round(times * reply.tokens),
        math.ceil(prompt + max(limit or 0, reply.tokens)), agent.sampling.context_length,
    )  # fmt: skip
