"""Where a message of a game of telephone belongs: its chain, its generation, and who speaks."""

from __future__ import annotations

import re
from typing import NamedTuple

from simulator.domain.journal import Step
from simulator.kinds.telephone.design import InitialText, TelephoneDesign

_SCOPE = re.compile(r"main/chain-(\d+)(?:/agent-(\d+))?\Z")


class Place(NamedTuple):
    """Sorts messages as people read them: by chain, then by generation, then by agent."""

    chain: int
    """From 1."""
    generation: int
    """0 is the initial text."""
    agent: int
    """From 1 in networks, else 0; 0 for the initial text."""


def chain_scope(number: int) -> str:
    """Name of the scope of a chain; numbers count from 1."""
    return f"chain-{number:04d}"


def agent_scope(number: int) -> str:
    """Name of the scope of an agent in a chain's; numbers count from 1."""
    return f"agent-{number}"


def place_of(scope: str, day: int | None) -> Place | None:
    """The place of what is said in a scope; None outside of chains.

    Args:
        scope: Of the step.
        day: Of the step: the generation.
    """
    match = _SCOPE.match(scope)
    return None if match is None else Place(int(match[1]), day or 0, int(match[2] or 0))


def reading_key(step: Step) -> tuple[int, ...]:
    """What steps are sorted by to be read; those outside of chains first."""
    return (*(place_of(step.scope, step.day) or (0, 0, 0)), step.position)


def text_of_chain(design: TelephoneDesign, number: int) -> tuple[InitialText, int] | None:
    """What a chain begins with, and which repetition of it this is, both counted from 1.

    None where the design has no such chain.
    """
    if not 0 < number <= design.chain_count:
        return None
    place, repetition = divmod(number - 1, design.chains)
    return design.texts[place], repetition + 1
