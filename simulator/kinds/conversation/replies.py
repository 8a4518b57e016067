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

_NO_MARKS = re.compile(r"[^:<\[]*")
"""Without any of these a reply has neither labels nor template tokens."""
_WHO = r"[^\W\d_][\w #-]{0,80}?"
_LABEL = re.compile(
    r"^[ \t]*(?:\#+[ \t]*|>[ \t]*)?(?:\d{1,3}[.)][ \t]*)?(?:\*\*|__)?(?:"
    rf"\[(?P<square>{_WHO})\](?:\*\*|__)?[ \t]*:?(?:\*\*|__)?|"
    rf"\((?P<round>{_WHO})\)[ \t]*:|"
    rf"(?P<plain>{_WHO})(?:\*\*|__)?[ \t]*:(?:\*\*|__)?)[ \t]*",
    re.MULTILINE,
)
_INLINE = re.compile(r"(?<=[.!?\"'”])[ \t]+(?P<plain>\w+_\d+):")
_NUMBER = re.compile(r"[ _#]{0,2}\d{1,4}\Z")


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
    return _StandardParser(agent, agents, researcher)


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
    optional list number, at the beginning of a line, and ends with a colon (in square brackets,
    also without one). A full name with a colon counts after the end of a sentence, too.
    """

    def __init__(self, agent: Agent, agents: Sequence[Agent], researcher: str) -> None:
        self._own = {_key(agent.name), _key(agent.role)}
        names = {_key(other.name) for other in agents} | {_key(researcher)}
        self._others = (names | {_key(other.role) for other in agents}) - self._own
        self._full_names = names - self._own

    def __call__(self, raw: str) -> ParsedReply:
        if _NO_MARKS.fullmatch(raw):
            return ParsedReply(raw.strip())
        notes: list[str] = []
        text, tokens = _START_TOKENS.subn("", raw, count=1)
        end = _END_TOKENS.search(text)
        if end is not None:
            text = text[: end.start()]
        if tokens or end is not None:
            notes.append("template tokens")
        text = text.lstrip()
        opening = _LABEL.match(text)
        if opening is not None and (who := self._who(opening)) is not None:
            text = text[opening.end() :]
            notes.append("own label" if who in self._own else f"spoke as {_shown(opening)}")
        runaway = self._first_of_others(text)
        if runaway is not None:
            text = text[: runaway.start()]
            notes.append(f"cut at {_shown(runaway)}")
        text, again = self._without_own_labels(text)
        if again:
            notes.append("own label")
        return ParsedReply(text.strip(), tuple(notes))

    def _who(self, label: re.Match[str]) -> str | None:
        """The known speaker that a label names."""
        for key in (_key(_name(label)), _key(_NUMBER.sub("", _name(label)))):
            if key in self._own or key in self._others:
                return key
        return None

    def _first_of_others(self, text: str) -> re.Match[str] | None:
        at_line = (m for m in _LABEL.finditer(text) if self._who(m) in self._others)
        inline = (m for m in _INLINE.finditer(text) if _key(m["plain"]) in self._full_names)
        found = [match for match in (next(at_line, None), next(inline, None)) if match]
        return min(found, key=lambda match: match.start(), default=None)

    def _without_own_labels(self, text: str) -> tuple[str, bool]:
        found = [match for match in _LABEL.finditer(text) if self._who(match) in self._own]
        for match in reversed(found):
            text = text[: match.start()] + text[match.end() :]
        return text, bool(found)


def _name(label: re.Match[str]) -> str:
    return next(name for name in label.groupdict().values() if name is not None)


def _shown(label: re.Match[str]) -> str:
    return " ".join(_name(label).split())


def _key(name: str) -> str:
    return "_".join(name.casefold().replace("_", " ").split())
