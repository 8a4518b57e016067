"""What a stored chatroom came to, as analyses read it."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.analysis.culture.cycles import find_cycle, first_cycle
from simulator.analysis.culture.records import Chain
from simulator.domain.journal import MAIN_SCOPE, Step
from simulator.domain.records import Run
from simulator.kinds.chatroom.design import ChatroomDesign

TASK = "chatroom"


def texts_of(steps: Iterable[Step]) -> tuple[str, ...]:
    """The messages of a talk in their order, initial prompts included.

    Args:
        steps: The journal, in any order.
    """
    return tuple(step.content for step in said_in(steps))


def said_in(steps: Iterable[Step]) -> list[Step]:
    """What was said in a talk, in its order, initial prompts included.

    Args:
        steps: The journal, in any order.
    """
    said = [step for step in steps if step.in_transcript and step.scope == MAIN_SCOPE]
    return sorted(said, key=lambda step: step.index)


def found_texts(design: ChatroomDesign, steps: Iterable[Step]) -> tuple[str, ...]:
    """The texts of the cycle that a talk ended in, or of the first one that it was in.

    Of a replication test, the text that was given. Nothing where no text repeats itself.

    Args:
        design: Resolved.
        steps: The journal, in any order.
    """
    if design.replication is not None:
        return (design.replication.text,)
    texts, rule = texts_of(steps), design.cycle.rule
    cycle = find_cycle(texts, rule) or first_cycle(texts, rule)
    return () if cycle is None else cycle.texts


def chains_of(run: Run, design: ChatroomDesign, steps: Iterable[Step]) -> tuple[Chain, ...]:
    """The talk of a run as a chain that begins with its last initial prompt.

    Nothing where nobody spoke, and for replication tests, which are no chains.

    Args:
        run: Finished or not.
        design: Resolved.
        steps: The journal, in any order.
    """
    if design.replication is not None:
        return ()
    opening = max(0, len(design.initial_prompts) - 1)
    texts = texts_of(steps)[opening:]
    if len(texts) < 2:
        return ()
    return (
        Chain(
            model="+".join(dict.fromkeys(agent.model for agent in run.agents)),
            task=TASK,
            text=design.initial_prompts[-1] if design.initial_prompts else "",
            seed=1,
            texts=texts,
            temperature=design.sampling.temperature,
            source=run.id,
        ),
    )
