"""The exact texts that agents are shown, and what is taken of their replies."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.domain.prompts import ChatMessage, Prompt
from simulator.domain.records import Agent
from simulator.domain.replies import ParsedReply, ReplyParser
from simulator.domain.tokens import text_bytes
from simulator.kinds.telephone.design import TelephoneDesign
from simulator.kinds.telephone.patterns import between, matched
from simulator.kinds.telephone.tasks import TASKS, filled, labelled

WRONG_FORM = "not in the form that was asked for"
"""Note of replies that are passed on as they are."""
_LABEL_BYTES = 40
"""Around each of several texts, at most."""


def asking(
    design: TelephoneDesign, agent: Agent, read: Mapping[str, str], generation: int
) -> Prompt:
    """What an agent is shown.

    Args:
        design: Resolved.
        agent: Who is asked.
        read: The texts that reach it, by who wrote them. A single one is handed over bare.
        generation: From 1.
    """
    is_single = len(read) == 1
    text = next(iter(read.values())) if is_single else labelled(read)
    wanted = template(design, generation, is_single=is_single)
    extra = design.format.prompt
    if design.prompt_style == "base":
        lead = "\n\n".join(filter(None, (agent.system_prompt, extra)))
        said = filled(wanted, text)
        return Prompt.of(ChatMessage("user", f"{lead}\n\n{said}" if lead else said))
    said = filled(wanted, text) + (f"\n\n{extra}" if extra else "")
    user = ChatMessage("user", said)
    if not agent.system_prompt:
        return Prompt.of(user)
    return Prompt.of(ChatMessage("system", agent.system_prompt), user)


def template(design: TelephoneDesign, generation: int, *, is_single: bool) -> str:
    """What is asked in a generation, without the text."""
    if design.task == "own":
        own = design.prompts
        return own.first if generation == 1 else own.later or own.first
    task = TASKS[design.task]
    if design.prompt_style == "base":
        return task.base if is_single else task.base_several
    return task.one if is_single else task.several


def most_prompt_bytes(design: TelephoneDesign) -> int:
    """UTF-8 bytes of the longest prompt, personality and form included, without the texts."""
    asked = max(
        text_bytes(template(design, generation, is_single=single))
        for generation in (1, 2)
        for single in (True, False)
    )
    labels = 0 if design.is_sequence else design.network.agents * _LABEL_BYTES
    told = max(map(text_bytes, design.personalities), default=0)
    return asked + labels + told + text_bytes(design.format.prompt)


def parser_of(design: TelephoneDesign) -> ReplyParser | None:
    """What takes the text out of a reply; None where the whole reply is the text."""
    form, is_base = design.format, design.prompt_style == "base"
    if not form.is_given:
        return _stripped if is_base else None
    extract = matched(form.pattern) if form.pattern else between(form.start, form.end)

    def parse(reply: str) -> ParsedReply:
        text = extract(reply)
        if text is None:
            return ParsedReply(reply, (WRONG_FORM,), is_wanted=False)
        return ParsedReply(text, ("text between marks",))

    return parse


def _stripped(reply: str) -> ParsedReply:
    """A text without the white space around it, which belongs to the page and not to the text."""
    text = reply.strip()
    return ParsedReply(reply) if text == reply else ParsedReply(text, ("space around it removed",))
