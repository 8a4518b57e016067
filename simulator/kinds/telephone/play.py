"""What happens in a game of telephone: chains side by side, generations one after another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from pydantic import JsonValue

from simulator.domain.ports import Stage
from simulator.domain.records import Agent, Outcome, Run
from simulator.errors import BackendError, ContextOverflowError
from simulator.kinds.debate.side_by_side import side_by_side
from simulator.kinds.telephone.casting import NETWORK, readers, speakers
from simulator.kinds.telephone.design import InitialText, TelephoneDesign
from simulator.kinds.telephone.places import agent_scope, chain_scope, text_of_chain
from simulator.kinds.telephone.prompts import WRONG_FORM, asking, parser_of

AUTHOR = "Initial text"
"""Speaker of generation 0."""
AT_ONCE = 256
"""Chains under way at the same time."""
OF_ONE_TEXT = (BackendError, ContextOverflowError)
"""Exact classes of errors that another text need not meet, unlike a wrong key or model."""
USUAL_ATTEMPTS = 3
"""Where replies need no form: an empty one is asked for twice more."""


async def play(run: Run, design: TelephoneDesign, stage: Stage) -> Outcome:
    """Play a game of telephone from the top."""
    network = readers(design, stage.rng(NETWORK))
    works = []
    for number in range(1, design.chain_count + 1):
        found = text_of_chain(design, number)
        assert found is not None
        scope = stage.branch(chain_scope(number))
        works.append(partial(_Line(run, design, scope, found[0], network).passed_on))
    ended = await side_by_side(works, at_once=AT_ONCE)
    if stopped := {n: one for n, one in enumerate(ended, 1) if isinstance(one, _Stopped)}:
        raise _said_of(stopped, design)
    passed_on = [one for one in ended if isinstance(one, _Marred)]
    return outcome_of(
        design, sum(one.wrong_form for one in passed_on), sum(one.empty for one in passed_on)
    )


@dataclass(slots=True)
class _Marred:
    """Texts of a chain that are not what was asked for."""

    wrong_form: int = 0
    empty: int = 0


@dataclass(frozen=True, slots=True)
class _Stopped:
    """A chain that cannot go on."""

    generation: int
    error: BackendError


def _said_of(stopped: Mapping[int, _Stopped], design: TelephoneDesign) -> BackendError:
    """The first chain's error, and how many others stopped."""
    number, first = next(iter(stopped.items()))
    begun = text_of_chain(design, number)
    assert begun is not None
    text, repetition = begun
    others = f", and so did {len(stopped) - 1} more" if len(stopped) > 1 else ""
    return type(first.error)(
        f"Chain {number} of {design.chain_count} ({text.name!r}, number {repetition}) stopped in "
        f"generation {first.generation}{others}: {first.error.message}",
        remedy=_remedy(first),
    )


def _remedy(stopped: _Stopped) -> str | None:
    if stopped.error.remedy or not isinstance(stopped.error, ContextOverflowError):
        return stopped.error.remedy
    less = "Leave this text out" if stopped.generation == 1 else "Let texts be shorter (max_tokens)"
    return f"{less}, or take a model with a longer context."


def outcome_of(design: TelephoneDesign, wrong_form: int, empty: int = 0) -> Outcome:
    """What a game came to.

    Args:
        design: Resolved.
        wrong_form: Texts that were passed on though they had not the form that was asked for.
        empty: Texts that were passed on though nothing is in them.
    """
    chains, generations = design.chain_count, design.generations
    values: dict[str, JsonValue] = {
        "chains": chains,
        "complete": chains,
        "generations": generations,
    }
    if design.format.is_given:
        values["wrong_form"] = wrong_form
    if empty:
        values["empty"] = empty
    marred = (f"texts of another form: {wrong_form}" if wrong_form else "",
              f"empty texts: {empty}" if empty else "")  # fmt: skip
    of = f"{chains} chain{'s' * (chains != 1)} of {generations} generation"
    told = ", ".join([f"{of}{'s' * (generations != 1)}", *filter(None, marred)])
    return Outcome(reason="generations", detail=told, values=values)


class _Line:
    """One chain, or one network with all its agents."""

    def __init__(
        self,
        run: Run,
        design: TelephoneDesign,
        stage: Stage,
        text: InitialText,
        network: tuple[tuple[int, ...], ...],
    ) -> None:
        self._design = design
        self._stage = stage
        self._text = text
        self._network = network
        self._agents = {agent.number: agent for agent in run.agents}
        self._parse = parser_of(design)
        form = design.format
        self._attempts = form.retries + 1 if form.is_given else USUAL_ATTEMPTS
        self._generation = 1
        self._marred = _Marred()

    async def passed_on(self) -> _Marred | _Stopped:
        """Pass the text on to the end.

        Where a model cannot serve this chain, such as for a text that outgrew its context, the
        others go on; that error is raised when they are done, and a resumed run begins with it.
        """
        try:
            step = await self._stage.say(AUTHOR, self._text.text, role="text", day=0)
            if self._design.is_sequence:
                await self._along_a_chain(step.content)
            else:
                await self._through_a_network(step.content)
        except BackendError as error:
            if type(error) not in OF_ONE_TEXT:
                raise
            return _Stopped(self._generation, error)
        return self._marred

    async def _along_a_chain(self, text: str) -> None:
        before = AUTHOR
        for generation in range(1, self._design.generations + 1):
            agent = self._agents[speakers(self._design, generation)[0]]
            text = await self._said(self._stage, agent, {before: text}, generation)
            before = agent.name

    async def _through_a_network(self, text: str) -> None:
        numbers = speakers(self._design, 1)
        scopes = {number: self._stage.branch(agent_scope(number)) for number in numbers}
        texts: dict[int, str] = {}
        for generation in range(1, self._design.generations + 1):
            works = [
                partial(
                    self._said, scopes[number], self._agents[number],
                    self._read(number, texts) or {AUTHOR: text}, generation,
                )
                for number in numbers
            ]  # fmt: skip
            texts = dict(zip(numbers, await side_by_side(works), strict=True))

    def _read(self, number: int, texts: Mapping[int, str]) -> dict[str, str]:
        """What reaches an agent, its own text last."""
        if not texts:
            return {}
        order = [*(one for one in self._network[number - 1] if one != number), number]
        return {self._agents[one].name: texts[one] for one in order}

    async def _said(
        self, stage: Stage, agent: Agent, read: Mapping[str, str], generation: int
    ) -> str:
        self._generation = generation
        prompt = asking(self._design, agent, read, generation)
        step = await stage.ask(
            agent, prompt, parse=self._parse, attempts=self._attempts, day=generation
        )
        self._marred.wrong_form += WRONG_FORM in step.parsing
        self._marred.empty += not step.content.strip()
        return step.content
