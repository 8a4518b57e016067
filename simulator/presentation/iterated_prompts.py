"""What learners will be asked, and what a lineage begins with, before anything runs."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from simulator.analysis.iterated.parts import parts_text
from simulator.domain.seeds import derive_rng
from simulator.kinds.iterated.beginnings import begun
from simulator.kinds.iterated.biases import wanted_by
from simulator.kinds.iterated.design import IteratedDesign
from simulator.kinds.iterated.games import game_of, world_of
from simulator.kinds.iterated.lengths import end_bias
from simulator.kinds.iterated.pools import first_acronyms
from simulator.kinds.iterated.prompts import (
    asked_for_data,
    asked_for_more,
    asked_for_output,
    asked_for_rule,
)
from simulator.presentation.wording import counted

SEED = 0
"""Of examples that are shown; runs draw their own."""


def lineage_facts(design: IteratedDesign) -> dict[str, str]:
    """What there is to learn, and how, by what it is called.

    Args:
        design: Resolved.
    """
    choice, bias, interaction = design.world, design.bias, design.interaction
    first = counted(choice.examples, "example") + (", ambiguous" if choice.ambiguous else "")
    if choice.noise:
        first += f", noise {choice.noise:g}"
    by = design.probabilities.by
    wants = parts_text(wanted_by(bias.direction, world_of(design)))
    return {
        "world": choice.name,
        "truth": "" if not design.has_rules else
                 "drawn by the seed" if choice.truth == "drawn" else f"place {choice.truth:,}",
        "first data": first,
        "generations": f"{design.generations:,}, each makes {counted(design.made, 'example')}",
        "bias": "none" if bias.strength == "none" else
                f"{bias.strength}, at the {bias.position} of what is asked",
        "bias wants": "" if bias.strength == "none" else wants or bias.direction or "common",
        "interaction": interaction.kind.replace("_", " ") if design.has_rules else "",
        "filter": "" if design.has_rules else design.acronyms.filter,
        "P(h)": "" if not design.has_rules else
                f"by {design.probabilities.samples} samples" if by == "samples" else
                f"by {by}" if by != "none" else by,
        "answers": design.answers,
    }  # fmt: skip


def example_questions(design: IteratedDesign) -> Iterator[tuple[str, str]]:
    """Titles and texts of what learners are asked: for a rule, then for examples of it.

    Args:
        design: Resolved.
    """
    world = world_of(design)
    title = "To the first learner, for example"
    if world is None:
        data = first_acronyms(design.world.examples, design.acronyms.easy_share, Random(SEED))
        yield title, asked_for_more(game_of(design), data, design.made, bias=end_bias(design, None))
        return
    start = begun(design, world, SEED, lambda purpose: derive_rng(SEED, purpose))
    bias, looks_back = end_bias(design, world), design.look_back > 0
    yield title, asked_for_rule(world, start.data, looks_back=looks_back, bias=bias)
    if design.answers == "drawn" and start.data:
        asked = asked_for_output(world, start.truth, start.data[0].input)
    else:
        asked = asked_for_data(world, start.truth, design.made)
    yield "To a learner of this rule, for the next one", asked
