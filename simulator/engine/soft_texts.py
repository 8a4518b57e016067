"""The messages as vectors of a run while it is played, and what they were made from."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary, WeakValueDictionary

from simulator.domain.latent import LatentSampling, SoftPrompt, SoftText, Vectors
from simulator.domain.records import Agent


@dataclass(frozen=True)
class LatentAsk:
    """What makes a message as vectors the one that it is."""

    agent: Agent
    prompt: SoftPrompt
    sampling: LatentSampling
    receivers: tuple[str, ...]
    """Other models that are to read it, in alphabetical order."""
    nearest_of: tuple[str, ...]

    @classmethod
    def of(
        cls,
        agent: Agent,
        prompt: SoftPrompt,
        sampling: LatentSampling,
        receivers: Iterable[Agent],
        nearest_of: Sequence[str],
    ) -> LatentAsk:
        """Of agents that read it, those with the speaker's own model read what it reads itself."""
        others = {receiver.model for receiver in receivers} - {agent.model}
        return cls(agent, prompt, sampling, tuple(sorted(others)), tuple(nearest_of))

    @property
    def readers(self) -> tuple[str, ...]:
        """All models that can read the message, the speaker's own first."""
        return (self.agent.model, *self.receivers)

    @cached_property
    def prompt_hash(self) -> str:
        """32 hexadecimal digits that name all but the speaker."""
        return _named(
            self.prompt.hash,
            self.sampling.model_dump(mode="json", exclude_defaults=True),
            self.receivers,
            self.nearest_of,
        )

    @cached_property
    def origin(self) -> str:
        """32 hexadecimal digits; equal ones have equal vectors while models stay as they are."""
        return _named(self.prompt_hash, self.agent.model)


def _named(*parts: object) -> str:
    data = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.blake2b(data.encode("ascii"), digest_size=16).hexdigest()


class SoftTexts:
    """Knows of every message as vectors that somebody holds how to make it again.

    Nothing is kept of a message that nobody holds; of one that has its vectors, they are kept,
    and not the prompt that they came from.
    """

    def __init__(self) -> None:
        self._asks: WeakKeyDictionary[SoftText, LatentAsk] = WeakKeyDictionary()
        self._made: WeakValueDictionary[str, SoftText] = WeakValueDictionary()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def recalled(self, ask: LatentAsk, text: str) -> SoftText:
        """A message that the journal has, without vectors."""
        soft = SoftText(text, ask.origin)
        self._asks[soft] = ask
        return soft

    def made(self, ask: LatentAsk, text: str, vectors: Mapping[str, Vectors]) -> SoftText:
        """A message that was made just now."""
        soft = SoftText(text, ask.origin, vectors)
        self._made[ask.origin] = soft
        return soft

    def ask(self, soft: SoftText) -> LatentAsk:
        """What makes a message that has no vectors.

        Raises ValueError when it is not of this run.
        """
        try:
            return self._asks[soft]
        except KeyError:
            raise ValueError(f"the soft text {soft.origin} is not of this run") from None

    def readers(self, soft: SoftText) -> tuple[str, ...]:
        """The models that can read a message. Raises as `ask` does."""
        return self.ask(soft).readers if soft.vectors is None else tuple(soft.vectors)

    def twin(self, soft: SoftText) -> Mapping[str, Vectors] | None:
        """Vectors of another message of the same origin, if somebody holds one."""
        made = self._made.get(soft.origin)
        return None if made is None else made.vectors

    def fill(self, soft: SoftText, vectors: Mapping[str, Vectors]) -> None:
        """Give a message its vectors."""
        soft.fill(vectors)
        self._made[soft.origin] = soft
        self._asks.pop(soft, None)

    def lock(self, soft: SoftText) -> asyncio.Lock:
        """Held by who makes a message of this origin again."""
        lock = self._locks.get(soft.origin)
        if lock is None:
            lock = self._locks[soft.origin] = asyncio.Lock()
        return lock
