"""Edits of the pairs and entries that stand in lines of their own; see `yaml_editing`."""

from __future__ import annotations

from simulator.files.yaml_spans import (
    Span,
    column_of,
    is_first_on_line,
    lead_of,
    line_end,
    next_line,
)


def inserted(text: str, spans: list[Span], position: int, lines: list[str], line_break: str) -> str:
    """The text with lines for a pair or an entry more, which come with their indentation."""
    if position > 0:
        at = line_end(text, spans[position - 1].end)
        return text[:at] + line_break + line_break.join(lines) + text[at:]
    first = spans[0]
    if is_first_on_line(text, first.start):
        at = lead_of(text, first) + text.startswith("\ufeff", lead_of(text, first))
        return text[:at] + line_break.join(lines) + line_break + text[at:]
    indent = " " * column_of(text, first)
    written = line_break.join([lines[0].removeprefix(indent), *lines[1:], indent])
    return text[: first.start] + written + text[first.start :]


def removed(text: str, spans: list[Span], position: int) -> str:
    """The text without a pair or an entry of several, and without the comments above it."""
    span = spans[position]
    if is_first_on_line(text, span.start):
        return text[: lead_of(text, span)] + text[next_line(text, span.end) :]
    following = spans[position + 1].start
    if "#" in text[line_end(text, span.end) : following]:
        return text[: span.start].rstrip(" ") + text[line_end(text, span.end) :]
    return text[: span.start] + text[following:]


def permuted(text: str, spans: list[Span], order: list[int]) -> str:
    """The text with pairs or entries in another order, each with the comments above it.

    Blank lines and other comments between them stay where they are.
    """
    starts = [lead_of(text, span) for span in spans]
    ends = [line_end(text, span.end) for span in spans]
    indent = ""
    if not is_first_on_line(text, spans[0].start):
        # The first one shares its line with a dash or a colon; what takes its place does too.
        starts[0], indent = spans[0].start, " " * column_of(text, spans[0])
    parts = [text[: starts[0]]]
    for n, which in enumerate(order):
        part = text[starts[which] : ends[which]]
        if (which == 0) != (n == 0):
            part = indent + part if which == 0 else part.removeprefix(indent)
        following = starts[n + 1] if n + 1 < len(spans) else len(text)
        parts += [part, text[ends[n] : following]]
    return "".join(parts)
