"""Whether a server cut a prompt in silence, told from how many tokens it says the prompt had."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from simulator.domain.prompts import ChatMessage
from simulator.domain.tokens import MESSAGE_TOKENS, text_bytes

SMALLEST_CONTEXT = 2048
"""Tokens that every server makes room for, as far as is known."""
TEMPLATE_TOKENS = 64
"""What a chat template puts around all messages, such as a preamble with the date, at most."""
SPARSEST = 0.125
"""Tokens a character that texts have at least, in whatever language."""
DOUBT = 0.15
"""Part of the expected tokens that may be missing without a cut."""
SURGE = 1.5
"""How many times as many tokens a character new messages may have as those before them."""
CONVERSATIONS_KEPT = 10_000
_WIDE = re.compile("[\u2e80-\U0010ffff]")
_WIDE_WEIGHT = 3


@dataclass(frozen=True, slots=True)
class _Known:
    """The longest prompt of a conversation that surely fitted."""

    extent: int
    tokens: int
    tokens_per_extent: float
    """Of the texts alone; rather too low than too high."""

    def least_tokens(self, extent: int) -> float:
        """Tokens that a prompt of this extent hardly falls below."""
        if extent <= self.extent:
            return self.tokens_per_extent * extent
        return self.tokens + self.tokens_per_extent * (extent - self.extent)

    def most_tokens(self, extent: int) -> float:
        """Tokens that a prompt of this extent hardly exceeds."""
        return self.tokens * (1 + SURGE * max(extent / max(self.extent, 1) - 1, 0))


class TruncationDetector:
    """Tells cut prompts of one model from whole ones, and learns from those that surely fit.

    A prompt surely fits when it has fewer bytes than the context has tokens, as a token stands for
    one byte at least, or when it is a little longer than one that did. How many tokens such a
    prompt had tells how many a longer prompt of the same conversation must have; when the server
    counts clearly fewer, it has dropped some. Texts are
    measured in characters, Chinese, Japanese, Korean and emoji ones counted thrice: by that
    measure, languages differ least. Conversations are told apart by their first message, so that
    runs in different languages do not disturb each other.

    It finds cuts of a quarter of the tokens and more in conversations that grow until they no
    longer fit, and coarser ones, of about two thirds, where no prompt is known that fitted. Texts
    of far fewer tokens a character than any language has, such as long rows of spaces, can raise a
    false alarm.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[ChatMessage, _Known] = OrderedDict()

    def was_cut(
        self, messages: Sequence[ChatMessage], prompt_tokens: int, context_length: int | None
    ) -> bool:
        """Whether the server cut a prompt; also learns from it.

        Args:
            messages: The prompt as sent, at least one message.
            prompt_tokens: What the server says the prompt had after whatever it did to it.
            context_length: Tokens that the server made room for; None when that is not known.
        """
        if context_length is not None and prompt_tokens >= context_length:
            return True
        known, extent = self._known.get(messages[0]), _extent(messages)
        size_bytes = sum(text_bytes(message.content) for message in messages)
        template_tokens = TEMPLATE_TOKENS + MESSAGE_TOKENS * len(messages)
        most_tokens: float = size_bytes + template_tokens
        if known is not None:
            most_tokens = min(most_tokens, known.most_tokens(extent))
        if most_tokens <= (context_length or SMALLEST_CONTEXT):
            if known is None or extent > known.extent:
                text_tokens = max(prompt_tokens - template_tokens, SPARSEST * extent)
                self._learn(
                    messages[0], _Known(extent, prompt_tokens, text_tokens / max(extent, 1))
                )
            return False
        least_tokens = SPARSEST * extent if known is None else known.least_tokens(extent)
        return prompt_tokens < (1 - DOUBT) * least_tokens

    def _learn(self, first: ChatMessage, known: _Known) -> None:
        self._known[first] = known
        self._known.move_to_end(first)
        if len(self._known) > CONVERSATIONS_KEPT:
            self._known.popitem(last=False)


def _extent(messages: Sequence[ChatMessage]) -> int:
    """Length in characters, wide ones counted thrice."""
    return sum(_text_extent(message.content) for message in messages)


def _text_extent(text: str) -> int:
    if text.isascii():
        return len(text)
    return len(text) + (_WIDE_WEIGHT - 1) * len(_WIDE.findall(text))
