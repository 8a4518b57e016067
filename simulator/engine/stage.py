"""The stage: each call of a kind becomes one committed step, or one taken from the journal."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from random import Random

from simulator.domain.events import (
    Listener,
    ModelRetried,
    RunPaused,
    RunResumed,
    StepCommitted,
    StepReplayed,
    TextStreamed,
    TurnStarted,
)
from simulator.domain.journal import MAIN_SCOPE, Call, Step, StepKind, StopReason, Usage
from simulator.domain.models import Backends, Completion, GenerateRequest, ModelBackend
from simulator.domain.ports import Clock, ExperimentStore, Person
from simulator.domain.prompts import Prompt
from simulator.domain.records import Agent, Run
from simulator.domain.replies import ParsedReply, ReplyParser
from simulator.domain.sampling import Sampling
from simulator.domain.seeds import derive_rng, derive_seed
from simulator.engine.choosing import choose_by_model
from simulator.engine.control import RunControl
from simulator.engine.journal import Journal, Place
from simulator.errors import UsageError

_log = logging.getLogger(__name__)

PERSON = "Person"
"""Speaker of steps that the person at the keyboard made."""
EMPTY_REPLY_ATTEMPTS = 3
WITHHELD: tuple[StopReason, ...] = ("refusal", "content_filter")
"""An empty reply for one of these reasons is an answer, not a slip."""


def words_hash(*words: str) -> str:
    """32 hexadecimal digits that name a sequence of texts."""
    digest = hashlib.blake2b(digest_size=16)
    for word in words:
        data = word.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


@dataclass(slots=True)
class Performance:
    """What all scopes of one played run share."""

    run: Run
    journal: Journal
    store: ExperimentStore
    backends: Backends
    clock: Clock
    control: RunControl
    listener: Listener
    person: Person | None = None
    recheck: Callable[[Agent, Prompt, Step], Awaitable[None]] | None = None
    """Sees every replayed reply and choice of a model with the prompt that it came from."""
    usages: list[Usage] = field(default_factory=list)
    """Of every step so far, those of the journal included."""
    scopes: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Asking:
    """The requests of one step to one model."""

    agent: Agent
    sampling: Sampling
    """As sent."""
    seed: int = 0
    """The one sent last."""
    requests: int = 0
    model_s: float = 0.0
    replies: list[Completion] = field(default_factory=list)

    def call(self) -> Call:
        last = self.replies[-1]
        used = Usage.total(reply.usage for reply in self.replies)
        usage = used.model_copy(
            update={"calls": len(self.replies), "model_s": round(self.model_s, 6)}
        )
        return Call(
            model=self.agent.model, model_digest=last.model_digest, sampling=self.sampling,
            seed=self.seed, raw=last.text, stop_reason=last.stop_reason, usage=usage,
            earlier_raw=tuple(reply.text for reply in self.replies[:-1]), attempts=self.requests,
            reasoning=last.reasoning, prompt_truncated=last.prompt_truncated,
            from_cache=last.from_cache,
        )  # fmt: skip


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
        backend = self._performance.backends.get(agent.model)
        asking = _Asking(agent, agent.sampling.limited_to(backend.sampling_options))
        parsed = ParsedReply("")
        for attempt in range(EMPTY_REPLY_ATTEMPTS):
            completion = await self._generate(asking, backend, prompt, attempt)
            parsed = parse(completion.text) if parse else ParsedReply(completion.text)
            if parsed.content.strip() or completion.stop_reason in WITHHELD:
                break
            if attempt + 1 < EMPTY_REPLY_ATTEMPTS:
                _log.warning(
                    "run %s: %s gave an empty reply", self._performance.run.id, agent.model
                )
                self._retried(agent, attempt + 2, 0.0, "the reply was empty")
        notes = parsed.notes if parsed.content.strip() else (*parsed.notes, "empty")
        step = self._step(place, parsed.content, parsing=notes, call=asking.call())
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
        backend = self._performance.backends.get(chooser.model)
        asking = _Asking(chooser, chooser.sampling.limited_to(backend.sampling_options))

        async def generate(asked: Prompt, attempt: int) -> Completion:
            return await self._generate(asking, backend, asked, attempt)

        choice = await choose_by_model(
            backend, prompt, options, fallback=fallback, generate=generate
        )
        if choice.method == "fallback":
            _log.warning(
                "run %s step %d: %s named no single option in %d replies; took %s",
                self._performance.run.id, self._index, chooser.model, len(asking.replies), fallback,
            )  # fmt: skip
        call = asking.call() if asking.replies else None
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
        self, agent: Agent, prompt: Prompt, options: Sequence[str], *, day: int | None = None
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
            raise UsageError(
                f"{agent.model} cannot say how probable a given answer is.",
                remedy="Choose a model that can, such as pocket or hf/…",
            )
        scores = await backend.score(prompt, options)
        return await self._commit(self._step(place, "", options=options, scores=scores))

    async def interjection(self, *, day: int | None = None) -> Step | None:
        """See the port."""
        recorded = self._performance.journal.peek(self._scope, self._index)
        if recorded is not None and recorded.kind == "interject":
            speaker, prompt_hash = recorded.speaker, recorded.prompt_hash
            return self._replayed(
                self._place("interject", speaker, speaker.lower(), prompt_hash, day)
            )
        words = None if recorded else self._performance.control.take_interjection()
        if words is None:
            return None
        speaker, content = words
        prompt_hash = words_hash(speaker, content)
        place = self._place("interject", speaker, speaker.lower(), prompt_hash, day)
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
            self._count(step)
            self._performance.listener(StepReplayed(step))
        return step

    async def _rechecked(self, agent: Agent, prompt: Prompt, step: Step) -> Step:
        if self._performance.recheck is not None:
            await self._performance.recheck(agent, prompt, step)
        return step

    async def _gate(self) -> None:
        run_id = self._performance.run.id
        await self._performance.control.gate(
            lambda: self._performance.listener(RunPaused(run_id)),
            lambda: self._performance.listener(RunResumed(run_id)),
        )

    def _step(
        self,
        place: Place,
        content: str,
        *,
        parsing: tuple[str, ...] = (),
        method: str | None = None,
        options: Sequence[str] = (),
        scores: tuple[float, ...] = (),
        call: Call | None = None,
    ) -> Step:
        return Step(
            run_id=self._performance.run.id, scope=place.scope, index=place.index,
            position=self._performance.journal.claim_position(), kind=place.kind,
            prompt_hash=place.prompt_hash, speaker=place.speaker, role=place.role,
            content=content, day=place.day, in_transcript=place.in_transcript, parsing=parsing,
            method=method, options=tuple(options), scores=scores, call=call,
            created_at=self._performance.clock.now(),
        )  # fmt: skip

    async def _commit(self, step: Step) -> Step:
        await self._performance.store.commit(step)
        self._performance.journal.hash.add(step)
        self._index += 1
        self._count(step)
        self._performance.listener(StepCommitted(step))
        return step

    def _count(self, step: Step) -> None:
        if step.call is not None:
            self._performance.usages.append(step.call.usage)

    # ------------------------------------------------------------ models

    def _sampler_seed(self, agent: Agent, attempt: int) -> int:
        run = self._performance.run
        if agent.sampling.seed is not None:
            return agent.sampling.seed + attempt
        seed = run.seed
        if run.forked_from is not None and run.forked_from.seed is not None:
            seed = run.forked_from.seed
        return derive_seed(seed, self._scope, self._index, *([attempt] if attempt else []))

    async def _generate(
        self, asking: _Asking, backend: ModelBackend, prompt: Prompt, attempt: int
    ) -> Completion:
        """One reply, on record in `asking`."""
        agent = asking.agent
        asking.seed = self._sampler_seed(agent, attempt)
        asking.requests += 1
        request = GenerateRequest(prompt, agent.sampling, asking.seed)
        run_id, listener = self._performance.run.id, self._performance.listener
        began = self._performance.clock.monotonic()
        async with aclosing(backend.generate(request)) as chunks:
            async for chunk in chunks:
                if chunk.text:
                    listener(TextStreamed(run_id, self._scope, agent.name, chunk.text))
                if chunk.retry is not None:
                    notice = chunk.retry
                    asking.requests += 1
                    self._retried(agent, notice.attempt, notice.wait_s, notice.reason)
                if chunk.completion is not None:
                    asking.model_s += self._performance.clock.monotonic() - began
                    asking.replies.append(chunk.completion)
                    return chunk.completion
        raise RuntimeError(f"{agent.model} ended its stream without a completion")

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

    def _retried(self, agent: Agent, attempt: int, wait_s: float, reason: str) -> None:
        self._performance.listener(
            ModelRetried(
                self._performance.run.id, self._scope, agent.name, agent.model, attempt, wait_s,
                reason,
            )
        )  # fmt: skip
