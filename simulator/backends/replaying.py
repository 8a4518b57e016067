"""Answers from a recording; see `recording`."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

from simulator import errors
from simulator.backends.canonical import (
    Document,
    canonical,
    completion_of,
    request_document,
    score_document,
)
from simulator.domain.latent import EmbeddingTable, LatentChunk, LatentRequest
from simulator.domain.models import Ability, Chunk, GenerateRequest, ModelCard
from simulator.domain.prices import FREE
from simulator.domain.prompts import Prompt
from simulator.errors import BackendError, NotFoundError, SimulatorError, UsageError


class Replay:
    """The replies of a recording, each given once, equal requests in the recorded order."""

    def __init__(self, path: Path) -> None:
        """Read it.

        Raises:
            NotFoundError: There is no such file.
            UsageError: It is no recording.
        """
        self.path = path.expanduser()
        self._replies: defaultdict[str, deque[Document]] = defaultdict(deque)
        self._models: dict[str, Document] = {}
        try:
            lines = self.path.read_text(encoding="ascii").splitlines()
        except FileNotFoundError:
            raise NotFoundError(
                f"There is no recording {path}.", remedy="Make one with --record."
            ) from None
        except (OSError, UnicodeDecodeError):
            raise UsageError(f"The recording {path} cannot be read.") from None
        for number, line in enumerate(lines, 1):
            try:
                entry: Document = json.loads(line)
                self._models.setdefault(entry["request"]["model"], entry)
                self._replies[canonical(entry["request"])].append(entry)
            except (ValueError, KeyError, TypeError):
                raise UsageError(
                    f"Line {number} of {path} is no line of a recording.",
                    remedy="Take the line away, or record again with --record.",
                ) from None

    def open(self, model: str) -> ReplayingBackend:
        """The model as it was recorded. Raises NotFoundError when it was not."""
        if model not in self._models:
            raise NotFoundError(
                f"The recording {self.path} has no replies of {model}.",
                remedy=f"It has those of {', '.join(sorted(self._models)) or 'no model'}.",
            )
        return ReplayingBackend(self, model, self._models[model])

    def take(self, request: Document) -> Document:
        """The next reply to a request, or error in its place.

        Raises BackendError when there is none.
        """
        replies = self._replies.get(canonical(request))
        if not replies:
            seed = f", seed {request['seed']}" if "seed" in request else ""
            again = "no more replies" if replies is not None else "no reply"
            raise BackendError(
                f"The recording {self.path} has {again} of {request['model']} to this prompt of "
                f"{len(request['messages'])} messages{seed}, which ends "
                f"{request['messages'][-1][1][-60:] if request['messages'] else ''!r}.",
                remedy="Replay with the design, options and seed of the recording, or record "
                "again with --record.",
            )
        return replies.popleft()


class ReplayingBackend:
    """A model that is not there: its recording answers for it.

    What it can do is what was known when it was first asked, and from then on what was known
    after the latest reply.
    """

    price = FREE

    def __init__(self, replay: Replay, model: str, recorded: Document) -> None:
        """Use `Replay.open` instead."""
        self.model = model
        self.endpoint: str = recorded["endpoint"]
        self.abilities: frozenset[Ability] = frozenset(recorded["abilities"])
        self.sampling_options = frozenset[str](recorded["sampling_options"])
        self._replay = replay

    async def describe(self) -> ModelCard:
        """What the recording tells."""
        return ModelCard(self.model, self.abilities, price=self.price)

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        """See the port; usage is what it was when the reply was recorded, but nothing is paid."""
        entry = self._answer(request_document(self, request))
        for piece in entry["pieces"]:
            yield Chunk(piece)
        yield Chunk(completion=completion_of(entry["completion"]))

    async def score(self, prompt: Prompt, options: Sequence[str]) -> tuple[float, ...]:
        """See the port."""
        return tuple(self._answer(score_document(self, prompt, options))["scores"])

    def generate_latent(self, request: LatentRequest) -> AsyncGenerator[LatentChunk, None]:
        """Messages as vectors are not recorded."""
        raise self._without_vectors()

    async def embedding_table(self) -> EmbeddingTable:
        """Nor are the embeddings of models."""
        raise self._without_vectors()

    def _without_vectors(self) -> BackendError:
        return BackendError(
            f"The recording {self._replay.path} has no messages as vectors of {self.model}: they "
            "are not recorded.",
            remedy="Play the debate in embeddings without --replay; the same models give the same "
            "messages again.",
        )

    async def close(self) -> None:
        """Nothing to release."""

    def _answer(self, request: Document) -> Document:
        entry = self._replay.take(request)
        self.abilities = frozenset(entry["abilities_after"])
        if "error" in entry:
            raise _recorded_error(entry["error"])
        return entry


def _recorded_error(told: Document) -> SimulatorError:
    kind = getattr(errors, told["kind"], BackendError)
    error: SimulatorError = kind(told["message"], remedy=told["remedy"])
    return error
