"""How long what learners are asked will be: `play` with usual replies instead of a model's."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Literal

from simulator.analysis.iterated.worlds.base import Data, Game, World
from simulator.domain.seeds import derive_rng
from simulator.domain.tokens import estimated_tokens, text_bytes
from simulator.kinds.iterated.beginnings import begun
from simulator.kinds.iterated.biases import bias_text
from simulator.kinds.iterated.design import IteratedDesign
from simulator.kinds.iterated.games import game_of, world_of
from simulator.kinds.iterated.pools import first_acronyms
from simulator.kinds.iterated.prompts import (
    asked_for_data,
    asked_for_more,
    asked_for_rule,
    asked_to_mend,
    asked_to_refine,
    check_text,
    checked,
)

Part = Literal["rule", "refinement", "data"]


@dataclass(frozen=True, slots=True)
class Question:
    """One question to a model, which is asked once in its generation."""

    part: Part
    prompt_bytes: int
    """UTF-8 bytes of the whole prompt."""
    entries: int
    """Messages of the prompt."""


@dataclass(frozen=True, slots=True)
class _Usual:
    """A question and its reply."""

    part: Part
    asked: str
    replied: str
    is_remembered: bool = True


def questions(design: IteratedDesign, told: str) -> Iterator[tuple[int, tuple[Question, ...]]]:
    """The questions of each generation, as far as generations differ, and how many are like it.

    Wrong rules are taken to be mended in every generation.

    Args:
        design: Resolved.
        told: The system prompt.
    """
    first, later = _usual(design, is_first=True), _usual(design, is_first=False)
    remembered = [one for one in later if one.is_remembered]
    unlike = 1 + math.ceil(design.look_back / max(1, len(remembered)))
    earlier: deque[int] = deque(maxlen=design.look_back)
    system = text_bytes(told)
    generation = 1
    while generation <= design.generations:
        is_last = generation == design.generations
        asked = []
        for one in first if generation == 1 else later:
            if is_last and one.part == "data" and design.has_rules:
                continue
            size = system + sum(earlier) + text_bytes(one.asked)
            asked.append(Question(one.part, size, bool(told) + 2 * len(earlier) + 1))
            if one.is_remembered:
                earlier.append(text_bytes(one.asked) + text_bytes(one.replied))
        like = 1
        if generation > unlike and not is_last:
            like = design.generations - generation
        yield like, tuple(asked)
        generation += like


def most_tokens(design: IteratedDesign, told: str) -> int:
    """A cautious estimate of the tokens of the longest prompt."""
    return max(
        (
            estimated_tokens(one.prompt_bytes, one.entries)
            for _, asked in questions(design, told)
            for one in asked
        ),
        default=0,
    )


def _usual(design: IteratedDesign, *, is_first: bool) -> tuple[_Usual, ...]:
    world = world_of(design)
    if world is None:
        return _of_acronyms(design, game_of(design), is_first=is_first)
    return _of_rules(design, world, is_first=is_first)


def _of_rules(design: IteratedDesign, world: World, *, is_first: bool) -> tuple[_Usual, ...]:
    start = begun(design, world, 0, lambda purpose: derive_rng(0, purpose))
    first, rule = start.data, start.truth
    made = world.drawn(rule, design.made, Random(0))
    bias = end_bias(design, world)
    rule_text = world.rule_text(rule)
    read = first if is_first else made
    asked = asked_for_rule(world, read, looks_back=design.look_back > 0, bias=bias)
    usual = [_Usual("rule", asked, rule_text)]
    kind, classic = design.interaction.kind, design.interaction.classic
    if kind != "none":
        if kind == "self_refine":
            asked = asked_to_refine(world, rule, first, bias=bias)
        else:
            asked = _mending(design, world, rule, first)
        usual.append(_Usual("refinement", asked, rule_text, not classic))
    asked = asked_for_data(world, rule, design.made)
    return (*usual, _Usual("data", asked, world.data_text(made)))


def _mending(design: IteratedDesign, world: World, rule: str, first: Data) -> str:
    bias = end_bias(design, world)
    if design.interaction.classic:
        check, right = checked(world, rule, first)
        return asked_to_mend(world, rule, check, right=len(right) == len(first), bias=bias)
    # Longest where all examples are told as wrong; one beside them makes up for the heading.
    check = check_text(world, rule, first, len(first))
    return asked_to_mend(world, rule, check, right=False, kept=first[:1], bias=bias)


def _of_acronyms(design: IteratedDesign, game: Game, *, is_first: bool) -> tuple[_Usual, ...]:
    first = first_acronyms(design.world.examples, design.acronyms.easy_share, Random(0))
    made = first_acronyms(design.made, design.acronyms.easy_share, Random(1))
    read = made if design.acronyms.filter == "imitation" and not is_first else first
    asked = asked_for_more(game, read, design.made, bias=end_bias(design, None))
    return (_Usual("data", asked, game.data_text(made)),)


def end_bias(design: IteratedDesign, world: World | None) -> str:
    """What stands after questions; empty where the bias stands at the start, or nowhere."""
    return bias_text(design.bias, world) if design.bias.position == "end" else ""
