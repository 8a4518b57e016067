"""What a debate will ask of its models: `play` once more, with lengths instead of words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from simulator.domain.records import Agent
from simulator.domain.tokens import text_bytes
from simulator.domain.workloads import USUAL_HABITS, Habits, Workload
from simulator.kinds.debate.asked import USUAL_COUNT, question_count, questions_asked
from simulator.kinds.debate.casting import JUDGE, USUAL_QUESTION_BYTES, has_judge
from simulator.kinds.debate.design import DebateDesign
from simulator.kinds.debate.play import solution_of
from simulator.kinds.debate.prompts import debating, judging, opening
from simulator.kinds.debate.turns import (
    is_asked,
    read_by,
    rounds_of,
    speakers,
    voters,
)


def workload(
    design: DebateDesign, agents: Sequence[Agent], habits: Mapping[str, Habits]
) -> tuple[Workload, ...]:
    """What each model will have to do, all rounds being held.

    Args:
        design: Resolved. While its questions are not read, a usual length is taken for them, and
            a usual number unless it says how many.
        agents: As it is cast.
        habits: How the models reply, by `provider/model`; those left out as `USUAL_HABITS`.
    """
    return Workload.total(_Rehearsal(design, agents, habits).calls())


class _Rehearsal:
    """One debate, all messages of the usual length."""

    def __init__(
        self, design: DebateDesign, agents: Sequence[Agent], habits: Mapping[str, Habits]
    ) -> None:
        self._design = design
        self._agents = {agent.name: agent for agent in agents}
        self._habits = habits
        if question_count(design) is None:
            self._count = design.data.count or USUAL_COUNT
            sizes, solutions = [USUAL_QUESTION_BYTES], [USUAL_QUESTION_BYTES]
        else:
            questions = questions_asked(design)
            self._count = len(questions)
            sizes = [text_bytes(question.text) for question in questions]
            solutions = [text_bytes(solution_of(question)) for question in questions]
        self._mean_bytes, self._most_bytes = sum(sizes) / len(sizes), max(sizes)
        self._solution_bytes = sum(solutions) / len(solutions)

    def calls(self) -> Iterator[Workload]:
        """The work of every debater in every round, of all questions."""
        design, rounds = self._design, rounds_of(self._design)
        for round_ in range(1, rounds + 1):
            for place in speakers(design, round_):
                if is_asked(design, place):
                    yield self._asked(place, round_)
        if has_judge(design):
            everybody = range(len(design.debaters))
            prompt = judging(design, "", "", dict.fromkeys(everybody, "")).as_text
            shown = text_bytes(prompt.last.content) + sum(map(self._message_bytes, everybody))
            yield self._call(self._agents[JUDGE], shown, 1)

    def _asked(self, place: int, round_: int) -> Workload:
        design = self._design
        agent = self._agents[design.names[place]]
        if round_ == 1:
            prompt = opening(design, place, "", "").as_text
            shown = float(text_bytes(prompt.last.content)) if len(prompt) else 0.0
            repeats = design.samples if design.mode == "majority" else 1
            return self._call(agent, shown, repeats)
        said = dict.fromkeys(range(len(design.debaters)), "")
        history = [said] * (round_ - 1)
        prompt = debating(design, place, "", "", history).as_text
        read = sum(self._message_bytes(other) for other in (*read_by(design, place), place))
        shown_rounds = round_ - 1 if design.memory == "full" else 1
        return self._call(agent, text_bytes(prompt.last.content) + shown_rounds * read, 1)

    def _message_bytes(self, place: int) -> float:
        """Length of what a debater says."""
        if not is_asked(self._design, place):
            return self._solution_bytes
        agent = self._agents[self._design.names[place]]
        habits = self._habits.get(agent.model, USUAL_HABITS)
        limit = agent.sampling.max_tokens
        return habits.reply_length(is_helper=False, max_tokens=limit).size_bytes

    def _call(self, agent: Agent, shown_bytes: float, repeats: int) -> Workload:
        """The calls of one agent for all questions.

        Args:
            agent: Who asks.
            shown_bytes: Of the prompt without question and system prompt.
            repeats: Calls for each question.
        """
        habits = self._habits.get(agent.model, USUAL_HABITS)
        entries = 2 if agent.system_prompt else 1
        fixed = text_bytes(agent.system_prompt) + shown_bytes
        reply = habits.reply_length(
            is_helper=agent.name == JUDGE, max_tokens=agent.sampling.max_tokens
        )
        usual = habits.prompt_tokens(fixed + self._mean_bytes, entries)
        most = habits.prompt_tokens(fixed + self._most_bytes, entries)
        calls = self._count * repeats
        room = max(agent.sampling.max_tokens or 0, reply.tokens)
        return Workload(
            agent.model, calls, round(calls * usual), round(calls * reply.tokens),
            math.ceil(most + room), self._design.sampling.context_length,
        )  # fmt: skip


def turns_of(design: DebateDesign) -> int | None:
    """How many times models are asked, all rounds being held; None while that is not known."""
    count = question_count(design) or design.data.count
    if count is None:
        return None
    if not design.debates:
        return count * (design.samples if design.mode == "majority" else len(voters(design)))
    asked = sum(
        is_asked(design, place)
        for round_ in range(1, design.rounds + 1)
        for place in speakers(design, round_)
    )
    return count * (asked + has_judge(design))
