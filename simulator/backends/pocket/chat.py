"""From chat messages to tokens, and from tokens back to text, piece by piece."""

from __future__ import annotations

import codecs
import json
from functools import lru_cache
from typing import TYPE_CHECKING

from tokenizers import Tokenizer

from simulator.backends.byte_level import BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from simulator.domain.latent import LatentMessage, Vectors
    from simulator.domain.prompts import ChatMessage

BOS, END = "<|bos|>", "<|end|>"
ROLES = {"system": "<|system|>", "user": "<|user|>", "assistant": "<|assistant|>"}


class Chat:
    """The tokenizer and the template: `<|bos|>`, then `<|role|>text<|end|>` for each message.

    Text that looks like a marker of the template stays text.

    Raises:
        ValueError: The tokenizer lacks a marker.
        OSError: `tokenizer.json` is missing or unreadable.
    """

    def __init__(self, folder: Path) -> None:
        source = (folder / "tokenizer.json").read_text(encoding="utf-8")
        tokenizer = Tokenizer.from_str(source)
        tokenizer.encode_special_tokens = True
        numbers = {t["content"]: int(t["id"]) for t in json.loads(source)["added_tokens"]}
        missing = {BOS, END, *ROLES.values()} - set(numbers)
        if missing:
            raise ValueError(f"{folder / 'tokenizer.json'}: no {', '.join(sorted(missing))}")
        self.end = numbers[END]
        """The token that ends a reply."""
        self.never = tuple(sorted(n for n in numbers.values() if n != self.end))
        """Markers that a reply cannot contain."""
        self._bos = numbers[BOS]
        self._roles = {role: numbers[marker] for role, marker in ROLES.items()}
        self._bytes = _token_bytes(tokenizer, frozenset(numbers.values()))

        @lru_cache(maxsize=4096)
        def encode(text: str) -> tuple[int, ...]:
            return tuple(tokenizer.encode(_encodable(text), add_special_tokens=False).ids)

        self._encode = encode

    def text_tokens(self, text: str) -> tuple[int, ...]:
        """Tokens of a text without markers."""
        return self._encode(text)

    def prompt_tokens(self, messages: Iterable[ChatMessage]) -> list[int]:
        """Tokens of the messages and of the marker that opens the model's reply."""
        tokens = [self._bos]
        for message in messages:
            tokens.append(self._roles[message.role])
            tokens.extend(self._encode(message.content.strip()))
            tokens.append(self.end)
        tokens.append(self._roles["assistant"])
        return tokens

    def latent_prompt(self, messages: Iterable[LatentMessage]) -> list[int | Vectors]:
        """As `prompt_tokens`, with vectors where the messages have them.

        Texts before and after vectors are tokenized on their own.
        """
        prompt: list[int | Vectors] = [self._bos]
        for message in messages:
            prompt.append(self._roles[message.role])
            for part in message.parts:
                prompt.extend(self._encode(part) if isinstance(part, str) else [part])
            prompt.append(self.end)
        prompt.append(self._roles["assistant"])
        return prompt

    def bytes_of(self, token: int) -> bytes:
        """UTF-8 bytes of a token, perhaps not whole characters; empty for a marker."""
        return self._bytes[token]

    @property
    def vocabulary(self) -> tuple[bytes, ...]:
        """What `bytes_of` says of each token."""
        return self._bytes


class TextStream:
    """Turns tokens into text that can be shown at once.

    Bytes that do not make a whole character yet are held back, and so is text that may be the
    beginning of a stop string. Incomplete bytes at the end are dropped.
    """

    def __init__(self, chat: Chat, stops: Sequence[str] = ()) -> None:
        self._chat = chat
        self._stops = tuple(stops)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._held = ""
        self.stopped = False
        """A stop string came up; nothing follows."""

    def push(self, token: int) -> str:
        """Text that is certain after one more token; may be empty."""
        if self.stopped:
            return ""
        text = self._held + self._decode(self._chat.bytes_of(token))
        ends = [at for at in map(text.find, self._stops) if at >= 0]
        if ends:
            self.stopped, self._held = True, ""
            return text[: min(ends)]
        keep = max((_overlap(text, stop) for stop in self._stops), default=0)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def finish(self) -> str:
        """Text that was held back, now that no token follows."""
        held, self._held = self._held, ""
        return held


def _overlap(text: str, stop: str) -> int:
    """Length of the longest end of the text that begins the stop string, not all of it."""
    for size in range(min(len(stop) - 1, len(text)), 0, -1):
        if text.endswith(stop[:size]):
            return size
    return 0


def _encodable(text: str) -> str:
    """The text with lone surrogates replaced, which have no UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _token_bytes(tokenizer: Tokenizer, markers: frozenset[int]) -> tuple[bytes, ...]:
    """What each token stands for, by the byte alphabet of byte-level BPE."""
    table = []
    for number in range(tokenizer.get_vocab_size()):
        token = "" if number in markers else tokenizer.id_to_token(number) or ""
        table.append(bytes(BYTES[letter] for letter in token))
    return tuple(table)
