"""Edits of the pairs and entries that stand in brackets; see `yaml_editing`."""

from __future__ import annotations

from simulator.files.yaml_nodes import is_empty
from simulator.files.yaml_spans import Span


def put(text: str, span: Span, written: str) -> str:
    """The text with another value in a pair or an entry."""
    if not is_empty(span.value):
        return text[: span.value.start_mark.index] + written + text[span.end :]
    colon = "" if span.key is None or text[span.head - 1] == ":" else ":"
    return text[: span.head] + f"{colon} {written}" + text[span.head :]


def inserted(text: str, spans: list[Span], position: int, written: str) -> str:
    """The text with a pair or an entry more."""
    if position > 0:
        at = spans[position - 1].end
        return f"{text[:at]}, {written}{text[at:]}"
    at = spans[0].start
    return f"{text[:at]}{written}, {text[at:]}"


def removed(text: str, spans: list[Span], position: int) -> str:
    """The text without a pair or an entry of several."""
    if position > 0:
        return text[: spans[position - 1].end] + text[spans[position].end :]
    return text[: spans[0].start] + text[spans[1].start :]


def permuted(text: str, spans: list[Span], order: list[int]) -> str:
    """The text with pairs or entries in another order; what is between them stays."""
    parts = [text[: spans[0].start]]
    for n, which in enumerate(order):
        following = spans[n + 1].start if n + 1 < len(spans) else len(text)
        parts += [text[spans[which].start : spans[which].end], text[spans[n].end : following]]
    return "".join(parts)
