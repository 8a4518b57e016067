"""The stage: each call of a kind becomes one committed step, or one taken from the journal."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from functools import partial
from random import Random

from simulator.domain.events import (
    RunPaused,
    RunResumed,
    TurnStarted,
)
from simulator.domain.journal import MAIN_SCOPE, Call, SoftToken, Step, StepKind, StopReason
from simulator.domain.latent import LatentSampling, SoftPrompt, SoftReply
from simulator.domain.models import Completion
from simulator.domain.prompts import Prompt
from simulator.domain.records import Agent
from simulator.domain.replies import ParsedReply, ReplyParser
from simulator.domain.seeds import derive_rng
from simulator.engine.asking import Asking
from simulator.engine.choosing import choose_by_model
from simulator.engine.journal import Place
from simulator.engine.latent_asking import LatentAsking, said_again
from simulator.engine.performance import Performance
from simulator.engine.soft_texts import LatentAsk
from simulator.errors import UsageError

_log = logging.getLogger(__name__)

PERSON = "Person"
"""Speaker of steps that the person at the keyboard made."""
EMPTY_REPLY_ATTEMPTS = 3
WITHHELD: tuple[StopReason, ...] = ("refusal", "content_filter")
"""An empty reply for one of these reasons is an answer, not a slip."""


def _is_final(completion: Completion) -> bool:
    """Whether an empty reply would be empty again: withheld, or its tokens went into reasoning."""
    thought = bool(completion.reasoning) or completion.usage.reasoning_tokens > 0
    return completion.stop_reason in WITHHELD or (completion.stop_reason == "length" and thought)


def words_hash(*words: str) -> str:
    """32 hexadecimal digits that name a sequence of texts."""
    digest = hashlib.blake2b(digest_size=16)
    for word in words:
        data = word.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


class JournalStage:
    """The stage of one scope; see the `Stage` port."""

    def __init__(self, performance: Performance, scope: str = MAIN_SCOPE) -> None:
        if scope in performance.scopes:
            raise ValueError(f"scope {scope!r} is opened twice in one run")
        performance.scopes.add(scope)
        self._performance = performance
        self._scope = scope
        self._index = 0

    @property
    def scope(self) -> str:
        """Name of this sequence of steps."""
        return self._scope

    def branch(self, name: str) -> JournalStage:
        """A scope of its own for work that runs beside this one."""
        return JournalStage(self._performance, f"{self._scope}/{name}")

    def rng(self, purpose: str) -> Random:
        """A generator seeded from (run seed, scope, purpose)."""
        return derive_rng(self._performance.run.seed, self._scope, purpose)

    async def say(self, speaker: str, content: str, *, role: str, day: int | None = None) -> Step:
        """See the port."""
        place = self._place("say", speaker, role, words_hash(speaker, content), day)
        recorded = self._replayed(place)
        if recorded is not None:
            return recorded
        await self._gate()
        return await self._commit(self._step(place, content))

    async def ask(
        self,
        agent: Agent,
        prompt: Prompt,
        *,
        parse: ReplyParser | None = None,
        attempts: int = EMPTY_REPLY_ATTEMPTS,
        day: int | None = None,
        in_transcript: bool = True,
    ) -> Step:
        """See the port."""
        place = self._place("ask", agent.name, agent.role, prompt.hash, day, in_transcript)
        recorded = self._replayed(place)
        if recorded is not None:
            return await self._rechecked(agent, prompt, recorded)
        await self._gate()
        self._announce(agent, day)
        asking = Asking(self._performance, agent, self._scope, self._index, day)
        parsed = ParsedReply("")
        for attempt in range(attempts):
            completion = await asking.reply(prompt, attempt)
            parsed = parse(completion.text) if parse else ParsedReply(completion.text)
            is_empty = not parsed.content.strip()
            if (parsed.is_wanted and not is_empty) or _is_final(completion):
                break
            if attempt + 1 < attempts:
                why = "; ".join(parsed.notes) or "unwanted"
                what = "was empty" if is_empty else f"was of no use ({why})"
                _log.warning(
                    "run %s: the reply of %s %s", self._performance.run.id, agent.model, what
                )
                asking.retried(attempt + 2, 0.0, f"the reply {what}")
        notes = parsed.notes if parsed.content.strip() else (*parsed.notes, "empty")
        step = self._step(place, parsed.content, parsing=notes, call=asking.call(prompt))
        return await self._commit(step)

    async def choose(
        self,
        chooser: Agent,
        prompt: Prompt,
        options: Sequence[str],
        *,
        fallback: str,
        day: int | None = None,
    ) -> Step:
        """See the port."""
        prompt_hash = words_hash(prompt.hash, *options)
        place = self._place("choose", chooser.name, chooser.role, prompt_hash, day, False)
        recorded = self._replayed(place)
        if recorded is not None:
            return await self._rechecked(chooser, prompt, recorded)
        await self._gate()
        self._announce(chooser, day)
        asking = Asking(self._performance, chooser, self._scope, self._index, day)
        choice = await choose_by_model(asking, prompt, options, fallback=fallback)
        if choice.method == "fallback":
            _log.warning(
                "run %s step %d: %s named no single option in %d replies; took %s",
                self._performance.run.id, self._index, chooser.model, len(asking.replies), fallback,
            )  # fmt: skip
        call = asking.call(prompt) if asking.replies else None
        step = self._step(
            place, choice.option, options=options, method=choice.method, scores=choice.scores,
            call=call,
        )  # fmt: skip
        return await self._commit(step)

    async def choose_by_person(
        self, question: str, options: Sequence[str], *, day: int | None = None
    ) -> Step:
        """See the port."""
        prompt_hash = words_hash(question, *options)
        place = self._place("choose", PERSON, "person", prompt_hash, day, False)
        recorded = self._replayed(place)
        if recorded is not None:
            return recorded
        await self._gate()
        person = self._performance.person
        if person is None:
            raise UsageError(
                "This run needs a person to choose, and nobody is at the keyboard.",
                remedy="Run it in a terminal without --json, or with another --speaker.",
            )
        chosen = await person.choose(question, options)
        return await self._commit(self._step(place, chosen, options=options, method="person"))

    async def score(
        self,
        agent: Agent,
        prompt: Prompt,
        options: Sequence[str],
        *,
        day: int | None = None,
        where_possible: bool = False,
    ) -> Step:
        """See the port."""
        prompt_hash = words_hash(prompt.hash, *options)
        place = self._place("score", agent.name, agent.role, prompt_hash, day, False)
        recorded = self._replayed(place)
        if recorded is not None:
            return recorded
        await self._gate()
        backend = self._performance.backends.get(agent.model)
        if "score" not in backend.abilities:
            if where_possible:
                return await self._commit(self._step(place, "", options=options))
            raise UsageError(
                f"{agent.model} cannot say how probable a given answer is.",
                remedy="Choose a model that can, such as pocket or hf/…",
            )
        scores = await backend.score(prompt, options)
        return await self._commit(self._step(place, "", options=options, scores=scores))

    async def ask_latent(
        self,
        agent: Agent,
        prompt: SoftPrompt,
        sampling: LatentSampling,
        *,
        receivers: Sequence[Agent] = (),
        nearest_of: Sequence[str] = (),
        day: int | None = None,
    ) -> SoftReply:
        """See the port."""
        ask = LatentAsk.of(agent, prompt, sampling, receivers, nearest_of)
        place = self._place("ask_latent", agent.name, agent.role, ask.prompt_hash, day)
        recorded = self._replayed(place)
        if recorded is not None:
            return await self._recalled(ask, recorded)
        await self._gate()
        asking = LatentAsking(self._performance, ask, self._scope)
        asking.check()
        self._announce(agent, day)
        made = await asking.message()
        soft = self._performance.soft_texts.made(ask, made.text, asking.vectors(made))
        step = self._step(
            place, asking.content(made), soft_tokens=made.tokens, call=asking.call(made)
        )
        return SoftReply(await self._commit(step), soft)

    async def interjection(self, *, day: int | None = None) -> Step | None:
        """See the port."""
        recorded = self._performance.journal.peek(self._scope, self._index)
        if recorded is not None:
            if recorded.kind != "interject":
                return None
            return self._replayed(
                self._place("interject", recorded.speaker, recorded.role, recorded.prompt_hash, day)
            )
        control = self._performance.control
        await control.between_turns(self._tell_pause, self._tell_resumption)
        words = control.take_interjection()
        if words is None:
            return None
        speaker, content = words
        role = self._performance.role_of(speaker)
        place = self._place("interject", speaker, role, words_hash(speaker, content), day)
        return await self._commit(self._step(place, content))

    # ------------------------------------------------------------ the journal

    def _place(
        self,
        kind: StepKind,
        speaker: str,
        role: str,
        prompt_hash: str,
        day: int | None,
        in_transcript: bool = True,
    ) -> Place:
        return Place(self._scope, self._index, kind, speaker, role, prompt_hash, day, in_transcript)

    def _replayed(self, place: Place) -> Step | None:
        step = self._performance.journal.take(place)
        if step is not None:
            self._index += 1
            self._performance.tell(step, replayed=True)
        return step

    async def _rechecked(self, agent: Agent, prompt: Prompt, step: Step) -> Step:
        if step.call is not None:
            self._performance.was_cut(self._scope, prompt, step.call)
        if self._performance.recheck is not None:
            await self._performance.recheck(agent, prompt, step, None)
        return step

    async def _recalled(self, ask: LatentAsk, step: Step) -> SoftReply:
        text = step.content if step.call is None else step.call.raw
        soft = self._performance.soft_texts.recalled(ask, text)
        if self._performance.recheck is not None:
            again = partial(said_again, self._performance, soft)
            await self._performance.recheck(ask.agent, ask.prompt.as_text, step, again)
        return SoftReply(step, soft)

    async def _gate(self) -> None:
        await self._performance.control.gate(self._tell_pause, self._tell_resumption)

    def _tell_pause(self) -> None:
        self._performance.listener(RunPaused(self._performance.run.id))

    def _tell_resumption(self) -> None:
        self._performance.listener(RunResumed(self._performance.run.id))

    def _step(
        self,
        place: Place,
        content: str,
        *,
        parsing: tuple[str, ...] = (),
        method: str | None = None,
        options: Sequence[str] = (),
        scores: tuple[float, ...] = (),
        soft_tokens: tuple[SoftToken, ...] = (),
        call: Call | None = None,
    ) -> Step:
        return Step(
            run_id=self._performance.run.id, scope=place.scope, index=place.index,
            position=self._performance.journal.claim_position(), kind=place.kind,
            prompt_hash=place.prompt_hash, speaker=place.speaker, role=place.role,
            content=content, day=place.day, in_transcript=place.in_transcript, parsing=parsing,
            method=method, options=tuple(options), scores=scores, soft_tokens=soft_tokens,
            call=call, created_at=self._performance.clock.now(),
        )  # fmt: skip

    async def _commit(self, step: Step) -> Step:
        if self._performance.confirm is not None:
            await self._performance.confirm()
        await self._performance.store.commit(step, owner=self._performance.owner)
        self._performance.journal.hash.add(step)
        self._index += 1
        self._performance.tell(step, replayed=False)
        return step

    def _announce(self, agent: Agent, day: int | None) -> None:
        _log.info(
            "run %s: step %d of %s is the turn of %s",
            self._performance.run.id, self._index, self._scope, agent.name,
        )  # fmt: skip
        self._performance.listener(
            TurnStarted(
                self._performance.run.id, self._scope, self._index, agent.name, agent.role,
                agent.model, day,
            )
        )  # fmt: skip
