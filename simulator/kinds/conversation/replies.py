"""What of a reply counts as said: labels, runaway text and template tokens are taken out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from simulator.domain.records import Agent
from simulator.domain.replies import ParsedReply, ReplyParser
from simulator.kinds.conversation.design import ReplyProfile

_END_TOKENS = re.compile(
    r"<\|(?:im_end|end|eot_id|endoftext|end_of_text|end_of_turn|im_start|start_header_id|user|"
    r"system|assistant)\|>|</s>|<end_of_turn>|<start_of_turn>|\[/?INST\]|<<SYS>>"
)
_START_TOKENS = re.compile(
    r"^\s*(?:<s>|<\|begin_of_text\|>|<\|bos\|>|<\|im_start\|>assistant|<\|assistant\|>|"
    r"<start_of_turn>model|<\|start_header_id\|>assistant<\|end_header_id\|>|\[/INST\])\s*"
)


def parser_for(
    profile: ReplyProfile, agent: Agent, agents: Sequence[Agent], researcher: str
) -> ReplyParser:
    """How this agent's replies are read.

    Args:
        profile: `standard`, `classic` (the four-step rule) or `none` (white space only).
        agent: Who replies.
        agents: All who take part, in role order.
        researcher: Name of the researcher, whom a model may speak for as well.
    """
    if profile == "none":
        return lambda raw: ParsedReply(raw.strip())
    if profile == "classic":
        roles = dict.fromkeys(other.role for other in agents)
        return partial(parse_classic, labels=[f"{role.capitalize()}:" for role in roles])
    own = [agent.name, agent.role]
    others = {other.name for other in agents} | {other.role for other in agents} | {researcher}
    return _StandardParser(own, sorted(others - set(own)))


def parse_classic(raw: str, *, labels: Sequence[str]) -> ParsedReply:
    """The four-step rule of the original program.

    Strip; drop each label once from the front, in order; keep only what stands before the first
    occurrence of each label, in order; strip.
    """
    text, notes = raw.strip(), []
    for label in labels:
        if text.startswith(label):
            text = text[len(label) :]
            notes.append(f"dropped label {label}")
    for label in labels:
        before, found, _ = text.partition(label)
        if found:
            text = before
            notes.append(f"cut at {label}")
    return ParsedReply(text.strip(), tuple(notes))


class _StandardParser:
    """Reads replies with labels in any of the forms that models write.

    A label is a name or a role, with or without a number, plain, bold or in brackets, after an
    optional list number, at the beginning of a line, and ends with a colon (in brackets, also
    without one). A full name with a colon counts after the end of a sentence, too.
    """

    def __init__(self, own: Sequence[str], others: Sequence[str]) -> None:
        self._own = re.compile(rf"\A\s*{_label(own)}", re.IGNORECASE)
        self._own_later = re.compile(rf"^[ \t]*{_label(own)}", re.IGNORECASE | re.MULTILINE)
        self._other = re.compile(rf"\A\s*{_label(others)}", re.IGNORECASE)
        numbered = [re.escape(name) for name in others if re.search(r"_\d+$", name)]
        inline = rf"|(?<=[.!?\"'”])[ \t]+(?:{'|'.join(numbered)}):" if numbered else ""
        self._other_later = re.compile(
            rf"^[ \t]*{_label(others)}{inline}", re.IGNORECASE | re.MULTILINE
        )

    def __call__(self, raw: str) -> ParsedReply:
        notes: list[str] = []
        text, tokens = _START_TOKENS.subn("", raw, count=1)
        end = _END_TOKENS.search(text)
        if end is not None:
            text = text[: end.start()]
        if tokens or end is not None:
            notes.append("template tokens")
        opening = self._own.match(text)
        if opening is not None:
            text = text[opening.end() :]
            notes.append("own label")
        else:
            opening = self._other.match(text)
            if opening is not None:
                text = text[opening.end() :]
                notes.append(f"spoke as {_plain(opening.group())}")
        runaway = self._other_later.search(text)
        if runaway is not None:
            text = text[: runaway.start()]
            notes.append(f"cut at {_plain(runaway.group())}")
        text, again = self._own_later.subn("", text)
        if again:
            notes.append("own label")
        return ParsedReply(text.strip(), tuple(notes))


def _label(names: Sequence[str]) -> str:
    """A pattern for any of the names as a speaker label."""
    if not names:
        return r"(?!)"
    longest_first = sorted(names, key=len, reverse=True)
    name = "|".join(re.escape(name).replace(r"\ ", r"[ _]") for name in longest_first)
    who = rf"(?:{name})(?:[ _#]{{0,2}}\d{{1,4}})?"
    return (
        r"(?:\#+[ \t]*|>[ \t]*)?(?:\d{1,3}[.)][ \t]*)?"
        rf"(?:\*\*|__)?(?:"
        rf"\[{who}\](?:\*\*|__)?[ \t]*:?(?:\*\*|__)?|\({who}\)[ \t]*:|"
        rf"{who}(?:\*\*|__)?[ \t]*:(?:\*\*|__)?)[ \t]*"
    )


def _plain(label: str) -> str:
    return label.strip(" \t\n*_[]():#>").strip()
