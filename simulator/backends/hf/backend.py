"""A local model behind the port: loaded when first used, its decoder asked from the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.backends.hf.letters import Letters
from simulator.backends.logprobs import likeliest
from simulator.domain.journal import Usage
from simulator.domain.latent import EmbeddingTable, LatentChunk, LatentCompletion, Vectors
from simulator.domain.models import Ability, Chunk, Completion, ModelCard
from simulator.domain.prices import FREE
from simulator.errors import BackendError, ContextOverflowError

if TYPE_CHECKING:
    from simulator.backends.hf.decoder import Decoder
    from simulator.backends.hf.jobs import Inputs, Job, Mixed, Written
    from simulator.backends.hf.loading import Loaded
    from simulator.backends.hf.mixing import Reader
    from simulator.backends.hf.options import HfOptions
    from simulator.domain.latent import LatentMessage, LatentRequest
    from simulator.domain.models import GenerateRequest
    from simulator.domain.prompts import Prompt

DEFAULT_MAX_TOKENS = 512
DEFAULT_TEMPERATURE = 0.7
DEFAULT_TOP_P = 0.9


class HfBackend:
    """A causal language model of Hugging Face.

    Where the sampling leaves an option open: temperature 0.7, top_p 0.9, 512 tokens. Requests are
    answered side by side; what one gets depends on nothing beside it.
    """

    endpoint = ""
    abilities: frozenset[Ability] = frozenset({"seed", "logprobs", "score", "latent"})
    sampling_options = frozenset({"temperature", "top_p", "top_k", "max_tokens", "seed", "stop"})
    price = FREE

    def __init__(
        self, name: str, source: str, options: HfOptions, environment: Mapping[str, str]
    ) -> None:
        """Make one; nothing is read before it is asked.

        Args:
            name: What stands after `hf/`.
            source: The repository or folder.
            options: How it is run.
            environment: Has `HF_HOME` and `HF_TOKEN`.
        """
        self.model = f"hf/{name}"
        self._source = source
        self._options = options
        self._environment = environment
        self._loading = threading.Lock()
        self._loaded: Loaded | None = None
        self._decoder: Decoder | None = None
        self._table: _Table | None = None
        self._readers: dict[int, tuple[EmbeddingTable, Reader]] = {}
        self._is_closed = False

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        """See the port. A reply that fills the context ends with stop reason `length`."""
        from simulator.backends.hf.drawing import Draw
        from simulator.backends.hf.jobs import Inputs, TextJob, Written

        loaded, decoder = await self._ready()
        wanted = request.sampling
        tokens = loaded.speech.prompt_tokens(request.prompt.merged())
        limit = self._room(loaded, len(tokens), wanted.max_tokens or DEFAULT_MAX_TOKENS)
        temperature, top_p = wanted.temperature, wanted.top_p
        draw = Draw(
            DEFAULT_TEMPERATURE if temperature is None else temperature,
            DEFAULT_TOP_P if top_p is None else top_p,
            wanted.top_k,
            request.seed,
        )
        letters = Letters()
        job = TextJob(
            Inputs(tuple(tokens)), letters.put, speech=loaded.speech, draw=draw, limit=limit,
            stops=wanted.stop, top_logprobs=request.top_logprobs,
        )  # fmt: skip
        said: list[str] = []
        async for item in self._answers(decoder, job, letters):
            if isinstance(item, str):
                said.append(item)
                yield Chunk(item)
            elif isinstance(item, Written):
                yield Chunk(
                    completion=self._completion(loaded, len(tokens), "".join(said), item, request)
                )
                return

    async def generate_latent(self, request: LatentRequest) -> AsyncGenerator[LatentChunk, None]:
        """See the port."""
        from simulator.backends.hf.jobs import LatentJob, Mixed

        loaded, decoder = await self._ready()
        inputs = self._inputs(loaded, request.messages)
        limit = self._room(loaded, len(inputs), request.sampling.max_tokens)
        readers = [self._reader(loaded, table) for table in request.receivers]
        letters = Letters()
        job = LatentJob(
            inputs, letters.put, speech=loaded.speech, sampling=request.sampling, limit=limit,
            instructions=self._instructions(loaded, request.messages), readers=readers,
        )  # fmt: skip
        said: list[str] = []
        async for item in self._answers(decoder, job, letters):
            if isinstance(item, str):
                said.append(item)
                yield LatentChunk(item)
            elif isinstance(item, Mixed):
                whole = self._latent_completion(
                    loaded, decoder, len(inputs), "".join(said), item, request, readers
                )
                yield LatentChunk(completion=whole)
                return

    async def score(self, prompt: Prompt, options: Sequence[str]) -> tuple[float, ...]:
        """See the port; an option's end token counts where the model has one."""
        from simulator.backends.hf.jobs import ScoreJob

        loaded, decoder = await self._ready()
        tokens = loaded.speech.prompt_tokens(prompt.merged())
        ends = sorted(loaded.speech.ends)[:1]
        if loaded.speech.tokenizer.eos_token_id in loaded.speech.ends:
            ends = [loaded.speech.tokenizer.eos_token_id]
        letters = [Letters() for _ in options]
        jobs: list[Job] = []
        for option, letter in zip(options, letters, strict=True):
            reply = [*loaded.speech.text_tokens(option.strip()), *ends]
            self._room(loaded, len(tokens) + len(reply) - 1, 1)
            jobs.append(ScoreJob(tokens, reply, letter.put))
        try:
            decoder.submit(*jobs)
            found = [await letter.get() for letter in letters]
        finally:
            for job in jobs:
                job.is_cancelled = True
        return tuple(_checked(one) for one in found)

    async def embedding_table(self) -> EmbeddingTable:
        """See the port."""
        loaded, _ = await self._ready()
        if self._table is None:
            self._table = await asyncio.to_thread(_Table, self.model, loaded)
        return self._table

    async def describe(self) -> ModelCard:
        """See the port; loads the model."""
        loaded, _ = await self._ready()
        options = self._options
        return ModelCard(
            self.model,
            self.abilities,
            loaded.context,
            loaded.digest,
            size_bytes=loaded.weights_bytes,
            parameters=_in_words(loaded.parameters),
            quantization=f"{options.bits} bits" if options.bits else _dtype_name(loaded),
            price=FREE,
        )

    async def close(self) -> None:
        """Stop what is being computed and let go of the model."""
        self._is_closed = True
        decoder, self._decoder, self._loaded = self._decoder, None, None
        if decoder is not None:
            await asyncio.to_thread(decoder.close)

    # ------------------------------------------------------------ the model

    async def _ready(self) -> tuple[Loaded, Decoder]:
        if self._loaded is None or self._decoder is None:
            await asyncio.to_thread(self._load)
        if self._is_closed or self._loaded is None or self._decoder is None:
            raise BackendError(f"{self.model} was closed.")
        return self._loaded, self._decoder

    def _load(self) -> None:
        """Load the model unless another thread has."""
        with self._loading:
            if self._decoder is not None or self._is_closed:
                return
            from simulator.backends.hf.loading import load

            loaded = load(self._source, self._options, self._environment)
            if self._is_closed:
                return
            from simulator.backends.hf.decoder import Decoder

            self._decoder = Decoder(
                loaded.network,
                loaded.speech,
                name=self.model,
                rows=self._options.rows,
                budget_bytes=_budget_bytes(loaded, self._options),
                threads=loaded.threads,
            )
            self._loaded = loaded

    def _room(self, loaded: Loaded, prompt: int, wanted: int) -> int:
        """Tokens that a reply may have. Raises ContextOverflowError when there is no room."""
        if prompt >= loaded.context:
            raise ContextOverflowError(
                f"The prompt takes {prompt} tokens and leaves no room for a reply: {self.model} "
                f"sees {loaded.context} tokens in all.",
                remedy="Shorten the prompts, or use a model with a longer context.",
            )
        return min(wanted, loaded.context - prompt)

    async def _answers(
        self, decoder: Decoder, job: Job, letters: Letters
    ) -> AsyncGenerator[object, None]:
        try:
            decoder.submit(job)
            while True:
                item = await letters.get()
                if isinstance(item, BaseException):
                    raise item
                yield item
        finally:
            job.is_cancelled = True

    def _completion(
        self, loaded: Loaded, prompt: int, text: str, item: Written, request: GenerateRequest
    ) -> Completion:
        return Completion(
            text,
            item.stop_reason,
            Usage(
                prompt_tokens=prompt,
                completion_tokens=item.tokens,
                cached_tokens=item.cached_tokens,
            ),
            loaded.digest,
            first_token=likeliest(item.first, request.top_logprobs),
        )

    # ------------------------------------------------------------ vectors

    def _inputs(self, loaded: Loaded, messages: Sequence[LatentMessage]) -> Inputs:
        import torch

        from simulator.backends.hf.jobs import Inputs, vector_key
        from simulator.backends.latent_rules import merged, rows_of

        whole = merged(messages)
        pieces = loaded.speech.prompt_pieces(
            [
                (one.role, [part if isinstance(part, str) else None for part in one.parts])
                for one in whole
            ]
        )
        soft = [part for one in whole for part in one.parts if isinstance(part, Vectors)]
        width = int(loaded.network.table.shape[1])
        keys: list[int] = list(pieces[0])
        vectors: dict[int, Any] = {}
        for part, piece in zip(soft, pieces[1:], strict=True):
            try:
                rows = rows_of(part, width)
            except ValueError as error:
                raise BackendError(f"{self.model} cannot read {error}.") from error
            for row in rows:
                vectors[len(keys)] = torch.from_numpy(row.copy())
                keys.append(vector_key(row.tobytes()))
            keys += piece
        return Inputs(tuple(keys), vectors)

    def _instructions(self, loaded: Loaded, messages: Sequence[LatentMessage]) -> int:
        """How many of the first inputs are those of a first message that is all text."""
        first = messages[0]
        if len(messages) < 2 or not all(isinstance(part, str) for part in first.parts):
            return 0
        return len(loaded.speech.text_tokens("".join(map(str, first.parts)).strip()))

    def _reader(self, loaded: Loaded, table: EmbeddingTable) -> Reader:
        from simulator.backends.hf.mixing import Reader

        known = self._readers.get(id(table))
        if known is None:
            reader = Reader(loaded.speech.vocabulary, table, loaded.network.device)
            known = self._readers[id(table)] = (table, reader)
        return known[1]

    def _latent_completion(
        self,
        loaded: Loaded,
        decoder: Decoder,
        prompt: int,
        text: str,
        item: Mixed,
        request: LatentRequest,
        readers: Sequence[Reader],
    ) -> LatentCompletion:
        received, unknown = [], []
        for whole, reader in zip(item.received, readers, strict=True):
            known = [one for one in whole if one is not None]
            received.append(_vectors(known, reader.width))
            unknown.append(len(whole) - len(known))
        width = int(loaded.network.table.shape[1])
        return LatentCompletion(
            text=text,
            vectors=_vectors(item.vectors, width),
            received=tuple(received),
            stop_reason=item.stop_reason,
            usage=Usage(
                prompt_tokens=prompt,
                completion_tokens=item.steps,
                cached_tokens=item.cached_tokens,
            ),
            tokens=item.tokens,
            unknown=tuple(unknown),
            nearest=_nearest(loaded, decoder, request.nearest_of, item.vectors),
            model_digest=loaded.digest,
        )


class _Table:
    """The input embeddings of a loaded model."""

    def __init__(self, model: str, loaded: Loaded) -> None:
        self.model = model
        self.tokens = loaded.speech.vocabulary
        self._rows = loaded.network.table.float().cpu().numpy()[: len(self.tokens)]

    def rows(self) -> Any:
        """See the port."""
        return self._rows


def _checked(item: object) -> float:
    if isinstance(item, BaseException):
        raise item
    assert isinstance(item, float)
    return item


def _vectors(rows: Sequence[Any], width: int) -> Vectors:
    import torch

    if not rows:
        return Vectors(b"", width)
    return Vectors(torch.stack(list(rows)).cpu().numpy().astype("<f4").tobytes(), width)


def _nearest(
    loaded: Loaded, decoder: Decoder, texts: Sequence[str], vectors: Sequence[Any]
) -> str | None:
    """The text whose last token is nearest by cosine to the last vector."""
    if not texts or not vectors:
        return None
    tokens = [loaded.speech.text_tokens(text)[-1] for text in texts]
    rows = loaded.network.table.float()[tokens]
    cosines = (rows @ vectors[-1].float()) / rows.norm(dim=-1).clamp(min=1e-30)
    return texts[int(cosines.argmax())]


def _budget_bytes(loaded: Loaded, options: HfOptions) -> int:
    """Bytes for keys and values."""
    if options.memory_mb is not None:
        return options.memory_mb * 1_000_000
    import torch

    if loaded.network.device.type == "cuda":
        return int(torch.cuda.mem_get_info(loaded.network.device)[0] * 0.8)
    return _free_bytes() // 4


def _free_bytes() -> int:
    """Memory that can be had, or 4 GB where the system does not tell."""
    try:
        told = Path("/proc/meminfo").read_text("ascii")
        line = next(line for line in told.splitlines() if line.startswith("MemAvailable:"))
        return int(line.split()[1]) * 1024
    except (OSError, StopIteration, ValueError, IndexError):
        return 4_000_000_000


def _in_words(parameters: int) -> str:
    if parameters >= 1_000_000_000:
        return f"{parameters / 1e9:.1f}B"
    return f"{parameters / 1e6:.1f}M"


def _dtype_name(loaded: Loaded) -> str:
    return str(loaded.network.model.dtype).removeprefix("torch.")
