"""What happens in a debate: questions side by side, rounds one after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from simulator.analysis.debates.grading import is_right
from simulator.analysis.debates.records import Answer, Said
from simulator.domain.latent import LatentSampling, SoftPart, SoftPrompt
from simulator.domain.ports import Stage
from simulator.domain.records import Agent, Outcome, Run
from simulator.domain.replies import ParsedReply
from simulator.kinds.debate.asked import questions_asked
from simulator.kinds.debate.casting import JUDGE, has_judge, sampling_in
from simulator.kinds.debate.design import DebateDesign
from simulator.kinds.debate.finals import elected, final_answer, is_over, said_of
from simulator.kinds.debate.prompts import FENCE, debating, judging, opening
from simulator.kinds.debate.questions import Question
from simulator.kinds.debate.side_by_side import side_by_side
from simulator.kinds.debate.turns import (
    is_asked,
    readers_of,
    rounds_of,
    speakers,
    temperature,
    voters,
)

ASKER = "Question"
"""Speaker of the questions."""
AT_ONCE = 64
"""Questions under way at the same time."""
_ANSWER = "Answer"
"""The word without which the original does not cut a message."""


async def play(run: Run, design: DebateDesign, stage: Stage) -> Outcome:
    """Play a debate from the top."""
    questions = questions_asked(design)
    misled_by = turned(design, len(questions), stage)
    works = [
        partial(
            _Debate(run, design, stage.branch(question_scope(number)), question,
                    questions[(number - 1 + misled_by) % len(questions)]).final
        )
        for number, question in enumerate(questions, 1)
    ]  # fmt: skip
    finals = await side_by_side(works, at_once=AT_ONCE)
    right = sum(final.is_right for final in finals)
    return Outcome(
        reason="questions",
        detail=f"{right} of {len(questions)} are answered rightly",
        values={
            "questions": len(questions),
            "right": right,
            "accuracy": round(right / len(questions), 6),
            "answers": [final.answer for final in finals],
        },
    )


def question_scope(number: int) -> str:
    """Name of the scope of a question; numbers count from 1."""
    return f"question-{number:04d}"


def turned(design: DebateDesign, questions: int, stage: Stage) -> int:
    """How many questions further on those stand whose solutions mislead; the same for all."""
    misleads = any(debater.part == "misleading" for debater in design.debaters)
    if not (misleads and design.debates):
        return 0
    return stage.rng("misleading").randint(1, questions - 1)


def cut_as_original(text: str) -> ParsedReply:
    """A message up to its first three back-ticks, where it says "Answer" anywhere."""
    if FENCE not in text or _ANSWER not in text:
        return ParsedReply(text)
    return ParsedReply(text.partition(FENCE)[0], ("cut at three back-ticks",))


def solution_of(question: Question) -> str:
    """What an expert says."""
    return question.solution or f"{_ANSWER}: {question.gold}"


@dataclass(frozen=True, slots=True)
class Final:
    """How a question ended."""

    answer: Answer
    is_right: bool


class _Debate:
    """The debate of one question."""

    def __init__(
        self, run: Run, design: DebateDesign, stage: Stage, question: Question, other: Question
    ) -> None:
        self._design = design
        self._stage = stage
        self._question = question
        self._other = other
        self._agents = {agent.name: agent for agent in run.agents}
        self._text = question.text
        self._scopes: Mapping[int, Stage] = {}

    async def final(self) -> Final:
        """Ask, let them debate, and see what counts."""
        step = await self._stage.say(ASKER, self._question.text, role="question", day=1)
        self._text = step.content
        if self._design.mode == "majority":
            answer = await self._vote()
        else:
            answer = await self._rounds()
        return Final(answer, is_right(answer, self._question.gold, self._design.scores_by))

    async def _vote(self) -> Answer:
        place = voters(self._design)[0]
        agent = self._agent(place, 1)
        prompt = opening(self._design, place, agent.system_prompt, self._text)
        works = [
            partial(self._words, self._stage.branch(f"sample-{number}"), agent, prompt, 1)
            for number in range(1, self._design.samples + 1)
        ]
        return elected(
            self._design, [self._said(text).answer for text in await side_by_side(works)]
        )

    async def _rounds(self) -> Answer:
        design, last = self._design, rounds_of(self._design)
        self._scopes = {
            place: self._stage.branch(f"debater-{place + 1}")
            for place in sorted({p for r in range(1, last + 1) for p in speakers(design, r)})
        }
        history: list[dict[int, SoftPart]] = []
        said: dict[int, Said] = {}
        round_ = 0
        for round_ in range(1, last + 1):
            places = speakers(design, round_)
            works = [partial(self._speak, place, round_, history) for place in places]
            spoken = dict(zip(places, await side_by_side(works), strict=True))
            history = [*history, {place: part for place, (part, _) in spoken.items()}]
            said = {place: self._said(text) for place, (_, text) in spoken.items()}
            if is_over(design, said, round_):
                break
        if has_judge(design):
            return await self._judged({place: said[place].text for place in said}, round_)
        return final_answer(design, said, round_)

    async def _speak(
        self, place: int, round_: int, history: Sequence[Mapping[int, SoftPart]]
    ) -> tuple[SoftPart, str]:
        """A debater's message as others read it, and as text."""
        design, stage = self._design, self._scopes[place]
        if not is_asked(design, place):
            part = design.debaters[place].part
            solution = solution_of(self._question if part == "expert" else self._other)
            step = await stage.say(design.names[place], solution, role=part, day=round_)
            return step.content, step.content
        agent = self._agent(place, round_)
        system = agent.system_prompt
        if history:
            prompt = debating(design, place, system, self._text, history)
        else:
            prompt = opening(design, place, system, self._text)
        if design.speaks_words:
            text = await self._words(stage, agent, prompt, round_)
            return text, text
        reply = await stage.ask_latent(
            agent, prompt, latent_sampling(design, place, round_),
            receivers=[self._agent(p, 1) for p in readers_of(design, place, round_)],
            nearest_of=self._letters(), day=round_,
        )  # fmt: skip
        return reply.soft, reply.step.content

    async def _words(self, stage: Stage, agent: Agent, prompt: SoftPrompt, round_: int) -> str:
        parse = cut_as_original if self._design.classic else None
        step = await stage.ask(agent, prompt.as_text, parse=parse, day=round_)
        return step.content

    async def _judged(self, said: Mapping[int, SoftPart], round_: int) -> Answer:
        judge = self._agents[JUDGE]
        prompt = judging(self._design, judge.system_prompt, self._text, said)
        text = await self._words(self._stage.branch("judge"), judge, prompt, round_)
        return self._said(text).answer

    def _agent(self, place: int, round_: int) -> Agent:
        """The agent with its temperature of a round."""
        agent = self._agents[self._design.names[place]]
        degrees = sampling_in(self._design, place, round_).temperature
        sampling = agent.sampling.model_copy(update={"temperature": degrees})
        return agent.model_copy(update={"sampling": sampling})

    def _said(self, text: str) -> Said:
        return said_of(self._design, self._question, text)

    def _letters(self) -> tuple[str, ...]:
        """The letters that the original puts at the end of a choice."""
        is_choice = self._design.scores_by == "choice"
        return self._question.options if is_choice and self._design.classic else ()


def latent_sampling(design: DebateDesign, place: int, round_: int) -> LatentSampling:
    """How a debater's vectors are made in a round."""
    sampling, partly = design.sampling, design.partial
    stops = (*sampling.stop, FENCE) if design.classic else sampling.stop
    options = LatentSampling(
        temperature=temperature(design, place, round_),
        top_p=1.0 if sampling.top_p is None else sampling.top_p,
        top_k=sampling.top_k,
        stop=tuple(dict.fromkeys(stops)),
        greedy=partly.greedy,
        criterion=partly.criterion,
        threshold=partly.threshold,
        unit_length=design.unit_length,
        stop_rule="classic" if design.classic else "first",
    )
    if sampling.max_tokens is None:
        return options
    return options.model_copy(update={"max_tokens": sampling.max_tokens})
