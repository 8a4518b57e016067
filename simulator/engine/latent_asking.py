"""The request for a message as vectors, and for those before it that have lost theirs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import aclosing

from simulator.domain.events import TextStreamed
from simulator.domain.journal import Call
from simulator.domain.latent import (
    LatentCompletion,
    LatentMessage,
    LatentRequest,
    SoftPrompt,
    SoftText,
    Vectors,
)
from simulator.domain.models import GenerateRequest, ModelBackend
from simulator.domain.prompts import ChatMessage, Prompt
from simulator.domain.sampling import Sampling
from simulator.engine.performance import Performance
from simulator.engine.soft_texts import LatentAsk
from simulator.errors import BackendError, UsageError

_log = logging.getLogger(__name__)

WARMEST = 2.0
"""The highest temperature that `Sampling` knows."""


class LatentAsking:
    """Asks an agent's model for one message as vectors.

    Vectors are not stored. Those of earlier messages that are missing after a replay are made
    again first, by the same requests to the models that made them. That costs no step and is not
    in the run's usage, which is what its steps used; limits of the user's count it.
    """

    def __init__(self, performance: Performance, ask: LatentAsk, scope: str) -> None:
        self._performance = performance
        self._ask = ask
        self._scope = scope
        self._model_s = 0.0

    def check(self) -> None:
        """See that the models can do what is asked, before anything is done.

        Raises:
            UsageError: A model takes no vectors, or a message in the prompt is not in its vectors.
        """
        for model in self._ask.readers:
            if "latent" not in self._performance.backends.get(model).abilities:
                raise UsageError(
                    f"{model} reads and writes words alone: it cannot take part in a debate in "
                    "embeddings.",
                    remedy="Choose pocket or hf/… for every agent, or a debate in words.",
                )
        model = self._ask.agent.model
        for soft in self._ask.prompt.soft_texts:
            readers = self._performance.soft_texts.readers(soft)
            if model not in readers:
                raise UsageError(
                    f"{self._ask.agent.name} is shown a message in vectors of "
                    f"{', '.join(readers)}, which {model} cannot read.",
                    remedy="The kind has to name it among the receivers of that message.",
                )

    async def message(self) -> LatentCompletion:
        """The message, streamed to listeners.

        Raises:
            LimitReachedError: The call could pass a limit of the user's.
            BackendError: The request cannot be served, or a message before it is another now.
        """
        run_id, name = self._performance.run.id, self._ask.agent.name
        await ready(self._performance, self._ask.prompt)

        def hear(text: str) -> None:
            self._performance.listener(TextStreamed(run_id, self._scope, name, text))

        began = self._performance.clock.monotonic()
        completion = await _completion(self._performance, self._ask, hear)
        self._model_s = self._performance.clock.monotonic() - began
        for model, missing in zip(self._ask.receivers, completion.unknown, strict=False):
            if missing:
                _log.warning(
                    "run %s: %d of %d soft tokens of %s have no vector for %s, which has none "
                    "of their tokens", run_id, missing, len(completion.vectors), name, model,
                )  # fmt: skip
        return completion

    def content(self, completion: LatentCompletion) -> str:
        """The nearest text, ending as the nearest of the texts that were given."""
        if not completion.text or completion.nearest is None:
            return completion.text
        return completion.text[:-1] + completion.nearest

    def call(self, completion: LatentCompletion) -> Call:
        """What it took."""
        wanted = self._ask.sampling
        sampling = Sampling(
            temperature=wanted.temperature if wanted.temperature <= WARMEST else None,
            top_p=wanted.top_p,
            top_k=wanted.top_k,
            max_tokens=wanted.max_tokens,
            stop=wanted.stop,
        )
        return Call(
            model=self._ask.agent.model,
            endpoint=self._performance.backends.get(self._ask.agent.model).endpoint,
            model_digest=completion.model_digest,
            sampling=sampling,
            latent=wanted,
            seed=0,
            raw=completion.text,
            stop_reason=completion.stop_reason,
            usage=completion.usage.model_copy(
                update={"calls": 1, "model_s": round(self._model_s, 6)}
            ),
        )

    def vectors(self, completion: LatentCompletion) -> dict[str, Vectors]:
        """By the model that reads them."""
        return _by_reader(self._ask, completion)


async def ready(performance: Performance, prompt: SoftPrompt) -> None:
    """Make the vectors again that messages in a prompt lack.

    Raises:
        BackendError: A model gives another message now than it did.
    """
    for soft in prompt.soft_texts:
        if soft.vectors is not None:
            continue
        async with performance.soft_texts.lock(soft):
            if soft.vectors is None:
                await _remake(performance, soft)


async def said_again(performance: Performance, soft: SoftText) -> str:
    """Make a message again that has no vectors; its text now, which may be another.

    It has the vectors of that text from then on.
    """
    ask = performance.soft_texts.ask(soft)
    await ready(performance, ask.prompt)
    completion = await _completion(performance, ask)
    performance.soft_texts.fill(soft, _by_reader(ask, completion))
    return completion.text


async def _remake(performance: Performance, soft: SoftText) -> None:
    vectors = performance.soft_texts.twin(soft)
    if vectors is not None:
        performance.soft_texts.fill(soft, vectors)
        return
    ask = performance.soft_texts.ask(soft)
    text = await said_again(performance, soft)
    _log.info(
        "run %s: made a message of %s again, %d soft tokens",
        performance.run.id, ask.agent.name, len((soft.vectors or {})[ask.agent.model]),
    )  # fmt: skip
    if text != soft.text:
        raise BackendError(
            f"{ask.agent.model} gives another message now than run {performance.run.id} has on "
            f"record for {ask.agent.name}, so its vectors cannot be made again. On record: "
            f"{soft.text[:60]!r}; now: {text[:60]!r}.",
            remedy="Resume with the weights and the program that began the run, or fork it before "
            "that message.",
        )


async def _completion(
    performance: Performance, ask: LatentAsk, hear: Callable[[str], None] = lambda text: None
) -> LatentCompletion:
    backend = performance.backends.get(ask.agent.model)
    tables = [await performance.backends.get(model).embedding_table() for model in ask.receivers]
    request = LatentRequest(
        _for_model(ask.prompt, ask.agent.model), ask.sampling, tuple(tables), ask.nearest_of
    )
    budget = performance.budget
    if budget is None:
        return await _streamed(backend, request, hear)
    words, vectors = _size(request)
    measure = GenerateRequest(words, Sampling(max_tokens=ask.sampling.max_tokens), 0)
    async with budget.reserved(backend, measure, vectors=vectors):
        completion = await _streamed(backend, request, hear)
        budget.settle(backend.model, measure, completion.usage, vectors=vectors)
    return completion


async def _streamed(
    backend: ModelBackend, request: LatentRequest, hear: Callable[[str], None]
) -> LatentCompletion:
    async with aclosing(backend.generate_latent(request)) as chunks:
        async for chunk in chunks:
            if chunk.text:
                hear(chunk.text)
            if chunk.completion is not None:
                return chunk.completion
    raise RuntimeError(f"{backend.model} ended its stream without a completion")


def _for_model(prompt: SoftPrompt, model: str) -> tuple[LatentMessage, ...]:
    return tuple(
        LatentMessage(
            message.role,
            tuple(
                part if isinstance(part, str) else _vectors(part.vectors, model)
                for part in message.parts
            ),
        )
        for message in prompt.messages
    )


def _vectors(made: Mapping[str, Vectors] | None, model: str) -> Vectors:
    if made is None or model not in made:
        raise AssertionError(f"vectors for {model} were not made")
    return made[model]


def _size(request: LatentRequest) -> tuple[Prompt, int]:
    """The words of a prompt, and how many vectors are between them."""
    words = (
        ChatMessage(one.role, "".join(part for part in one.parts if isinstance(part, str)))
        for one in request.messages
    )
    vectors = sum(
        len(part) for one in request.messages for part in one.parts if isinstance(part, Vectors)
    )
    return Prompt.of(*words), vectors


def _by_reader(ask: LatentAsk, completion: LatentCompletion) -> dict[str, Vectors]:
    received = zip(ask.receivers, completion.received, strict=True)
    return {ask.agent.model: completion.vectors, **dict(received)}
