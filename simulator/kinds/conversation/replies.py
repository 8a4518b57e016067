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
    r"\A\s*(?:(?:<s>|<\|begin_of_text\|>|<\|bos\|>|<\|im_start\|>assistant|<\|assistant\|>|"
    r"<start_of_turn>model|<\|start_header_id\|>assistant<\|end_header_id\|>|\[/?INST\]|"
    r"<<SYS>>)\s*)+"
)

_NO_MARKS = re.compile(r"[^:：<\[]*")
"""Without any of these a reply has neither labels nor template tokens."""
_WHO = r"[^\W\d_][\w #-]{0,80}?"
_GAP = r"[ \t]{0,9}"
_EMPHASIS = r"(?:\*{1,3}|_{1,3})"
_MANNER = r"\([^()\n]{1,80}\)"
_LABEL = re.compile(
    rf"^[ \t]*(?:\#{{1,6}}{_GAP}|>{_GAP})?(?:[-*+•–—][ \t]{{1,9}})?(?:\d{{1,3}}[.)]{_GAP})?"
    rf"(?P<quote>[\"“])?(?P<emphasis>{_EMPHASIS})?(?:"
    rf"\[(?P<square>{_WHO})\]{_EMPHASIS}?{_GAP}[:：]?|"
    rf"\((?P<round>{_WHO})\){_GAP}[:：]|"
    rf"(?P<plain>{_WHO}){_EMPHASIS}?{_GAP}(?:{_MANNER}{_EMPHASIS}?{_GAP})?[:：])"
    rf"(?(emphasis)(?:(?P=emphasis))?){_GAP}",
    re.MULTILINE,
)
_NAMES = ("square", "round", "plain")
_INLINE = re.compile(
    rf"(?<=[.!?…\"'”])[ \t]{{1,9}}(?:\*{{1,3}})?(?P<bracket>\[)?"
    rf"(?P<plain>[\w-]{{1,80}}_\d{{1,9}})(?(bracket)\]){_EMPHASIS}?{_GAP}[:：]\**"
)
_NUMBER = re.compile(r"[ _#]{0,2}\d{1,4}\Z")
_CLOSING = {'"': '"', "“": "”"}
_CHAT_ROLES = ("Summarizer", "User", "Assistant")
"""Whom models speak for besides those who take part."""


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

    A label is a name or a role, with or without a number, plain, emphasised or in brackets, after
    an optional bullet or list number, at the beginning of a line, and ends with a colon (in square
    brackets, also without one), before which may stand in round brackets how it is said. A quoted
    line may begin with one, too. A full name with a colon also counts after the end of a sentence.
    """

    def __init__(self, agent: Agent, agents: Sequence[Agent], researcher: str) -> None:
        self._own = {_key(agent.name), _key(agent.role)}
        names = {_key(other.name) for other in agents} | {_key(researcher)}
        known = names | {_key(other.role) for other in agents} | set(map(_key, _CHAT_ROLES))
        self._others = known - self._own
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
        text = text.strip()
        opening = _LABEL.match(text)
        if opening is not None and (who := self._who(opening, whole=True)) is not None:
            text = _without_label(opening)
            notes.append("own label" if who in self._own else f"spoke as {_shown(opening)}")
        runaway = self._first_of_others(text)
        if runaway is not None:
            text = text[: runaway.start()]
            notes.append(f"cut at {_shown(runaway)}")
        text, again = self._without_own_labels(text)
        if again:
            notes.append("own label")
        return ParsedReply(text.strip(), tuple(notes))

    def _who(self, label: re.Match[str], *, whole: bool = False) -> str | None:
        """The known speaker that a label names.

        Args:
            label: A match of the pattern.
            whole: Whether a quotation that the label stands in may have several lines.
        """
        for key in (_key(_name(label)), _key(_NUMBER.sub("", _name(label)))):
            if key in self._own or key in self._others:
                return key if _is_unquoted(label) or _closing(label, whole=whole) >= 0 else None
        return None

    def _first_of_others(self, text: str) -> re.Match[str] | None:
        at_line = (m for m in _LABEL.finditer(text) if self._who(m) in self._others)
        inline = (m for m in _INLINE.finditer(text) if _key(m["plain"]) in self._full_names)
        found = [match for match in (next(at_line, None), next(inline, None)) if match]
        return min(found, key=lambda match: match.start(), default=None)

    def _without_own_labels(self, text: str) -> tuple[str, bool]:
        pieces, at = [], 0
        for match in _LABEL.finditer(text):
            if self._who(match) in self._own:
                pieces += [text[at : match.start()], match["quote"] or ""]
                at = match.end()
        return "".join([*pieces, text[at:]]), bool(pieces)


def _is_unquoted(label: re.Match[str]) -> bool:
    return label["quote"] is None


def _closing(label: re.Match[str], *, whole: bool) -> int:
    """Where the quotation ends that a label opens, at the end of a line; -1 when it does not."""
    text, mark = label.string, _CLOSING[label["quote"]]
    line_end = text.find("\n", label.end())
    line_end = len(text) if line_end < 0 else line_end
    at = text.find(mark, label.end(), len(text) if whole else line_end)
    if at > line_end:
        line_end = text.find("\n", at)
        line_end = len(text) if line_end < 0 else line_end
    return at if at >= 0 and not text[at + 1 : line_end].strip() else -1


def _without_label(label: re.Match[str]) -> str:
    """The text after a label, without the quotation marks or the stars around them both."""
    text = label.string
    if _is_unquoted(label):
        rest, mark = text[label.end() :], label["emphasis"] or ""
        opened_only = mark[:1] == "*" and "*" not in text[label.end("emphasis") : label.end()]
        if opened_only and rest.endswith(mark) and rest.count("*") == len(mark):
            return rest[: -len(mark)]
        return rest
    at = _closing(label, whole=True)
    return text[label.end() : at] + text[at + 1 :]


def _name(label: re.Match[str]) -> str:
    groups = label.groupdict()
    return next(groups[name] for name in _NAMES if groups.get(name) is not None)


def _shown(label: re.Match[str]) -> str:
    return " ".join(_name(label).split())


def _key(name: str) -> str:
    return "_".join(name.casefold().replace("_", " ").split())
