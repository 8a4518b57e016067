"""Soft tokens of the pocket model: CIPHER (arXiv 2310.06272) in NumPy."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.backends.latent_rules import (
    NearestText,
    Reception,
    merged,
    mixed,
    mixture,
    nearest_of,
    rounded,
    rows_of,
    unit_rows,
    vectors_of,
)
from simulator.domain.journal import SoftToken, Usage
from simulator.domain.latent import LatentChunk, LatentCompletion
from simulator.errors import BackendError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from simulator.backends.latent_rules import Mixture
    from simulator.backends.pocket.model import PocketModel
    from simulator.backends.pocket.weights import Floats
    from simulator.domain.latent import LatentRequest


@dataclass(frozen=True, slots=True)
class PocketTable:
    """The input embeddings of the pocket model."""

    model: str
    tokens: tuple[bytes, ...]
    embeddings: Floats

    def rows(self) -> Floats:
        """(vocabulary, hidden); not to be written to."""
        return self.embeddings


class LatentModel:
    """Makes messages of soft tokens with a model; not for several threads at once.

    As everything that the model computes, a message depends on its request alone.
    """

    def __init__(self, model: PocketModel, name: str) -> None:
        self._model = model
        view = model.embeddings.view()
        view.flags.writeable = False
        self.table = PocketTable(name, model.chat.vocabulary, view)
        self._units = unit_rows(model.embeddings)

    def message(self, request: LatentRequest) -> Iterator[LatentChunk]:
        """One chunk for each soft token, maybe without text, and the last with the completion.

        Raises:
            ContextOverflowError: The prompt leaves no room for a soft token.
            BackendError: Vectors of the prompt are not this model's.
        """
        prompt, soft = self._inputs(request)
        choices = [self._token_of(text) for text in request.nearest_of]
        reading = self._model.read(prompt, soft)
        usage = Usage(prompt_tokens=len(prompt), cached_tokens=reading.cached_tokens)
        limit = min(request.sampling.max_tokens, self._model.context - len(prompt))
        made = _Made(self._model, self._units, request, self.table.tokens)
        logits = reading.start_logits
        while True:
            yield LatentChunk(made.step(logits))
            if made.text.stopped or len(made.rows) >= limit:
                break
            logits = reading.step(made.rows[-1])
        yield LatentChunk(made.finish())
        yield LatentChunk(completion=made.completion(usage, choices))

    def _inputs(self, request: LatentRequest) -> tuple[list[int], dict[int, Floats]]:
        """Tokens with numbers below 0 for vectors, and the vectors by these numbers."""
        prompt: list[int] = []
        soft: dict[int, Floats] = {}
        width = self._model.embeddings.shape[1]
        for part in self._model.chat.latent_prompt(merged(request.messages)):
            if isinstance(part, int):
                prompt.append(part)
                continue
            try:
                rows = rows_of(part, width)
            except ValueError as error:
                raise BackendError(
                    f"{self.table.model} was given {error}.",
                    remedy="Name its agent among the receivers of the message.",
                ) from None
            for row in rows:
                digest = hashlib.blake2b(row.tobytes(), digest_size=16).digest()
                number = -1 - int.from_bytes(digest, "big")
                soft[number] = row
                prompt.append(number)
        return prompt, soft

    def _token_of(self, text: str) -> int:
        """The token that stands for a text: its last one."""
        tokens = self._model.chat.text_tokens(text)
        if not tokens:
            raise BackendError(f"{text!r} has no token of {self.table.model}.")
        return tokens[-1]


class _Made:
    """What is made of one message so far."""

    def __init__(
        self,
        model: PocketModel,
        units: Floats,
        request: LatentRequest,
        tokens: tuple[bytes, ...],
    ) -> None:
        self._model = model
        self._units = units
        self._request = request
        sampling = request.sampling
        self._sampling = sampling
        self.text = NearestText(sampling.stop, classic=sampling.stop_rule == "classic")
        self.rows: list[Floats] = []
        """The vectors (hidden,)."""
        self._trace: list[SoftToken] = []
        self._said: list[str] = []
        self._receptions = [
            Reception(tokens, table, unit_length=sampling.unit_length)
            for table in request.receivers
        ]

    def step(self, logits: Floats) -> str:
        """One more vector, unless it is one that ends the message; text that is certain now."""
        mix = mixture(logits + self._model.allowed, self._sampling)
        row = mixed(mix.weights, self._model.embeddings, unit_length=self._sampling.unit_length)
        nearest = mix.best
        if mix.is_mixed:
            nearest = int(np.argmax(self._units @ row + self._model.allowed))
        is_end = nearest == self._model.chat.end
        if not is_end or self._sampling.stop_rule == "classic":
            self.rows.append(row)
            self._trace.append(self._traced(nearest, mix))
            for reception in self._receptions:
                reception.add(mix.weights)
        text = self.text.push(self._model.chat.bytes_of(nearest), is_end=is_end)
        self._said.append(text)
        return text

    def finish(self) -> str:
        """Text that was held back."""
        text = self.text.finish()
        self._said.append(text)
        return text

    def completion(self, usage: Usage, choices: Sequence[int]) -> LatentCompletion:
        """The message, once it is finished.

        Args:
            usage: Of the prompt.
            choices: The token of each text of `nearest_of`.
        """
        kept = self.text.kept
        received = [reception.message(kept) for reception in self._receptions]
        last = self.rows[kept - 1] if kept else None
        return LatentCompletion(
            text="".join(self._said),
            vectors=vectors_of(self.rows[:kept], self._units.shape[1]),
            received=tuple(vectors for vectors, _ in received),
            stop_reason=self.text.stop_reason,
            usage=usage.model_copy(update={"completion_tokens": len(self.rows)}),
            tokens=tuple(self._trace[:kept]),
            unknown=tuple(missing for _, missing in received),
            nearest=nearest_of(self._request.nearest_of, choices, self._units, last),
            model_digest=self._model.digest,
        )

    def _traced(self, nearest: int, mix: Mixture) -> SoftToken:
        return SoftToken(
            token=self._spelled(nearest),
            entropy=rounded(mix.entropy),
            is_mixed=mix.is_mixed,
            top=tuple(
                (self._spelled(token), probability)
                for token, probability in mix.top(self._sampling.top_tokens)
            ),
        )

    def _spelled(self, token: int) -> str:
        return self._model.chat.bytes_of(token).decode("utf-8", "replace")
