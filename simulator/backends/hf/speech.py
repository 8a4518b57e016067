"""Between chat messages and a model's tokens, by its own tokenizer and chat template."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from typing import Any

from simulator.backends.byte_level import BYTES
from simulator.backends.stops import StopCutter
from simulator.domain.prompts import ChatMessage, ChatRole
from simulator.errors import BackendError

Tokenizer = Any

_MARK = "\x02{number}\x03"
"""Stands for a text or a vector's place while the template is filled in."""
_SAMPLE = "A guard's door: 12 + 30\nGr\u00f6\u00dfe, na\u00efve \U0001f642."
"""A text to try a tokenizer with."""
_BYTE = re.compile("<0x[0-9A-F]{2}>")
_MARKED = re.compile("\x02(\\d+)\x03")

SpokenPart = str | None
"""A text, or None where vectors go."""
SpokenMessage = tuple[ChatRole, Sequence[SpokenPart]]
"""A role and the parts of its message."""


class Speech:
    """A tokenizer, its chat template, and the tokens that end a reply."""

    def __init__(self, tokenizer: Tokenizer, ends: Iterable[int], *, has_template: bool) -> None:
        self.tokenizer = tokenizer
        self.ends = frozenset(ends)
        self.has_template = has_template and bool(tokenizer.chat_template)
        self._special = frozenset(tokenizer.all_special_ids)
        self._texts: dict[int, str] = {}

        @lru_cache(maxsize=1024)
        def encode(text: str) -> tuple[int, ...]:
            return tuple(tokenizer.encode(text, add_special_tokens=False))

        self._encode = encode

    def text_tokens(self, text: str) -> tuple[int, ...]:
        """Tokens of a text by itself, nothing put around it."""
        return self._encode(_encodable(text))

    def prompt_tokens(self, messages: Iterable[ChatMessage]) -> list[int]:
        """Tokens of a whole prompt, up to where the reply begins."""
        return self.prompt_pieces([(one.role, (one.content,)) for one in messages])[0]

    def prompt_pieces(self, messages: Sequence[SpokenMessage]) -> list[list[int]]:
        """Tokens before, between and after the places where vectors go.

        Words are never read as markers of the template, whatever they look like.

        Args:
            messages: No two neighbours of one role.

        Raises:
            BackendError: The template refuses them.
        """
        parts: list[SpokenPart] = []
        marked: list[ChatMessage] = []
        for role, content in messages:
            content = _trimmed(content) if self._trims else content
            marks = [_MARK.format(number=len(parts) + at) for at in range(len(content))]
            marked.append(ChatMessage(role, "".join(marks)))
            parts += content
        pieces: list[list[tuple[str, bool]]] = [[]]
        for number, words in enumerate(_MARKED.split(self._rendered(marked))):
            if number % 2 == 0:
                pieces[-1].append((words, False))
            elif (part := parts[int(words)]) is None:
                pieces.append([])
            else:
                pieces[-1] += self._as_words(part)
        tokens = [self._tokens_of(piece) for piece in pieces]
        if not self.has_template and self._starts_with is not None:
            tokens[0].insert(0, self._starts_with)
        return tokens

    @cached_property
    def _trims(self) -> bool:
        """Whether the template takes blanks off the ends of messages."""
        if not self.has_template:
            return False
        return " x " not in self._rendered([ChatMessage("user", " x ")])

    def _as_words(self, text: str) -> list[tuple[str, bool]]:
        """Pieces of a text, and whether each looks like a marker."""
        parts = self._markers.split(_encodable(text)) if self._markers else [_encodable(text)]
        return [(part, number % 2 == 1) for number, part in enumerate(parts)]

    def _tokens_of(self, pieces: Iterable[tuple[str, bool]]) -> list[int]:
        tokens: list[int] = []
        text = ""
        for part, is_like_marker in pieces:
            if not is_like_marker:
                text += part
                continue
            tokens += self._encode(text) if text else ()
            tokens += self._encode_plain(part)
            text = ""
        return [*tokens, *(self._encode(text) if text else ())]

    def _encode_plain(self, text: str) -> Sequence[int]:
        """Tokens of a text that looks like a marker, as mere words."""
        if self._plain is None:
            return self._encode(" ".join(text))
        ids: list[int] = self._plain.encode(text, add_special_tokens=False).ids
        return ids

    @cached_property
    def _plain(self) -> Any:
        """The tokenizer without an eye for markers; None where it is written in Python."""
        fast = getattr(self.tokenizer, "backend_tokenizer", None)
        if fast is None:
            return None
        plain = type(fast).from_str(fast.to_str())
        plain.encode_special_tokens = True
        return plain

    @cached_property
    def _markers(self) -> re.Pattern[str] | None:
        markers = [
            token.content
            for token in self.tokenizer.added_tokens_decoder.values()
            if token.special and token.content
        ]
        if not markers:
            return None
        longest_first = sorted(markers, key=len, reverse=True)
        return re.compile(f"({'|'.join(map(re.escape, longest_first))})")

    def token_text(self, token: int) -> str:
        """What a token stands for, for people."""
        text = self._texts.get(token)
        if text is None:
            text = self.token_bytes(token).decode("utf-8", "replace") or self._name(token)
            self._texts[token] = text
        return text

    def token_bytes(self, token: int) -> bytes:
        """UTF-8 bytes that a token stands for; empty for markers."""
        return self.vocabulary[token] if token < len(self.vocabulary) else b""

    @cached_property
    def vocabulary(self) -> tuple[bytes, ...]:
        """UTF-8 bytes of every token."""
        names = self.tokenizer.convert_ids_to_tokens(list(range(len(self.tokenizer))))
        by_byte = _is_by_byte(self.tokenizer, names)
        return tuple(
            b"" if name is None or token in self._special else _bytes_of(name, by_byte)
            for token, name in enumerate(names)
        )

    @cached_property
    def is_bytes(self) -> bool:
        """Whether a text is what its tokens stand for, one after another."""
        tokens = self._encode(_SAMPLE)
        text = b"".join(map(self.token_bytes, tokens)).decode("utf-8", "replace")
        return text.removeprefix(self.opening_blank) == str(self.tokenizer.decode(tokens))

    @cached_property
    def opening_blank(self) -> str:
        """What a text's first token begins with that is not written: a blank, or nothing."""
        tokens = self._encode(_SAMPLE)
        begins = self.token_bytes(tokens[0]).startswith(b" ") if tokens else False
        return " " if begins and not str(self.tokenizer.decode(tokens)).startswith(" ") else ""

    def _name(self, token: int) -> str:
        return str(self.tokenizer.convert_ids_to_tokens(token))

    @cached_property
    def _starts_with(self) -> int | None:
        """The token that the tokenizer puts before a text, if it does."""
        first = self.tokenizer.encode("a")[:1]
        return first[0] if first and first[0] in self._special else None

    def _rendered(self, messages: Sequence[ChatMessage]) -> str:
        if not self.has_template:
            return "\n\n".join(one.content for one in messages)
        entries = [{"role": one.role, "content": one.content} for one in messages]
        try:
            return self._templated(entries)
        except Exception as error:
            # Some templates know no system role; its words then open the first message.
            joined = _without_system(entries)
            try:
                return self._templated(joined)
            except Exception:
                raise BackendError(
                    f"The model's chat template refuses the prompt: {error}",
                    remedy="Try the option ?template=none, which joins the messages as plain text.",
                ) from error

    def _templated(self, entries: list[dict[str, str]]) -> str:
        return str(
            self.tokenizer.apply_chat_template(entries, tokenize=False, add_generation_prompt=True)
        )


class TokenText:
    """Turns drawn tokens into text that can be shown at once.

    Bytes that do not make a whole character yet are held back, and so is what may be the
    beginning of a stop text. Incomplete bytes at the end are dropped.
    """

    def __init__(self, speech: Speech, stops: Sequence[str]) -> None:
        self._speech = speech
        self._cutter = StopCutter(stops)
        self._tokens: list[int] = []
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._is_first = True
        self._said = 0

    @property
    def stopped(self) -> bool:
        """A stop text came up; nothing follows."""
        return self._cutter.stopped

    def push(self, token: int) -> str:
        """Text that is certain after one more token; may be empty."""
        return self._cutter.feed(self._decoded(token))

    def finish(self) -> str:
        """Text that was held back, now that no token follows."""
        return self._cutter.rest()

    def _decoded(self, token: int) -> str:
        if self._speech.is_bytes:
            text = self._decode(self._speech.token_bytes(token))
            if self._is_first and text:
                self._is_first = False
                return text.removeprefix(self._speech.opening_blank)
            return text
        self._tokens.append(token)
        text = str(self._speech.tokenizer.decode(self._tokens, skip_special_tokens=True))
        if text.endswith("\N{REPLACEMENT CHARACTER}"):
            return ""
        piece, self._said = text[self._said :], len(text)
        return piece


def _trimmed(parts: Sequence[SpokenPart]) -> Sequence[SpokenPart]:
    whole = list(parts)
    for place, trim in ((0, str.lstrip), (-1, str.rstrip)):
        if whole and isinstance(end := whole[place], str):
            whole[place] = trim(end)
    return whole


def _encodable(text: str) -> str:
    """The text with lone surrogates replaced, which have no UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _without_system(entries: list[dict[str, str]]) -> list[dict[str, str]]:
    if len(entries) < 2 or entries[0]["role"] != "system":
        return entries
    system, first, *rest = entries
    return [{**first, "content": f"{system['content']}\n\n{first['content']}"}, *rest]


def _is_by_byte(tokenizer: Tokenizer, names: Sequence[str | None]) -> bool:
    """Whether tokens are written in the byte alphabet of GPT-2."""
    fast = getattr(tokenizer, "backend_tokenizer", None)
    if fast is not None:
        written = json.loads(fast.to_str())
        return "ByteLevel" in json.dumps([written.get("decoder"), written.get("pre_tokenizer")])
    return not any(name and name.startswith("\u2581") for name in names)


def _bytes_of(name: str, by_byte: bool) -> bytes:
    if by_byte:
        if all(letter in BYTES for letter in name):
            return bytes(BYTES[letter] for letter in name)
        return name.encode("utf-8", "replace")
    if _BYTE.fullmatch(name):
        return bytes.fromhex(name[3:5])
    return name.replace("\u2581", " ").encode("utf-8", "replace")
