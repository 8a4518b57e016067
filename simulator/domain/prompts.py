"""What a model is shown: append-only views, and prompts that cost the same at any length."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

ChatRole = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One entry of a prompt, as chat models take it."""

    role: ChatRole
    content: str


def _chain(previous: bytes, entry: ChatMessage) -> bytes:
    content = entry.content.encode("utf-8", "surrogatepass")
    head = f"{entry.role}:{len(content)}:".encode()
    return hashlib.blake2b(previous + head + content, digest_size=16).digest()


class Prompt:
    """A fixed sequence of chat messages with a hash.

    The hash is a chain over the entries, so a prompt that grows by one entry costs one hash
    however long it is. Consecutive entries of one role stay apart here; `merged` joins them.
    """

    __slots__ = ("_digest", "_entries", "_length")

    def __init__(self, entries: list[ChatMessage], length: int, digest: bytes) -> None:
        self._entries = entries
        self._length = length
        self._digest = digest

    @classmethod
    def of(cls, *entries: ChatMessage) -> Prompt:
        """A prompt of these entries."""
        view = View()
        for entry in entries:
            view.append(entry)
        return view.prompt()

    @property
    def hash(self) -> str:
        """32 hexadecimal digits that name the exact sequence of roles and texts."""
        return self._digest.hex()

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[ChatMessage]:
        for position in range(self._length):
            yield self._entries[position]

    @property
    def last(self) -> ChatMessage:
        """The entry that the model answers. Raises IndexError on an empty prompt."""
        if not self._length:
            raise IndexError("an empty prompt has no last entry")
        return self._entries[self._length - 1]

    def extended(self, *entries: ChatMessage) -> Prompt:
        """A prompt with more entries at its end; this one stays as it is."""
        digest = self._digest
        for entry in entries:
            digest = _chain(digest, entry)
        merged = [*self, *entries]
        return Prompt(merged, len(merged), digest)

    def merged(self) -> tuple[ChatMessage, ...]:
        """The entries with neighbours of one role joined by a newline.

        For chat templates that insist on alternating roles. A model's own words before anybody
        else spoke stay where they are.
        """
        runs: list[tuple[ChatRole, list[str]]] = []
        for entry in self:
            if runs and runs[-1][0] == entry.role:
                runs[-1][1].append(entry.content)
            else:
                runs.append((entry.role, [entry.content]))
        return tuple(ChatMessage(role, "\n".join(texts)) for role, texts in runs)


class View:
    """What one agent sees, growing as the conversation goes on."""

    __slots__ = ("_digest", "_entries")

    def __init__(self) -> None:
        self._entries: list[ChatMessage] = []
        self._digest = b""

    def __len__(self) -> int:
        return len(self._entries)

    def append(self, entry: ChatMessage) -> None:
        """Add an entry at the end."""
        self._digest = _chain(self._digest, entry)
        self._entries.append(entry)

    def prompt(self) -> Prompt:
        """The view as it is now; later entries do not show in it. Costs the same at any length."""
        return Prompt(self._entries, len(self._entries), self._digest)

    def window(self, first: int, last: int) -> Prompt:
        """The first `first` entries and the last `last` ones, for a limited memory.

        The same as `prompt` while nothing would be left out.
        """
        if len(self._entries) <= first + last:
            return self.prompt()
        return Prompt.of(*self._entries[:first], *self._entries[len(self._entries) - last :])
