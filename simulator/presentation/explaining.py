"""What there is to know of a design before it runs: its facts, and what agents will be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from simulator.domain.designs import Design
from simulator.domain.sampling import Sampling
from simulator.kinds.chatroom.design import ChatroomDesign
from simulator.kinds.debate.design import DebateDesign
from simulator.kinds.iterated.design import IteratedDesign
from simulator.kinds.telephone.design import TelephoneDesign
from simulator.presentation.debate_prompts import example_prompts
from simulator.presentation.iterated_prompts import example_questions, lineage_facts
from simulator.presentation.telephone_prompts import format_text, network_text, told
from simulator.presentation.wording import counted


@dataclass(frozen=True, slots=True)
class Explained:
    """What is said of a design beside its agents and their system prompts."""

    facts: Mapping[str, str] = field(default_factory=dict)
    """By what they are called; in the order in which they are read."""
    texts: tuple[tuple[str, str], ...] = ()
    """Titles and texts: what is asked, and what is read."""
    agents_differ: bool = True
    """Whether agents are worth a word where none has a system prompt."""


def explained(design: Design) -> Explained:
    """What there is to know of a design; nothing of a conversation, whose agents tell all.

    Args:
        design: Resolved.
    """
    if isinstance(design, DebateDesign):
        texts = ((f"To {title}, for example", text) for title, text in example_prompts(design))
        return Explained(texts=tuple(texts))
    if isinstance(design, TelephoneDesign):
        return Explained(_telephone(design), tuple(told(design)), agents_differ=False)
    if isinstance(design, ChatroomDesign):
        return Explained(_chatroom(design), tuple(_first_said(design)))
    if isinstance(design, IteratedDesign):
        return Explained(lineage_facts(design), tuple(example_questions(design)))
    return Explained()


def _telephone(design: TelephoneDesign) -> dict[str, str]:
    style = ", for models without instructions" if design.prompt_style == "base" else ""
    many = f", {design.chain_count:,} in all" if len(design.texts) > 1 else ""
    people = len(design.personalities)
    return {
        "agents": "" if design.is_sequence else f"{design.network.agents:,}",
        "task": f"{design.task_name}{style}",
        "texts": f"{len(design.texts):,}" if design.texts else "read in at the launch",
        "chains": f"{design.chains:,} of each text{many}",
        "generations": f"{design.generations:,} after the initial text",
        "network": network_text(design),
        "personality": "none" if not people else "one for all" if people == 1 else
                       f"{people:,} in turn",
        "format": format_text(design.format),
        "replies": _replies(design.sampling),
    }  # fmt: skip


def _chatroom(design: ChatroomDesign) -> dict[str, str]:
    cycle = design.cycle
    likeness = "the same" if cycle.check == "exact" else f"alike to {cycle.threshold:g}"
    facts = {"agents": "", "replies": _replies(design.sampling)}
    if design.replication is not None:
        copies = f"{design.replication.copies:,} of each model"
        return {**facts, "replication": copies, "copies are": likeness}
    ends = "ends the talk" if design.stop_on_convergence else "ends nothing"
    return {
        **facts,
        "speakers": design.speakers,
        "turns": f"at most {design.max_iterations:,}",
        "window": counted(design.window, "message") if design.window else "all messages",
        "cycle": f"{counted(cycle.max_period, 'text')} or fewer, {likeness}, "
                 f"said {cycle.min_repetitions:,} times; it {ends}",
    }  # fmt: skip


def _first_said(design: ChatroomDesign) -> Iterator[tuple[str, str]]:
    if design.replication is not None:
        yield "To each model, with nothing before it", design.replication.text
        return
    total = len(design.initial_prompts)
    for number, text in enumerate(design.initial_prompts, 1):
        yield f"Said first{f', {number} of {total}' if total > 1 else ''}", text


def _replies(sampling: Sampling) -> str:
    """Such as `at most 60 tokens, temperature 0.8`."""
    limit, heat = sampling.max_tokens, sampling.temperature
    parts = ["of any length" if limit is None else f"at most {limit:,} tokens"]
    if heat is not None:
        parts.append(f"temperature {heat:g}")
    return ", ".join(parts)
