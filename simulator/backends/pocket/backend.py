"""The pocket model behind the port: one worker thread computes, the event loop stays free."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from simulator.domain.journal import Usage
from simulator.domain.latent import LatentChunk
from simulator.domain.models import Chunk, Completion, ModelCard
from simulator.domain.prices import FREE
from simulator.domain.workloads import Habits, ReplyLength
from simulator.errors import BackendError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from simulator.backends.pocket.latent import LatentModel
    from simulator.backends.pocket.model import PocketModel
    from simulator.domain.latent import EmbeddingTable, LatentRequest
    from simulator.domain.models import Ability, GenerateRequest
    from simulator.domain.prompts import Prompt

_T = TypeVar("_T")
_C = TypeVar("_C", Chunk, LatentChunk)

_HABITS = Habits(
    reply=ReplyLength(tokens=15.0, size_bytes=53.0),
    helper_reply=ReplyLength(tokens=43.0, size_bytes=140.0),
    bytes_per_token=3.7,
)
"""Means over three runs of each seed design: 14.8, 52.2, 42.6, 140.0 and 3.74."""


class PocketBackend:
    """The embedded default model.

    Loaded when first used. Where the sampling leaves an option open: temperature 0.7, top_p 0.9,
    256 tokens. The context is 1,024 tokens; `context_length` is not needed and not looked at.
    Requests are answered one after another.
    """

    model = "pocket"
    endpoint = ""
    abilities: frozenset[Ability] = frozenset({"seed", "score", "latent"})
    sampling_options = frozenset({"temperature", "top_p", "top_k", "max_tokens", "seed", "stop"})
    price = FREE

    def __init__(self, folder: Path | None = None) -> None:
        """Make one; `folder` holds the model's files, None takes the shipped ones."""
        self._folder = folder
        self._pocket: PocketModel | None = None
        self._latent_model: LatentModel | None = None
        self._worker: ThreadPoolExecutor | None = ThreadPoolExecutor(1, "pocket")
        self._closing = threading.Event()

    def generate(self, request: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        """See the port. A reply that fills the context ends with stop reason `length`."""
        return self._streamed(lambda: self._reply(request))

    def generate_latent(self, request: LatentRequest) -> AsyncGenerator[LatentChunk, None]:
        """See the port. A message that fills the context ends with stop reason `length`."""
        return self._streamed(lambda: self._latent().message(request))

    async def describe(self) -> ModelCard:
        """See the port; reads the weights."""
        model = await asyncio.wrap_future(self._submitted(self._loaded))
        return ModelCard(
            self.model, self.abilities, model.context, model.digest, price=FREE, habits=_HABITS
        )

    async def score(self, prompt: Prompt, options: Sequence[str]) -> tuple[float, ...]:
        """See the port."""

        def work() -> tuple[float, ...]:
            model = self._loaded()
            return model.score(model.chat.prompt_tokens(prompt.merged()), options)

        return await self._worked(work)

    async def embedding_table(self) -> EmbeddingTable:
        """See the port; reads the weights."""
        return await self._worked(lambda: self._latent().table)

    async def close(self) -> None:
        """Stop what is being computed and let go of the model."""
        self._closing.set()
        if self._worker is not None:
            worker, self._worker = self._worker, None
            worker.shutdown(wait=False, cancel_futures=True)
        self._pocket = self._latent_model = None

    async def _worked(self, work: Callable[[], _T]) -> _T:
        job = self._submitted(work)
        try:
            return await asyncio.wrap_future(job)
        except asyncio.CancelledError:
            if self._closing.is_set():
                raise _closed() from None
            raise

    async def _streamed(self, pieces: Callable[[], Iterator[_C]]) -> AsyncGenerator[_C, None]:
        """What the worker thread makes, as it comes; empty pieces go no further."""
        loop = asyncio.get_running_loop()
        chunks: asyncio.Queue[_C | BaseException] = asyncio.Queue()
        cancelled = threading.Event()

        def hand_over(item: _C | BaseException) -> None:
            if not cancelled.is_set():
                with suppress(RuntimeError):  # the loop was closed in this instant
                    loop.call_soon_threadsafe(chunks.put_nowait, item)

        def work() -> None:
            try:
                if cancelled.is_set():
                    return
                for item in pieces():
                    if cancelled.is_set() or self._closing.is_set():
                        raise _closed()
                    if item.text or item.completion is not None:
                        hand_over(item)
            except BaseException as error:
                hand_over(error)

        def ended(job: Future[None]) -> None:
            if job.cancelled():
                hand_over(_closed())

        job = self._submitted(work)
        job.add_done_callback(ended)
        try:
            while True:
                item = await chunks.get()
                if isinstance(item, BaseException):
                    raise item
                yield item
                if item.completion is not None:
                    return
        finally:
            cancelled.set()
            job.cancel()

    def _submitted(self, work: Callable[[], _T]) -> Future[_T]:
        if self._worker is None:
            raise _closed()
        return self._worker.submit(work)

    def _loaded(self) -> PocketModel:
        """The model, loaded by the first call; only the worker thread calls this."""
        if self._pocket is None:
            from simulator.backends.pocket.model import WEIGHTS_FOLDER, PocketModel

            try:
                self._pocket = PocketModel(self._folder or WEIGHTS_FOLDER)
            except (OSError, ValueError) as error:
                raise BackendError(
                    f"The pocket model cannot be loaded: {error}",
                    remedy="Install the package again.",
                ) from error
        return self._pocket

    def _latent(self) -> LatentModel:
        """The maker of soft tokens; only the worker thread calls this."""
        if self._latent_model is None:
            from simulator.backends.pocket.latent import LatentModel

            self._latent_model = LatentModel(self._loaded(), self.model)
        return self._latent_model

    def _reply(self, request: GenerateRequest) -> Iterator[Chunk]:
        from simulator.backends.pocket.model import DEFAULT_MAX_TOKENS, ReplyEnd
        from simulator.backends.pocket.sampler import Draw

        model = self._loaded()
        wanted, usual = request.sampling, Draw()
        draw = Draw(
            usual.temperature if wanted.temperature is None else wanted.temperature,
            usual.top_p if wanted.top_p is None else wanted.top_p,
            wanted.top_k,
        )
        prompt = model.chat.prompt_tokens(request.prompt.merged())
        said: list[str] = []
        for item in model.reply(
            prompt,
            draw,
            request.seed,
            max_tokens=wanted.max_tokens or DEFAULT_MAX_TOKENS,
            stops=wanted.stop,
        ):
            if isinstance(item, ReplyEnd):
                usage = Usage(
                    prompt_tokens=len(prompt),
                    completion_tokens=item.tokens,
                    cached_tokens=item.cached_tokens,
                )
                whole = Completion("".join(said), item.stop_reason, usage, model.digest)
                yield Chunk(completion=whole)
            else:
                said.append(item)
                yield Chunk(item)


def _closed() -> BackendError:
    return BackendError("The pocket model was closed.")
