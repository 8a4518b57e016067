"""The requests that one step sends to one model."""

from __future__ import annotations

import logging
from contextlib import aclosing

from simulator.domain.events import ModelRetried, PromptTruncated, TextStreamed
from simulator.domain.journal import Call, Usage
from simulator.domain.models import Completion, GenerateRequest
from simulator.domain.prompts import Prompt
from simulator.domain.records import Agent
from simulator.domain.seeds import derive_seed
from simulator.engine.performance import Performance

_log = logging.getLogger(__name__)


class Asking:
    """Asks an agent's model, as often as the step needs it, and keeps the record."""

    def __init__(
        self,
        performance: Performance,
        agent: Agent,
        scope: str,
        index: int,
        day: int | None = None,
    ) -> None:
        self._performance = performance
        self._agent = agent
        self._scope = scope
        self._index = index
        self._day = day
        self.backend = performance.backends.get(agent.model)
        self._sampling = agent.sampling.limited_to(self.backend.sampling_options)
        self._sent = self._sampling
        self._seed = 0
        self._requests = 0
        self._model_s = 0.0
        self.replies: list[Completion] = []

    async def reply(
        self,
        prompt: Prompt,
        attempt: int,
        *,
        choices: tuple[str, ...] = (),
        top_logprobs: int = 0,
        max_tokens: int | None = None,
    ) -> Completion:
        """One reply.

        Args:
            prompt: All that the model is shown.
            attempt: From 0; each has a seed of its own.
            choices: See `GenerateRequest`.
            top_logprobs: See `GenerateRequest`.
            max_tokens: Instead of the agent's.

        Raises:
            LimitReachedError: The call could pass a limit of the user's.
            BackendError: The request cannot be served.
            BackendUnavailableError: The server did not answer, however often it was asked.
        """
        self._seed, repetition = self._seeds(attempt)
        self._requests += 1
        self._sent = self._sampling
        if max_tokens is not None:
            self._sent = self._sampling.model_copy(update={"max_tokens": max_tokens})
        request = GenerateRequest(
            prompt, self._sent, self._seed, repetition, choices=choices, top_logprobs=top_logprobs
        )
        budget = self._performance.budget
        if budget is None:
            completion = await self._streamed(request)
        else:
            async with budget.reserved(self.backend, request):
                completion = await self._streamed(request)
                budget.settle(self.backend.model, request, completion.usage)
        self.replies.append(completion)
        return completion

    def call(self, prompt: Prompt) -> Call:
        """What it took; there must have been a reply.

        Tells listeners when the model did not see all of the prompt.
        """
        last = self.replies[-1]
        alone = len(self.replies) == 1
        used = last.usage if alone else Usage.total(reply.usage for reply in self.replies)
        usage = used.model_copy(
            update={"calls": len(self.replies), "model_s": round(self._model_s, 6)}
        )
        call = Call(
            model=self._agent.model, endpoint=self.backend.endpoint,
            model_digest=last.model_digest, sampling=self._sent,
            seed=self._seed, raw=last.text, stop_reason=last.stop_reason, usage=usage,
            earlier_raw=tuple(reply.text for reply in self.replies[:-1]), attempts=self._requests,
            reasoning=last.reasoning,
            prompt_truncated=any(reply.prompt_truncated for reply in self.replies),
            from_cache=all(reply.from_cache for reply in self.replies),
            context_length=last.context_length,
        )  # fmt: skip
        if self._performance.was_cut(self._scope, prompt, call):
            call = call.model_copy(update={"prompt_truncated": True})
        if call.prompt_truncated:
            self._truncated(call)
        return call

    def retried(self, attempt: int, wait_s: float, reason: str) -> None:
        """Tell listeners that another attempt follows."""
        self._performance.listener(
            ModelRetried(
                self._performance.run.id, self._scope, self._agent.name, self._agent.model,
                attempt, wait_s, reason, self._day,
            )
        )  # fmt: skip

    def _seeds(self, attempt: int) -> tuple[int, int]:
        """The sampler's seed, and a number that no other call of a run with another seed has."""
        run = self._performance.run
        seed = run.seed
        if run.forked_from is not None and run.forked_from.seed is not None:
            seed = run.forked_from.seed
        derived = derive_seed(seed, self._scope, self._index, *([attempt] if attempt else []))
        fixed = self._agent.sampling.seed
        return (derived if fixed is None else fixed + attempt), derived

    async def _streamed(self, request: GenerateRequest) -> Completion:
        run_id, listener = self._performance.run.id, self._performance.listener
        began = self._performance.clock.monotonic()
        async with aclosing(self.backend.generate(request)) as chunks:
            async for chunk in chunks:
                if chunk.text:
                    listener(TextStreamed(run_id, self._scope, self._agent.name, chunk.text))
                if chunk.retry is not None:
                    self._requests += 1
                    notice = chunk.retry
                    self.retried(notice.attempt, notice.wait_s, notice.reason)
                if chunk.completion is not None:
                    self._model_s += self._performance.clock.monotonic() - began
                    return chunk.completion
        raise RuntimeError(f"{self._agent.model} ended its stream without a completion")

    def _truncated(self, call: Call) -> None:
        read_tokens = call.usage.prompt_tokens // call.usage.calls
        _log.warning(
            "run %s step %d: the prompt was truncated; %s read %d tokens of it",
            self._performance.run.id, self._index, self._agent.model, read_tokens,
        )  # fmt: skip
        self._performance.listener(
            PromptTruncated(
                self._performance.run.id, self._scope, self._agent.name, self._agent.model,
                read_tokens, call.context_length, self._day,
            )
        )  # fmt: skip
