"""Writes down what models were asked and what they replied, to be replayed without them."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from pathlib import Path

from simulator.backends.canonical import (
    Document,
    canonical,
    completion_document,
    request_document,
    score_document,
)
from simulator.backends.wrapping import Wrapper
from simulator.domain.models import Ability, Chunk, GenerateRequest, ModelBackend
from simulator.domain.prompts import Prompt
from simulator.errors import PermissionDeniedError, SimulatorError, UsageError


class Recorder:
    """A file of JSON lines that grows by one line for each request that was answered."""

    def __init__(self, path: Path, redact: Callable[[str], str]) -> None:
        """Make sure of the file.

        Args:
            path: The file; its folder must exist. A new one is readable by its owner only.
            redact: Masks secrets in messages of errors.

        Raises:
            UsageError: There is such a file, and it is no recording.
            PermissionDeniedError: It cannot be written.
        """
        self._path = path.expanduser()
        self._redact = redact
        self._write(b"")
        if not _may_grow(self._path):
            raise UsageError(
                f"The file {path} is there, and is no recording: nothing was added to it.",
                remedy="Name a new file after --record, or one that --record made.",
            )

    def reply(
        self, backend: ModelBackend, known: Iterable[Ability], request: Document, **reply: object
    ) -> None:
        """Add a reply.

        Args:
            backend: Who replied.
            known: Its abilities when it was asked; a reply may show that it lacks some.
            request: What it was asked.
            reply: What it replied, by its parts.

        Raises:
            PermissionDeniedError: The file cannot be written.
        """
        line: Document = {
            "endpoint": backend.endpoint,
            "abilities": sorted(known),
            "abilities_after": sorted(backend.abilities),
            "sampling_options": sorted(backend.sampling_options),
            "request": request,
            **reply,
        }
        self._write((canonical(line) + "\n").encode("ascii"))

    def failure(
        self,
        backend: ModelBackend,
        known: Iterable[Ability],
        request: Document,
        error: SimulatorError,
    ) -> None:
        """Add an error in place of a reply. Takes and raises as `reply`."""
        remedy = None if error.remedy is None else self._redact(error.remedy)
        told = {"kind": type(error).__name__, "message": self._redact(error.message)}
        self.reply(backend, known, request, error=told | {"remedy": remedy})

    def _write(self, data: bytes) -> None:
        try:
            # One write to a file opened for appending: lines of several processes do not mix.
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(file, data)
            finally:
                os.close(file)
        except OSError as error:
            raise PermissionDeniedError(
                f"The recording {self._path} cannot be written: {error.strerror}.",
                remedy="Name another file after --record, or leave it out.",
            ) from error


class RecordingBackend(Wrapper):
    """A backend whose requests, replies and errors are written to a file.

    Attempts that failed before a request was answered are left out, and so are requests that
    nobody waited for to the end.
    """

    def __init__(self, inner: ModelBackend, recorder: Recorder) -> None:
        super().__init__(inner)
        self._recorder = recorder

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        """See the port."""
        known, document = self.abilities, request_document(self, request)
        pieces: list[str] = []
        try:
            async with aclosing(self._inner.generate(request)) as chunks:
                async for chunk in chunks:
                    if chunk.retry is not None:
                        pieces.clear()
                    if chunk.text:
                        pieces.append(chunk.text)
                    if chunk.completion is not None:
                        self._recorder.reply(
                            self, known, document, pieces=pieces,
                            completion=completion_document(chunk.completion),
                        )  # fmt: skip
                    yield chunk
        except SimulatorError as error:
            self._recorder.failure(self, known, document, error)
            raise

    async def score(self, prompt: Prompt, options: Sequence[str]) -> tuple[float, ...]:
        """See the port."""
        known, document = self.abilities, score_document(self, prompt, options)
        try:
            scores = await self._inner.score(prompt, options)
        except SimulatorError as error:
            self._recorder.failure(self, known, document, error)
            raise
        self._recorder.reply(self, known, document, scores=list(scores))
        return scores


def _may_grow(path: Path) -> bool:
    """Whether a file is a recording, has nothing in it yet, or is no ordinary file."""
    if not path.is_file():
        return True
    try:
        with path.open("rb") as file:
            first = file.readline()
        entry = json.loads(first) if first else {"request": {}}
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(entry, dict) and "request" in entry
